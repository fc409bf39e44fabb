"""Fill a day with hundreds of thousands of calls for benchmarks, by copying calls that the store wrote."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Select, Table, insert, select

from telephony.domain.evidence.ledger import LedgerNote
from telephony.ids import AttemptId, PermitId
from telephony.storage.engine.database import Database
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import attempts, ledger, permits, recordings

CHUNK: Final = 2000
"""Calls in one transaction; it takes about a second."""


async def copy_call(database: Database, original: AttemptId, moments: Sequence[datetime]) -> Sequence[PermitId]:
    """Copy an ended call once for each given time, with everything the day's proof needs.

    Attempt, permit, recording and ledger entries are copied under new ids; all times are shifted by the same amount.
    The copies have the original's lead and audio file.

    Args:
        database: the database.
        original: an attempt whose permit was used and whose recording is stored.
        moments: start times of the copies; aware UTC, at most ``CHUNK``.

    Returns:
        The copies' permits, in the order of ``moments``.
    """

    def work(tx: Transaction) -> Sequence[PermitId]:
        call = _row(tx, select(attempts).where(attempts.c.attempt_id == original))
        permit = _row(tx, select(permits).where(permits.c.permit_id == call["permit_id"]))
        recording = _row(tx, select(recordings).where(recordings.c.attempt_id == original))
        ids = [call[name] for name in ("attempt_id", "permit_id", "recording_id")]
        entered = tx.connection.execute(select(ledger).where(ledger.c.subject.in_(ids)).order_by(ledger.c.sequence))
        notes = [LedgerNote(row.kind, row.subject, row.body, row.at) for row in entered]
        rows: dict[Table, list[dict[str, Any]]] = {attempts: [], permits: [], recordings: []}
        given: list[PermitId] = []
        for moment in moments:
            permit_id = PermitId(f"p{uuid4().int % 10**36:036d}")
            given.append(permit_id)
            copy = _Copy(dict(zip(ids, (str(uuid4()), permit_id, str(uuid4())), strict=True)), moment, call)
            for table, row in ((attempts, call), (permits, permit), (recordings, recording)):
                rows[table].append(copy.of(row))
            for note in notes:
                tx.enter(note.kind, copy.value(note.subject), copy.value(note.at), copy.of(note.body))
        for table, several in rows.items():
            tx.connection.execute(insert(table), several)
        return given

    return await database.write(work)


class _Copy:
    """Maps each value of the original to the copy's value."""

    def __init__(self, ids: Mapping[str, str], moment: datetime, call: Mapping[str, Any]) -> None:
        self._ids, self._later = ids, moment - call["started_at"]

    def value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value + self._later
        return self._ids.get(value, value) if isinstance(value, str) else value

    def of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.value(value) for name, value in row.items()}


def _row(tx: Transaction, query: Select[Any]) -> dict[str, Any]:
    return dict(tx.connection.execute(query).mappings().one())
