"""How many rows each statement of a read fetches."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import pytest
from sqlalchemy import Connection, Executable, Result

from telephony.storage.engine.database import Database

T = TypeVar("T")


class _Counting:
    """A connection that notes how many rows each statement fetched."""

    def __init__(self, connection: Connection, fetched: list[int]) -> None:
        self._connection, self._fetched = connection, fetched

    def execute(self, statement: Executable, values: Any = None) -> Result[Any]:
        result = self._connection.execute(statement, values)
        if not result.returns_rows:
            return result
        frozen = result.freeze()
        self._fetched.append(len(frozen.data))
        return frozen()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note from now on how many rows each read statement fetches."""
    fetched: list[int] = []
    read = database.read

    async def counting(work: Callable[[Connection], T]) -> T:
        return await read(lambda connection: work(cast("Connection", _Counting(connection, fetched))))

    monkeypatch.setattr(database, "read", counting)
    return fetched
