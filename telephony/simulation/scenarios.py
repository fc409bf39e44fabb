"""Scenarios: teams, talk, answer rates and events during a day; the twelve public ones.

The distributions are assumptions, stated so that anyone can repeat the figures; nothing was fitted to a real floor.
``outcomes`` draws from them, ``engine`` runs the day.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

HOUR: Final = 3600.0
"""Seconds."""
LUNCH_S: Final = 40 * 60.0
START_S: Final = 30 * 60.0
STAY_S: Final = 40.0
"""How long operators stay after the last dial of a window, for the calls that still ring; seconds."""


class Event(StrEnum):
    """The event of a day."""

    NONE = "none"
    HALVE = "halve"
    """The answer rate halves at 45 % of the day."""
    DOUBLE = "double"
    """The answer rate doubles at 45 % of the day."""
    LUNCH = "lunch"
    """Half of the operators leave for 40 min, at half of the day."""
    START = "start"
    """Operators arrive one after the other over 30 min."""
    SWINGS = "hourly swings"
    """Each hour has its own answer rate, 0.6 to 1.4 times the campaign's."""


@dataclass(frozen=True, slots=True)
class Talk:
    """How long people talk: parts of ``(share, mean in seconds, coefficient of variation)``, each lognormal."""

    name: str
    parts: tuple[tuple[float, float, float], ...]

    @property
    def mean_s(self) -> float:
        """Mean, seconds."""
        return sum(share * mean for share, mean, _ in self.parts)


SURVEY: Final = Talk("survey", ((1.0, 180.0, 0.9),))
B2B: Final = Talk("b2b", ((0.65, 15.0, 0.7), (0.35, 186.0, 1.0)))
MIXED: Final = Talk("mixed", ((0.5, 180.0, 0.9), (0.325, 15.0, 0.7), (0.175, 186.0, 1.0)))
TALKS: Final = {talk.name: talk for talk in (SURVEY, B2B, MIXED)}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of day.

    Attributes:
        name: what a table calls it.
        operators: size of the team.
        talk: how long people talk.
        answer_rate: share of dials that a person answers, before the ring time-out; 0 to 1.
        windows: when dials may leave, seconds since the day began, rising and apart.
        event: what happens during the day.
        ring_lag_s: added to the time before it rings, seconds.
        has_detection: AMD tells machines from people before an operator gets the call.
        leads: dials there are in all, None for a list without end.
        opens_hour: the clock when the day begins, for VICIdial, which tapers towards 21:00: eight hours end there.
        limit: share of answered calls that may be abandoned in a day, for pacers that take one.
    """

    name: str
    operators: int
    talk: Talk
    answer_rate: float
    windows: tuple[tuple[float, float], ...] = ((0.0, 8 * HOUR),)
    event: Event = Event.NONE
    ring_lag_s: float = 0.0
    has_detection: bool = True
    leads: int | None = None
    opens_hour: float = 13.0
    limit: float = 0.03

    @property
    def end(self) -> float:
        """The last time a dial may leave, seconds since the day began."""
        return self.windows[-1][1]

    @property
    def max_lines(self) -> int:
        """Most simultaneous calls."""
        return 6 * self.operators + 10

    @property
    def cps(self) -> float:
        """Most new calls per second."""
        return max(5.0, self.operators / 3)

    def shifts(self, operator: int) -> list[tuple[float, float]]:
        """Return when operator 0 … operators-1 is logged in: from, to, seconds since the day began."""
        presence = [(begin, close + STAY_S) for begin, close in self.windows]
        if self.event is Event.START:
            begin, close = presence[0]
            presence[0] = (begin + START_S * operator / self.operators, close)
        elif self.event is Event.LUNCH and operator % 2:
            presence = _without(presence, self.end / 2, self.end / 2 + LUNCH_S)
        return presence


def _without(shifts: list[tuple[float, float]], leave: float, back: float) -> list[tuple[float, float]]:
    before = [(begin, min(close, leave)) for begin, close in shifts if begin < leave]
    return before + [(max(begin, back), close) for begin, close in shifts if close > back]


def _public(operators: int, talk: Talk, rate: float, event: Event = Event.NONE, hours: float = 8) -> Scenario:
    said = "" if event is Event.NONE else f", {event}"
    name = f"{operators} {talk.name} {rate:.0%}{said}"
    return Scenario(name, operators, talk, rate, ((0.0, hours * HOUR),), event)


PUBLIC: Final = (
    _public(7, SURVEY, 0.20),
    _public(7, B2B, 0.35),
    _public(7, MIXED, 0.60),
    _public(12, SURVEY, 0.20, Event.HALVE),
    _public(12, B2B, 0.08),
    _public(12, MIXED, 0.35, Event.LUNCH),
    _public(24, SURVEY, 0.20),
    _public(24, B2B, 0.35, Event.DOUBLE),
    _public(24, MIXED, 0.60, Event.START),
    _public(60, MIXED, 0.20, Event.LUNCH),
    _public(200, SURVEY, 0.35, Event.HALVE, hours=3),
    Scenario(
        "7 b2b 20%, hourly swings, ring lag 4 s, no detection",
        7,
        B2B,
        0.20,
        event=Event.SWINGS,
        ring_lag_s=4.0,
        has_detection=False,
    ),
)
"""The public scenarios: anyone may use them while building a pacer."""
