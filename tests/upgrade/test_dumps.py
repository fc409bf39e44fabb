"""Databases of every schema there was open after ``database upgrade``: as a fresh one is, and with what they held."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from telephony.domain.evidence.ledger import LedgerNote
from telephony.domain.evidence.recordings import RecordingQuery
from telephony.errors import SchemaError
from telephony.services.evidence.chain import verify_chain
from telephony.storage import current_revision, open_store, upgrade
from telephony.storage.engine.dialects import dialect_of
from telephony.storage.engine.schema import MIGRATIONS, known_revision
from telephony.storage.tables import metadata
from tests.postgresql import PostgresqlServer
from tests.upgrade import FIRST, KINDS, Dump, dumps

DUMPS = [
    pytest.param(dump, marks=pytest.mark.postgresql if dump.kind == "postgresql" else (), id=dump.path.stem)
    for kind in KINDS
    for dump in dumps(kind)
]
NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
COUNTED = "leads", "permits", "call_events", "listenings", "callbacks", "previews", "opposition_numbers", "incidents"


@pytest.fixture
def url(dump: Dump, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The dump, loaded."""
    if dump.kind == "sqlite":
        dump.load(f"sqlite:///{tmp_path}/telephony.db")
        yield f"sqlite:///{tmp_path}/telephony.db"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create()
    dump.load(server.url(name))
    yield server.url(name)
    server.drop(name)


def rows_in(dump: Dump) -> Counter[str]:
    """How many rows each table of the dump has."""
    text = dump.path.read_text(encoding="utf-8")
    return Counter(re.findall(r'^INSERT INTO "?(?:public\.)?(\w+)"? ', text, re.MULTILINE))


def schemas() -> list[str]:
    """Every schema from the first one that is kept, oldest first."""
    script = ScriptDirectory(str(MIGRATIONS))
    names = [revision.revision for revision in script.walk_revisions()][::-1]
    return names[names.index(FIRST) :]


@pytest.mark.parametrize("kind", KINDS)
def test_every_schema_has_its_dump(kind: str):
    missing = set(schemas()) - {dump.revision for dump in dumps(kind)}
    assert not missing, f"no dump of {', '.join(sorted(missing))}: run python -m tests.upgrade and commit its files"


@pytest.mark.parametrize("kind", KINDS)
def test_the_newest_dump_has_rows_in_every_table(kind: str):
    newest = dumps(kind)[-1]
    assert set(metadata.tables) - set(rows_in(newest)) == set()


@pytest.mark.parametrize("dump", dumps("sqlite"), ids=lambda dump: dump.revision)
def test_both_dumps_of_a_schema_hold_as_many_rows(dump: Dump):
    rows = rows_in(dump)
    del rows["sqlite_sequence"]
    assert rows == rows_in(Dump(dump.revision, "postgresql"))


@pytest.mark.parametrize("dump", DUMPS)
async def test_it_opens_after_the_upgrade_with_all_it_held(dump: Dump, url: str):
    assert await current_revision(url) == dump.revision
    if dump.revision != known_revision():
        with pytest.raises(SchemaError, match="run `telephony database upgrade`"):
            await open_store(url)
    assert await upgrade(url) == known_revision()
    held = rows_in(dump)
    async with await open_store(url) as opened:
        store = opened.store
        campaigns = await store.campaigns.all()
        lists = [batch for campaign in campaigns for batch in await store.leads.lists(campaign.campaign_id)]
        read = {
            "campaigns": campaigns,
            "lists": lists,
            "operators": await store.accounts.operators(),
            "attempts": await store.attempts.recent(None, 100),
            "recordings": await store.recordings.search(RecordingQuery(answered_only=False)),
        }
        assert {name: len(rows) for name, rows in read.items()} == {name: held[name] for name in read}
        waiting = [lead for campaign in campaigns for lead in await store.leads.waiting(campaign.campaign_id, 100)]
        assert waiting
        assert store.unreadable.take() == [], "every row that was read can still be read"
    assert {name: count(url, name) for name in COUNTED} == {name: held[name] for name in COUNTED}


@pytest.mark.parametrize("dump", DUMPS)
async def test_its_ledger_is_whole_after_the_upgrade_and_goes_on(dump: Dump, url: str):
    await upgrade(url)
    async with await open_store(url) as opened:
        ledger = opened.store.ledger
        verdict = await verify_chain(ledger, (), lambda _sequence: None)
        assert (verdict.fault, verdict.head.sequence) == (None, rows_in(dump)["ledger"])
        await ledger.enter([LedgerNote("upgraded", "site", {}, NOW)])
        again = await verify_chain(ledger, [verdict.head], lambda _sequence: None)
        assert (again.fault, again.head.sequence) == (None, verdict.head.sequence + 1)


@pytest.mark.parametrize("dump", DUMPS)
async def test_its_schema_is_then_that_of_a_new_database(dump: Dump, url: str):
    await upgrade(url)
    engine = dialect_of(url).engine(writes=True, connections=1)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def count(url: str, table: str) -> int:
    engine = dialect_of(url).engine(writes=False, connections=1)
    with engine.connect() as connection:
        rows: int = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608 - our own words
    engine.dispose()
    return rows
