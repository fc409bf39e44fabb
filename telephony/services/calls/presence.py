"""Who is at their desk: an operator who asks anything of the pages, or whose desk holds a connection open.

A phone that hangs in its conference says nothing of the person: nobody could read for whom one calls, or give the
result. What follows for a seat is left to ``seats``.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Final, Protocol

from telephony.ids import OperatorId

AWAY_S: Final = 90.0
"""Seconds after which somebody not heard of is away: browsers let a hidden page ask once a minute only."""


class PresenceObserver(Protocol):
    """Hears who is at their desk."""

    def on_presence(self, operator_id: OperatorId) -> None:
        """Hear of somebody, also again; must not raise."""


class Presence:
    """Hears of desks."""

    def __init__(self) -> None:
        self._seen_s: dict[OperatorId, float] = {}
        self._open: Counter[OperatorId] = Counter()
        self._observers: tuple[PresenceObserver, ...] = ()

    def observe(self, *observers: PresenceObserver) -> None:
        """Register who hears of everybody heard of; called once, when everything is built."""
        self._observers = observers

    def seen(self, operator_id: OperatorId) -> None:
        """Note that somebody signed in asked something."""
        self._seen_s[operator_id] = asyncio.get_running_loop().time()
        for observer in self._observers:
            observer.on_presence(operator_id)

    @contextlib.contextmanager
    def connected(self, operator_id: OperatorId) -> Iterator[None]:
        """Count somebody as here as long as a connection of their desk is open."""
        self._open[operator_id] += 1
        self.seen(operator_id)
        try:
            yield
        finally:
            self._open[operator_id] -= 1
            if operator_id in self._seen_s:
                self._seen_s[operator_id] = asyncio.get_running_loop().time()

    def left(self, operator_id: OperatorId) -> None:
        """Note that somebody signed out."""
        self._seen_s.pop(operator_id, None)

    def is_here(self, operator_id: OperatorId | None) -> bool:
        """Return True when somebody is signed in at that operator's desk."""
        seen_s = self._seen_s.get(operator_id) if operator_id is not None else None
        if operator_id is None or seen_s is None:
            return False
        return self._open[operator_id] > 0 or asyncio.get_running_loop().time() - seen_s <= AWAY_S
