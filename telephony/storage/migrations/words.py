"""Checks that learn new words: ``one_of`` on a column of a table that is there already, whatever its size.

SQLite cannot change a CHECK, and copying the table would take minutes at ten million rows: its text in the schema is
replaced, which is what SQLite's documentation of ALTER TABLE advises for constraints that leave the rows alone.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def widen(table: str, column: str, before: Sequence[str], after: Sequence[str]) -> None:
    """Let ``column`` hold the words of ``after`` where it held those of ``before``.

    Raises:
        RuntimeError: the table's check is not the one named; nothing was changed.
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
