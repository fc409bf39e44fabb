"""Which law and which clock a telephone number falls under, by its first digits.

A number tells the place it belongs to, not where the person is: a list may name a lead's own time zone instead. Where
a country has several zones and the number does not tell which, all of them must allow the call. A country without a
table falls under the site's own law, its clock unknown.

Sources: ARCEP numbering plan (overseas codes and prefixes); ITU-T E.164; NANPA area codes; IANA time zones.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from telephony.ids import Number


class Jurisdiction(StrEnum):
    """A law there is a table for."""

    FR = "FR"
    GB = "GB"
    US = "US"


class Overseas(StrEnum):
    """French territories with a holiday of their own."""

    MAYOTTE = "mayotte"
    REUNION = "reunion"
    GUADELOUPE = "guadeloupe"
    GUYANE = "guyane"
    MARTINIQUE = "martinique"
    MIQUELON = "miquelon"
    WALLIS = "wallis"
    CALEDONIE = "nouvelle_caledonie"
    POLYNESIE = "polynesie"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number belongs.

    Attributes:
        jurisdiction: whose law, None for a country without a table.
        zones: every zone the person may be in; () when unknown.
        territory: the French territory overseas, or None.
    """

    jurisdiction: Jurisdiction | None
    zones: tuple[str, ...]
    territory: Overseas | None = None


NOWHERE: Final = Place(None, ())
_NAME: Final = re.compile("[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,3}")
# Files beside the zones: this machine's own choice, rules without a place, and other ways to count seconds.
_NO_ZONES: Final = ("localtime", "posix", "right/", "Factory")
_STATES: Final = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
)
"""Numbers are carried from state to state: a number of any of them may ring in each."""


def _french(zone: str, territory: Overseas, *more: str) -> Place:
    return Place(Jurisdiction.FR, (zone, *more), territory)


_OTHER_NANP: Final = (
    # Canada
    "204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416 418 428 431 437 438 450 460 468 474 506 "
    "514 519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 873 879 902 905 "
    "942 "
    # the Caribbean and Bermuda
    "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876"
)
_ZONES: Final = {
    "GP": "America/Guadeloupe",
    "GF": "America/Cayenne",
    "MQ": "America/Martinique",
    "RE": "Indian/Reunion",
    "YT": "Indian/Mayotte",
}
_SHARED: Final = {
    "332688": "RE",
    "332689": "YT",
    "335987": "GP",
    "335988": "GF",
    "335989": "MQ",
    "339395": "GP",
    "339396": "GP GF",
    "339397": "GP MQ",
    "339398": "YT",
    "339399": "RE",
    "339475": "GP",
    "339476": "GF",
    "339477": "MQ",
    "339478": "YT",
    "339479": "RE",
    "339760": "GP GF",
    "339761": "GP GF",
    "339762": "RE GF",
    "339763": "RE GF",
    "339764": "GF",
    "339765": "GF",
    "339766": "GF MQ",
    "339767": "GF MQ",
    "339768": "GP GF",
    "339769": "YT GF",
}
"""Ranges of all of France that are given out overseas too: a test compares them with the library's metadata."""


def _shared(regions: str) -> Place:
    return Place(Jurisdiction.FR, ("Europe/Paris", *(_ZONES[region] for region in regions.split())))


_BY_PREFIX: Final[dict[str, Place]] = {
    "33": Place(Jurisdiction.FR, ("Europe/Paris",)),
    **{prefix: _shared(regions) for prefix, regions in _SHARED.items()},
    "5947093": Place(Jurisdiction.FR, (_ZONES["GF"], _ZONES["YT"])),
    "2627093": Place(Jurisdiction.FR, (_ZONES["GF"], _ZONES["YT"])),
    "262": _french("Indian/Reunion", Overseas.REUNION),
    "262269": _french("Indian/Mayotte", Overseas.MAYOTTE),
    "262639": _french("Indian/Mayotte", Overseas.MAYOTTE),
    "508": _french("America/Miquelon", Overseas.MIQUELON),
    "590": _french("America/Guadeloupe", Overseas.GUADELOUPE),
    "594": _french("America/Cayenne", Overseas.GUYANE),
    "596": _french("America/Martinique", Overseas.MARTINIQUE),
    "681": _french("Pacific/Wallis", Overseas.WALLIS),
    "687": _french("Pacific/Noumea", Overseas.CALEDONIE),
    "689": _french("Pacific/Tahiti", Overseas.POLYNESIE, "Pacific/Marquesas", "Pacific/Gambier"),
    "44": Place(Jurisdiction.GB, ("Europe/London",)),
    "1": Place(Jurisdiction.US, _STATES),
    "1787": Place(Jurisdiction.US, ("America/Puerto_Rico",)),
    "1939": Place(Jurisdiction.US, ("America/Puerto_Rico",)),
    "1340": Place(Jurisdiction.US, ("America/St_Thomas",)),
    "1671": Place(Jurisdiction.US, ("Pacific/Guam",)),
    "1670": Place(Jurisdiction.US, ("Pacific/Guam",)),
    "1684": Place(Jurisdiction.US, ("Pacific/Pago_Pago",)),
    **dict.fromkeys((f"1{code}" for code in _OTHER_NANP.split()), NOWHERE),
}
_LENGTHS: Final = sorted({len(prefix) for prefix in _BY_PREFIX}, reverse=True)
_STANDS_FOR: Final = {place: prefix for prefix, place in reversed(_BY_PREFIX.items())} | {NOWHERE: ""}


def place_of(number: Number, zone: str = "") -> Place:
    """Return where a number belongs.

    Args:
        number: E.164 without plus.
        zone: the person's own IANA time zone as the list says, or "".
    """
    found = next((_BY_PREFIX[number[:size]] for size in _LENGTHS if number[:size] in _BY_PREFIX), NOWHERE)
    if not zone:
        return found
    # A name that was a zone once and is none any more: nobody can tell the person's clock, so none is guessed.
    return Place(found.jurisdiction, (zone,) if is_zone(zone) else (), found.territory)


def own_zone(number: Number, named: str, site: str) -> str:
    """Return the zone in which a time is agreed with a person: their own.

    Args:
        number: E.164 without plus.
        named: the zone the list names, or "".
        site: the site's zone: where the person's is unknown, or one of several.
    """
    zones = place_of(number, named).zones
    return site if not zones or site in zones else zones[0]


def prefix_of(number: Number) -> str:
    """Return the digits that stand for a number's place, the same for all its numbers: ``place_of`` reads them."""
    return _STANDS_FOR[place_of(number)]


@lru_cache(maxsize=512)
def is_zone(name: str) -> bool:
    """Return True if there is a time zone of that name, the same on every machine: ``localtime`` is none."""
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
