"""Column types that both databases read back as the same Python value.

``dialects`` has the other differences between SQLite and PostgreSQL (locks, pragmas, bulk writes).
"""

import json
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BigInteger, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from telephony.domain.trunks.routes import Route
from telephony.errors import StoreError

_UNREADABLE: Final = (ValueError, TypeError, ArithmeticError, RecursionError)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Unreadable:
    """Placeholder for a stored value that cannot be read; it only carries the reason."""

    __slots__ = ("_why",)

    def __init__(self, why: str) -> None:
        self._why = why

    def __str__(self) -> str:
        """Return the reason, without the value."""
        return self._why


def as_utc(value: datetime) -> datetime:
    """Return ``value`` in UTC.

    Raises:
        StoreError: it is naive; guessing its zone could move a call by hours.
    """
    if value.tzinfo is None or value.utcoffset() is None:
        raise StoreError("a time without a time zone was given; give an aware one, such as datetime.now(UTC)")
    return value.astimezone(UTC)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time to the microsecond: ``timestamptz`` on PostgreSQL, microseconds since 1970 on SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the stored type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Convert to the stored value; refuse naive times."""
        if value is None:
            return None
        moment = as_utc(value)
        return moment if dialect.name == "postgresql" else (moment - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: datetime | int | None, _dialect: Dialect) -> Any:
        """Return the stored time as aware UTC."""
        if value is None:
            return None
        try:
            return value.astimezone(UTC) if isinstance(value, datetime) else _EPOCH + timedelta(microseconds=value)
        except _UNREADABLE:
            return Unreadable("an invalid time")


class TextOrNone(TypeDecorator[str]):
    """Optional text, stored as '' when missing; None in the domain."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str:
        """Store '' for None."""
        return "" if value is None else value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return None for ''."""
        return value or None


class Word(TypeDecorator[Any]):
    """A value of a ``StrEnum``, stored as its text."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, _dialect: Dialect) -> str | None:
        """Store the plain text: PostgreSQL's driver would store an enum member's name."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Return the enum member."""
        try:
            return None if value is None else self.words(value)
        except _UNREADABLE:
            return Unreadable(f"a value that is not a {self.words.__name__}")


class JsonText(TypeDecorator[Any]):
    """Small JSON stored as text, byte for byte as written, so that sealed text is read back unchanged."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Write JSON in ASCII, so that neither database refuses a character."""
        return None if value is None else dump_json(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Parse the JSON."""
        try:
            return None if value is None else json.loads(value)
        except _UNREADABLE:
            return Unreadable("text that is not JSON")


class Routes(TypeDecorator[Any]):
    """A campaign's further routes: ``[[trunk, caller ID, share], ...]``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Write trunk, caller ID and share of each route."""
        return None if value is None else dump_json([astuple(route) for route in value])

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Return the routes."""
        try:
            return None if value is None else tuple(_route(*route) for route in json.loads(value))
        except _UNREADABLE:
            return Unreadable("invalid routes")


def _route(trunk: object, caller_id: object, share: object) -> Route:
    if not (isinstance(trunk, str) and isinstance(caller_id, str) and isinstance(share, int)):
        raise TypeError("a route needs a trunk, a caller ID and a share")
    return Route(trunk, caller_id, share)


def dump_json(value: Any) -> str:
    """Return compact JSON in the given order."""
    return json.dumps(value, separators=(",", ":"))
