"""Public holidays by computation: the eleven of French law, and those that hold in a part of France only.

Sources: art. L. 3133-1 C. trav. (the eleven), art. L. 3134-13 (Alsace-Moselle), art. L. 3422-2 (overseas, the
abolition of slavery), local statutes of the Pacific; Easter by the Gregorian computus (Meeus, Jones, Butcher).
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from telephony.domain.law.places import Overseas
from telephony.domain.law.wording import Text

_FIXED: Final = {
    (1, 1): Text("Jour de l'an", "New Year's Day"),
    (5, 1): Text("Fête du travail", "Labour Day"),
    (5, 8): Text("Victoire 1945", "Victory Day"),
    (7, 14): Text("Fête nationale", "Bastille Day"),
    (8, 15): Text("Assomption", "Assumption"),
    (11, 1): Text("Toussaint", "All Saints' Day"),
    (11, 11): Text("Armistice 1918", "Armistice Day"),
    (12, 25): Text("Noël", "Christmas Day"),
}
_AFTER_EASTER: Final = {
    1: Text("Lundi de Pâques", "Easter Monday"),
    39: Text("Ascension", "Ascension Day"),
    50: Text("Lundi de Pentecôte", "Whit Monday"),
}
_ABOLITION: Final = Text("Abolition de l'esclavage", "Abolition of slavery")
_OVERSEAS: Final = {
    Overseas.MAYOTTE: {(4, 27): _ABOLITION},
    Overseas.REUNION: {(12, 20): _ABOLITION},
    Overseas.MARTINIQUE: {(5, 22): _ABOLITION},
    Overseas.GUYANE: {(6, 10): _ABOLITION},
    # Saint-Martin and Saint-Barthélemy share Guadeloupe's code: their days are kept with its own.
    Overseas.GUADELOUPE: {(5, 27): _ABOLITION, (5, 28): _ABOLITION, (10, 9): _ABOLITION},
    Overseas.CALEDONIE: {(9, 24): Text("Fête de la citoyenneté", "Citizenship Day")},
    Overseas.POLYNESIE: {(6, 29): Text("Fête de l'autonomie", "Autonomy Day")},
    Overseas.WALLIS: {(7, 29): Text("Fête du territoire", "Territory Day")},
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
def national(year: int) -> dict[date, Text]:
    """Return the eleven national holidays of a year; where two fall together there are fewer days."""
    days = {date(year, month, number): name for (month, number), name in _FIXED.items()}
    return days | {easter(year) + timedelta(days=after): name for after, name in _AFTER_EASTER.items()}


def alsace_moselle(year: int) -> dict[date, Text]:
    """Return the two days more of Alsace and Moselle."""
    friday = easter(year) - timedelta(days=2)
    return {friday: Text("Vendredi saint", "Good Friday"), date(year, 12, 26): Text("Saint-Étienne", "Boxing Day")}


def overseas(territory: Overseas, year: int) -> dict[date, Text]:
    """Return the day or days that only a territory overseas keeps."""
    return {date(year, month, number): name for (month, number), name in _OVERSEAS.get(territory, {}).items()}
