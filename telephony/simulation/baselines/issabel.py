"""Issabel's call centre: every five seconds one dial per operator who is free or all but certain to be.

An operator on a call counts when an exponential talk time would have ended with 97 % certainty by the answer, which
takes three and a half mean talk times: in practice it is progressive, at a slow pace. As an option it divides by the
answer rate of the last half hour. It has no feedback from abandoned calls.
"""

import math
from collections import deque
from typing import Final

from telephony.domain.pacing.interface import Kind, View
from telephony.domain.text.reason import Reason

EVERY_S: Final = 5.0
SURE: Final = 0.97
WINDOW_S: Final = 1800.0
LEAST_RATIO: Final = 0.20
_SLOW: Final = 1e-6


class Issabel:
    """One campaign."""

    tick = 1.0

    def __init__(self, *, divides_by_answers: bool = False) -> None:
        """Set the option.

        Args:
            divides_by_answers: dials more, by the answer rate of the last half hour, at least 20 %.
        """
        self._divides = divides_by_answers
        self._due = 0.0
        self._ends: deque[tuple[float, bool]] = deque()
        self._began: dict[int, float] = {}
        self._talks = self._talked_s = self._answers = self._rang_s = 0.0
        self._view: View | None = None

    def start(self, view: View) -> None:
        """Start with a live view."""
        self._view = view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return dials every five seconds, 0 at every other time."""
        view = self._view
        if view is None:
            return 0
        self._learn(t, kind, call, agent, view)
        if kind != Kind.TICK or t + _SLOW < self._due:
            return 0
        self._due = t + EVERY_S
        missing = len(view.free) + self._nearly_free(t, view) - len(view.waiting)
        if self._divides:
            missing = round(missing / self._answer_ratio(t))
        return missing - len(view.inflight)

    def reason(self) -> Reason:
        """Return the reason: how it counts."""
        return Reason("pace.one_per_seat")

    def _learn(self, t: float, kind: int, call: int, agent: int, view: View) -> None:
        if kind == Kind.CONNECT:
            self._began[agent] = t
        elif kind == Kind.TALKEND:
            self._talks += 1
            self._talked_s += t - self._began.pop(agent, t)
        elif kind == Kind.ANSWER:
            dialled = view.inflight[call][0]
            self._answers += 1
            self._rang_s += 0.0 if dialled is None else t - dialled
        if kind in {Kind.HUMAN, Kind.MACHINE, Kind.NOANSWER, Kind.FAIL}:
            self._ends.append((t, kind == Kind.HUMAN))

    def _nearly_free(self, t: float, view: View) -> int:
        if not self._talks:
            return 0
        mean = self._talked_s / self._talks
        ahead = self._rang_s / self._answers
        return sum(1 - math.exp(-(t - since + ahead) / mean) >= SURE for since in view.talking.values())

    def _answer_ratio(self, t: float) -> float:
        while self._ends and self._ends[0][0] < t - WINDOW_S:
            self._ends.popleft()
        if not self._ends:
            return 1.0
        return max(LEAST_RATIO, sum(answered for _, answered in self._ends) / len(self._ends))
