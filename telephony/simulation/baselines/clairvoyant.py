"""The bound: a pacer that knows the outcome of every dial and when every operator is free again.

It cannot choose among dials: they come in their order. It launches each so that a person arrives just as an operator
comes free. What remains is the operator's wait while the next person in the list lets it ring. It is a
greedy plan, not a proven optimum: making people wait for the grace as well would win 0.2 to 1.2 points more.
"""

from bisect import insort
from heapq import heapify, heapreplace
from typing import Final

from telephony.domain.pacing.interface import Kind, View
from telephony.domain.text.reason import Reason
from telephony.simulation.engine import Day
from telephony.simulation.outcomes import Fate

AHEAD: Final = 400
"""Most dials examined in one step."""
_Arrival = tuple[float, float]
"""When a person is handed to routing, and the operator's time it takes; seconds."""


class Clairvoyant:
    """Plans every half second with the day itself in view."""

    tick = 0.5

    def __init__(self, limit: float = 0.0) -> None:
        """Abandon nobody.

        Args:
            limit: taken as all pacers take it; foresight does not need it.
        """
        self.limit = limit
        self._day: Day | None = None
        self._shifts: list[list[tuple[float, float]]] = []
        self._not_before = 0.0

    def foresee(self, day: Day) -> None:
        """Receive the day that no dialer can see."""
        self._day = day
        self._shifts = [day.scenario.shifts(operator) for operator in range(day.scenario.operators)]

    def start(self, view: View) -> None:
        """Do nothing: everything is in the day."""

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return how many of the next dials may leave so that nobody waits beyond the grace."""
        del call, agent
        day = self._day
        if kind != Kind.TICK or day is None:
            return 0
        if t < self._not_before:
            return 0
        slots = self._slots(day, t)
        coming = sorted(self._coming(day))
        first = day.floor.n_dials
        for n in range(first, first + AHEAD):
            fate = day.fates.fate(n, t)
            if fate.kind == Kind.HUMAN:
                arrival = (t + fate.setup + fate.ring + fate.detect, _work(fate))
                insort(coming, arrival)
                if too_early := _too_early(coming, slots, arrival):
                    if n == first:  # else calls per second or lines may hold some of them back
                        self._not_before = t + too_early
                    return n - first
        return AHEAD

    def reason(self) -> Reason:
        """Return the reason: it knows the future."""
        return Reason("pace.bound")

    def _slots(self, day: Day, t: float) -> list[float]:
        """Return when each operator is free next, as a heap; those who will not come back are left out."""
        slots = []
        for operator, shifts in enumerate(self._shifts):
            free = max(t, day.busy_until.get(operator, 0.0))
            later = next((max(free, begin) for begin, close in shifts if close > free), None)
            if later is not None:
                slots.append(later)
        heapify(slots)
        return slots

    @staticmethod
    def _coming(day: Day) -> list[_Arrival]:
        """Return the people under way: when they are handed to routing, and the operator time they take."""
        coming = []
        for call, fate in day.known.items():
            if fate.kind == Kind.HUMAN:
                dial = day.floor.inflight.get(call)
                begun = (
                    day.floor.waiting[call]
                    if dial is None
                    else (dial.dialled_at or 0.0) + fate.setup + fate.ring + fate.detect
                )
                coming.append((begun, _work(fate)))
        return coming


def _too_early(coming: list[_Arrival], slots: list[float], newest: _Arrival) -> float:
    """Return the seconds by which at least the newest person arrives too early, 0 when everybody finds an operator."""
    free = list(slots)
    if not free:
        return Clairvoyant.tick
    for arrival in coming:
        begin, work = arrival
        slot = free[0]
        if slot > begin:
            return slot - begin if arrival is newest else Clairvoyant.tick
        heapreplace(free, begin + work)
    return 0.0


def _work(fate: Fate) -> float:
    return fate.talk + fate.wrap + fate.pause
