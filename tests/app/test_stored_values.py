"""A stored value never ends a loop: a bad row is left out and named, and all other leads are called."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony.storage.tables import metadata
from telephony.storage.tables.types import JsonText, Routes, UtcTime, Word
from tests.effort import LONG, cases
from tests.scenes.controller_on_database import ControllerOnDatabase, InlineLoop, make_site
from tests.scenes.controller_on_doubles import is_the_products
from tests.virtual_time import passes

WORDS = ("", "9" * 5000, "٣", "03", "-1", "0", "x", "unknown", "Mars/Olympus", "\x00", "é" * 300, "ALL CAPITALS", "3.5")
TIMES = (0, -1, 10**15, -(10**17), 10**17, 2**62, -(2**62), 253_402_300_799_999_999, -62_135_596_800_000_000)
COUNTS = (0, -1, 1, 3, 7, 2**31, 2**62, -(2**62))
SMALL = (0, -1, 1, 999, 1000, 32_767, -32_768)
FLOATS = (0.0, -1.0, 0.03, 1e308, -1e308)
JSON = (
    *("", "{}", "[]", "null", "0", '"x"', "[" * 60_000, "nonsense", '[["x"]]', '[["x","33199009999","y"]]'),
    *('{"zone":"Mars/Olympus"}', '{"zone":7}', '{"basis":"x"}', '{"consent_at":"never","basis":"consent"}'),
    *('{"most_tries":1e999}', '{"heard":{}}'),
)
CLOCKS = ("33|Mars/Olympus", "||||", "33|../../etc/passwd|any", "99999999999999999999", "|localtime")
LEFT = {"alembic_version", "ledger"}
"""The ledger is read by commands alone; a changed entry is a broken chain, which is another test's."""


def values_of(column: Any) -> tuple[Any, ...]:
    """Return what a column's type lets it hold."""
    kind = column.type
    if isinstance(kind, UtcTime):
        values: tuple[Any, ...] = TIMES
    elif isinstance(kind, JsonText | Routes):
        values = JSON
    elif isinstance(kind, Word):
        values = WORDS
    else:
        python = kind.python_type
        small = COUNTS if "BIG" in type(kind).__name__.upper() or "BigInteger" in repr(kind) else SMALL
        values = {bool: (0, 1), int: small, float: FLOATS}.get(
            python, WORDS + (CLOCKS if column.name == "clock" else ())
        )
    return (*values, None) if column.nullable else values


def places() -> Iterator[tuple[str, str, Any]]:
    """Every value of every column of every table."""
    for table in metadata.sorted_tables:
        if table.name not in LEFT:
            for column in table.c:
                for value in values_of(column):
                    yield table.name, column.name, value


PLACES = list(places())


@pytest.fixture(scope="module")
def made_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stored") / "site.db"
    make_site(path)
    return path


def spoil(path: Path, table: str, column: str, value: Any, seed: int) -> tuple[Any, ...] | None:
    """Put a value into one row, as the schema allows it; None when it allows it in no row."""
    file = sqlite3.connect(path)
    file.execute("PRAGMA foreign_keys=ON")
    try:
        rows = [row[0] for row in file.execute(f'SELECT rowid FROM "{table}"')]  # noqa: S608
        for turn in range(len(rows)):
            row = rows[(seed + turn) % len(rows)]
            try:
                with file:
                    file.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (value, row))  # noqa: S608
            except (sqlite3.IntegrityError, OverflowError):
                continue
            return (row,)
        return None
    finally:
        file.close()


def running_loops() -> set[str]:
    """Return the names of the controller's loops; a task that somebody waits for has no name of its own."""
    names = {task.get_name() for task in asyncio.all_tasks() if is_the_products(task)}
    return {name for name in names if not name.startswith("Task-")}


async def runs(path: Path, what: str) -> None:
    """Start on the database, work for some time, start again; no loop may end, and others are called."""
    for turn in range(2):
        site = ControllerOnDatabase(path)
        try:
            await site.start()
            await site.log_in(*(seat for seat in (1, 2, 3) if seat in site.parts.calls.seats.seats))
            loops = running_loops()
            await passes(1.2 if turn else 3)
            controller = site.controller
            assert controller is not None
            assert not controller.failed.done(), f"{what}: {controller.failed.exception()!r}"
            assert not loops - running_loops(), what
            if turn:
                counts = site.sql("SELECT kind, subject, count(*) FROM incidents GROUP BY kind, subject")
                assert all(count == 1 for _kind, _subject, count in counts), f"{what}: opened again: {counts}"
            await site.crash()
        finally:
            site.end_tasks()
            site.close()


@pytest.mark.slow
@settings(
    max_examples=cases(60, long=600), suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=LONG
)
@given(place=st.sampled_from(PLACES), seed=st.integers(0, 50))
def test_a_stored_value_never_ends_a_loop(made_site: Path, tmp_path: Path, place: tuple[str, str, Any], seed: int):
    table, column, value = place
    path = tmp_path / "spoilt.db"
    shutil.copyfile(made_site, path)
    if spoil(path, table, column, value, seed) is None:
        return
    with asyncio.Runner(loop_factory=InlineLoop) as runner:
        runner.run(runs(path, f"{table}.{column} = {str(value)[:40]!r}"))
