"""One controller for a database: a lock that is held while it runs and given back by whatever ends it, kill -9 too.

Claiming a lead is guarded by its own row; this lock keeps a second controller from taking the first one's operators,
links and lists for its own. Commands that only read and write the database do not ask for it. On SQLite it is a locked
file beside the database; on PostgreSQL an advisory lock of a connection; lost, it ends the controller. Of a
controller whose machine or network is gone PostgreSQL keeps the lock until its keepalives fail: some twenty seconds.
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
"""How long a start waits: a controller that was killed has hardly gone."""
RETRY_S: Final = 0.1
LOOK_S: Final = 1.0
"""How often it is looked whether PostgreSQL still keeps the lock."""
SILENT_S: Final = 5.0
"""After so long without an answer the lock counts as lost: a server that hangs tells nobody."""
SOLE_LOCK: Final = 7_035_283_912
"""PostgreSQL's advisory lock of the one controller; any number nobody else uses."""
_MINE: Final = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted"
    " AND classid = %s AND objid = %s AND objsubid = 1"
)
SAY_AGAIN_S: Final = 60.0
"""How often a start that waits for another controller says so."""


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
        """Whether this process has it now."""

    def try_once(self) -> bool:
        """Take it when nobody has it; False too once it was released.

        Raises:
            StoreUnavailableError: it cannot be asked for.
        """
        with self._turn:
            return not self._is_released and self._take()

    def release(self) -> None:
        """Give it back for good, also from whoever is just taking it; a second time does nothing."""
        with self._turn:
            self._is_released = True
            self._give_back()

    @abstractmethod
    def _take(self) -> bool:
        """Take it when nobody has it; StoreUnavailableError when it cannot be asked for."""

    @abstractmethod
    def _give_back(self) -> None:
        """Let go of whatever is held."""

    async def hold(self, patience_s: float | None = None) -> None:
        """Take it.

        Args:
            patience_s: how long to wait for whoever has it, seconds; None: as long as a killed controller takes to go.

        Raises:
            ConflictError: another controller keeps it.
            StoreUnavailableError: it cannot be asked for.
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
        """Take it, however long another controller keeps it, and say so while it does.

        Two controllers of which each takes the lock as soon as the other lost it would chase each other: the one that
        comes second waits here, and only the end of the first lets it in.
        """
        while True:
            try:
                return await self.hold(PATIENCE_S if self._waits == 0 else SAY_AGAIN_S)
            except ConflictError:
                self._waits += 1
                say(f"another controller serves {self._place}: this one waits until it has ended")


class LockedFile(SingleControllerLock):
    """A file beside the SQLite database, locked for as long as it is open; the kernel lets go of a dead process's."""

    def __init__(self, place: str, database: Path) -> None:
        """Name it; nothing is opened. One file has one lock, whatever links lead to it."""
        super().__init__(place)
        real = database.resolve()
        self._path = real.with_name(real.name + "-controller")
        self._file: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether it is open, and so locked."""
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
                f"{self._path} cannot be locked ({error.strerror}): keep the database on a disk of this machine"
            ) from error
        self._file = file
        return True

    def _give_back(self) -> None:
        """Close it; the file stays, because removing it could unlock a successor's."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class AdvisoryLock(SingleControllerLock):
    """A lock of a PostgreSQL connection that does nothing else, looked after by a thread."""

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
        """Whether the connection has it and has answered lately; once it was lost it stays lost."""
        if self._connection is not None and time.monotonic() - self._seen >= SILENT_S:
            self._is_lost = True
        return self._connection is not None and not self._is_lost

    def _take(self) -> bool:
        """Connect and ask; then a thread sees to it that it stays so."""
        try:
            taken = self._ask()
        except psycopg.Error as error:
            raise StoreUnavailableError(f"{self._place} cannot be reached: {self._mend}") from error
        if taken and self._thread is None:
            self._thread = Thread(target=self._look_after, name="store-sole", daemon=True)
            self._thread.start()
        return taken

    def _give_back(self) -> None:
        """End the thread and close the connection; one that hangs with its server ends with the process."""
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

    def _look_after(self) -> None:
        try:
            while not self._ended.wait(LOOK_S):
                self._look()
        finally:
            self._drop()  # whatever ended this thread: nobody would see the lock go

    def _look(self) -> None:
        """Ask the server whether this connection has the lock, not only whether it answers."""
        if self._connection is None:
            return
        try:
            answer = self._connection.execute(_MINE, (SOLE_LOCK >> 32, SOLE_LOCK & 0xFFFFFFFF)).fetchone()
        except psycopg.Error:
            answer = None
        if answer is None:
            self._drop()  # lost for good: another controller may have begun, and this one ends
        else:
            self._seen = time.monotonic()
