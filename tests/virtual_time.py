"""An event loop whose time passes only when everybody waits: minutes of deadlines in a blink, the same every time.

For services on in-memory doubles; anything that waits for a socket, a thread or a process would see no time pass.
"""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

BEGAN = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


class _Selector(selectors.DefaultSelector):  # type: ignore[misc,valid-type]  # the platform's own, chosen at run time
    """Where a real selector would sleep, time jumps."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("everything waits for something that nothing will bring about")
        self.loop.passed_s += max(0.0, timeout)
        selector_keys: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        return selector_keys


class VirtualLoop(asyncio.SelectorEventLoop):
    """Implements the loop; ``passed_s`` is how much time has passed in it."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.passed_s


class LoopClock:
    """Wall-clock time that passes with the running loop's."""

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=asyncio.get_running_loop().time())


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test in virtual time."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


async def until(what: str, is_so: Callable[[], object], within_s: float = 30.0) -> None:
    """Return as soon as it is so; fail naming ``what`` when it is not in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not is_so():
        assert loop.time() < deadline, f"not so after {within_s:.0f} s: {what}"
        await asyncio.sleep(0.01)  # of virtual time: it costs none


async def passes(seconds: float) -> None:
    """Let that much virtual time pass."""
    await asyncio.sleep(seconds)  # virtual: the clock jumps
