"""May a callback be promised for that time? How soon, how close, how often, and when the law allows a call.

No law limits callbacks: the rows are the product's own (``callback_rows``), dated like the law's. Without them an
operator could call a person back every minute, unnoticed. The law's own rows about time are checked for the promised
time, so that nobody is promised a call that would be postponed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from telephony.domain.law.decision import CLOCK, next_allowed, provisions_for, verdicts_among
from telephony.domain.law.facts import LawFacts
from telephony.domain.law.hours import day_begins
from telephony.domain.law.places import clock
from telephony.domain.law.provisions import PROMISES, AtMostADay, Days, GapAtLeast, Hours, Law, NoticeAtLeast, Provision
from telephony.domain.law.times import by_clock
from telephony.domain.law.verdict import LawRefusal
from telephony.domain.text.reason import Reason

TIMES: Final = CLOCK | {Law.FREQUENCY, Law.COOL_OFF}
"""Rules about time that are checked for the promised time."""
_DAYS: Final = 400


def promise_refusal(
    facts: LawFacts, at: datetime, now: datetime, promised: Sequence[datetime], zone: str
) -> LawRefusal | None:
    """Return why a callback may not be promised for a time, with the next possible time; None when it may.

    Args:
        facts: of the lead, with the call that is ending among its contacts.
        at: aware UTC, the requested time.
        now: aware UTC.
        promised: times of the person's other callbacks, open or made.
        zone: IANA name of the time zone that applies where the person's is unknown.
    """
    if not facts.place.zones:
        facts = replace(facts, terms=replace(facts.terms, zone=zone))
    refusal = _refusal(facts, at, now, promised)
    if refusal is None:
        return None
    return LawRefusal(refusal.law, refusal.reason, _next(facts, max(at, now), now, promised))


def _next(facts: LawFacts, at: datetime, now: datetime, promised: Sequence[datetime]) -> datetime | None:
    """Return the first whole minute from ``at`` on for which a callback may be promised."""
    for _ in range(_DAYS):
        at = _whole_minute(at)
        refusal = _refusal(facts, at, now, promised)
        if refusal is None or refusal.until is None or refusal.until <= at:
            return at if refusal is None else None
        at = refusal.until
    return None


def _refusal(facts: LawFacts, at: datetime, now: datetime, promised: Sequence[datetime]) -> LawRefusal | None:
    zones = [clock(name) for name in facts.place.zones]
    today = max(now.astimezone(zone).date() for zone in zones)
    for row in provisions_for(facts.place.jurisdiction, facts.kind, facts.policy.site):
        if row.law in PROMISES and row.is_in_force(today):
            refusal = (
                _too_soon(row, at, now)
                or _too_close(row, at, promised)
                or _too_often(row, at, promised, zones)
                or _at_no_hour(row, facts, at)
            )
            if refusal is not None:
                return refusal
    said_of_time = next((verdict for verdict in verdicts_among(facts, at, TIMES) if verdict.refuses), None)
    if said_of_time is None or said_of_time.no is None:
        return None
    until = next_allowed(facts, at, lambda row: row.law in TIMES)
    return LawRefusal(said_of_time.row.law, said_of_time.no.reason, until)


def _too_soon(row: Provision, at: datetime, now: datetime) -> LawRefusal | None:
    if not isinstance(row.bound, NoticeAtLeast):
        return None
    earliest = now.replace(second=0, microsecond=0) + timedelta(minutes=row.bound.minutes)
    return LawRefusal(row.law, row.text, earliest) if at < earliest else None


def _too_close(row: Provision, at: datetime, promised: Sequence[datetime]) -> LawRefusal | None:
    if not isinstance(row.bound, GapAtLeast):
        return None
    gap = timedelta(minutes=row.bound.minutes)
    close = [other for other in promised if abs(at - other) < gap]
    return LawRefusal(row.law, row.text, max(close) + gap) if close else None


def _too_often(
    row: Provision, at: datetime, promised: Sequence[datetime], zones: Sequence[tzinfo]
) -> LawRefusal | None:
    if not isinstance(row.bound, AtMostADay):
        return None
    for zone in zones:
        day = at.astimezone(zone).date()
        count = sum(other.astimezone(zone).date() == day for other in promised)
        if count >= row.bound.count:
            text = Reason("law.no.callbacks_a_day", n=count, most=row.bound.count)
            return LawRefusal(row.law, text, day_begins(day + timedelta(days=1), zone))
    return None


def _at_no_hour(row: Provision, facts: LawFacts, at: datetime) -> LawRefusal | None:
    no = by_clock(row.bound, facts, at) if isinstance(row.bound, Days | Hours) else None
    return None if no is None else LawRefusal(row.law, row.text, no.until)


def _whole_minute(at: datetime) -> datetime:
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + timedelta(minutes=1)
