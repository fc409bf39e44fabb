"""Limits refused sign-ins; the counts are in memory, so a restart forgets them.

There are three windows: one name from one address (a person guessing), one name from anywhere, one address for any
name. The tightest applies to name and address together, so that a few tries from another seat lock no colleague out.
An account that signed in from an address before has only that limit there: what others type, on a shared address or
elsewhere, keeps nobody from work.
"""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from telephony.errors import InputError

WINDOW: Final = timedelta(minutes=5)
PER_NAME_AND_ADDRESS: Final = 5
PER_NAME: Final = 20
PER_ADDRESS: Final = 30
KEYS_KEPT: Final = 10_000
"""Most names and addresses counted; beyond, the oldest are forgotten, so that memory is bounded under attack."""


class TooManyTriesError(InputError):
    """Too many refused sign-ins; ``wait`` is how long to wait before the next."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"too many refused sign-ins; try again in {max(1, round(wait.total_seconds()))} s")


class SignInLimits:
    """Counts refusals and returns how long to wait."""

    def __init__(self) -> None:
        self._refusals: dict[tuple[str, str], deque[datetime]] = {}
        self._known: dict[tuple[str, str], None] = {}

    def wait(self, name: str, address: str, now: datetime) -> timedelta:
        """Return how long this name and address must wait; zero when they may try."""
        windows = _windows(name, address)
        if (name, address) in self._known:
            windows = windows[:1]
        return max(self._wait(key, most, now) for key, most in windows)

    def refused(self, name: str, address: str, now: datetime) -> None:
        """Count one refusal."""
        for key, most in _windows(name, address):
            self._refusals.setdefault(key, deque(maxlen=most)).append(now)
        while len(self._refusals) > KEYS_KEPT:
            del self._refusals[next(iter(self._refusals))]

    def forget(self, name: str, address: str) -> None:
        """Note a successful sign-in: forget this pair's refusals, and count one less for the name and the address."""
        self._refusals.pop((name, address), None)
        self._known.pop((name, address), None)
        self._known[name, address] = None
        while len(self._known) > KEYS_KEPT:
            del self._known[next(iter(self._known))]
        for key in ((name, ""), ("", address)):
            if times := self._refusals.get(key):
                times.pop()

    def _wait(self, key: tuple[str, str], most: int, now: datetime) -> timedelta:
        times = self._refusals.get(key)
        if times is None:
            return timedelta(0)
        while times and now - times[0] >= WINDOW:
            times.popleft()
        if not times:
            del self._refusals[key]
        return WINDOW - (now - times[0]) if len(times) >= most else timedelta(0)


def _windows(name: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
    return ((name, address), PER_NAME_AND_ADDRESS), ((name, ""), PER_NAME), (("", address), PER_ADDRESS)
