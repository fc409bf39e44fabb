"""The seam: every difference between SQLite and PostgreSQL that the rest of storage would otherwise have to know.

URLs and drivers, how a connection is prepared, how a write transaction is made the only one, how a batch of leads is
written, and how a place is named without its password. Statements that both understand stand in the capability
modules. Both databases are spoken to by their blocking driver on the store's own threads: see docs/storage.md.
"""

import os
import socket
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.abc import AdaptContext, Buffer, Loader
from psycopg.conninfo import make_conninfo
from psycopg.pq import Format
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from telephony.domain.law.lead_clocks import LeadClock
from telephony.domain.lead_buckets import fresh_bucket
from telephony.domain.leads import NewLead
from telephony.errors import StoreError
from telephony.ids import CampaignId, ListId
from telephony.storage.checkpoints import BACKSTOP, Checkpoints
from telephony.storage.columns import Unreadable, dump_json
from telephony.storage.sole import AdvisoryLock, LockedFile, SoleLock

BUSY_S: Final = 5
"""Seconds a write waits for another process's write, and a connection for the server."""
STATEMENT_S: Final = 20
"""Seconds after which PostgreSQL gives a statement up."""
CHAIN_LOCK: Final = 7_035_283_911
"""PostgreSQL's advisory lock that makes a write transaction the only one; any number nobody else uses."""
SQLITE_MINIMUM: Final = (3, 35, 0)
"""First SQLite with RETURNING."""


class Dialect(ABC):
    """One kind of database, at one place."""

    driver: str

    def __init__(self, url: URL) -> None:
        """Keep the place."""
        self.url = url.set(drivername=self.driver)

    @property
    @abstractmethod
    def place(self) -> str:
        """Where it is, for people; never the password."""

    @property
    @abstractmethod
    def mend(self) -> str:
        """What to look at when it cannot be reached."""

    @abstractmethod
    def engine(self, *, writes: bool, connections: int) -> Engine:
        """Make an engine whose connections are prepared; readers are in autocommit and cannot write."""

    @abstractmethod
    def exists(self) -> bool:
        """Tell whether there can be a schema at all; False only when that is certain without connecting."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the place ready for its first schema."""

    @abstractmethod
    def lock(self, connection: Connection) -> None:
        """Make the transaction just begun the only writing one, in whatever process."""

    @abstractmethod
    def add_leads(
        self, connection: Connection, campaign_id: CampaignId, list_id: ListId, leads: Sequence[NewLead]
    ) -> set[int]:
        """Write waiting leads in order, leaving out numbers the campaign has; return the rows that were taken."""

    @abstractmethod
    def analyze(self, connection: Connection) -> None:
        """Refresh what the planner knows of the leads after a large load."""

    def start_tidying(self) -> Callable[[], None]:
        """Begin what the database does not do by itself beside its work; return what ends it."""
        return lambda: None

    @abstractmethod
    def sole_lock(self) -> SoleLock:
        """Return the lock that the one controller of this database holds; it is not taken yet."""

    @abstractmethod
    def interrupt(self, connection: Connection) -> None:
        """Break off, from another thread, whatever the connection is waiting for."""


class SqliteDialect(Dialect):
    """One file beside its write-ahead log; one writer at a time, readers never wait."""

    driver = "sqlite+pysqlite"

    def __init__(self, url: URL) -> None:
        """Keep the place.

        Raises:
            StoreError: this Python's SQLite is too old.
        """
        if sqlite3.sqlite_version_info < SQLITE_MINIMUM:
            raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 or newer is needed; use a newer Python")
        super().__init__(url)

    @property
    def place(self) -> str:
        """The file."""
        return f"the SQLite file {self._path}"

    @property
    def mend(self) -> str:
        """File system matters."""
        return "check that its folder exists and may be written by this user, and that the disk has room"

    @property
    def _path(self) -> Path:
        return Path(self.url.database or "")

    def engine(self, *, writes: bool, connections: int) -> Engine:
        """WAL and fsync at every commit: what was committed survives a power cut."""
        # A plain path would create an empty file: a wrong path would look like a new site.
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

    def exists(self) -> bool:
        """Whether the file is there."""
        return self._path.exists()

    def prepare(self) -> None:
        """Create the file, readable by its owner alone: it holds people's numbers."""
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))

    def lock(self, connection: Connection) -> None:
        """BEGIN IMMEDIATE has done it."""

    def add_leads(
        self, connection: Connection, campaign_id: CampaignId, list_id: ListId, leads: Sequence[NewLead]
    ) -> set[int]:
        """One prepared statement over all rows; what was left out is looked up only when something was."""
        last = connection.exec_driver_sql("SELECT coalesce(max(lead_id), 0) FROM leads").scalar_one()
        done = connection.exec_driver_sql(
            "INSERT OR IGNORE INTO leads (list_id, campaign_id, number, name, fields, row, priority, numbers,"
            " terms, clock, bucket, client_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    list_id,
                    campaign_id,
                    lead.number,
                    lead.name,
                    dump_json(lead.fields),
                    lead.row,
                    lead.priority,
                    _numbers(lead),
                    _terms(lead),
                    _clock(lead),
                    fresh_bucket(lead.number),
                    lead.client_key,
                )
                for lead in leads
            ],
        )
        if done.rowcount == len(leads):
            return {lead.row for lead in leads}
        found = connection.exec_driver_sql('SELECT "row" FROM leads WHERE lead_id > ?', (last,))
        return {row for (row,) in found}

    def analyze(self, connection: Connection) -> None:
        """Look at a sample only: a whole look would hold the write lock for seconds."""
        connection.exec_driver_sql("PRAGMA analysis_limit=1000")
        connection.exec_driver_sql("ANALYZE leads")

    def start_tidying(self) -> Callable[[], None]:
        """Checkpoints on a thread of their own."""
        return Checkpoints(self._path).stop

    def sole_lock(self) -> SoleLock:
        """A locked file beside the database."""
        return LockedFile(self.place, self._path)

    def interrupt(self, connection: Connection) -> None:
        """SQLite's own call for this."""
        driver: Any = connection.connection.driver_connection
        driver.interrupt()


def _into_wal(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on; it stays on. This one step does not wait by itself for another process's."""
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
    """Read a text that SQLite stores; one that is no UTF-8 takes no other row with it."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return Unreadable("text that is no UTF-8")


class _AnyMoment(Loader):
    """Reads moments; one that Python has no word for (``infinity``, year 10000) takes no other row with it."""

    format = Format.TEXT

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        usual = psycopg.adapters.get_loader(oid, Format.TEXT)
        if usual is None:
            raise StoreError("psycopg has no reader for moments; install the versions of requirements.lock")
        self._usual = usual(oid, context)

    def load(self, data: Buffer) -> Any:
        try:
            return self._usual.load(data)
        except psycopg.DataError:
            return "beyond the calendar"  # which ``UtcTime`` cannot read


class PostgresqlDialect(Dialect):
    """A server; writers of every process queue for one advisory lock, because the ledger is one chain."""

    driver = "postgresql+psycopg"

    @property
    def place(self) -> str:
        """Host, port and database."""
        host = self.url.host or self.url.query.get("host") or "the local socket"
        return f"PostgreSQL on {host}:{self.url.port or 5432}, database {self.url.database}"

    @property
    def mend(self) -> str:
        """Server matters."""
        return "check that the server runs, and the host, user, password and database name in database.url"

    def engine(self, *, writes: bool, connections: int) -> Engine:
        """Every wait is bounded, so that a lost server stops calls instead of hanging them."""
        options = f"-c timezone=UTC -c statement_timeout={STATEMENT_S}s -c lock_timeout={BUSY_S}s"
        options += f" -c idle_in_transaction_session_timeout={STATEMENT_S}s"
        if not writes:
            options += " -c default_transaction_read_only=on"
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            hide_parameters=True,
            isolation_level="READ COMMITTED" if writes else "AUTOCOMMIT",
            connect_args={
                "connect_timeout": BUSY_S,
                "tcp_user_timeout": BUSY_S * 1000,
                "application_name": "telephony",
                "options": options,
            },
        )

        @event.listens_for(engine, "connect")
        def _prepare(connection: psycopg.Connection[Any], _record: object) -> None:
            connection.adapters.register_loader("timestamptz", _AnyMoment)

        return engine

    def exists(self) -> bool:
        """Only connecting can tell."""
        return True

    def prepare(self) -> None:
        """The database is made by whoever runs the server."""

    def lock(self, connection: Connection) -> None:
        """Taken first in every write, so that no two can wait for each other's rows."""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})")

    def add_leads(
        self, connection: Connection, campaign_id: CampaignId, list_id: ListId, leads: Sequence[NewLead]
    ) -> set[int]:
        """One round trip: arrays in, the rows that were taken out."""
        taken = connection.exec_driver_sql(
            "INSERT INTO leads (list_id, campaign_id, number, name, fields, row, priority, numbers, terms, clock,"
            " bucket, client_key)"
            " SELECT %s, %s, number, name, fields, row, priority, numbers, terms, clock, bucket, client_key"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::int[], %s::smallint[], %s::text[], %s::text[],"
            " %s::text[], %s::text[], %s::text[])"
            " AS batch(number, name, fields, row, priority, numbers, terms, clock, bucket, client_key)"
            " ORDER BY row ON CONFLICT (campaign_id, number) DO NOTHING RETURNING row",
            (
                list_id,
                campaign_id,
                [lead.number for lead in leads],
                [lead.name for lead in leads],
                [dump_json(lead.fields) for lead in leads],
                [lead.row for lead in leads],
                [lead.priority for lead in leads],
                [_numbers(lead) for lead in leads],
                [_terms(lead) for lead in leads],
                [_clock(lead) for lead in leads],
                [fresh_bucket(lead.number) for lead in leads],
                [lead.client_key for lead in leads],
            ),
        )
        return {row for (row,) in taken}

    def analyze(self, connection: Connection) -> None:
        """Without it the planner believes the table is as it was before the load."""
        connection.exec_driver_sql("ANALYZE leads")

    def sole_lock(self) -> SoleLock:
        """An advisory lock; a controller that vanished with its machine loses it when the keepalives fail."""
        _, known = self.url.get_dialect()().create_connect_args(self.url)
        keepalive = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
        bounds = {"connect_timeout": BUSY_S, "tcp_user_timeout": BUSY_S * 1000, "options": keepalive}
        address = make_conninfo(**{**known, **bounds, "application_name": "telephony-controller"})
        return AdvisoryLock(self.place, address, self.mend)

    def interrupt(self, connection: Connection) -> None:
        """Shut the socket: a stopped server reads no request to cancel, and the half-done transaction dies with it."""
        driver: Any = connection.connection.driver_connection
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(driver.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


def _clock(lead: NewLead) -> str:
    return LeadClock.of(lead.number, lead.terms).word


def _numbers(lead: NewLead) -> str | None:
    return dump_json(lead.numbers) if lead.others else None


def _terms(lead: NewLead) -> str | None:
    record = lead.terms.record()
    return dump_json(record) if record else None


def dialect_of(url: str) -> Dialect:
    """Return the kind of database a URL names.

    Raises:
        StoreError: it is neither SQLite nor PostgreSQL, or names no lasting place.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("database.url cannot be read; write sqlite:////path.db or postgresql://…") from None
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        return PostgresqlDialect(parsed)
    if kind == "sqlite" and parsed.database and not parsed.database.startswith(":"):
        return SqliteDialect(parsed)
    raise StoreError("database.url must be sqlite:////path.db or postgresql://user:password@host/name")
