"""Helpers for all tables: naming, keys, and two recurring kinds of constraint."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, MetaData, Table, text

metadata: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
        "ck": "%(table_name)s_%(constraint_name)s_ck",
    }
)

# SQLite generates ids only in a column declared exactly INTEGER. ``sqlite_autoincrement`` prevents reuse of a removed
# row's id, because tags and ledger entries still name it.
Count: Final = BigInteger().with_variant(Integer(), "sqlite")


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Return a check that a column holds one of ``words``."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def some(name: str, *columns: str, table: Table, where: str) -> Index:
    """Add a partial index over the rows that match ``where``, so that it stays small at ten million rows."""
    return Index(name, *(table.c[column] for column in columns), sqlite_where=text(where), postgresql_where=text(where))
