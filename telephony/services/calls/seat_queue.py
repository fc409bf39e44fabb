"""Answered calls that wait for an operator, in order, each up to its limit; ``seat_router`` serves them."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from telephony.ids import AttemptId

S = TypeVar("S")


@dataclass(frozen=True, slots=True, eq=False)
class Wait(Generic[S]):
    """An answered call that waits for an operator."""

    attempt_id: AttemptId
    seat: asyncio.Future[S]


class SeatQueue(Generic[S]):
    """The calls that wait."""

    def __init__(self) -> None:
        self._waiting: deque[Wait[S]] = deque()

    def __len__(self) -> int:
        """Return how many calls wait now."""
        return sum(1 for wait in self._waiting if not wait.seat.done())

    async def wait(
        self, attempt_id: AttemptId, within_s: float, release: Callable[[S | None, AttemptId], None]
    ) -> S | None:
        """Return the seat that came free in time, or None; ``release`` takes a seat that came too late."""
        wait: Wait[S] = Wait(attempt_id, asyncio.get_running_loop().create_future())
        self._waiting.append(wait)
        try:
            # Not asyncio.timeout: it could fire after a seat was given and before this task runs, and lose the seat.
            await asyncio.wait((wait.seat,), timeout=within_s)
        except asyncio.CancelledError:
            release(wait.seat.result() if wait.seat.done() else None, attempt_id)
            raise
        finally:
            if wait in self._waiting:
                self._waiting.remove(wait)
        return wait.seat.result() if wait.seat.done() else None

    def those(self) -> list[Wait[S]]:
        """Return the calls that wait now, longest first; setting the result of ``seat`` serves a call."""
        return [wait for wait in self._waiting if not wait.seat.done()]
