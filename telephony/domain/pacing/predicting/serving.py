"""When operators become free: talk and wrap-up times, learned as they happen, whatever their distribution.

Each is a hazard by age in logarithmic steps; unfinished conversations count as censored: they last at least as long as
their age. How many people will answer meanwhile is left to ``ringing`` and ``race``.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

EDGES: Final = tuple([0.0, 1.0, 2.0, 3.0] + [4.0 * 1.33**step for step in range(22)])
"""Ages at which the hazard may change, seconds; the last step has no end."""
PRIOR_EVENTS: Final = 0.3
"""Weight of the first guess of a hazard, in events per step."""
STEP_S: Final = 1.5
"""Resolution of talk followed by wrap-up, seconds."""


class Durations:
    """How long something lasts, learned from ended and unfinished ones."""

    def __init__(self, mean_s: float) -> None:
        """Start with a guess.

        Args:
            mean_s: the guess, seconds; a few observations outweigh it.
        """
        self._guess = 1.0 / mean_s
        self._ended = [0.0] * len(EDGES)
        self._lived = [0.0] * len(EDGES)
        self._rates: list[float] = [self._guess] * len(EDGES)
        self._past: list[float] = []
        self.refresh(())

    def ended(self, lasted_s: float) -> None:
        """Learn from an ended one."""
        self._ended[bisect_right(EDGES, lasted_s) - 1] += 1
        _live(self._lived, lasted_s)

    def refresh(self, under_way_s: Iterable[float]) -> None:
        """Compute the hazards again, with the ages of unfinished ones, seconds."""
        lived = self._lived.copy()
        for age in under_way_s:
            _live(lived, age)
        ended, lived = _smooth(self._ended), _smooth(lived)
        weight = PRIOR_EVENTS / self._guess
        self._rates = [(PRIOR_EVENTS + events) / (weight + time) for events, time in zip(ended, lived, strict=True)]
        self._past = [0.0]
        for (low, high), rate in zip(pairwise(EDGES), self._rates, strict=False):
            self._past.append(self._past[-1] + (high - low) * rate)

    def survival(self, age_s: float) -> float:
        """Return the chance to last longer than ``age_s``."""
        return math.exp(-self._hazard(age_s))

    def ends_within(self, age_s: float, span_s: float) -> float:
        """Return the chance that one with age ``age_s`` ends within the next ``span_s``."""
        return 1.0 - math.exp(self._hazard(age_s) - self._hazard(age_s + span_s))

    def _hazard(self, age_s: float) -> float:
        step = bisect_right(EDGES, age_s) - 1
        return self._past[step] + (age_s - EDGES[step]) * self._rates[step]


class Serving:
    """Chances of busy operators to be free by given times."""

    def __init__(self, talk_s: float = 120.0, wrap_s: float = 20.0) -> None:
        """Start with guesses of the mean talk and wrap-up times, seconds."""
        self.talk = Durations(talk_s)
        self.wrap = Durations(wrap_s)
        self._stayed, self._left = 30.0, 1.0
        self._horizons: Sequence[float] = ()
        self._wrapped_by: list[float] = []
        self._talking: dict[int, list[float]] = {}
        self._wrapping: dict[int, list[float]] = {}

    def returned(self, *, is_ready: bool) -> None:
        """Learn whether an operator took calls again or paused after wrap-up."""
        if is_ready:
            self._stayed += 1
        else:
            self._left += 1

    def refresh(self, talking_s: Iterable[float], wrapping_s: Iterable[float], horizons_s: Sequence[float]) -> None:
        """Compute the tables again.

        Args:
            talking_s: ages of the present conversations, seconds.
            wrapping_s: ages of the present wrap-ups, seconds.
            horizons_s: times ahead for which chances are needed, seconds.
        """
        self.talk.refresh(talking_s)
        self.wrap.refresh(wrapping_s)
        self._horizons = horizons_s
        steps = math.ceil(max(horizons_s) / STEP_S)
        self._wrapped_by = [1.0 - self.wrap.survival(STEP_S * step) for step in range(steps + 2)]
        self._talking.clear()
        self._wrapping.clear()

    def talking(self, age_s: float) -> list[float]:
        """Return the chances of an operator who has talked ``age_s`` to be free by each time."""
        step = bisect_right(EDGES, age_s) - 1
        chances = self._talking.get(step)
        if chances is None:
            chances = self._talking[step] = self._both(_middle(step))
        return chances

    def wrapping(self, age_s: float) -> list[float]:
        """Return the chances of an operator ``age_s`` into wrap-up to be free by each time."""
        step = bisect_right(EDGES, age_s) - 1
        chances = self._wrapping.get(step)
        if chances is None:
            stays = self._stays
            chances = [stays * self.wrap.ends_within(_middle(step), span) for span in self._horizons]
            self._wrapping[step] = chances
        return chances

    @property
    def _stays(self) -> float:
        return self._stayed / (self._stayed + self._left)

    def _both(self, age_s: float) -> list[float]:
        """Return the chances that a conversation and its wrap-up have ended by each time."""
        done = self._wrapped_by
        by = [self.talk.ends_within(age_s, STEP_S * step) for step in range(len(done) - 1)]
        ends = [after - before for before, after in pairwise(by)]
        chances = []
        for span in self._horizons:
            total = 0.0
            for step, end in enumerate(ends):
                rest = span / STEP_S - step - 0.5
                if rest <= 0:
                    break
                whole = int(rest)
                total += end * (done[whole] + (rest - whole) * (done[whole + 1] - done[whole]))
            chances.append(self._stays * total)
        return chances


def _middle(step: int) -> float:
    return (EDGES[step] + EDGES[step + 1]) / 2 if step + 1 < len(EDGES) else EDGES[step] * 1.2


def _live(lived: list[float], age_s: float) -> None:
    for step, low in enumerate(EDGES):
        if low >= age_s:
            return
        high = EDGES[step + 1] if step + 1 < len(EDGES) else math.inf
        lived[step] += min(age_s, high) - low


def _smooth(values: list[float]) -> list[float]:
    """Return each step blended with its neighbours; the sum stays."""
    ahead, behind = values[1:] + values[-1:], values[:1] + values[:-1]
    return [0.25 * a + 0.5 * b + 0.25 * c for a, b, c in zip(behind, values, ahead, strict=True)]
