"""Webitel: as many dials per free operator as it takes for one person to answer, while the last hour's budget lasts.

Every 30 s it reads the last 60 minutes. Each point of abandoned calls left unused below the cap adds up to 10 %; at
the cap it dials 1:1.
"""

from collections import deque
from typing import Final

from telephony.domain.pacing.interface import Kind, View
from telephony.domain.text.reason import Reason

EVERY_S: Final = 30.0
WINDOW_S: Final = 3600.0
PER_POINT: Final = 0.10


class Webitel:
    """One campaign."""

    tick = 1.0

    def __init__(self, limit: float = 0.03) -> None:
        """Set the limit; the ratio begins at 1:1.

        Args:
            limit: share of answered calls that may be abandoned.
        """
        self.limit = limit
        self.ratio = 1.0
        self._due = EVERY_S
        self._ends: deque[tuple[float, int]] = deque()
        self._view: View | None = None

    def start(self, view: View) -> None:
        """Start with a live view."""
        self._view = view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return the dials of the ratio, less the calls under way or waiting."""
        del call, agent
        view = self._view
        if view is None:
            return 0
        if kind in {Kind.MACHINE, Kind.NOANSWER, Kind.FAIL, Kind.CONNECT, Kind.ABANDON}:
            self._ends.append((t, kind))
        if t >= self._due:
            self._due = t + EVERY_S
            self._recompute(t)
        return int(self.ratio * len(view.free)) - len(view.inflight) - len(view.waiting)

    def reason(self) -> Reason:
        """Return the reason: the ratio."""
        return Reason("pace.ratio", ratio=self.ratio)

    def _recompute(self, t: float) -> None:
        while self._ends and self._ends[0][0] < t - WINDOW_S:
            self._ends.popleft()
        abandoned = sum(kind == Kind.ABANDON for _, kind in self._ends)
        people = abandoned + sum(kind == Kind.CONNECT for _, kind in self._ends)
        if not people or abandoned >= self.limit * people:
            self.ratio = 1.0
            return
        unused_points = 100 * (self.limit - abandoned / people)
        self.ratio = len(self._ends) / people * (1 + PER_POINT * unused_points)
