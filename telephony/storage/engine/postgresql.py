"""PostgreSQL: a server; every wait for it has a time-out."""

import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg.abc import AdaptContext, Buffer, Loader
from psycopg.conninfo import make_conninfo
from psycopg.pq import Format
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from typing_extensions import override

from telephony.domain.leads.leads import NewLead
from telephony.errors import StoreError
from telephony.ids import CampaignId, ListId
from telephony.storage.engine.dialect import BUSY_S, LEAD_COLUMNS, Dialect, lead_values
from telephony.storage.engine.single_controller import AdvisoryLock, SingleControllerLock

STATEMENT_S: Final = 20
"""Seconds after which PostgreSQL cancels a statement."""
CHAIN_LOCK: Final = 7_035_283_911
"""Key of the advisory lock that makes write transactions exclusive; any number nothing else uses."""


class _AnyMoment(Loader):
    """Reads timestamps. One that Python cannot represent (``infinity``, year 10000) does not break other rows."""

    format = Format.TEXT

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        usual = psycopg.adapters.get_loader(oid, Format.TEXT)
        if usual is None:
            raise StoreError("psycopg has no loader for timestamps; install the versions of requirements.lock")
        self._usual = usual(oid, context)

    def load(self, data: Buffer) -> Any:
        try:
            return self._usual.load(data)
        except psycopg.DataError:
            return "beyond the calendar"  # ``UtcTime`` reports it as unreadable


class PostgresqlDialect(Dialect):
    """A server. Writers of all processes queue for one advisory lock, because the ledger is one chain."""

    driver = "postgresql+psycopg"

    @property
    @override
    def place(self) -> str:
        host = self.url.host or self.url.query.get("host") or "the local socket"
        return f"PostgreSQL on {host}:{self.url.port or 5432}, database {self.url.database}"

    @property
    @override
    def mend(self) -> str:
        return "check that the server runs, and the host, user, password and database name in database.url"

    @override
    def engine(self, *, writes: bool, connections: int) -> Engine:
        # Every wait has a time-out, so that a lost server stops calls instead of blocking them.
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

    @override
    def exists(self) -> bool:
        return True  # unknown without connecting

    @override
    def prepare(self) -> None:
        pass  # the server's administrator creates the database

    @override
    def lock(self, connection: Connection) -> None:
        # Acquired first in every write, so that two writes cannot deadlock on rows.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})")

    @override
    def add_leads(
        self, connection: Connection, campaign_id: CampaignId, list_id: ListId, leads: Sequence[NewLead]
    ) -> set[int]:
        # One round trip: arrays in, the rows that were written out.
        columns = [list(column) for column in zip(*map(lead_values, leads), strict=True)]
        taken = connection.exec_driver_sql(
            f"INSERT INTO leads (list_id, campaign_id, {LEAD_COLUMNS})"  # noqa: S608 - our own names
            f" SELECT %s, %s, {LEAD_COLUMNS}"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::int[], %s::smallint[], %s::text[], %s::text[],"
            " %s::text[], %s::text[], %s::text[])"
            f" AS batch({LEAD_COLUMNS})"
            " ORDER BY row ON CONFLICT (campaign_id, number) DO NOTHING RETURNING row",
            (list_id, campaign_id, *columns),
        )
        return {row for (row,) in taken}

    @override
    def analyze(self, connection: Connection) -> None:
        # Without it the planner uses the statistics from before the load.
        connection.exec_driver_sql("ANALYZE leads")

    @override
    def sole_lock(self) -> SingleControllerLock:
        # A controller whose host is gone loses the lock when the keepalives fail.
        _, known = self.url.get_dialect()().create_connect_args(self.url)
        keepalive = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
        bounds = {"connect_timeout": BUSY_S, "tcp_user_timeout": BUSY_S * 1000, "options": keepalive}
        address = make_conninfo(**{**known, **bounds, "application_name": "telephony-controller"})
        return AdvisoryLock(self.place, address, self.mend)

    @override
    def interrupt(self, connection: Connection) -> None:
        # A stopped server reads no cancel request: close the socket, which also ends the open transaction.
        driver: Any = connection.connection.driver_connection
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(driver.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
