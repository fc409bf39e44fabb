"""The settings of the site's own rules; their meaning is in ``telephony.domain.law``."""

import re
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from telephony.settings.part import Part

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")


class RulesSettings(Part):
    """The site's rules that are stricter than the law, for every campaign; the law itself is not set here."""

    home: Literal["FR", "GB", "US"] = "FR"
    """Country whose law applies to calls to countries without a table of their own."""
    consumer_times: tuple[Literal["survey", "b2b"], ...] = ()
    """Kinds of campaign that follow the days, hours and frequency of consumer prospecting too."""
    days: tuple[Weekday, ...] = ()
    """Weekdays on which this site calls; empty: every day the law allows."""
    hours: tuple[str, ...] = ()
    """Calling hours in the called person's time, such as ``09:00-12:30``; empty: every hour the law allows."""
    closed_dates: tuple[date, ...] = ()
    """Days without calls, in addition to the law's."""
    alsace_moselle: bool = False
    """No calls on Good Friday and 26 December, for every lead in mainland France."""
    overseas_holidays: bool = False
    """No calls on each French territory's own holidays, for leads there."""
    attempts_in_30_days: Annotated[int, Field(ge=0, le=100)] = 0
    """Most attempts at one number for one company in 30 days, every kind of campaign; 0: as the law says."""
    refusal_days: Annotated[int, Field(ge=0, le=3650)] = 0
    """Days without a call after a refusal, every kind of campaign; 0: as the law says."""
    protect_hours: Annotated[float, Field(ge=0, le=720)] = 0
    """Hours without a call after an abandoned one unless an operator is reserved; 0: 72."""

    @field_validator("hours")
    @classmethod
    def _hours_make_sense(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            first, last = _minutes(text)
            if not first < last <= 1440:
                raise ValueError(f"hours {text!r} end before they begin; write 09:00-12:30")
        return value

    @property
    def windows(self) -> tuple[tuple[int, int], ...]:
        """``hours`` as minutes since midnight, in order."""
        return tuple(sorted(_minutes(text) for text in self.hours))

    @property
    def weekdays(self) -> frozenset[int]:
        """``days`` as numbers, Monday 0."""
        return frozenset(_WEEKDAYS.index(day) for day in self.days)


def _minutes(text: str) -> tuple[int, int]:
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time range; write 09:00-12:30")
    hours, minutes, last_hours, last_minutes = map(int, match.groups())
    return 60 * hours + minutes, 60 * last_hours + last_minutes
