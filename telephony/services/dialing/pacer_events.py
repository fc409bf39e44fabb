"""What the pacer is told, in order, each event with how long it waited; a tick when nothing happens."""

import asyncio
from collections import deque

from telephony.domain.pacing.interface import NO_ID, Kind


class PacerEvents:
    """Events that wait for the pacer."""

    def __init__(self) -> None:
        self._events: deque[tuple[float, Kind, int, int]] = deque()
        self._wake = asyncio.Event()
        self.ordered = 0
        """Dials ordered of which the pacer has not been told that they left."""
        self.behind_s = 0.0
        """How long the event handed out last had waited for the pacer, seconds."""

    def emit(self, kind: Kind, call: int = NO_ID, agent: int = NO_ID) -> None:
        """Have the pacer told."""
        self._events.append((_now(), kind, call, agent))
        self._wake.set()

    def order(self) -> None:
        """Count a dial that was ordered."""
        self.ordered += 1

    def take_back(self) -> None:
        """Count a dial out that was ordered and is not made."""
        self.ordered -= 1

    async def next(self, tick_s: float) -> tuple[Kind, int, int]:
        """Return the next event, or a TICK when none comes within ``tick_s``."""
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
