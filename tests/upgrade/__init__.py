"""A dump of every schema there was, from 0025 on: each must open after ``database upgrade``, with its ledger whole.

``dumps/REVISION.sqlite.sql`` and ``dumps/REVISION.postgresql.sql`` hold the same made-up site: rows in every table.
``python -m tests.upgrade`` writes those of the newest schema; those of older ones are history and stay as they are.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

FOLDER: Final = Path(__file__).parent / "dumps"
FIRST: Final = "0025"
"""The oldest schema of which a dump is kept."""
KINDS: Final = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Dump:
    """One schema with its rows, as plain SQL."""

    revision: str
    kind: str

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.revision}.{self.kind}.sql"

    def load(self, url: str) -> None:
        """Make the dump's tables and rows in an empty database."""
        text = self.path.read_text(encoding="utf-8")
        if self.kind == "sqlite":
            with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
                file.executescript(text)
            file.close()
            return
        with psycopg.connect(url) as connection:
            connection.execute(text.encode())


def dumps(kind: str) -> list[Dump]:
    """Return those that are kept, oldest first."""
    return [Dump(path.name.partition(".")[0], kind) for path in sorted(FOLDER.glob(f"*.{kind}.sql"))]
