"""Check one row against the facts: allowed or refused, why, and from when on it would allow the call.

Which rows there are and what they decide together is left to ``decision``.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from telephony.domain.law.basis import Basis, CampaignKind
from telephony.domain.law.facts import LawFacts
from telephony.domain.law.history import by_contacts
from telephony.domain.law.provisions import (
    PROMISES,
    AbandonAtMost,
    AtMostADay,
    CallerIdNot,
    CallerIdOneOf,
    CoolOff,
    Counts,
    Days,
    Duty,
    Frequency,
    GapAtLeast,
    Holidays,
    Hours,
    MessageWithin,
    NeedsBasis,
    NoticeAtLeast,
    NotListed,
    NotObjected,
    NotSold,
    Protects,
    Provision,
    RingsAtLeast,
)
from telephony.domain.law.times import by_clock
from telephony.domain.law.verdict import RowRefusal
from telephony.domain.text.reason import Reason


def judge(row: Provision, facts: LawFacts, at: datetime) -> RowRefusal | None:
    """Return why a row refuses a call at ``at`` (aware UTC); None when it allows it."""
    bound = row.bound
    if row.law in PROMISES:
        return None  # decided when a callback is promised
    if row.is_waived_by_consent and facts.terms.any_time and facts.has_consent(at):
        return None
    if isinstance(bound, Days | Holidays | Hours):
        return by_clock(bound, facts, at)
    is_person = row.counts is Counts.PERSON
    if isinstance(bound, Frequency | CoolOff | NotObjected | Protects):
        return by_contacts(row.law, bound, facts, facts.person_contacts if is_person else facts.contacts, at)
    if isinstance(bound, NotListed):
        return _by_list(facts.person_opposed if is_person else facts.opposed, is_person=is_person)
    if isinstance(bound, NeedsBasis | NotSold):
        return _by_lead(bound, facts, at)
    if isinstance(bound, Duty | NoticeAtLeast | GapAtLeast | AtMostADay):
        return None
    return _by_policy(bound, facts)


def _by_list(opposed: Sequence[str], *, is_person: bool) -> RowRefusal | None:
    if not opposed:
        return None
    names = ", ".join(opposed)
    if is_person:
        return RowRefusal(Reason("law.no.person_on_do_not_call", names=names))
    return RowRefusal(Reason("law.no.on_do_not_call", names=names))


def _by_lead(bound: NeedsBasis | NotSold, facts: LawFacts, at: datetime) -> RowRefusal | None:
    match bound:
        case NotSold(sectors):
            if facts.sector not in sectors or _is_sold_to(facts):
                return None
            return RowRefusal(Reason("law.no.not_sold_by_telephone"))
        case NeedsBasis(allowed, exempt):
            if facts.sector in exempt or facts.bases(at) & allowed:
                return None
            return RowRefusal(_no_basis(facts))


def _is_sold_to(facts: LawFacts) -> bool:
    """Return True if the person has a contract or is a professional, whatever kind of campaign the manager chose."""
    is_professional = facts.kind is CampaignKind.B2B and facts.terms.basis is Basis.B2B
    return facts.terms.basis is Basis.CONTRACT or is_professional


def _no_basis(facts: LawFacts) -> Reason:
    if facts.terms.basis is not Basis.CONSENT:
        return Reason("law.no.no_basis")
    missing = ", ".join(facts.terms.missing())
    if missing:
        return Reason("law.no.consent_unproved", missing=missing)
    return Reason("law.no.consent_taken_back")


def _by_policy(
    bound: CallerIdNot | CallerIdOneOf | RingsAtLeast | MessageWithin | AbandonAtMost, facts: LawFacts
) -> RowRefusal | None:
    fault = next(_faults(bound, facts), None)
    return None if fault is None else RowRefusal(fault)


def _faults(
    bound: CallerIdNot | CallerIdOneOf | RingsAtLeast | MessageWithin | AbandonAtMost, facts: LawFacts
) -> Iterator[Reason]:
    policy = facts.policy
    match bound:
        case CallerIdNot(forbidden) if not facts.caller_id.isdecimal() or _matches(forbidden, facts.caller_id):
            yield Reason("law.no.caller_id_class")
        case CallerIdOneOf(allowed) if policy.is_automated and not _matches(allowed, facts.caller_id):
            yield Reason("law.no.caller_id_automated")
        case RingsAtLeast(seconds) if policy.ring_s < seconds:
            yield Reason("law.no.rings_short", seconds=seconds)
        case MessageWithin(seconds) if policy.route_wait_s > seconds:
            yield Reason("law.no.message_late", seconds=seconds)
        case AbandonAtMost(share) if facts.abandon_cap > share:
            yield Reason("law.no.abandon_cap", share=share)


def _matches(patterns: tuple[str, ...], caller_id: str) -> bool:
    return any(re.fullmatch(pattern, caller_id) for pattern in patterns)
