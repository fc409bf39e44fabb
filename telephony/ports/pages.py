"""Reading in pages: no single read grows with what is stored."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, TypeVar

T = TypeVar("T")
PAGE: Final = 1000
"""Rows in one read, when nobody asks for fewer."""


async def every(page: Callable[[T | None], Awaitable[Sequence[T]]]) -> AsyncIterator[T]:
    """Yield everything, page by page.

    Args:
        page: returns the rows after a row, from the first one when there is none; nothing after the last.
    """
    last: T | None = None
    while rows := await page(last):
        for row in rows:
            yield row
        last = rows[-1]
