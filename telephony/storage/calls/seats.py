"""Seats in the database: the state that must survive a restart. The seat service changes them."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert
from typing_extensions import override

from telephony.ports.calls.seats import SeatRow, SeatStore
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import seats
from telephony.storage.tables.rows import made, readable

_COLUMNS: Final = tuple(seats.c[field.name] for field in fields(SeatRow))
_ALL: Final = select(*_COLUMNS).order_by(seats.c.seat)
_new: Final = upsert(seats)
_SAVE: Final = _new.on_conflict_do_update(
    index_elements=[seats.c.seat],
    set_={column.name: _new.excluded[column.name] for column in _COLUMNS if column.name != "seat"},
)


class Seats(Capability, SeatStore):
    """Implements ``SeatStore``."""

    @override
    @read
    def all(self, connection: Connection) -> Sequence[SeatRow]:
        return readable(connection, connection.execute(_ALL), _seat)

    @override
    async def save(self, rows: Sequence[SeatRow]) -> None:
        if rows:
            await self._save(rows)

    @write
    def _save(self, tx: Transaction, rows: Sequence[SeatRow]) -> None:
        tx.connection.execute(_SAVE, [asdict(row) for row in rows])


def _seat(row: Sequence[Any]) -> SeatRow:
    return made("seats", row[0], SeatRow, row)
