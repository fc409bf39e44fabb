"""A day is read in pages: no single read grows with the day, and no row is lost between two."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar, cast
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Executable, FromClause, Result, insert, select
from store_rows import NOW, begun, ended, recording

from telephony.domain.day import WHOLE, day_of
from telephony.storage import Days, OpenStore
from telephony.storage.database import Database
from telephony.storage.tables import attempts, ledger, permits, recordings
from telephony.storage.transaction import Transaction

pytestmark = pytest.mark.slow

T = TypeVar("T")
MANY = 20_000
MOST = 5_000
AT_ONCE = 2_000


class _Counting:
    """A connection that notes how many rows each statement fetched."""

    def __init__(self, connection: Connection, fetched: list[int]) -> None:
        self._connection, self._fetched = connection, fetched

    def execute(self, asked: Executable) -> Result[Any]:
        frozen = self._connection.execute(asked).freeze()
        self._fetched.append(len(frozen.data))
        return frozen()


def counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note from now on how many rows each read statement fetches."""
    fetched: list[int] = []
    read = database.read

    async def counting(work: Callable[[Connection], T]) -> T:
        return await read(lambda connection: work(cast("Connection", _Counting(connection, fetched))))

    monkeypatch.setattr(database, "read", counting)
    return fetched


def copies(tx: Transaction, indices: range) -> None:
    """Copy the day's first call: four to a moment, so that pages end in the middle of a moment."""

    def first(table: FromClause, *where: Any) -> dict[str, Any]:
        return dict(tx.connection.execute(select(table).where(*where).limit(1)).mappings().one())

    call, permit, kept = first(attempts), first(permits), first(recordings)
    used = first(ledger, ledger.c.kind == "permit_used")
    sealed = first(ledger, ledger.c.kind == "recording_kept")
    rows: dict[Any, list[dict[str, Any]]] = {attempts: [], permits: [], recordings: [], ledger: []}
    for index in indices:
        at = NOW + timedelta(seconds=1 + index // 4)
        ids = {"attempt_id": str(uuid4()), "recording_id": str(uuid4())}
        permit_id = f"{uuid4().int % 10**36:036d}"
        channel = {"trunk_channel": f"copy-{index}"}
        rows[attempts].append(call | ids | channel | {"permit_id": permit_id, "started_at": at})
        rows[permits].append(permit | {"permit_id": permit_id})
        rows[recordings].append(kept | ids | {"started_at": at})
        for side, (entry, subject) in enumerate(((used, permit_id), (sealed, ids["recording_id"]))):
            sequence = 1_000 + 2 * index + side
            rows[ledger].append(entry | {"sequence": sequence, "subject": subject, "at": at})
    for table, several in rows.items():
        tx.connection.execute(insert(table), several)


async def test_no_read_of_a_day_grows_with_the_day(opened: OpenStore, monkeypatch: pytest.MonkeyPatch):
    (one,) = await begun(opened.store)
    assert await opened.store.permits.use(one.permit.permit_id, "gate1", NOW) == ""
    await ended(opened.store, one, channel="gate-1.0")
    await opened.store.recordings.add(recording(one, is_answered=False))
    for few in range(0, MANY, AT_ONCE):
        await opened.database.write(partial(copies, indices=range(few, few + AT_ONCE)))
    fetched = counted(opened.database, monkeypatch)
    facts = await Days(opened.database).day(day_of(NOW.date(), "Europe/Paris"), WHOLE)
    assert max(fetched) <= MOST
    assert len({call.attempt_id for call in facts.attempts}) == len(facts.attempts) == MANY + 1
    ours = {call.permit_id for call in facts.attempts}
    assert facts.permits.keys() == facts.used_at.keys() == ours
    assert facts.recordings.keys() == {call.attempt_id for call in facts.attempts}
    assert facts.sealed.keys() == {call.recording_id for call in facts.attempts}
