"""On SQLite the write-ahead log is brought in beside the writer: no commit pays for it, and it does not stay."""

from pathlib import Path

import pytest

from telephony.domain.ledger import LedgerNote
from telephony.storage import checkpoints, open_store, upgrade
from tests.storage.store_rows import NOW
from tests.waiting import until

NOTES = [LedgerNote("noise", "x" * 200, {"text": "y" * 400}, NOW) for _ in range(100)]
SQLITES_OWN = 1000
"""Pages after which SQLite's own default makes a commit do it."""


def pages_in(log: Path) -> int:
    return log.stat().st_size // 4120  # a page and its frame header


async def test_no_commit_brings_the_log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checkpoints, "PAUSE_S", 3600.0)
    url = f"sqlite:///{tmp_path / 'site.db'}"
    await upgrade(url)
    async with await open_store(url) as opened:
        size = (tmp_path / "site.db").stat().st_size
        while pages_in(tmp_path / "site.db-wal") < 2 * SQLITES_OWN:
            await opened.store.ledger.enter(NOTES)
        assert (tmp_path / "site.db").stat().st_size == size


async def test_the_log_is_brought_in_while_the_store_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checkpoints, "PAUSE_S", 0.01)
    url = f"sqlite:///{tmp_path / 'site.db'}"
    await upgrade(url)
    async with await open_store(url) as opened:
        size = (tmp_path / "site.db").stat().st_size
        await opened.store.ledger.enter(NOTES)
        await until(lambda: (tmp_path / "site.db").stat().st_size != size, 20)
    assert not (tmp_path / "site.db-wal").exists()  # closed in order, all of it is in the file
