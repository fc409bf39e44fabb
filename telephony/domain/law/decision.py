"""Does the law allow this call now? Every row in force, in one order, and the next time at which all allow it.

Order: first what is wrong with the campaign, then with the lead, then what only time can fix. The same pure function
decides at the permit, at the gate and for ``telephony rules explain``.
"""

from collections.abc import Callable, Container, Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from telephony.domain.law import table_fr, table_gb, table_us
from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.facts import LawFacts
from telephony.domain.law.judging import judge
from telephony.domain.law.places import clock
from telephony.domain.law.provisions import HOLDS_CAMPAIGN, POSTPONES, Law, Provision
from telephony.domain.law.site import Exemption, SiteRules
from telephony.domain.law.verdict import LawRefusal, Verdict
from telephony.domain.numbers.ranges import Jurisdiction

TABLES: Final[dict[Jurisdiction, tuple[Provision, ...]]] = {
    Jurisdiction.FR: table_fr.TABLE,
    Jurisdiction.GB: table_gb.TABLE,
    Jurisdiction.US: table_us.TABLE,
}
_TIMES: Final = frozenset({Law.CALLING_DAYS, Law.PUBLIC_HOLIDAY, Law.CALLING_HOURS, Law.FREQUENCY, Law.COOL_OFF})
CLOCK: Final = frozenset({Law.CALLING_DAYS, Law.PUBLIC_HOLIDAY, Law.CALLING_HOURS})
"""Rules about local time alone: they decide the same for every lead of a calling zone."""
_STEPS: Final = 100
"""Most steps from one rule's next time to another's; a holiday week takes about ten."""


def decide_law(facts: LawFacts, at: datetime) -> LawRefusal | None:
    """Return the first rule of the law, or of the site, that refuses a call; None when all allow it.

    Args:
        facts: what is decided on.
        at: aware UTC, the time of the call.
    """
    for verdict in _verdicts(facts, at):
        if verdict.refuses and verdict.no is not None:
            until = next_allowed(facts, at) if verdict.row.law in POSTPONES else None
            is_outside_hours = verdict.row.law in POSTPONES and until is None and bool(facts.place.zones)
            return LawRefusal(verdict.row.law, verdict.no.reason, until, is_outside_hours)
    return None


def verdicts(facts: LawFacts, at: datetime) -> tuple[Verdict, ...]:
    """Return the verdict of every row in force on the call, in the order they decide."""
    return tuple(_verdicts(facts, at))


def shut(facts: LawFacts, at: datetime, *, any_time: bool = False) -> LawRefusal | None:
    """Return why no lead of a calling zone may be called at ``at``; None when it depends on the lead.

    Args:
        facts: of any lead in that calling zone.
        at: aware UTC, the time of the call.
        any_time: the lead's consent lifts the rules that consent can lift.

    Returns:
        The first refusal, always with the time at which calling hours begin again.
    """

    def counts(row: Provision) -> bool:
        return row.law in CLOCK and not (any_time and row.is_waived_by_consent)

    first = next((verdict for verdict in _verdicts(facts, at, counts) if verdict.refuses), None)
    until = next_allowed(facts, at, counts)
    if first is None or first.no is None or until is None:
        return None
    return LawRefusal(first.row.law, first.no.reason, until)


def verdicts_among(facts: LawFacts, at: datetime, laws: Container[Law]) -> tuple[Verdict, ...]:
    """Return the verdicts of some rules on the call, in the order they decide."""
    return tuple(_verdicts(facts, at, lambda row: row.law in laws))


def _every_row(_: Provision) -> bool:
    return True


def next_allowed(facts: LawFacts, at: datetime, among: Callable[[Provision], bool] = _every_row) -> datetime | None:
    """Return the first time from ``at`` on that every rule allows; None when time alone does not fix it."""
    for _ in range(_STEPS):
        refusals = [verdict.no for verdict in _verdicts(facts, at, among) if verdict.refuses]
        refused = [no for no in refusals if no is not None]
        if not refused:
            return at
        times = [no.until for no in refused if no.until is not None and no.until > at]
        if len(times) < len(refused):
            return None
        at = max(times)
    return None


def provisions_for(jurisdiction: Jurisdiction | None, kind: CampaignKind, site: SiteRules) -> tuple[Provision, ...]:
    """Return the rows that apply to a campaign's calls to a country, the site's own included, in deciding order."""
    return _bound(jurisdiction or site.home, kind, site)


def _verdicts(facts: LawFacts, at: datetime, among: Callable[[Provision], bool] = _every_row) -> Iterator[Verdict]:
    on = _day(facts, at)
    for row in provisions_for(facts.place.jurisdiction, facts.kind, facts.policy.site):
        if row.is_in_force(on) and among(row):
            no = judge(row, facts, at)
            yield Verdict(row, no, _lifting(row, facts, at) if no else None)


def _lifting(row: Provision, facts: LawFacts, at: datetime) -> Exemption | None:
    return next((exemption for exemption in facts.exemptions if exemption.lifts(row, facts.campaign_id, at)), None)


def _day(facts: LawFacts, at: datetime) -> date:
    """Return the lead's date, which selects the rows in force: the latest date, where there are several zones."""
    zones = facts.place.zones or ("UTC",)
    return max(at.astimezone(clock(zone)).date() for zone in zones)


@lru_cache(maxsize=256)
def _bound(jurisdiction: Jurisdiction, kind: CampaignKind, site: SiteRules) -> tuple[Provision, ...]:
    is_like_consumer = kind in site.consumer_times
    law = [
        row
        for row in TABLES[jurisdiction]
        if kind in row.kinds or (is_like_consumer and row.law in _TIMES and CampaignKind.CONSUMER in row.kinds)
    ]
    return tuple(sorted((*law, *site.provisions()), key=lambda row: _rank(row.law)))


def _rank(law: Law) -> int:
    if law in HOLDS_CAMPAIGN:
        return 0
    return 2 if law in POSTPONES else 1
