"""The books of risk: how many abandoned calls are expected of the dials in the air.

A dial brings its risk when it leaves; the risk counts while the view shows the call in flight or waiting, whatever was
told of it. What the day has already cost is in the view's counts; what may be risked is left to ``budget``.
"""

from collections import deque

from telephony.domain.pacing.interface import View


class Books:
    """What was risked."""

    def __init__(self, view: View) -> None:
        """Begin with a live view; calls that are under way already brought no risk of its own."""
        self._view = view
        self._asked: deque[float] = deque()
        self._risks: dict[int, float] = {}
        self.foreseen = 0.0
        """Abandoned calls expected of all dials that left."""

    def ask(self, chance: float) -> None:
        """Note that a dial was asked for: the chance that it finds nobody, should it become a person."""
        self._asked.append(chance)

    def keep(self, ordered: int) -> None:
        """Forget what was asked for and will not be dialled: all but so many that are ordered."""
        while len(self._asked) > ordered:
            self._asked.popleft()

    def left(self, call: int, person: float) -> float | None:
        """Note that a dial left; return its chance to find nobody, None when it was dialled one to one or is known.

        Args:
            call: which.
            person: the chance that it becomes a person.
        """
        if call in self._risks or not self._asked:
            return None
        chance = self._asked.popleft()
        self._risks[call] = chance * person
        self.foreseen += chance * person
        return chance

    def expected(self) -> float:
        """Return how many of the dials in the air are expected to be abandoned."""
        inflight, waiting = self._view.inflight, self._view.waiting
        return sum(risk for call, risk in self._risks.items() if call in inflight or call in waiting)

    def reconcile(self) -> None:
        """Forget calls that are not on the line any more."""
        inflight, waiting = self._view.inflight, self._view.waiting
        self._risks = {call: risk for call, risk in self._risks.items() if call in inflight or call in waiting}
