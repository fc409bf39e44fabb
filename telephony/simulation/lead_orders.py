"""Orders of leads to be compared: as the list stands, as the product chooses, and with the true chances known."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Final, Protocol

from telephony.domain.lead_order.contact_rate import Features, Propensity
from telephony.domain.lead_order.plan import Hour, RetryLimits
from telephony.domain.lead_order.pool import LeadPool
from telephony.simulation.people import People
from telephony.simulation.scenarios import HOUR

DAY_S: Final = 24 * HOUR
MOST_TRIES: Final = 4
"""Tries per lead in 30 days: the legal maximum for consumer prospecting."""
AGAIN_S: Final = 4 * HOUR


class Order(Protocol):
    """Leads that wait; ``telephony.domain.lead_order.pool.LeadPool`` is one."""

    def put(self, lead: int, features: Features, not_before: float) -> None:
        """Put a lead back to wait."""

    def look(self, hours: Sequence[Hour], room: float) -> None:
        """Take the hours that are left and the dials per hour."""

    def due(self, now: float) -> int:
        """Return how many may be dialled now."""

    def take(self, now: float) -> tuple[int, Features] | None:
        """Take the lead to dial now."""


class ListOrder:
    """Leads as they stand in the list, those that come back first."""

    def __init__(self) -> None:
        self._fresh: deque[tuple[int, Features]] = deque()
        self._again: list[tuple[float, int, Features]] = []
        self._due: deque[tuple[int, Features]] = deque()

    def put(self, lead: int, features: Features, not_before: float) -> None:
        """Put a lead back to wait."""
        if features.tries:
            heappush(self._again, (not_before, lead, features))
        else:
            self._fresh.append((lead, features))

    def look(self, hours: Sequence[Hour], room: float) -> None:
        """Do nothing: this order has no clock."""

    def due(self, now: float) -> int:
        """Return how many may be dialled now."""
        while self._again and self._again[0][0] <= now:
            self._due.append(heappop(self._again)[1:])
        return len(self._due) + len(self._fresh)

    def take(self, now: float) -> tuple[int, Features] | None:
        """Take the lead that has been due longest, else the next of the list."""
        self.due(now)
        waiting = self._due or self._fresh
        return waiting.popleft() if waiting else None


class TrueOrder:
    """The highest true chance first, which no dialer knows; greedy, so not a bound."""

    def __init__(self, people: People, opens_hour: float) -> None:
        self._people = people
        self._opens = opens_hour
        self._hour = 0.0
        self._later: list[tuple[float, int, Features]] = []
        self._due: list[tuple[float, int, Features]] = []

    def put(self, lead: int, features: Features, not_before: float) -> None:
        """Put a lead back to wait."""
        heappush(self._later, (not_before, lead, features))

    def look(self, hours: Sequence[Hour], room: float) -> None:
        """Do nothing: ``take`` reads the hour itself."""

    def due(self, now: float) -> int:
        """Return how many may be dialled now."""
        hour = self._opens + now % DAY_S / HOUR
        if int(hour) != int(self._hour):
            self._due = [(-self._people.chance(lead, hour), lead, features) for _, lead, features in self._due]
            heapify(self._due)
        self._hour = hour
        while self._later and self._later[0][0] <= now:
            _, lead, features = heappop(self._later)
            heappush(self._due, (-self._people.chance(lead, hour), lead, features))
        return len(self._due)

    def take(self, now: float) -> tuple[int, Features] | None:
        """Take the lead most likely to answer."""
        return heappop(self._due)[1:] if self.due(now) else None


OrderMaker = Callable[[People, float], tuple[Order, Propensity | None]]
"""Makes an order and its learner from people and the hour at which days begin."""


def _learned(people: People, opens_hour: float) -> tuple[Order, Propensity | None]:
    del people, opens_hour
    propensity = Propensity()
    return LeadPool[int](propensity, RetryLimits(MOST_TRIES, AGAIN_S)), propensity


LIST: Final = "list order"
LEARNED: Final = "learned choice"
TRUE: Final = "true chance known, greedy"
ORDERS: Final[Mapping[str, OrderMaker]] = {
    LIST: lambda *_: (ListOrder(), None),
    LEARNED: _learned,
    TRUE: lambda people, opens_hour: (TrueOrder(people, opens_hour), None),
}
