"""Coverage: which calls in the air have an operator reserved for them, and how many operators that takes.

The live view writes, the seat router reads; when a reservation ends, calls that wait for an operator are served.
"""

from collections.abc import Collection
from typing import Protocol

from telephony.ids import AttemptId


class ReservationObserver(Protocol):
    """Is notified when a reservation ends."""

    def on_reservation_ended(self) -> None:
        """Serve the calls that wait: one more operator is free."""


class Coverage:
    """Calls with a reserved operator."""

    def __init__(self) -> None:
        self._calls: set[int] = set()
        self._by_attempt: dict[AttemptId, int] = {}
        self._observers: tuple[ReservationObserver, ...] = ()

    def observe(self, *observers: ReservationObserver) -> None:
        """Register observers of ended reservations, in this order; called once, when everything is built."""
        self._observers = observers

    @property
    def calls(self) -> Collection[int]:
        """Calls, by the pacer's number, for which an operator is reserved."""
        return self._calls

    def reserve(self, call: int) -> None:
        """Reserve an operator for a call that was ordered."""
        self._calls.add(call)

    def dialled(self, call: int, attempt_id: AttemptId) -> None:
        """Record the attempt under which a call was dialled."""
        if call in self._calls:
            self._by_attempt[attempt_id] = call

    def release(self, call: int) -> None:
        """End a call's reservation, if it has one."""
        if call not in self._calls:
            return
        self._calls.discard(call)
        self._by_attempt = {key: number for key, number in self._by_attempt.items() if number != call}
        for observer in self._observers:
            observer.on_reservation_ended()

    def reserved_from(self, attempt_id: AttemptId) -> int:
        """Return how many free operators this call must leave to others."""
        return 0 if attempt_id in self._by_attempt else len(self._calls)
