"""The one wait of tests in real time: for a fact, with a deadline. Virtual time has its own (virtual_time)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

T = TypeVar("T")

LOOK_S = 0.02
"""Between two looks at a fact: facts here are values in files, databases and other processes, which tell nobody."""


async def until(fact: Callable[[], T | Awaitable[T]], deadline_s: float = 5.0) -> T:
    """Return the fact as soon as it is true; TimeoutError at the deadline. ``fact`` may be a coroutine function."""
    async with asyncio.timeout(deadline_s):
        while True:
            value = fact()
            if asyncio.iscoroutine(value):
                value = await value
            if value:
                return cast("T", value)
            await asyncio.sleep(LOOK_S)  # the pause between checks, never the wait itself
