"""SQLite: one file, its write-ahead log beside it."""

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from typing_extensions import override

from telephony.domain.leads.leads import NewLead
from telephony.errors import StoreError
from telephony.ids import CampaignId, ListId
from telephony.storage.engine.checkpoints import BACKSTOP, Checkpoints
from telephony.storage.engine.dialect import BUSY_S, LEAD_COLUMNS, Dialect, lead_values
from telephony.storage.engine.single_controller import LockedFile, SingleControllerLock
from telephony.storage.tables.types import Unreadable

SQLITE_MINIMUM: Final = (3, 35, 0)
"""First SQLite version with RETURNING."""


class SqliteDialect(Dialect):
    """One file with its write-ahead log; one writer at a time, readers never wait."""

    driver = "sqlite+pysqlite"

    def __init__(self, url: URL) -> None:
        if sqlite3.sqlite_version_info < SQLITE_MINIMUM:
            raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed; use a newer Python")
        super().__init__(url)

    @property
    @override
    def place(self) -> str:
        return f"the SQLite file {self._path}"

    @property
    @override
    def mend(self) -> str:
        return "check that its folder exists and may be written by this user, and that the disk has room"

    @property
    def _path(self) -> Path:
        return Path(self.url.database or "")

    @override
    def engine(self, *, writes: bool, connections: int) -> Engine:
        # WAL and fsync at every commit: committed data survives a power cut.
        # A plain path would create an empty file, so a wrong path would look like a new site.
        url = self.url.set(database=f"file:{self._path}", query={"mode": "rw", "uri": "true"})
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"timeout": BUSY_S, "check_same_thread": False, "isolation_level": None},
        )
        pragmas = ["foreign_keys=ON", "synchronous=FULL", "journal_size_limit=67108864", "cache_size=-16384"]
        pragmas.append(f"wal_autocheckpoint={BACKSTOP}" if writes else "query_only=ON")

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: object) -> None:
            connection.text_factory = _text
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
            if writes:
                _into_wal(connection)

        if writes:

            @event.listens_for(engine, "begin")
            def _begin(connection: Connection) -> None:
                connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine

    @override
    def exists(self) -> bool:
        return self._path.exists()

    @override
    def prepare(self) -> None:
        # Readable by its owner only: it contains phone numbers.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))

    @override
    def lock(self, connection: Connection) -> None:
        pass  # BEGIN IMMEDIATE has taken the lock

    @override
    def add_leads(
        self, connection: Connection, campaign_id: CampaignId, list_id: ListId, leads: Sequence[NewLead]
    ) -> set[int]:
        # Look up the skipped rows only if some were skipped.
        last = connection.exec_driver_sql("SELECT coalesce(max(lead_id), 0) FROM leads").scalar_one()
        done = connection.exec_driver_sql(
            f"INSERT OR IGNORE INTO leads (list_id, campaign_id, {LEAD_COLUMNS})"  # noqa: S608 - our own names
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(list_id, campaign_id, *lead_values(lead)) for lead in leads],
        )
        if done.rowcount == len(leads):
            return {lead.row for lead in leads}
        taken = connection.exec_driver_sql('SELECT "row" FROM leads WHERE lead_id > ?', (last,))
        return {row for (row,) in taken}

    @override
    def analyze(self, connection: Connection) -> None:
        # A sample only: a full analysis would hold the write lock for seconds.
        connection.exec_driver_sql("PRAGMA analysis_limit=1000")
        connection.exec_driver_sql("ANALYZE leads")

    @override
    def start_tidying(self) -> Callable[[], None]:
        return Checkpoints(self._path).stop

    @override
    def sole_lock(self) -> SingleControllerLock:
        return LockedFile(self.place, self._path)

    @override
    def interrupt(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.interrupt()


def _into_wal(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on permanently. SQLite does not wait for other processes in this step."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _text(stored: bytes) -> Any:
    """Decode a text stored by SQLite. Text that is not UTF-8 does not break other rows."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return Unreadable("text that is no UTF-8")
