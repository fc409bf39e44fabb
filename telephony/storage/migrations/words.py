"""Add values to a ``one_of`` check on a column of an existing table, whatever its size.

SQLite cannot change a CHECK, and copying the table would take minutes at ten million rows. So its text in the schema is
replaced, as SQLite's documentation of ALTER TABLE advises for constraints that do not change rows.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def widen(table: str, column: str, before: Sequence[str], after: Sequence[str]) -> None:
    """Change the values that ``column`` may hold from ``before`` to ``after``.

    Raises:
        RuntimeError: the table's check differs from ``before``; nothing was changed.
    """
    if op.get_bind().dialect.name == "postgresql":
        name = f"{table}_{column}_ck"
        op.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        op.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" CHECK ({_words(column, after)})')
        return
    connection = op.get_bind()
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema=ON"))
    change = sa.text(
        "UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :table"
        " AND instr(sql, :old) > 0"
    )
    values = {"old": _words(column, before), "new": _words(column, after), "table": table}
    if connection.execute(change, values).rowcount != 1:
        raise RuntimeError(f"the check on {table}.{column} is not the one this migration changes")
    connection.execute(sa.text(f"PRAGMA schema_version={version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema=RESET"))


def _words(column: str, words: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"
