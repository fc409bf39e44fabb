import asyncio
import signal
import sys

import pytest

from telephony.domain.evidence.ledger import first_break
from telephony.storage import open_store
from tests.mends import ROOT
from tests.storage.store_rows import NOW, sql

pytestmark = pytest.mark.slow

BATCH = 5
DIAL = """
import asyncio, sys
from tests.storage.store_rows import loaded, start
from telephony.storage import open_store
async def main():
    opened = await open_store(sys.argv[1])
    campaign, _ = await loaded(opened.store, 5000)
    for _ in range(1000):
        leads = await opened.store.leads.waiting(campaign.campaign_id, 5)
        starts = [start(lead) for lead in leads]
        await opened.store.attempts.begin(starts, [])
        print(" ".join(begin.permit.attempt_id for begin in starts), flush=True)
asyncio.run(main())
"""


async def dialled_until_killed(url: str, batches: int) -> list[str]:
    """Return the attempts reported durable to a process before it was killed in the middle of the next ones."""
    program = [sys.executable, "-c", DIAL, url]
    child = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    lines = [await child.stdout.readline() for _ in range(batches)]
    child.send_signal(signal.SIGKILL)
    rest, _ = await child.communicate()
    return b"".join([*lines, rest]).decode().split()


@pytest.mark.parametrize("batches", [1, 4, 25])
async def test_a_killed_controller_leaves_whole_batches_and_every_one_it_was_told_of(sqlite_url: str, batches: int):
    messages = await dialled_until_killed(sqlite_url, batches)
    assert len(messages) >= batches * BATCH
    async with await open_store(sqlite_url) as opened:
        unfinished = await opened.store.attempts.unfinished()
        attempt_ids = {attempt.attempt_id for attempt in unfinished}
        assert attempt_ids >= set(messages)
        assert len(attempt_ids) % BATCH == 0
        assert sql(sqlite_url, "SELECT count(*) FROM leads WHERE state = 'claimed'") == [(len(attempt_ids),)]
        assert sql(sqlite_url, "SELECT count(*) FROM permits WHERE state = 'issued'") == [(len(attempt_ids),)]
        entries = [entry async for entry in opened.store.ledger.entries()]
        assert first_break(entries) is None
        assert [entry.note.kind for entry in entries].count("permit_given") == len(attempt_ids)
        progress = await opened.store.campaigns.progress(unfinished[0].campaign_id)
        assert progress.in_progress == len(attempt_ids)
    assert sql(sqlite_url, "PRAGMA integrity_check") == [("ok",)]


async def test_what_has_returned_is_seen_by_another_process_at_once(sqlite_url: str):
    async with await open_store(sqlite_url) as first, await open_store(sqlite_url) as other:
        for row in range(20):
            await first.store.accounts.log_refusal(f"user{row}", "wrong_password", "127.0.0.1", NOW)
            assert len([entry async for entry in other.store.ledger.entries()]) == row + 1


async def test_commits_are_flushed_to_the_disk(sqlite_url: str):
    async with await open_store(sqlite_url) as opened:
        pragmas = ("synchronous", "journal_mode", "foreign_keys")

        def asked(tx):  # noqa: ANN001
            return [tx.connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() for pragma in pragmas]

        assert await opened.database.write(asked) == [2, "wal", 1]
