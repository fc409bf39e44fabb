"""Trunks' limits: simultaneous calls and new calls per second, kept before a permit is asked for."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from telephony.domain.calls import Call, CallEventValue
from telephony.settings import TrunkSettings


@dataclass(slots=True)
class _Use:
    settings: TrunkSettings
    calls: int = 0
    tokens: float = 1.0
    filled_at: float = 0.0


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
        rate = use.settings.calls_per_second
        use.tokens = min(max(1.0, rate), use.tokens + (now - use.filled_at) * rate)
        use.filled_at = now
        if use.calls >= use.settings.channels or use.tokens < 1.0:
            return False
        use.tokens -= 1.0
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
