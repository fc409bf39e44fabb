"""Presence: an operator is at their desk if they send requests, or if their desk page has a connection open.

A phone in its conference does not prove that the person is there: without the desk page nobody can read for whom they
call, or give the result. ``seats`` decides what follows for the seat.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Final, Protocol

from telephony.ids import OperatorId

AWAY_S: Final = 90.0
"""Seconds without a request after which somebody is away: browsers let a hidden page send one a minute."""


class PresenceObserver(Protocol):
    """Is notified who is at their desk."""

    def on_presence(self, operator_id: OperatorId) -> None:
        """Handle a sign of presence, which may be repeated; must not raise."""


class Presence:
    """The operators who are at their desks."""

    def __init__(self) -> None:
        self._seen_s: dict[OperatorId, float] = {}
        self._open: Counter[OperatorId] = Counter()
        self._observers: tuple[PresenceObserver, ...] = ()

    def observe(self, *observers: PresenceObserver) -> None:
        """Register observers of presence; called once, when everything is built."""
        self._observers = observers

    def seen(self, operator_id: OperatorId) -> None:
        """Record a request of somebody who is signed in."""
        self._seen_s[operator_id] = asyncio.get_running_loop().time()
        for observer in self._observers:
            observer.on_presence(operator_id)

    @contextlib.contextmanager
    def connected(self, operator_id: OperatorId) -> Iterator[None]:
        """Count somebody as present while a connection of their desk is open."""
        self._open[operator_id] += 1
        self.seen(operator_id)
        try:
            yield
        finally:
            self._open[operator_id] -= 1
            if operator_id in self._seen_s:
                self._seen_s[operator_id] = asyncio.get_running_loop().time()

    def left(self, operator_id: OperatorId) -> None:
        """Record that somebody signed out."""
        self._seen_s.pop(operator_id, None)

    def is_here(self, operator_id: OperatorId | None) -> bool:
        """Return True if somebody is signed in at that operator's desk."""
        seen_s = self._seen_s.get(operator_id) if operator_id is not None else None
        if operator_id is None or seen_s is None:
            return False
        return self._open[operator_id] > 0 or asyncio.get_running_loop().time() - seen_s <= AWAY_S
