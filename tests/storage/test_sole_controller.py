"""One controller for a database: a second one is refused, any end of the first releases it, a lost server is seen."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from telephony.errors import ConflictError
from telephony.storage import open_store
from telephony.storage.engine import single_controller
from telephony.storage.engine.single_controller import SOLE_LOCK, LockedFile
from tests.waiting import until

HOLDER = """
import asyncio, sys
from telephony.storage import open_store

async def main():
    opened = await open_store(sys.argv[1])
    await opened.single_controller.hold()
    print("held", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_second_controller_is_refused_and_told_why(url: str):
    async with await open_store(url) as first, await open_store(url) as second:
        await first.single_controller.hold()
        assert first.single_controller.is_held
        with pytest.raises(ConflictError, match=r"another controller serves .*: one database has one controller; end"):
            await second.single_controller.hold(patience_s=0.2)  # two more tries
        assert not second.single_controller.is_held


async def test_closing_the_store_lets_the_next_one_in(url: str):
    async with await open_store(url) as first:
        await first.single_controller.hold()
    async with await open_store(url) as second:
        await second.single_controller.hold()
        assert second.single_controller.is_held


async def test_a_controller_that_waits_comes_in_when_the_first_one_goes(url: str):
    async with await open_store(url) as second:
        async with await open_store(url) as first:
            await first.single_controller.hold()
            waiting = asyncio.create_task(second.single_controller.hold(patience_s=60.0))
            done, _ = await asyncio.wait([waiting], timeout=0.3)  # that it still waits shows only by waiting
            assert not done
        await waiting
        assert second.single_controller.is_held


@pytest.mark.slow
async def test_kill_9_lets_go(url: str):
    command = [sys.executable, "-c", HOLDER, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:  # noqa: ASYNC220 - starts, does not wait
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        async with await open_store(url) as opened:
            with pytest.raises(ConflictError):
                await opened.single_controller.hold(patience_s=0.2)  # two more tries
            holder.kill()
            await opened.single_controller.hold(patience_s=60.0)
            assert opened.single_controller.is_held


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"])
async def test_a_lock_lost_with_its_connection_is_lost_permanently(url: str):
    async with await open_store(url) as opened:
        await opened.single_controller.hold()
        locks = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted = %s"
        key = SOLE_LOCK & 0xFFFFFFFF
        with psycopg.connect(url, autocommit=True) as admin, psycopg.connect(url, autocommit=True) as other:
            # In line before the lock is lost, so that it cannot come back before its loss was seen.
            queued = asyncio.create_task(asyncio.to_thread(other.execute, "SELECT pg_advisory_lock(%s)", (SOLE_LOCK,)))
            await until(lambda: admin.execute(locks, (key, False)).fetchone() is not None, 60)
            admin.execute("SELECT pg_terminate_backend(%s)", admin.execute(locks, (key, True)).fetchone())
            await queued
            await until(lambda: not opened.single_controller.is_held, 60)
            other.execute("SELECT pg_advisory_unlock(%s)", (SOLE_LOCK,))
            # Free again, and still not ours: a controller that lost it once ends.
            assert not admin.execute(locks, (key, True)).fetchall()
            assert not opened.single_controller.is_held


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"])
async def test_a_server_that_hangs_counts_as_lost_and_closing_does_not_wait_for_it(
    url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(single_controller, "SILENT_S", 1.5)
    async with await open_store(url) as opened:
        await opened.single_controller.hold()
        with psycopg.connect(url, autocommit=True) as admin:
            lock = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted"
            (pid,) = admin.execute(lock, (SOLE_LOCK & 0xFFFFFFFF,)).fetchone() or (0,)
        os.kill(pid, signal.SIGSTOP)
        try:
            await until(lambda: not opened.single_controller.is_held, 60)
            async with asyncio.timeout(30):
                await asyncio.to_thread(opened.single_controller.release)
        finally:
            os.kill(pid, signal.SIGCONT)


def test_links_to_one_database_lead_to_one_lock(tmp_path: Path):
    database = tmp_path / "site.db"
    database.touch()
    (tmp_path / "link.db").symlink_to(database)
    first, second = (LockedFile("here", tmp_path / name) for name in ("site.db", "link.db"))
    assert (first.try_once(), second.try_once()) == (True, False)
    first.release()
    assert (first.try_once(), second.try_once()) == (False, True), "released permanently"
    second.release()


async def test_whoever_waits_says_so_and_comes_in_when_the_other_one_has_ended(
    url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(single_controller, "PATIENCE_S", 0.1)
    monkeypatch.setattr(single_controller, "SAY_AGAIN_S", 0.1)
    said: list[str] = []
    async with await open_store(url) as second:
        async with await open_store(url) as first:
            await first.single_controller.hold()
            waiting = asyncio.create_task(second.single_controller.wait(said.append))
            await until(lambda: len(said) >= 2, 60)
            assert "another controller serves" in said[0]
            assert not waiting.done()
        await waiting
        assert second.single_controller.is_held
        assert not first.single_controller.is_held


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"])
async def test_a_lock_nobody_took_is_found_held_at_every_look(url: str):
    async with await open_store(url) as opened:
        await opened.single_controller.hold()
        seen = opened.single_controller._seen  # type: ignore[attr-defined]
        await until(lambda: opened.single_controller._seen > seen + 2 * single_controller.LOOK_S, 60)  # type: ignore[attr-defined]
        assert opened.single_controller.is_held


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"])
async def test_a_lock_that_was_given_back_behind_our_back_is_lost_though_the_server_answers(url: str):
    async with await open_store(url) as opened:
        await opened.single_controller.hold()
        connection = opened.single_controller._connection  # type: ignore[attr-defined]
        await asyncio.to_thread(connection.execute, "SELECT pg_advisory_unlock(%s)", (SOLE_LOCK,))
        await until(lambda: not opened.single_controller.is_held, 60)
