"""Rows about local time, checked on the facts: days, public holidays, hours, and when they allow a call."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from telephony.domain.law.facts import LawFacts
from telephony.domain.law.holidays import alsace_moselle, national, overseas
from telephony.domain.law.hours import day_begins, is_within, next_within
from telephony.domain.law.places import clock
from telephony.domain.law.provisions import Days, Holidays, Hours
from telephony.domain.law.verdict import RowRefusal
from telephony.domain.numbers.ranges import Overseas
from telephony.domain.text.reason import Reason

_NO_CLOCK: Final = Reason("law.no.no_time_zone")


def by_clock(bound: Days | Holidays | Hours, facts: LawFacts, at: datetime) -> RowRefusal | None:
    """Return why days or hours refuse a time: the strictest refusal of the zones the person may be in."""
    zones = facts.place.zones
    if not zones:
        return RowRefusal(_NO_CLOCK)
    refusals = [no for zone in zones if (no := _in_zone(bound, facts, at, clock(zone)))]
    return max(refusals, key=lambda no: (no.until is None, no.until), default=None)


def _in_zone(bound: Days | Holidays | Hours, facts: LawFacts, at: datetime, zone: tzinfo) -> RowRefusal | None:
    rings = facts.policy.rings
    on = at.astimezone(zone).date()
    if isinstance(bound, Hours):
        if is_within(bound, at, rings, zone):
            return None
        text = Reason("law.no.hours", here=at.astimezone(zone), hours=_shown(bound))
        return RowRefusal(text, next_within(bound, at, rings, zone))
    if isinstance(bound, Days):
        if on.weekday() in bound.allowed:
            return None
        text = Reason("law.no.weekday", day=on)
        return RowRefusal(text, _next_day(on, zone, lambda day: day.weekday() in bound.allowed))
    territory = facts.place.territory
    holiday = _holiday(bound, on, territory)
    if holiday is None:
        return None
    text = Reason("law.no.holiday", holiday=holiday, day=on)
    return RowRefusal(text, _next_day(on, zone, lambda day: _holiday(bound, day, territory) is None))


def _next_day(on: date, zone: tzinfo, is_open: Callable[[date], bool]) -> datetime | None:
    """Return when the first open day after ``on`` begins; None when there is none within a year."""
    days = (on + timedelta(days=ahead) for ahead in range(1, 367))
    return next((day_begins(day, zone) for day in days if is_open(day)), None)


def _holiday(bound: Holidays, on: date, territory: Overseas | None) -> Reason | None:
    """Return the name of the holiday on a day without calls; None on other days."""
    if on in bound.dates:
        return Reason("holiday.of_the_site")
    holiday = national(on.year).get(on) if bound.national else None
    if holiday is None and bound.alsace_moselle and territory is None:
        holiday = alsace_moselle(on.year).get(on)
    if holiday is None and bound.overseas and territory is not None:
        holiday = overseas(territory, on.year).get(on)
    return holiday


def _shown(hours: Hours) -> str:
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in hours.windows)
