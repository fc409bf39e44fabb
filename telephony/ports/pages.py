"""Reading in pages, so that no single read grows with the database."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, TypeVar

T = TypeVar("T")
PAGE: Final = 1000
"""Default number of rows in one read."""


async def every(page: Callable[[T | None], Awaitable[Sequence[T]]]) -> AsyncIterator[T]:
    """Yield all rows, page by page.

    Args:
        page: returns the rows after the given row, or the first rows for None; empty after the last row.
    """
    last: T | None = None
    while rows := await page(last):
        for row in rows:
            yield row
        last = rows[-1]
