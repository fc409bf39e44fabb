"""Write a dump: a site is made on SQLite, its rows are copied to PostgreSQL, and each database is written as SQL."""

import asyncio
import sqlite3
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, insert, select

from telephony.storage import upgrade
from telephony.storage.engine.dialects import dialect_of
from telephony.storage.tables import metadata
from tests.postgresql import PostgresqlServer, private_server, programs
from tests.scenes.controller_on_database import make_site
from tests.upgrade import Dump

PG_DUMP: Final = ("--inserts", "--no-owner", "--no-privileges", "--no-comments", "--encoding=UTF8")
LEFT_OUT: Final = ("SET ", "\\", "--", "SELECT pg_catalog.set_config(")
"""Lines that belong to one version of pg_dump, or to psql alone."""


def write(revision: str) -> list[Path]:
    """Write both dumps of the newest schema, unless they are there; return those that were written."""
    missing = [dump for dump in (Dump(revision, "sqlite"), Dump(revision, "postgresql")) if not dump.path.exists()]
    if not missing:
        return []
    with tempfile.TemporaryDirectory(prefix="telephony-dump-") as folder:
        file = Path(folder) / "telephony.db"
        make_site(file)
        _work_left(file)
        for dump in missing:
            text = sqlite_text(file) if dump.kind == "sqlite" else postgresql_text(file)
            dump.path.write_text(text, encoding="utf-8")
    return [dump.path for dump in missing]


def _work_left(file: Path) -> None:
    """Leave a step of a recording undone: a site whose loops ran has none."""
    with sqlite3.connect(file) as database:
        database.execute(
            "INSERT INTO recording_steps SELECT recording_id, 'tones', '' FROM recordings ORDER BY 1 LIMIT 1"
        )
    database.close()


def sqlite_text(file: Path) -> str:
    """Return the whole file as SQL."""
    with sqlite3.connect(file) as database:
        lines = "\n".join(database.iterdump())
    database.close()
    return lines + "\n"


def postgresql_text(file: Path) -> str:
    """Return PostgreSQL's own pg_dump of the same rows."""
    folder = programs()
    with private_server() as server:
        name = server.create()
        asyncio.run(upgrade(server.url(name)))
        _copy(file, server, name)
        words = [str(folder / "pg_dump") if folder else "pg_dump", *PG_DUMP, server.url(name)]
        text = subprocess.run(words, check=True, capture_output=True).stdout.decode()
    return _plain(text)


def _copy(file: Path, server: PostgresqlServer, name: str) -> None:
    """Put the SQLite file's rows in the place of whatever the migrations put there, and go on counting after them."""
    source = dialect_of(f"sqlite:///{file}").engine(writes=False, connections=1)
    target = dialect_of(server.url(name)).engine(writes=True, connections=1)
    with source.connect() as before, target.begin() as after:
        after.exec_driver_sql("SET session_replication_role = replica")  # the ledger's trigger, and the order of keys
        after.exec_driver_sql(f"TRUNCATE {', '.join(metadata.tables)} CASCADE")
        for table in metadata.sorted_tables:
            if rows := [dict(row._mapping) for row in before.execute(select(table))]:
                after.execute(insert(table), rows)
        _count_on(after)
    source.dispose()
    target.dispose()


def _count_on(connection: Connection) -> None:
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        if sequence and (highest := connection.scalar(select(func.max(column)))):
            connection.execute(select(func.setval(sequence, highest)))


def _plain(text: str) -> str:
    """Leave out what another version of the server or a driver would stumble on."""
    lines = [line for line in text.splitlines() if line and not line.startswith(LEFT_OUT)]
    return "\n".join(lines) + "\n"
