"""What services need to keep of seats. Part of ``telephony.ports.store``, under the same promises.

Seats do not stand in the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telephony.ids import AttemptId, ChannelId, OperatorId, SeatNumber


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat's state as it must survive a restart.

    Attributes:
        operator_id: who sits there, None when nobody is logged in.
        channel: unique id of the phone's channel in the seat's conference, or "".
        state: word of ``telephony.domain.calls.operators.OperatorState``.
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
        """Insert or replace."""
