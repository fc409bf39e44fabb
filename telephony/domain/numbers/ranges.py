"""A row of the numbering plan, about a range of numbers; the rows themselves are in ``numbering_plan``."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ARCEP: Final = "ARCEP numbering plan, décision 2018-0881"
E164: Final = "ITU-T E.164"


class Jurisdiction(StrEnum):
    """A country whose law has a table."""

    FR = "FR"
    GB = "GB"
    US = "US"


class Overseas(StrEnum):
    """French overseas territories."""

    MAYOTTE = "mayotte"
    REUNION = "reunion"
    GUADELOUPE = "guadeloupe"
    GUYANE = "guyane"
    MARTINIQUE = "martinique"
    MIQUELON = "miquelon"
    WALLIS = "wallis"
    CALEDONIE = "nouvelle_caledonie"
    POLYNESIE = "polynesie"


class NumberKind(StrEnum):
    """Kinds of number whose owners answer differently."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    OVERSEAS = "overseas"
    NON_GEOGRAPHIC = "non_geographic"
    FOREIGN = "foreign"


class Use(StrEnum):
    """What a range is for."""

    SUBSCRIBERS = "subscribers"
    PARTIAL = "partial"
    """Subscribers in parts of it only; phonenumberslite knows which."""
    SHARED = "shared"
    """Subscribers in France and overseas: +33 is canonical, the overseas codes are other written forms."""
    OTHER_WRITING = "other_writing"
    """Another written form of a range, still read but no longer made: earlier versions stored some."""
    FICTION = "fiction"
    """For films, books and tests: never assigned."""
    SPECIAL_RATE = "special_rate"
    SHORT = "short"
    EMERGENCY = "emergency"
    GLOBAL = "global"
    """A code of no country: satellite, global freephone, global premium."""


@dataclass(frozen=True, slots=True)
class Range:
    """One row of the plan; a longer prefix is the exception to a shorter one.

    Attributes:
        prefix: first digits, E.164 without plus.
        name: what it is, as in the rule of a new site.
        kind: kind of its numbers.
        use: what it is for.
        length: digits in all, None for any.
        is_open: whether a new site opens or closes it; None when it follows the range around it.
        law: whose law applies, None for a country without a table.
        territory: the French overseas territory, or None.
        zones: every IANA time zone its people may be in; () when unknown.
        source: its reference, None where ``name`` contains it.
        shipped: the set of standard rules that first contained it.
    """

    prefix: str
    name: str
    kind: NumberKind
    use: Use = Use.SUBSCRIBERS
    length: int | None = None
    is_open: bool | None = None
    law: Jurisdiction | None = Jurisdiction.FR
    territory: Overseas | None = None
    zones: tuple[str, ...] = ()
    source: str | None = ARCEP
    shipped: str = "2026-11"
