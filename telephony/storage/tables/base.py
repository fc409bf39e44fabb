"""What every table is made with: its names, its keys, and the two shapes of constraint that recur."""

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

# SQLite counts rows itself only in a column declared exactly INTEGER; ``sqlite_autoincrement`` keeps the id of what was
# removed from being given again, since tags and ledger entries go on naming it.
Count: Final = BigInteger().with_variant(Integer(), "sqlite")


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """A column that holds one of ``words``."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def some(name: str, *columns: str, table: Table, where: str) -> Index:
    """An index over the few rows that ``where`` holds for, so that it stays small at ten million."""
    return Index(name, *(table.c[column] for column in columns), sqlite_where=text(where), postgresql_where=text(where))
