"""Rows about the called person's clock against the facts: days, public holidays, hours, and when they allow a call."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from telephony.domain.law.clocks import day_begins, is_within, next_within
from telephony.domain.law.facts import LawFacts
from telephony.domain.law.holidays import alsace_moselle, national, overseas
from telephony.domain.law.places import Overseas, clock
from telephony.domain.law.provisions import Days, Holidays, Hours
from telephony.domain.law.verdict import No
from telephony.domain.law.wording import Text, day, moment

_NO_CLOCK: Final = Text(
    "Fuseau horaire inconnu pour ce numéro\u202f: ajoutez une colonne «\u202ffuseau\u202f» à la liste.",
    "The number does not tell its time zone: add a column time zone to the list.",
)


def by_clock(bound: Days | Holidays | Hours, facts: LawFacts, at: datetime) -> No | None:
    """Return why days or hours refuse a moment: the strictest of the zones the person may be in."""
    zones = facts.place.zones
    if not zones:
        return No(_NO_CLOCK)
    said = [no for zone in zones if (no := _in_zone(bound, facts, at, clock(zone)))]
    return max(said, key=lambda no: (no.until is None, no.until), default=None)


def _in_zone(bound: Days | Holidays | Hours, facts: LawFacts, at: datetime, zone: tzinfo) -> No | None:
    rings = facts.practice.rings
    on = at.astimezone(zone).date()
    if isinstance(bound, Hours):
        if is_within(bound, at, rings, zone):
            return None
        here, allowed = moment(at, zone), _shown(bound)
        text = Text(
            f"{here.fr}\u202f: on appelle {allowed}, et l'appel ne doit plus sonner après.",
            f"{here.en}: calls are allowed {allowed}, and must have rung out by then.",
        )
        return No(text, next_within(bound, at, rings, zone))
    named = day(on)
    if isinstance(bound, Days):
        if on.weekday() in bound.allowed:
            return None
        text = Text(f"Pas d'appel le {named.fr.split()[0]}.", f"No calls on a {named.en.split()[0]}.")
        return No(text, _next_day(on, zone, lambda one: one.weekday() in bound.allowed))
    territory = facts.place.territory
    holiday = _holiday(bound, on, territory)
    if holiday is None:
        return None
    text = Text(f"Jour sans appel\u202f: {holiday.fr}, {named.fr}.", f"A day without calls: {holiday.en}, {named.en}.")
    return No(text, _next_day(on, zone, lambda one: _holiday(bound, one, territory) is None))


def _next_day(on: date, zone: tzinfo, is_open: Callable[[date], bool]) -> datetime | None:
    """Return when the first open day after ``on`` begins; None when there is none within a year."""
    days = (on + timedelta(days=ahead) for ahead in range(1, 367))
    return next((day_begins(one, zone) for one in days if is_open(one)), None)


def _holiday(bound: Holidays, on: date, territory: Overseas | None) -> Text | None:
    """Return the name of a day without calls."""
    if on in bound.dates:
        return Text("jour fermé par le site", "closed by the site")
    found = national(on.year).get(on) if bound.national else None
    if found is None and bound.alsace_moselle and territory is None:
        found = alsace_moselle(on.year).get(on)
    if found is None and bound.overseas and territory is not None:
        found = overseas(territory, on.year).get(on)
    return found


def _shown(hours: Hours) -> str:
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in hours.windows)
