"""The judgement of an attack: written once, it must succeed on the naive configuration and fail on the generated one.

The time until the naive site gave way is remembered, and the generated site is watched three times as long before
its closing counts as seen. Bringing sites up is left to the scenes.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

_GIVES_WAY_S: Final = 6.0
_LEAST_S: Final = 0.25
DELAYS: dict[str, float] = {}
"""Test to seconds until the naive site gave way."""


class Judge:
    """What every site under attack has; ``name`` is ``naive`` or ``generated``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._test = ""
        self._began = 0.0

    @property
    def is_naive(self) -> bool:
        """True where attacks must succeed."""
        return self.name == "naive"

    def begin(self, test: str) -> None:
        """Note which attack begins now; ``test`` is the same on both sites."""
        self._test, self._began = test, time.monotonic()

    def mark(self) -> None:
        """Measure the time until the breach from now on: what came before was preparation."""
        self._began = time.monotonic()

    async def judge(self, breach: Callable[[], object], *, naive: str = "open") -> None:
        """Fail unless the breach comes about on the naive site and does not on the generated one.

        Args:
            breach: true once the attack has succeeded.
            naive: ``closed`` where even the naive configuration happens to hold.
        """
        began = time.monotonic()
        patience = _GIVES_WAY_S if naive == "open" else _LEAST_S
        least = max(_LEAST_S, 3 * DELAYS.get(self._test, 0.0) - (began - self._began))
        while not (is_breached := bool(breach())):
            waited = time.monotonic() - began
            if waited > (patience if self.is_naive else least) and (waited > least + 1 or await self.is_quiet()):
                break
            await asyncio.sleep(0.02)  # between two checks; how long is watched is measured above
        if not self.is_naive:
            assert not is_breached, "the lock gave way"
        elif naive == "open":
            assert is_breached, "the naive configuration withstood: this attack proves nothing"
            DELAYS[self._test] = time.monotonic() - self._began
        else:
            assert not is_breached, "the naive configuration gave way after all: say so in the test"

    async def is_quiet(self) -> bool:
        """Return True if nothing is going on any more."""
        raise NotImplementedError
