"""On SQLite the write-ahead log is brought in beside the writer: no commit pays for it, and it does not stay."""

from pathlib import Path

import pytest

from telephony.domain.evidence.ledger import LedgerNote
from telephony.storage import open_store
from telephony.storage.engine import checkpoints
from tests.storage.store_rows import NOW
from tests.waiting import until

NOTES = [LedgerNote("noise", "x" * 200, {"text": "y" * 400}, NOW) for _ in range(100)]
SQLITES_OWN = 1000
"""Pages after which SQLite's own default makes a commit do it."""


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def pages_in(log: Path) -> int:
    return log.stat().st_size // 4120  # a page and its frame header


async def test_no_commit_brings_the_log_in(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checkpoints, "PAUSE_S", 3600.0)
    file = file_of(sqlite_url)
    async with await open_store(sqlite_url) as opened:
        size = file.stat().st_size
        while pages_in(log_of(file)) < 2 * SQLITES_OWN:
            await opened.store.ledger.enter(NOTES)
        assert file.stat().st_size == size


async def test_the_log_is_brought_in_while_the_store_is_open(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checkpoints, "PAUSE_S", 0.01)
    file = file_of(sqlite_url)
    async with await open_store(sqlite_url) as opened:
        size = file.stat().st_size
        await opened.store.ledger.enter(NOTES)
        await until(lambda: file.stat().st_size != size, 20)
    assert not log_of(file).exists()  # closed in order, all of it is in the file
