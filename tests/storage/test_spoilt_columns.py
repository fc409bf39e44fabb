"""No read of many rows fails for a bad value in one column of one row: only that row is left out."""

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Column, Table, Text

from telephony.domain.calls.attempts import AttemptStart
from telephony.errors import NotFoundError, UnreadableRowError
from telephony.ids import CampaignId, LeadId, ListId, Number, RecordingId
from telephony.storage import open_store
from telephony.storage.tables import metadata
from telephony.storage.tables.types import JsonText, Routes, UtcTime, Word
from tests.scenes.controller_on_database import make_site
from tests.storage.test_reads_are_bounded import PEOPLE, READS, Filled

pytestmark = pytest.mark.slow

KEYED = {
    *("campaigns.by_name", "campaigns.get", "campaigns.plan", "leads.get", "attempts.get", "attempts.by_channel"),
    *("permits.at_gate", "permits.find", "recordings.get", "accounts.by_username", "accounts.session"),
    *("ledger.incident", "whitelist.get_list", "callbacks.get"),
}
"""Reads of one row: an error says that it cannot be read."""
FAILS_CLOSED = {"whitelist.touching"}
"""A rule that cannot be read may be the one that forbids the number: nothing is decided without it."""
EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = [table for table in metadata.sorted_tables if table.name not in {"alembic_version", "ledger"}]
"""A changed entry of the ledger is a broken chain, which is another test's."""


def spoilt(column: Column[Any]) -> Iterator[str]:
    """What nobody can read in a column, as SQL."""
    if isinstance(column.type, UtcTime):
        yield str(2**62)
    elif isinstance(column.type, JsonText | Routes):
        yield from ("'nonsense'", "'{\"zone\": 7}'")
    elif isinstance(column.type, Word):
        yield "'unknown'"
    if isinstance(column.type, Text | JsonText | Routes | Word):
        yield "CAST(x'e9ff' AS TEXT)"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spoilt") / "site.db"
    make_site(path)
    return path


def asked_of(file: sqlite3.Connection) -> Any:
    """Ids to ask for: those of a call that was recorded."""
    names = ("campaign_id", "list_id", "lead_id", "attempt_id", "permit_id", "recording_id", "number")
    query = f"SELECT {', '.join(names)} FROM attempts WHERE recording_id IN (SELECT recording_id FROM recordings)"  # noqa: S608
    cursor = file.execute(query)
    return SimpleNamespace(**dict(zip(names, cursor.fetchone(), strict=True)))


def reads(call: Any) -> dict[str, Any]:
    """Every read of many rows, with what is read whole because it is small."""
    whole: dict[str, Any] = {
        "quotas.of": lambda s: s.quotas.of(CampaignId(call.campaign_id)),
        "leads.lists": lambda s: s.leads.lists(CampaignId(call.campaign_id)),
        "recordings.listenings": lambda s: s.recordings.listenings(RecordingId(call.recording_id)),
        "callbacks.of_lead": lambda s: s.callbacks.of_lead(LeadId(call.lead_id)),
        "callbacks.of_person": lambda s: s.callbacks.of_person(LeadId(call.lead_id)),
        "work.attempts_of": lambda s: s.work.attempts_of(LeadId(call.lead_id)),
        "whitelist.touching": lambda s: s.whitelist.touching(Number(call.number)),
        "do_not_call.opposed": lambda s: s.do_not_call.opposed(Number(call.number), "Example SA"),
        "previews.skipped": lambda s: s.previews.skipped(EARLIER),
    }
    for name in PEOPLE.keys() - whole.keys():
        part, word = name.split(".")
        whole[name] = lambda s, part=part, word=word: getattr(getattr(s, part), word)()
    reads_by_name: dict[str, Any] = {name: lambda f, read=read: read(f.opened.store) for name, read in whole.items()}
    return reads_by_name | {
        name: read for name, read in READS.items() if name not in KEYED and not name.startswith("days.")
    }


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
async def test_no_read_of_many_fails_for_one_row(table: Table, site: Path, tmp_path: Path):
    path = shutil.copy(site, tmp_path / "site.db")
    file = sqlite3.connect(path, isolation_level=None)
    file.execute("PRAGMA ignore_check_constraints=ON")
    file.execute("PRAGMA busy_timeout=5000")
    call = asked_of(file)
    failed: list[str] = []
    async with await open_store(f"sqlite:///{path}") as opened:
        start = cast("AttemptStart", SimpleNamespace(permit=call))
        filled = Filled(opened, start, ListId(call.list_id), LeadId(call.lead_id))
        for column in table.c:
            for value in spoilt(column):
                row = file.execute(f'SELECT rowid, "{column.name}" FROM "{table.name}" LIMIT 1').fetchone()  # noqa: S608
                if row is None:
                    continue
                try:
                    file.execute(f'UPDATE "{table.name}" SET "{column.name}" = {value} WHERE rowid = ?', row[:1])  # noqa: S608
                except sqlite3.IntegrityError:
                    continue
                for name, read in reads(call).items():
                    try:
                        await read(filled)
                    except NotFoundError:
                        pass  # the row asked for has another name now
                    except Exception as error:  # noqa: BLE001 - every kind is listed
                        if name in FAILS_CLOSED and isinstance(error, UnreadableRowError):
                            continue
                        failed.append(f"{column.name} = {value}: {name}: {error!r}"[:200])
                file.execute(f'UPDATE "{table.name}" SET "{column.name}" = ? WHERE rowid = ?', row[::-1])  # noqa: S608
    file.close()
    assert failed == []
