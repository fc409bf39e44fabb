"""Read rows one by one, so that an unreadable row does not break the others.

A query for many rows leaves such a row out and notes it (``readable``); a query for one row raises
``UnreadableRowError``. The column types and the domain values validate the stored values.
"""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, ParamSpec, TypeVar

from sqlalchemy import Connection, Select
from typing_extensions import override

from telephony.errors import TelephonyError, UnreadableRowError
from telephony.ports.unreadable import UnreadableRow, UnreadableRows
from telephony.storage.tables.types import Unreadable

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")
SINK: Final = "unreadable_rows"
"""Execution option of a connection: the object that notes unreadable rows."""
KEPT: Final = 1_000
"""Maximum number of remembered rows; more mean a fault of the whole database, which the first ones show."""
KEY_CHARACTERS: Final = 64
_WRONG: Final = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What a domain value raises when the stored values are not valid."""


class NotedRows(UnreadableRows):
    """Implements ``UnreadableRows``; thread-safe."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], None] = {}
        self._news: deque[UnreadableRow] = deque(maxlen=KEPT)

    @override
    def note(self, row: UnreadableRow) -> None:
        same = (row.table, row.key)
        if same in self._known or len(self._known) >= KEPT:
            return
        self._known[same] = None
        self._news.append(row)

    @override
    def take(self) -> Sequence[UnreadableRow]:
        rows = []
        while self._news:
            rows.append(self._news.popleft())
        return rows


def made(table: str, key: object, make: Callable[..., T], values: Iterable[object], **named: object) -> T:
    """Return a domain value made from a row's values.

    Raises:
        UnreadableRowError: a value cannot be read, or the domain refuses it.
    """
    given = tuple(values)
    for value in (*given, *named.values()):
        if value.__class__ is Unreadable:
            raise UnreadableRowError(table, _key(key), str(value))
    try:
        return make(*given, **named)
    except UnreadableRowError:
        raise
    except TelephonyError as error:
        raise UnreadableRowError(table, _key(key), f"{type(error).__name__}: its value is not possible") from None
    except _WRONG as error:
        raise UnreadableRowError(table, _key(key), f"{type(error).__name__} in a value") from None


def readable(connection: Connection, rows: Iterable[R], make: Callable[[R], T]) -> list[T]:
    """Return the values of the readable rows; unreadable rows are noted and left out."""
    values: list[T] = []
    for row in rows:
        try:
            values.append(make(row))
        except UnreadableRowError as error:
            note(connection, error)
    return values


def readable_page(connection: Connection, query: Select[Any], limit: int, make: Callable[[Any], T]) -> list[T]:
    """Return a page of readable rows; it is empty only at the end, even if many rows are unreadable."""
    for start in itertools.count(0, limit):
        rows = connection.execute(query.limit(limit).offset(start)).all()
        values = readable(connection, rows, make)
        if values or len(rows) < max(1, limit):
            return values
    raise AssertionError("the count has no end")


def note(connection: Connection, error: UnreadableRowError) -> None:
    """Note an unreadable row that was left out."""
    sink: NotedRows | None = connection.get_execution_options().get(SINK)
    if sink is not None:
        sink.note(UnreadableRow(error.table, error.key, error.why))


def _key(key: Any) -> str:
    return "" if key is None or isinstance(key, Unreadable) else str(key)[:KEY_CHARACTERS]
