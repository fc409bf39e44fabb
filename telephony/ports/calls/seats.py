"""Store interface for seats. Part of ``telephony.ports.store``, with the same guarantees.

Seats are not in the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telephony.ids import AttemptId, ChannelId, OperatorId, SeatNumber


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat's state that must survive a restart.

    Attributes:
        operator_id: the operator at the seat, None when nobody is logged in.
        channel: unique id of the phone's channel in the seat's conference, or "".
        state: value of ``telephony.domain.calls.operators.OperatorState``.
        attempt_id: the call in progress or awaiting its result, or None.
    """

    seat: SeatNumber
    operator_id: OperatorId | None
    channel: ChannelId
    state: str
    attempt_id: AttemptId | None
    since_at: datetime


class SeatStore(Protocol):
    """Seats."""

    async def all(self) -> Sequence[SeatRow]:
        """Return every seat ever saved, by number."""

    async def save(self, rows: Sequence[SeatRow]) -> None:
        """Insert or replace the rows."""
