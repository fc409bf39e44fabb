"""Run units of work against the database from the event loop: one writing thread, a few reading threads.

A unit of work is a plain function over a connection. Units that wait at the same time share one transaction and one
fsync, each behind its own savepoint; this keeps twenty calls a second cheap. The capability modules contain the units;
``dialects`` contains the differences between the databases.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from telephony.errors import StoreUnavailableError, UnreadableRowError, UnstorableError
from telephony.storage.engine.dialect import Dialect
from telephony.storage.engine.errors import UNSTORABLE, is_unavailable, translated
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables.rows import SINK, NotedRows, note

T = TypeVar("T")
READERS: Final = 3
"""Number of reading threads: a slow search must not delay the dialer's queries."""
GROUP: Final = 64
"""Maximum number of units of work in one transaction."""
PATIENCE_S: Final = 12.0
"""Seconds after which a unit of work is interrupted; longer than every time-out of the databases."""


@dataclass(slots=True, eq=False)
class _Unit:
    """A pending unit of work. When it is done, ``value`` or ``error`` is set."""

    work: Callable[[Transaction], Any]
    future: asyncio.Future[Any]
    value: Any = None
    error: Exception | None = None


class Database:
    """One database, used from one event loop. It raises only the ``StoreError`` family."""

    def __init__(self, dialect: Dialect) -> None:
        """Start the threads; nothing is connected yet."""
        self.dialect = dialect
        self._loop = asyncio.get_running_loop()
        self.unreadable = NotedRows()
        """Unreadable rows that were left out of query results."""
        options = {SINK: self.unreadable}
        self._write_engine = dialect.engine(writes=True, connections=1).execution_options(**options)
        self._read_engine = dialect.engine(writes=False, connections=READERS).execution_options(**options)
        self._units: SimpleQueue[_Unit | None] = SimpleQueue()
        self._writing: Connection | None = None
        self._is_closed = False
        self._readers = ThreadPoolExecutor(READERS, "store-reader")
        self._writer = Thread(target=self._write_units, name="store-writer", daemon=True)
        self._writer.start()
        self._stop_tidying = dialect.start_tidying()

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in a write transaction. It is durable on return; nothing was written if this raises.

        Raises:
            StoreError: or a subclass.
        """
        self._refuse_when_closed()
        unit = _Unit(work, self._loop.create_future())
        watch = self._loop.call_later(PATIENCE_S, self._break_off, lambda: self._writing)
        self._units.put(unit)
        try:
            value: T = await unit.future
        finally:
            watch.cancel()
        return value

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, which only reads, on a connection in autocommit.

        Raises:
            StoreError: or a subclass.
        """
        self._refuse_when_closed()
        in_use: list[Connection] = []
        watch = self._loop.call_later(PATIENCE_S, self._break_off, lambda: in_use[-1] if in_use else None)
        try:
            return await self._loop.run_in_executor(self._readers, self._read, work, in_use)
        finally:
            watch.cancel()

    async def close(self) -> None:
        """Finish all pending work, then close every connection; does nothing the second time."""
        if self._is_closed:
            return
        self._is_closed = True
        self._units.put(None)
        await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._readers.shutdown)
        await asyncio.to_thread(self._stop_tidying)
        self._write_engine.dispose()
        self._read_engine.dispose()

    def _refuse_when_closed(self) -> None:
        if self._is_closed:
            raise StoreUnavailableError(f"{self.dialect.place} has been closed; nothing was written: open it again")

    def _break_off(self, connection: Callable[[], Connection | None]) -> None:
        in_use = connection()
        if in_use is not None:
            self.dialect.interrupt(in_use)

    def _read(self, work: Callable[[Connection], T], in_use: list[Connection]) -> T:
        try:
            try:
                return self._read_once(work, in_use)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            # The server was restarted since the last read; repeating a read is safe.
            return self._read_once(work, in_use)
        except SQLAlchemyError as error:
            failure = translated(error, self.dialect)
        except UNSTORABLE:
            failure = UnstorableError()
        raise failure

    def _read_once(self, work: Callable[[Connection], T], in_use: list[Connection]) -> T:
        with self._read_engine.connect() as connection:
            in_use.append(connection)
            try:
                return work(connection)
            except UnreadableRowError as error:  # requested by key: the caller gets the error, and the row is noted
                note(connection, error)
                raise
            finally:
                in_use.clear()

    def _write_units(self) -> None:
        """Run the writing thread."""
        while (first := self._units.get()) is not None:
            units, is_last = self._collect_waiting(first)
            self._write_group([unit for unit in units if not unit.future.cancelled()])
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(_deliver, units)
            if is_last:
                return

    def _collect_waiting(self, first: _Unit) -> tuple[list[_Unit], bool]:
        units = [first]
        while len(units) < GROUP:
            try:
                unit = self._units.get_nowait()
            except Empty:
                break
            if unit is None:
                return units, True
            units.append(unit)
        return units, False

    def _write_group(self, units: Sequence[_Unit]) -> None:
        if not units:
            return
        try:
            with self._begun() as connection:
                transaction = Transaction(connection)
                for unit in units:
                    self._write_one(unit, transaction, is_alone=len(units) == 1)
                transaction.flush()
                connection.commit()
        except SQLAlchemyError as error:
            for unit in units:
                unit.error = unit.error or translated(error, self.dialect)
        except Exception as error:  # noqa: BLE001 - the thread's outermost frame: pass it to the waiters and go on
            for unit in units:
                unit.error = unit.error or self._failure(error)

    def _failure(self, error: Exception) -> Exception:
        """Return the error for the callers that wait for a unit of work."""
        if isinstance(error, SQLAlchemyError):
            return translated(error, self.dialect)
        return UnstorableError() if isinstance(error, UNSTORABLE) else error

    def _write_one(self, unit: _Unit, transaction: Transaction, *, is_alone: bool) -> None:
        if is_alone:
            unit.value = unit.work(transaction)
            return
        mark = transaction.mark()
        transaction.connection.exec_driver_sql("SAVEPOINT unit")
        try:
            unit.value = unit.work(transaction)
        except Exception as error:  # only this unit's caller gets it; the other units continue
            if isinstance(error, SQLAlchemyError) and is_unavailable(error):
                raise
            unit.error = self._failure(error)
            transaction.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT unit")
            transaction.rewind(mark)
        transaction.connection.exec_driver_sql("RELEASE SAVEPOINT unit")

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        """Begin the only write transaction; leaving without a commit rolls back."""
        connection = self._connect()
        try:
            yield connection
        finally:
            self._writing = None
            connection.close()

    def _connect(self) -> Connection:
        try:
            return self._connect_once()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        # The server was restarted since the last write. Nothing was sent yet, so connecting again is safe.
        return self._connect_once()

    def _connect_once(self) -> Connection:
        connection = self._write_engine.connect()
        self._writing = connection
        try:
            connection.begin()
            self.dialect.lock(connection)
        except BaseException:
            self._writing = None
            connection.close()
            raise
        return connection


def _deliver(units: Sequence[_Unit]) -> None:
    for unit in units:
        if unit.future.done():
            continue
        if unit.error is not None:
            unit.future.set_exception(unit.error)
        else:
            unit.future.set_result(unit.value)
