"""Coverage: which calls in the air have an operator reserved for them, and how many operators that takes.

The live view writes, the seat router reads; whoever waits for an operator is served when a reservation ends.
"""

from collections.abc import Collection
from typing import Protocol

from telephony.ids import AttemptId


class ReservationObserver(Protocol):
    """Hears that a reservation ended."""

    def on_reservation_ended(self) -> None:
        """Serve whoever waits: one operator more is free for others."""


class Coverage:
    """Calls with a reserved operator."""

    def __init__(self) -> None:
        self._calls: set[int] = set()
        self._by_attempt: dict[AttemptId, int] = {}
        self._observers: tuple[ReservationObserver, ...] = ()

    def observe(self, *observers: ReservationObserver) -> None:
        """Register who hears of ended reservations, in this order; called once, when everything is built."""
        self._observers = observers

    @property
    def calls(self) -> Collection[int]:
        """Calls, by the pacer's number, for which an operator is reserved."""
        return self._calls

    def reserve(self, call: int) -> None:
        """Reserve an operator for a call that was ordered."""
        self._calls.add(call)

    def dialled(self, call: int, attempt_id: AttemptId) -> None:
        """Note under which attempt a call has left."""
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
