"""Choose the dialect for a database URL. The dialects are in ``sqlite`` and ``postgresql``."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from telephony.errors import StoreError
from telephony.storage.engine.dialect import Dialect
from telephony.storage.engine.postgresql import PostgresqlDialect
from telephony.storage.engine.sqlite import SqliteDialect


def dialect_of(url: str) -> Dialect:
    """Return the dialect for a URL.

    Raises:
        StoreError: it is neither SQLite nor PostgreSQL, or is not persistent.
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
