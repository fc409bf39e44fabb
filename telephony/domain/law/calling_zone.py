"""The calling zone of a lead, as one code: all leads with the same code may be called at the same times.

The code is stored with each lead, so that a query at night finds the leads within their calling hours without reading
the others. It contains only what the days and hours of a call depend on: the place of the number, the zone named by
the list, and whether a consent covers calls at any time. What is allowed when is left to ``decision``.
"""

from dataclasses import dataclass
from typing import Self

from telephony.domain.law.basis import LeadTerms
from telephony.domain.law.places import Place, place_of, prefix_of
from telephony.ids import Number

_BETWEEN = "|"
_ANY_TIME = "any"
_NO_COUNTRY = "0"
"""No number begins with it: it stands for a country without a table."""


@dataclass(frozen=True, slots=True)
class CallingZone:
    """What days and hours depend on.

    Attributes:
        prefix: digits that stand for the number's place, None for a country without a table.
        zone: IANA time zone named by the list, or None.
        any_time: the lead's consent also covers calls outside the legal days and hours.
    """

    prefix: str | None = None
    zone: str | None = None
    any_time: bool = False

    @classmethod
    def of(cls, number: Number, terms: LeadTerms) -> Self:
        """Return the calling zone of a lead under one of its numbers."""
        return cls(prefix_of(number), terms.zone, terms.any_time)

    @classmethod
    def read(cls, code: str) -> Self:
        """Return the calling zone of a code."""
        prefix, zone, any_time = (*code.split(_BETWEEN), "", "")[:3]
        return cls(prefix or None, zone or None, any_time == _ANY_TIME)

    @property
    def place(self) -> Place:
        """Where the lead is, according to its number and its list."""
        return place_of(self.number, self.zone)

    @property
    def number(self) -> Number:
        """First digits of a number of that place, for decisions about all its leads together."""
        return Number(self.prefix or _NO_COUNTRY)

    @property
    def word(self) -> str:
        """The code as stored: ``33``, ``33|Indian/Reunion``, ``33||any``."""
        parts = (self.prefix or "", self.zone or "", _ANY_TIME if self.any_time else "")
        return _BETWEEN.join(parts).rstrip(_BETWEEN)
