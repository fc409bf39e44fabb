import asyncio
import threading

import pytest

from telephony.domain.evidence.ledger import LedgerNote
from telephony.errors import StoreError
from telephony.storage import OpenStore, open_store
from telephony.storage.engine.transaction import Transaction
from tests.storage.store_rows import NOW


def note(name: str) -> LedgerNote:
    return LedgerNote("noted", name, {}, NOW)


async def subjects(opened: OpenStore) -> list[str]:
    return [entry.note.subject async for entry in opened.store.ledger.entries()]


class Gate:
    """A unit of work that holds the writing thread until it is opened."""

    def __init__(self, opened: OpenStore) -> None:
        self.entered, self._go = asyncio.Event(), threading.Event()
        self._loop = asyncio.get_running_loop()
        self.task = asyncio.create_task(opened.database.write(self._work))

    def _work(self, _tx: Transaction) -> None:
        self._loop.call_soon_threadsafe(self.entered.set)
        assert self._go.wait(30)

    async def open(self) -> None:
        self._go.set()
        await self.task


async def test_units_that_wait_together_share_one_transaction(opened: OpenStore):
    seen: list[Transaction] = []
    gate = Gate(opened)
    await gate.entered.wait()
    waiting = [asyncio.create_task(opened.database.write(seen.append)) for _ in range(10)]
    await asyncio.sleep(0)  # so that they stand in line
    await gate.open()
    await asyncio.gather(*waiting)
    assert len(seen) == 10
    assert len(set(map(id, seen))) == 1


async def test_a_unit_cancelled_before_its_turn_writes_nothing(opened: OpenStore):
    gate = Gate(opened)
    await gate.entered.wait()
    cancelled = asyncio.create_task(opened.store.ledger.enter([note("cancelled")]))
    task = asyncio.create_task(opened.store.ledger.enter([note("kept")]))
    await asyncio.sleep(0)  # so that they stand in line
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    await gate.open()
    await task
    assert await subjects(opened) == ["kept"]


async def test_a_mistake_in_one_unit_neither_ends_the_thread_nor_harms_its_neighbours(opened: OpenStore):
    def amd_false_positives(tx: Transaction) -> None:
        tx.enter("noted", "mistaken", NOW, {})
        raise ZeroDivisionError

    gate = Gate(opened)
    await gate.entered.wait()
    tasks = [
        asyncio.create_task(opened.store.ledger.enter([note("before")])),
        asyncio.create_task(opened.database.write(amd_false_positives)),
        asyncio.create_task(opened.store.ledger.enter([note("after")])),
    ]
    await asyncio.sleep(0)  # so that they stand in line
    await gate.open()
    said = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(error) for error in said] == [type(None), ZeroDivisionError, type(None)]
    with pytest.raises(ZeroDivisionError):
        await opened.database.write(amd_false_positives)
    assert await subjects(opened) == ["before", "after"]


async def test_closing_finishes_what_was_asked_for(url: str):
    opened = await open_store(url)
    gate = Gate(opened)
    await gate.entered.wait()
    last = asyncio.create_task(opened.store.ledger.enter([note("last")]))
    await asyncio.sleep(0)  # so that it stands in line
    closing = asyncio.create_task(opened.close())
    await asyncio.sleep(0)  # so that closing has begun
    await gate.open()
    await asyncio.gather(last, closing)
    async with await open_store(url) as again:
        assert await subjects(again) == ["last"]


async def test_readers_cannot_write(opened: OpenStore):
    with pytest.raises(StoreError):
        await opened.database.read(lambda connection: connection.exec_driver_sql("DELETE FROM campaigns"))


async def test_errors_never_quote_values(opened: OpenStore):
    def work(tx: Transaction) -> None:
        insert = "INSERT INTO sessions (token_sha256, account_id, form_token, created_at, expires_at)"
        tx.connection.exec_driver_sql(f"{insert} VALUES ('33639980001', NULL, '33639980001', 1, 1)")

    with pytest.raises(StoreError) as caught:
        await opened.database.write(work)
    assert "33639980001" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
