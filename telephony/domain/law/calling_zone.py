"""The clock a lead lives on, as one word: all leads of a word may be called, or not, at the same moments.

The word is kept with each lead, so that a database asked at night finds the leads whose day it is without looking at
the others. It says what the days and hours of a call depend on and nothing else: the place of the number, the zone the
list names, whether a consent welcomes calls at any time. What is allowed when is left to ``decision``.
"""

from dataclasses import dataclass
from typing import Self

from telephony.domain.law.basis import LeadTerms
from telephony.domain.law.places import Place, place_of, prefix_of
from telephony.ids import Number

_BETWEEN = "|"
_ANY_TIME = "any"
_NO_COUNTRY = "0"
"""No number begins so: it is in no country with a table."""


@dataclass(frozen=True, slots=True)
class CallingZone:
    """What days and hours depend on.

    Attributes:
        prefix: digits that stand for the number's place, None for a country without a table.
        zone: IANA time zone the list names, or None.
        any_time: the lead's consent says that calls outside the legal days and hours are welcome.
    """

    prefix: str | None = None
    zone: str | None = None
    any_time: bool = False

    @classmethod
    def of(cls, number: Number, terms: LeadTerms) -> Self:
        """Return the clock of a lead under one of its numbers."""
        return cls(prefix_of(number), terms.zone, terms.any_time)

    @classmethod
    def read(cls, word: str) -> Self:
        """Return what ``word`` was made of."""
        prefix, zone, any_time = (*word.split(_BETWEEN), "", "")[:3]
        return cls(prefix or None, zone or None, any_time == _ANY_TIME)

    @property
    def place(self) -> Place:
        """Where the lead is, as far as its number and its list tell."""
        return place_of(self.number, self.zone)

    @property
    def number(self) -> Number:
        """First digits of a number of that place, for what is decided for all its leads together."""
        return Number(self.prefix or _NO_COUNTRY)

    @property
    def word(self) -> str:
        """As it is kept: ``33``, ``33|Indian/Reunion``, ``33||any``."""
        parts = (self.prefix or "", self.zone or "", _ANY_TIME if self.any_time else "")
        return _BETWEEN.join(parts).rstrip(_BETWEEN)
