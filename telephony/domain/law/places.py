"""The law and time zone of a telephone number, by its first digits.

A number shows the place it belongs to, not where the person is; a list may name a lead's own time zone instead. Where
a country has several zones and the number does not show which, all of them must allow the call. A country without a
table is under the site's own law, its time zone unknown. The ranges are rows of ``numbering_plan``.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from telephony.domain.numbers.numbering_plan import ByPrefix
from telephony.domain.numbers.ranges import Jurisdiction, Overseas
from telephony.ids import Number


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number belongs.

    Attributes:
        jurisdiction: whose law applies, None for a country without a table.
        zones: every zone the person may be in; () when unknown.
        territory: the French overseas territory, or None.
    """

    jurisdiction: Jurisdiction | None
    zones: tuple[str, ...]
    territory: Overseas | None = None


NOWHERE: Final = Place(None, ())
_NAME: Final = re.compile("[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,3}")
# Files beside the zones: this host's own setting, rules without a place, and other ways to count seconds.
_NO_ZONES: Final = ("localtime", "posix", "right/", "Factory")
_PLACES: Final = ByPrefix(lambda row: Place(row.law, row.zones, row.territory), NOWHERE)
_STANDS_FOR: Final = {place: prefix for prefix, place in reversed(_PLACES.values.items()) if place != NOWHERE}


def place_of(number: Number, zone: str | None = None) -> Place:
    """Return where a number belongs.

    Args:
        number: E.164 without plus, or its first digits.
        zone: the person's own IANA time zone according to the list, or None.
    """
    place = _PLACES.of(number)
    if zone is None:
        return place
    # A name that is no longer a zone: the person's local time is unknown, and it is not guessed.
    return Place(place.jurisdiction, (zone,) if is_zone(zone) else (), place.territory)


def own_zone(number: Number, named: str | None, site: str) -> str:
    """Return the zone in which a time is agreed with a person: their own.

    Args:
        number: E.164 without plus.
        named: the zone named by the list, or None.
        site: the site's zone, used where the person's is unknown, or where it is one of several.
    """
    zones = place_of(number, named).zones
    return site if not zones or site in zones else zones[0]


def prefix_of(number: Number) -> str | None:
    """Return the digits that stand for a number's place, the same for all its numbers; ``place_of`` reads them."""
    return _STANDS_FOR.get(place_of(number))


@lru_cache(maxsize=512)
def is_zone(name: str) -> bool:
    """Return True if there is a time zone of that name, the same on every host; ``localtime`` is not one."""
    if not _NAME.fullmatch(name) or name.startswith(_NO_ZONES):
        return False
    try:
        clock(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=512)
def clock(zone: str) -> ZoneInfo:
    """Return a time zone by its IANA name."""
    return ZoneInfo(zone)
