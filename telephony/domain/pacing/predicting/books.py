"""The books of risk: how many abandoned calls are expected from the dials in flight.

A dial's risk is entered when it leaves; it counts while the view shows the call in flight or waiting, whatever the
events say. The day's abandoned calls are in the view's counts; how much may be risked is left to ``budget``.
"""

from collections import deque

from telephony.domain.pacing.interface import View


class Books:
    """The risk of each dial; calls already in flight at the start have none."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._ordered: deque[float] = deque()
        self._risks: dict[int, float] = {}
        self.foreseen = 0.0
        """Abandoned calls expected from all dials that left."""

    def ask(self, chance: float) -> None:
        """Enter an ordered dial: the chance that its person, if it reaches one, finds no operator."""
        self._ordered.append(chance)

    def keep(self, ordered: int) -> None:
        """Keep the last ``ordered`` orders and forget the others, which will not be dialled."""
        while len(self._ordered) > ordered:
            self._ordered.popleft()

    def left(self, call: int, person: float) -> float | None:
        """Enter that a dial left; return its chance to find no operator, None if dialled one to one or already known.

        Args:
            call: the call.
            person: the chance that it reaches a person.
        """
        if call in self._risks or not self._ordered:
            return None
        chance = self._ordered.popleft()
        self._risks[call] = chance * person
        self.foreseen += chance * person
        return chance

    def expected(self) -> float:
        """Return how many of the dials in flight are expected to be abandoned."""
        inflight, waiting = self._view.inflight, self._view.waiting
        return sum(risk for call, risk in self._risks.items() if call in inflight or call in waiting)

    def reconcile(self) -> None:
        """Forget calls that have ended."""
        inflight, waiting = self._view.inflight, self._view.waiting
        self._risks = {call: risk for call, risk in self._risks.items() if call in inflight or call in waiting}
