"""The pacer's events, in order, each with the time it waited; a tick when nothing happens."""

import asyncio
from collections import deque

from telephony.domain.pacing.interface import NO_ID, Kind


class PacerEvents:
    """Events that wait for the pacer."""

    def __init__(self) -> None:
        self._events: deque[tuple[float, Kind, int, int]] = deque()
        self._wake = asyncio.Event()
        self.ordered = 0
        """Ordered dials for which the pacer has not had a DIAL event yet."""
        self.behind_s = 0.0
        """Seconds that the last event waited for the pacer."""

    def emit(self, kind: Kind, call: int = NO_ID, agent: int = NO_ID) -> None:
        """Queue an event for the pacer."""
        self._events.append((_now(), kind, call, agent))
        self._wake.set()

    def order(self) -> None:
        """Count an ordered dial."""
        self.ordered += 1

    def take_back(self) -> None:
        """Uncount an ordered dial that is not made."""
        self.ordered -= 1

    async def next(self, tick_s: float) -> tuple[Kind, int, int]:
        """Return the next event, or a TICK if none comes within ``tick_s``."""
        if not self._events:
            self._wake.clear()
            try:
                async with asyncio.timeout(tick_s):
                    await self._wake.wait()
            except TimeoutError:
                self.behind_s = 0.0
                return Kind.TICK, NO_ID, NO_ID
        since, kind, call, agent = self._events.popleft()
        self.ordered -= kind is Kind.DIAL
        self.behind_s = _now() - since
        return kind, call, agent


def _now() -> float:
    return asyncio.get_running_loop().time()
