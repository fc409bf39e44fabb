"""Facts of the law for tests: a consumer with proved consent, in an hour when everybody may call."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.law.basis import Basis, CampaignKind, LeadTerms, Sector
from telephony.domain.law.contacts import Contact
from telephony.domain.law.decision import decide_law
from telephony.domain.law.facts import DialingPolicy, LawFacts
from telephony.domain.law.site import SiteRules
from telephony.ids import AttemptId, CampaignId, Number

PARIS = ZoneInfo("Europe/Paris")
VERIFIED = "33162000000"
GIVEN = datetime(2026, 9, 1, 10, tzinfo=UTC)
CONSENT = LeadTerms(Basis.CONSENT, GIVEN, "web form", "v3", "proof-17")
CONTRACT = LeadTerms(Basis.CONTRACT)
COMPANY = "Alpha Télécom"


def facts(**changes: Any) -> LawFacts:
    """A consumer's lead in mainland France that may be called, with ``changes``; keys of DialingPolicy go there."""
    policy = {key: changes.pop(key) for key in tuple(changes) if key in DialingPolicy.__dataclass_fields__}
    values: dict[str, Any] = {
        "number": Number("33199001234"),
        "campaign_id": CampaignId(1),
        "client_company": COMPANY,
        "kind": CampaignKind.CONSUMER,
        "sector": Sector.GENERAL,
        "caller_id": VERIFIED,
        "abandon_cap": 0.03,
        "policy": DialingPolicy(**policy),
        "terms": CONSENT,
    }
    return LawFacts(**values | changes)


def paris(text: str) -> datetime:
    """Return a time of Paris as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


MONDAY = paris("2026-11-23T10:00")
"""A working day after the opt-in law began."""


def refused(at: datetime = MONDAY, **changes: Any) -> str:
    """The rule that refuses, or ""."""
    no = decide_law(facts(**changes), at)
    return "" if no is None else str(no.law)


def until(at: datetime, **changes: Any) -> datetime | None:
    """When the refused call would be allowed."""
    no = decide_law(facts(**changes), at)
    assert no is not None
    return no.until


def tries(*at: datetime, company: str = COMPANY) -> tuple[Contact, ...]:
    """Unanswered attempts."""
    return tuple(
        Contact(AttemptId(f"a{n}"), company, tried_at, tried_at + timedelta(seconds=30), Outcome.NO_ANSWER)
        for n, tried_at in enumerate(at)
    )


def refusal(at: datetime, company: str = COMPANY) -> Contact:
    """A conversation in which the person refused that day."""
    return Contact(AttemptId("r"), company, at, at, Outcome.ANSWERED, Result.NOT_TODAY)


def objection(at: datetime, company: str = COMPANY) -> Contact:
    """A conversation in which the person asked for no more calls."""
    return Contact(AttemptId("o"), company, at, at, Outcome.ANSWERED, Result.NO_MORE_CALLS)


def abandoned(at: datetime, company: str = COMPANY) -> Contact:
    """A call that found no operator."""
    return Contact(AttemptId("b"), company, at, at, Outcome.ABANDONED)


def site(**changes: Any) -> SiteRules:
    """A site's tightening."""
    return SiteRules(**changes)
