"""One controller for a database: a lock held while it runs and released however it ends, kill -9 included.

A claimed lead is protected by its own row; this lock stops a second controller from using the same operators, links
and lists. Commands that only read and write the database do not need it. On SQLite it is a locked file beside the
database; on PostgreSQL an advisory lock of a connection. A controller that loses it ends. If a controller's host or
network is gone, PostgreSQL keeps the lock until its keepalives fail: about twenty seconds.
"""

import asyncio
import fcntl
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final

import psycopg

from telephony.errors import ConflictError, StoreUnavailableError

PATIENCE_S: Final = 5.0
"""How long a start waits: a killed controller needs a short time to disappear."""
RETRY_S: Final = 0.1
LOOK_S: Final = 1.0
"""How often PostgreSQL is asked whether the lock is still held."""
SILENT_S: Final = 5.0
"""After this time without an answer the lock counts as lost: a server that hangs reports nothing."""
SOLE_LOCK: Final = 7_035_283_912
"""Key of the single controller's advisory lock; any number nothing else uses."""
_MINE: Final = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted"
    " AND classid = %s AND objid = %s AND objsubid = 1"
)
SAY_AGAIN_S: Final = 60.0
"""How often a start that waits for another controller reports it."""


class SingleControllerLock(ABC):
    """The lock of one database."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._turn = Lock()
        self._waits = 0
        self._is_released = False

    @property
    @abstractmethod
    def is_held(self) -> bool:
        """True if this process has the lock now."""

    def try_once(self) -> bool:
        """Acquire the lock if it is free; return False if it is not, or after ``release``.

        Raises:
            StoreUnavailableError: the lock cannot be requested.
        """
        with self._turn:
            return not self._is_released and self._take()

    def release(self) -> None:
        """Release the lock permanently, even while it is being acquired; a second call does nothing."""
        with self._turn:
            self._is_released = True
            self._give_back()

    @abstractmethod
    def _take(self) -> bool:
        """Acquire the lock if it is free; StoreUnavailableError when it cannot be requested."""

    @abstractmethod
    def _give_back(self) -> None:
        """Release what is held."""

    async def hold(self, patience_s: float | None = None) -> None:
        """Acquire the lock.

        Args:
            patience_s: how long to wait for the current holder, seconds; None: as long as a killed controller needs.

        Raises:
            ConflictError: another controller keeps it.
            StoreUnavailableError: the lock cannot be requested.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        deadline = began + (PATIENCE_S if patience_s is None else patience_s)
        while not await asyncio.to_thread(self.try_once):
            if loop.time() > deadline:
                raise ConflictError(
                    f"another controller serves {self._place}: one database has one controller; "
                    "end the other one (systemctl stop telephony), or give this one a database of its own"
                )
            await asyncio.sleep(RETRY_S if loop.time() < began + PATIENCE_S else LOOK_S)

    async def wait(self, say: Callable[[str], None]) -> None:
        """Wait until the other controller has ended, report the wait, and acquire the lock.

        Two controllers that each took the lock as soon as the other lost it would displace each other again and again:
        so the second one waits here until the first has ended.
        """
        while True:
            try:
                return await self.hold(PATIENCE_S if self._waits == 0 else SAY_AGAIN_S)
            except ConflictError:
                self._waits += 1
                say(f"another controller serves {self._place}: this one waits until it has ended")


class LockedFile(SingleControllerLock):
    """A file beside the SQLite database, locked while it is open; the kernel unlocks it when the process dies."""

    def __init__(self, place: str, database: Path) -> None:
        """Set the file's path without opening it. All links to one database share one lock."""
        super().__init__(place)
        real = database.resolve()
        self._path = real.with_name(real.name + "-controller")
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        """True if the file is open, and so locked."""
        return self._file is not None

    def _take(self) -> bool:
        try:
            file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnavailableError(
                f"{self._path} cannot be opened ({error.strerror}): this user must be able to write beside the database"
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        except OSError as error:
            os.close(file)
            raise StoreUnavailableError(
                f"{self._path} cannot be locked ({error.strerror}): keep the database on a local disk"
            ) from error
        self._file = file
        return True

    def _give_back(self) -> None:
        """Close the file but keep it, because removing it could break a successor's lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class AdvisoryLock(SingleControllerLock):
    """A lock of a dedicated PostgreSQL connection, monitored by a thread."""

    def __init__(self, place: str, conninfo: str, mend: str) -> None:
        super().__init__(place)
        self._conninfo = conninfo
        self._mend = mend
        self._connection: psycopg.Connection[tuple[bool]] | None = None
        self._seen = 0.0
        self._is_lost = False
        self._ended = Event()
        self._thread: Thread | None = None

    @property
    def is_held(self) -> bool:
        """True if the connection has the lock and has answered lately; a lost lock stays lost."""
        if self._connection is not None and time.monotonic() - self._seen >= SILENT_S:
            self._is_lost = True
        return self._connection is not None and not self._is_lost

    def _take(self) -> bool:
        """Connect and request the lock; a thread then monitors it."""
        try:
            taken = self._ask()
        except psycopg.Error as error:
            raise StoreUnavailableError(f"{self._place} cannot be reached: {self._mend}") from error
        if taken and self._thread is None:
            self._thread = Thread(target=self._monitor, name="store-sole", daemon=True)
            self._thread.start()
        return taken

    def _give_back(self) -> None:
        """End the thread and close the connection; a connection that hangs ends with the process."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(SILENT_S)
            if self._thread.is_alive():
                return
        self._drop()

    def _ask(self) -> bool:
        connection = psycopg.connect(self._conninfo, autocommit=True)
        try:
            answer = connection.execute("SELECT pg_try_advisory_lock(%s)", (SOLE_LOCK,)).fetchone()
        except psycopg.Error:
            connection.close()
            raise
        if answer is None or not answer[0]:
            connection.close()
            return False
        self._connection, self._seen = connection, time.monotonic()
        return True

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def _monitor(self) -> None:
        try:
            while not self._ended.wait(LOOK_S):
                self._check_lock()
        finally:
            self._drop()  # the thread ended: nothing would notice a lost lock any more

    def _check_lock(self) -> None:
        """Ask the server whether this connection still has the lock; an answer alone is not enough."""
        if self._connection is None:
            return
        try:
            answer = self._connection.execute(_MINE, (SOLE_LOCK >> 32, SOLE_LOCK & 0xFFFFFFFF)).fetchone()
        except psycopg.Error:
            answer = None
        if answer is None:
            self._drop()  # lost permanently: another controller may have started, so this one ends
        else:
            self._seen = time.monotonic()
