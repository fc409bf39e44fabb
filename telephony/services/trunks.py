"""Trunks' limits: simultaneous calls and new calls per second, kept before a permit is asked for."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from telephony.domain.calls import Call, CallEventValue
from telephony.settings import TrunkSettings


@dataclass(slots=True)
class _Use:
    settings: TrunkSettings
    calls: int = 0
    begun: deque[float] = field(default_factory=deque)
    """When the latest calls began: a carrier counts them in any second, so no burst may follow another."""

    def has_rate(self, now: float) -> bool:
        """Tell whether one more call may begin now."""
        rate = self.settings.calls_per_second
        most = max(1, int(rate))
        while self.begun and now - self.begun[0] >= max(1.0, most / rate):
            self.begun.popleft()
        return len(self.begun) < most


class Trunks:
    """Every trunk of the site."""

    def __init__(self, trunks: Sequence[TrunkSettings], now: Callable[[], float] | None = None) -> None:
        """Begin with no calls.

        Args:
            trunks: the settings.
            now: monotonic seconds; the running loop's clock when None.
        """
        self._uses = {one.name: _Use(one) for one in trunks}
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self.caller_ids: Mapping[str, frozenset[str]] = {one.name: frozenset(one.caller_ids) for one in trunks}
        """Allowed caller IDs by trunk name."""

    @property
    def channels(self) -> int:
        """Most simultaneous calls, all trunks together."""
        return sum(use.settings.channels for use in self._uses.values())

    def take(self, name: str) -> bool:
        """Take one call's room on a trunk; False when its lines or its rate are used up."""
        use = self._uses.get(name)
        if use is None:
            return False
        now = self._now()
        if use.calls >= use.settings.channels or not use.has_rate(now):
            return False
        use.begun.append(now)
        use.calls += 1
        return True

    def give_back(self, name: str) -> None:
        """Return one call's room."""
        use = self._uses.get(name)
        if use is not None and use.calls > 0:
            use.calls -= 1

    def on_call(self, call: Call, _event: CallEventValue) -> None:
        """Return the room of a call that has ended."""
        if call.has_ended:
            self.give_back(call.attempt.trunk)

    def adopt(self, name: str) -> None:
        """Count a call that was under way before the service started."""
        use = self._uses.get(name)
        if use is not None:
            use.calls += 1
