"""What a row of the numbering plan says of a range of numbers; the rows themselves are in ``numbering_plan``."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ARCEP: Final = "ARCEP numbering plan, décision 2018-0881"
E164: Final = "ITU-T E.164"


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
    """Subscribers in parts of it only: phonenumberslite says in which."""
    SHARED = "shared"
    """Subscribers in France and overseas: +33 is its one form, the overseas codes are other writings."""
    OTHER_WRITING = "other_writing"
    """Another writing of a range, never made and still read: earlier versions stored some."""
    FICTION = "fiction"
    """For films, books and tests: never given to anyone."""
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
        name: what it is, as the rule of a new site says it.
        kind: of its numbers.
        use: what it is for.
        length: digits in all, None for any.
        is_open: whether a new site opens or closes it; None when it follows the range around it.
        law: whose law it falls under, None for a country without a table.
        territory: the French territory overseas, or None.
        zones: every IANA time zone its people may be in; () when unknown.
        source: where it is written, None where ``name`` says it.
        shipped: the set of standard rules that first had it.
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
