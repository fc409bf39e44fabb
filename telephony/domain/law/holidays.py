"""Public holidays, computed: the eleven of French law, and those of only a part of France.

Sources: art. L. 3133-1 C. trav. (the eleven), art. L. 3134-13 (Alsace-Moselle), art. L. 3422-2 (overseas, the
abolition of slavery), local statutes of the Pacific; Easter by the Gregorian computus (Meeus, Jones, Butcher).
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from telephony.domain.numbers.ranges import Overseas
from telephony.domain.text.reason import Reason

_FIXED: Final = {
    (1, 1): Reason("holiday.new_year"),
    (5, 1): Reason("holiday.labour"),
    (5, 8): Reason("holiday.victory"),
    (7, 14): Reason("holiday.bastille"),
    (8, 15): Reason("holiday.assumption"),
    (11, 1): Reason("holiday.all_saints"),
    (11, 11): Reason("holiday.armistice"),
    (12, 25): Reason("holiday.christmas"),
}
_AFTER_EASTER: Final = {
    1: Reason("holiday.easter_monday"),
    39: Reason("holiday.ascension"),
    50: Reason("holiday.whit_monday"),
}
_ABOLITION: Final = Reason("holiday.abolition")
_OVERSEAS: Final = {
    Overseas.MAYOTTE: {(4, 27): _ABOLITION},
    Overseas.REUNION: {(12, 20): _ABOLITION},
    Overseas.MARTINIQUE: {(5, 22): _ABOLITION},
    Overseas.GUYANE: {(6, 10): _ABOLITION},
    # Saint-Martin and Saint-Barthélemy share Guadeloupe's code: their days are added to its own.
    Overseas.GUADELOUPE: {(5, 27): _ABOLITION, (5, 28): _ABOLITION, (10, 9): _ABOLITION},
    Overseas.CALEDONIE: {(9, 24): Reason("holiday.citizenship")},
    Overseas.POLYNESIE: {(6, 29): Reason("holiday.autonomy")},
    Overseas.WALLIS: {(7, 29): Reason("holiday.territory")},
}


@lru_cache(maxsize=64)
def easter(year: int) -> date:
    """Return Easter Sunday of a Gregorian year."""
    golden, century = year % 19, year // 100
    skipped = century // 4
    moon = (19 * golden + century - skipped - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (year % 100 // 4) - moon - year % 100 % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, in_month = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, in_month + 1)


@lru_cache(maxsize=64)
def national(year: int) -> dict[date, Reason]:
    """Return the eleven national holidays of a year; there are fewer days when two coincide."""
    days = {date(year, month, number): name for (month, number), name in _FIXED.items()}
    return days | {easter(year) + timedelta(days=after): name for after, name in _AFTER_EASTER.items()}


def alsace_moselle(year: int) -> dict[date, Reason]:
    """Return the two additional days of Alsace and Moselle."""
    friday = easter(year) - timedelta(days=2)
    return {friday: Reason("holiday.good_friday"), date(year, 12, 26): Reason("holiday.boxing_day")}


def overseas(territory: Overseas, year: int) -> dict[date, Reason]:
    """Return the day or days of one overseas territory only."""
    return {date(year, month, number): name for (month, number), name in _OVERSEAS.get(territory, {}).items()}
