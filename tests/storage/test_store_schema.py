import asyncio
import json
import os
import signal
import socket
import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from telephony.errors import SchemaError, StoreError, StoreUnavailableError
from telephony.storage import current_revision, open_store, upgrade
from telephony.storage.engine.dialects import dialect_of
from telephony.storage.engine.schema import MIGRATIONS, config_of
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import metadata
from tests.postgresql import PostgresqlServer
from tests.storage.store_rows import NOW, loaded, new_campaign, sql


async def test_upgrade_makes_the_schema_from_nothing_and_is_harmless_the_second_time(empty_url: str):
    assert await current_revision(empty_url) is None
    first = await upgrade(empty_url)
    assert await upgrade(empty_url) == first == await current_revision(empty_url)
    async with await open_store(empty_url) as opened:
        assert await opened.store.campaigns.all() == []


async def test_the_migrations_and_the_tables_say_the_same(url: str):
    engine = dialect_of(url).engine(writes=True, connections=1)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def upgraded_to_before(url: str, migration: str) -> None:
    """Make the schema as it was before a migration, named by its file."""
    script = ScriptDirectory(str(MIGRATIONS))
    (revision,) = [
        walk_revision for walk_revision in script.walk_revisions() if walk_revision.path.endswith(f"_{migration}.py")
    ]
    dialect = dialect_of(url)
    dialect.prepare()
    engine = dialect.engine(writes=True, connections=1)
    with engine.begin() as connection:
        command.upgrade(config_of(connection), str(revision.down_revision))
    engine.dispose()


async def test_leads_loaded_before_clocks_were_kept_get_theirs(empty_url: str):
    upgraded_to_before(empty_url, "clocks")
    at = NOW if "postgresql" in empty_url else 0
    sql(
        empty_url,
        "INSERT INTO campaigns"
        " (name, client_company, kind, state, caller_id, trunk, abandon_cap, wrap_up_s, created_at)"
        " VALUES ('Old', 'Example SA', 'survey', 'ready', '33199000000', 'carrier', 0.03, 20, ?)",
        at,
    )
    sql(
        empty_url,
        "INSERT INTO lists"
        " (campaign_id, name, file_sha256, loaded_at, loaded_by, state, touched_at, rows_read, accepted)"
        " VALUES (1, 'old', 'ab', ?, 'x', 'loaded', ?, 5, 5)",
        at,
        at,
    )
    expected = {
        "33199000001": ({}, "33"),
        "33199000002": ({"zone": "Indian/Reunion"}, "33|Indian/Reunion"),
        "33199000003": ({"any_time": "yes"}, "33||any"),
        "262639123456": ({}, "262269"),
        "12025550123": ({}, "1"),
        "14165550123": ({}, ""),
    }
    for row, (text, (terms, _)) in enumerate(expected.items()):
        sql(
            empty_url,
            "INSERT INTO leads (list_id, campaign_id, number, name, fields, row, terms, own_clock)"
            " VALUES (1, 1, ?, '', '{}', ?, ?, ?)",
            text, row, json.dumps(terms), bool(terms),
        )  # fmt: skip
    await upgrade(empty_url)
    clocks = dict(sql(empty_url, "SELECT number, clock FROM leads"))
    assert clocks == {text: word for text, (_, word) in expected.items()}


async def test_open_attempts_made_before_companies_were_one_in_any_characters_get_their_persons_word(empty_url: str):
    upgraded_to_before(empty_url, "companies")
    at = NOW if "postgresql" in empty_url else 0
    before = ("client:l\u2019or\u00e9al:c-17", "client:l'or\u00e9al:c-17", "client:l\u2019or\u00e9al:c-18", "lead:4")
    companies = ("L\u2019Or\u00e9al", "L'Or\u00e9al", "L\u2019Or\u00e9al", "L\u2019Or\u00e9al")
    for row, (word, company) in enumerate(zip(before, companies, strict=True), start=1):
        sql(
            empty_url,
            "INSERT INTO campaigns"
            " (name, client_company, kind, state, caller_id, trunk, abandon_cap, wrap_up_s, created_at)"
            " VALUES (?, ?, 'survey', 'ready', '33199000000', 'carrier', 0.03, 20, ?)",
            str(row), company, at,
        )  # fmt: skip
        sql(
            empty_url,
            "INSERT INTO lists"
            " (campaign_id, name, file_sha256, loaded_at, loaded_by, state, touched_at, rows_read, accepted)"
            " VALUES (?, 'old', 'ab', ?, 'x', 'loaded', ?, 1, 1)",
            row, at, at,
        )  # fmt: skip
        sql(
            empty_url,
            "INSERT INTO leads (list_id, campaign_id, number, name, fields, row, client_key)"
            " VALUES (?, ?, ?, '', '{}', 1, ?)",
            row, row, f"3319900000{row}", word.rpartition(":")[2] if word.startswith("client") else "",
        )  # fmt: skip
        sql(
            empty_url,
            "INSERT INTO attempts (attempt_id, campaign_id, list_id, lead_id, permit_id, recording_id, number,"
            " caller_id, trunk, started_at, person) VALUES (?, ?, ?, ?, ?, ?, ?, '33199000000', 'carrier', ?, ?)",
            f"a{row}", row, row, row, f"p{row}", f"r{row}", f"3319900000{row}", at, word,
        )  # fmt: skip
    await upgrade(empty_url)
    persons = [word for (word,) in sql(empty_url, "SELECT person FROM attempts ORDER BY attempt_id")]
    assert persons == [before[0], before[1], "client:l'or\u00e9al:c-18", "lead:4"], (
        "of two of one person one keeps its own"
    )


async def test_checks_of_the_migrations_and_the_tables_are_the_same(empty_url: str, url: str):
    engine = dialect_of(empty_url)
    engine.prepare()
    made = engine.engine(writes=True, connections=1)
    with made.begin() as connection:
        metadata.create_all(connection)
    made.dispose()
    assert _checks(empty_url) == _checks(url) != []


def _checks(url: str) -> list[tuple[str, ...]]:
    if url.startswith("sqlite"):
        names = (
            "accounts",
            "attempts",
            "campaigns",
            "leads",
            "lists",
            "permits",
            "seats",
            "recordings",
            "tallies",
            "locks",
            "number_rules",
        )
        question = f"SELECT sql FROM sqlite_master WHERE type = 'table' AND name IN {names}"  # noqa: S608 - our own words
        lines = [line.strip().rstrip(",") for (text,) in sql(url, question) for line in text.splitlines()]
        return sorted((line,) for line in lines if "CHECK" in line)
    return sorted(sql(url, "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'"))


async def test_a_database_without_schema_is_refused_with_what_to_run(empty_url: str):
    with pytest.raises(SchemaError, match=r"no schema yet.*run `telephony database upgrade`"):
        await open_store(empty_url)


async def test_opening_a_wrong_path_makes_no_file(tmp_path: Path):
    with pytest.raises(SchemaError):
        await open_store(f"sqlite:///{tmp_path}/typo.db")
    assert list(tmp_path.iterdir()) == []


async def test_a_schema_of_a_newer_version_is_refused_and_left_alone(url: str):
    sql(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match=r"the database has schema 9999, this version knows [0-9]{4}"):
        await open_store(url)
    with pytest.raises(SchemaError, match=r"9999.*nothing was changed"):
        await upgrade(url)
    assert await current_revision(url) == "9999"


async def test_two_upgrades_at_once_make_one_schema(empty_url: str):
    assert len(set(await asyncio.gather(upgrade(empty_url), upgrade(empty_url)))) == 1


async def test_a_server_that_is_down_is_named_without_its_password():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(StoreUnavailableError) as caught:
            await open_store(f"postgresql://telephony:hush-hush@127.0.0.1:{port}/calls")
    assert f"PostgreSQL on 127.0.0.1:{port}, database calls" in str(caught.value)
    assert "check that the server runs" in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.postgresql
async def test_a_server_that_stops_answering_is_given_up_in_bounded_time(
    postgresql_server: PostgresqlServer, postgresql_template: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("telephony.storage.engine.database.PATIENCE_S", 0.5)
    monkeypatch.setattr("telephony.storage.engine.postgresql.BUSY_S", 2)
    name = postgresql_server.create(postgresql_template)
    async with await open_store(postgresql_server.url(name)) as opened:
        await opened.store.campaigns.add(new_campaign(), "Mme Campaign")
        ours = sql(postgresql_server.url(name), "SELECT pid FROM pg_stat_activity WHERE application_name = 'telephony'")
        stopped = [pid for (pid,) in ours] + [postgresql_server.process.pid]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(8):
                requests = opened.store.campaigns.add(new_campaign("Other"), "x"), opened.store.campaigns.all()
                said = await asyncio.gather(*requests, return_exceptions=True)
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        assert [type(error) for error in said] == [StoreUnavailableError] * 2
        assert [campaign.name for campaign in await opened.store.campaigns.all()] == ["Survey"]
    postgresql_server.drop(name)


@pytest.mark.postgresql
async def test_connections_cut_by_a_server_restart_are_made_again(
    postgresql_server: PostgresqlServer, postgresql_template: str
):
    name = postgresql_server.create(postgresql_template)
    url = postgresql_server.url(name)
    async with await open_store(url) as opened:
        await loaded(opened.store)
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'telephony'"
        assert len(sql(url, cut)) >= 2
        await opened.store.campaigns.add(new_campaign("Other"), "Mme Campaign")
        assert len(sql(url, cut)) >= 1
        assert len(await opened.store.campaigns.all()) == 2
    postgresql_server.drop(name)


async def test_a_folder_that_does_not_exist_is_named(tmp_path: Path):
    with pytest.raises(StoreUnavailableError, match=r"missing/telephony.db cannot be made.*check that its folder"):
        await upgrade(f"sqlite:///{tmp_path}/missing/telephony.db")


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    (tmp_path / "telephony.db").write_text("not a database, but long enough to be looked at as one" * 100)
    with pytest.raises(StoreError, match="SQLITE_NOTADB"):
        await open_store(f"sqlite:///{tmp_path}/telephony.db")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name", "nonsense"])
async def test_places_that_cannot_last_are_refused(url: str):
    with pytest.raises(StoreError, match=r"database.url"):
        await open_store(url)


async def test_the_file_is_for_its_owner_alone(sqlite_url: str, tmp_path: Path):
    await upgrade(f"sqlite:///{tmp_path}/made.db")
    assert (tmp_path / "made.db").stat().st_mode & 0o777 == 0o600


async def test_a_locked_database_is_said_to_be_unavailable(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("telephony.storage.engine.sqlite.BUSY_S", 0.05)
    async with await open_store(sqlite_url) as opened:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match=r"held by another process .SQLITE_BUSY"):
            await opened.store.campaigns.add(new_campaign(), "Mme Campaign")
        other.execute("ROLLBACK")
        await opened.store.campaigns.add(new_campaign(), "Mme Campaign")
        other.close()


async def test_a_full_disk_is_said_to_be_unavailable_and_writes_nothing(sqlite_url: str):
    async with await open_store(sqlite_url) as opened:

        def fill(tx: Transaction) -> None:
            tx.connection.exec_driver_sql("PRAGMA max_page_count = 1")
            tx.connection.exec_driver_sql("CREATE TABLE big AS SELECT zeroblob(10000000) AS room")

        with pytest.raises(StoreUnavailableError, match="SQLITE_FULL"):
            await opened.database.write(fill)
        assert await opened.store.campaigns.all() == []


async def test_a_closed_store_says_so(url: str):
    opened = await open_store(url)
    await opened.close()
    await opened.close()
    with pytest.raises(StoreUnavailableError, match="closed"):
        await opened.store.campaigns.all()


async def test_entries_about_listening_made_before_are_what_their_texts_said(empty_url: str):
    upgraded_to_before(empty_url, "recording_steps")
    at = NOW if "postgresql" in empty_url else 0
    rows = [("a note", "", "stated"), ("", "", "listened"), ("", "right", "refused"), ("said", "right", "refused")]
    for note, refused, _ in rows:
        sql(
            empty_url,
            "INSERT INTO listenings (recording_id, reference, note, refused, address, at)"
            " VALUES ('x', '', ?, ?, '::1', ?)",
            note,
            refused,
            at,
        )
    await upgrade(empty_url)
    kinds = sql(empty_url, "SELECT kind FROM listenings ORDER BY listening_id")
    assert [row[0] for row in kinds] == [kind for *_, kind in rows]
