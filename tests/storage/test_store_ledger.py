import asyncio
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest

from telephony.domain.evidence.ledger import LedgerNote, first_break
from telephony.errors import StoreError
from telephony.ports.evidence.ledger import Incident
from telephony.ports.store import Store
from tests.mends import ROOT
from tests.storage.store_rows import NOW, sql


def notes(count: int, first: int = 0) -> list[LedgerNote]:
    return [
        LedgerNote("noted", f"thing-{row}", {"row": row, "share": 0.1, "is": True, "no": None, "text": "é€🙂"}, NOW)
        for row in range(first, first + count)
    ]


async def broken(store: Store) -> str | None:
    return first_break([entry async for entry in store.ledger.entries()])


async def test_notes_are_chained_in_order_and_come_back_as_given(store: Store):
    await store.ledger.enter(notes(3))
    await store.ledger.enter(notes(2, 3))
    entries = [entry async for entry in store.ledger.entries()]
    assert [entry.note for entry in entries] == notes(5)
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4, 5]
    assert first_break(entries) is None
    assert [entry.sequence async for entry in store.ledger.entries(after=3)] == [4, 5]


async def test_a_long_chain_is_read_page_by_page(store: Store):
    await store.ledger.enter(notes(2500))
    assert [entry.sequence async for entry in store.ledger.entries()] == list(range(1, 2501))
    assert await broken(store) is None


async def test_appends_at_the_same_moment_make_one_chain(store: Store):
    await asyncio.gather(*(store.ledger.enter(notes(2, row)) for row in range(300)))
    assert len([entry async for entry in store.ledger.entries()]) == 600
    assert await broken(store) is None


APPEND = """
import asyncio, sys
from tests.storage.test_store_ledger import notes
from telephony.storage import open_store
async def main():
    opened = await open_store(sys.argv[1])
    print("open", flush=True)
    sys.stdin.readline()
    for row in range(100):
        await opened.store.ledger.enter(notes(1, row))
    await opened.close()
asyncio.run(main())
"""


@pytest.mark.slow
async def test_several_processes_append_to_one_chain(store: Store, url: str):
    program = [sys.executable, "-c", APPEND, url]
    pipe = asyncio.subprocess.PIPE
    children = [await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe, cwd=ROOT) for _ in range(2)]
    for child in children:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"open\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write(b"go\n")
    for row in range(100):
        await store.ledger.enter(notes(1, row))
    for child in children:
        await child.communicate()
        assert child.returncode == 0
    assert len([entry async for entry in store.ledger.entries()]) == 300
    assert await broken(store) is None


def unlocked(url: str) -> None:
    """Take the triggers away, as the database's owner could."""
    if url.startswith("sqlite"):
        sql(url, "DROP TRIGGER ledger_refuses_update")
        sql(url, "DROP TRIGGER ledger_refuses_delete")
    else:
        sql(url, "DROP TRIGGER ledger_refuses_change ON ledger")


def change(url: str) -> None:
    sql(url, "UPDATE ledger SET subject = 'thing-x' WHERE sequence = 3")


def change_the_time(url: str) -> None:
    later = "at + 1" if url.startswith("sqlite") else "at + interval '1 microsecond'"
    sql(url, f"UPDATE ledger SET at = {later} WHERE sequence = 3")  # noqa: S608


def remove(url: str) -> None:
    sql(url, "DELETE FROM ledger WHERE sequence = 3")


def remove_and_close_up(url: str) -> None:
    remove(url)
    sql(url, "UPDATE ledger SET sequence = sequence - 1 WHERE sequence = 4")


def insert(url: str) -> None:
    sql(url, "UPDATE ledger SET sequence = 6 WHERE sequence = 5")
    sql(url, "UPDATE ledger SET sequence = 5 WHERE sequence = 4")
    columns = "at, kind, subject, body, previous, hash"
    sql(url, f"INSERT INTO ledger (sequence, {columns}) SELECT 4, {columns} FROM ledger WHERE sequence = 3")  # noqa: S608


def swap(url: str) -> None:
    for before, after in ((3, 99), (4, 3), (99, 4)):
        sql(url, "UPDATE ledger SET sequence = ? WHERE sequence = ?", after, before)


@pytest.mark.parametrize("tamper", [change, change_the_time, remove, remove_and_close_up, insert, swap])
async def test_tampering_past_the_store_is_found(store: Store, url: str, tamper: Callable[[str], None]):
    await store.ledger.enter(notes(5))
    unlocked(url)
    tamper(url)
    said = await broken(store)
    assert said is not None
    assert "3" in said or "4" in said


@pytest.mark.parametrize("tamper", [change, remove])
async def test_the_database_itself_refuses_to_change_or_remove_an_entry(
    store: Store, url: str, tamper: Callable[[str], None]
):
    await store.ledger.enter(notes(5))
    with pytest.raises(Exception, match="append-only"):
        tamper(url)
    assert await broken(store) is None


async def test_a_unit_of_work_that_fails_enters_nothing(store: Store):
    await store.ledger.enter(notes(1))
    unwritable = LedgerNote("noted", "thing", {"bytes": b"no JSON"}, NOW)  # type: ignore[dict-item]
    naive = LedgerNote("noted", "thing", {}, NOW.replace(tzinfo=None))
    for bad in (unwritable, naive):
        with pytest.raises(StoreError):
            await store.ledger.enter([*notes(2), bad])
    results = await asyncio.gather(
        store.ledger.enter([unwritable]), store.ledger.enter(notes(1, 1)), return_exceptions=True
    )
    assert isinstance(results[0], StoreError)
    assert results[1] is None
    assert [entry.note for entry in [entry async for entry in store.ledger.entries()]] == notes(2)


async def test_an_incident_is_open_once_per_kind_and_subject(store: Store):
    incident = Incident("recording_missing", "attempt-1", "no recording; look at the gate's disk", NOW)
    two = Incident(
        "recording_missing", "attempt-2", "no recording; look at the gate's disk", NOW + timedelta(seconds=1)
    )
    assert await store.ledger.open_incident(incident) is True
    assert await store.ledger.open_incident(incident) is False
    assert await store.ledger.open_incident(two) is True
    assert await store.ledger.open_incidents() == [incident, two]
    kinds = [entry.note.kind async for entry in store.ledger.entries()]
    assert kinds == ["incident_opened"] * 2
