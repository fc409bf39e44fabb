"""VICIdial 2.14: a dial level per campaign, raised while operators are ready, held back after too many drops.

Samples are taken each second, the level is set every 15 s, drops are counted every 60 s, dials are placed every 2.5 s.
It drops a call 5 s after the answer; here the grace of the simulation holds for all. Left out: the intensity and target
settings (at their default, 0) and the operator threshold.
"""

from collections import deque
from enum import StrEnum
from typing import Final

from telephony.domain.pacing.interface import Kind, View
from telephony.domain.text.reason import Reason

SAMPLES: Final = 15
LEVEL_S: Final = 15.0
DROPS_S: Final = 60.0
PLACEMENT_S: Final = 2.5
MOST: Final = 3.0
"""Highest dial level."""
LIMIT: Final = 0.03
SETTLED: Final = 50
"""Calls today before drops count."""
_SLOW: Final = 1e-6
"""Rounding of the clock, seconds."""


class Mode(StrEnum):
    """VICIdial's dial methods."""

    RATIO = "ratio"
    """The level stays as set."""
    HARD_LIMIT = "hard limit"
    """Level 1 while the day's drops are over the limit."""
    AVERAGE = "average"
    """Half the level while the day's drops are over the limit."""
    TAPERED = "tapered"
    """Less and less towards 21:00 while the day's drops are over the limit: nothing is taken off before 11:00."""


class Vicidial:
    """One campaign's level and placement."""

    tick = 0.5

    def __init__(
        self, mode: Mode, *, is_available_only: bool = False, level: float = 1.0, opens_hour: float = 13.0
    ) -> None:
        """Set mode and level.

        Args:
            mode: the dial method.
            is_available_only: only operators who are ready count, not those on a call.
            level: dial level at the start of the day; fixed in mode RATIO.
            opens_hour: the clock when the day begins, hours.
        """
        self._mode = mode
        self._is_available_only = is_available_only
        self.level = level
        self._opens_hour = opens_hour
        self._surplus: deque[float] = deque(maxlen=SAMPLES)
        self._crew: deque[float] = deque(maxlen=SAMPLES)
        self._ends: deque[tuple[float, bool]] = deque()
        self._is_over = self._drops_half = False
        self._due = dict.fromkeys((self._sample, self._count_drops, self._set_level), 0.0)
        self._place_at = 0.0
        self._view: View | None = None

    def start(self, view: View) -> None:
        """Start with a live view."""
        self._view = view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Do what is due; return dials every 2.5 s, 0 at every other time."""
        del call, agent
        view = self._view
        if view is None:
            return 0
        if kind in {Kind.CONNECT, Kind.ABANDON}:
            self._ends.append((t, kind == Kind.ABANDON))
        if kind != Kind.TICK:
            return 0
        if self._mode is not Mode.RATIO:
            self._adapt(t, view)
        if t + _SLOW < self._place_at:
            return 0
        self._place_at = t + PLACEMENT_S
        under_way = len(view.inflight) + len(view.waiting)
        if self._is_available_only:
            return round(self.level * len(view.free)) - under_way
        return round(self.level * (len(view.free) + len(view.talking))) - under_way - len(view.talking)

    def reason(self) -> Reason:
        """Return the reason: the level."""
        return Reason("pace.level", level=self.level, mode=self._mode)

    def _adapt(self, t: float, view: View) -> None:
        for action, every in ((self._sample, 1.0), (self._count_drops, DROPS_S), (self._set_level, LEVEL_S)):
            if t + _SLOW >= self._due[action]:
                self._due[action] = t + every
                action(t, view)

    def _sample(self, _: float, view: View) -> None:
        self._surplus.append(len(view.free) - len(view.waiting))
        self._crew.append(len(view.free) + len(view.talking) + len(view.wrapping))

    def _count_drops(self, t: float, view: View) -> None:
        while self._ends and self._ends[0][0] < t - 60:
            self._ends.popleft()
        dropped = sum(was_dropped for _, was_dropped in self._ends)
        self._drops_half = len(self._ends) > 20 and dropped > len(self._ends) / 2
        self._is_over = view.n_dials > SETTLED and view.n_abandoned > LIMIT * max(1, view.n_human)

    def _set_level(self, t: float, _: View) -> None:
        crew = sum(self._crew)
        level = self.level * (1 + (sum(self._surplus) / crew if crew else 0.0))
        if self._drops_half:
            level /= 2
        if self._is_over:
            level = self._held_back(t, level)
        self.level = min(max(level, 1.0), MOST)

    def _held_back(self, t: float, level: float) -> float:
        if self._mode is Mode.HARD_LIMIT:
            return 1.0
        if self._mode is Mode.AVERAGE:
            return level / 2
        hours, minutes = divmod(self._opens_hour * 60 + t / 60, 60)
        return level * min(1.0, (2100 - (100 * hours + minutes)) / 1000)
