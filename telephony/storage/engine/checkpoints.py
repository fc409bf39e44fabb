"""Copy SQLite's write-ahead log into the database, on a thread of its own.

By default SQLite does this in the commit that fills the log, about every hundredth decision at the gate, and that
commit waits for two or three more syncs. A passive checkpoint blocks neither readers nor the writer.
"""

import sqlite3
from pathlib import Path
from threading import Event, Thread
from typing import Final

PAUSE_S: Final = 1.0
BACKSTOP: Final = 16_000
"""Pages (64 MiB) after which a commit does it anyway, because this thread is late or has died."""


class Checkpoints:
    """The checkpoint thread; ``stop`` ends it."""

    def __init__(self, path: Path) -> None:
        """Start the thread."""
        self._path = path
        self._ended = Event()
        self._thread = Thread(target=self._run, name="store-checkpoints", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close the file."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(PAUSE_S):
            try:
                self._checkpoint_loop()
            except sqlite3.Error:
                # No file yet, or the disk is full: the writer gets the error, and the log keeps what was committed.
                continue

    def _checkpoint_loop(self) -> None:
        place = f"{self._path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(place, uri=True, isolation_level=None, timeout=0)
        try:
            connection.execute("PRAGMA synchronous=FULL")
            while not self._ended.wait(PAUSE_S):
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            connection.close()
