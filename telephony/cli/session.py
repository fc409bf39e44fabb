"""What every command shares: the settings file that was named, one event loop run, and tables or JSON."""

import asyncio
import dataclasses
import getpass
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from zoneinfo import ZoneInfo

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from telephony.app.wiring.services import Services
from telephony.app.workbench import workbench
from telephony.domain.text.years import FIRST_YEAR, LAST_YEAR, is_within_reach
from telephony.errors import InputError, SettingsError
from telephony.settings import Settings, load_settings

DEFAULT_CONFIG: Final = Path("/etc/telephony/telephony.toml")
CONFIG_HELP: Final = "Settings file (TOML); the environment's TELEPHONY_CONFIG names it too."
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]

UNBOUNDED: Final = 400
"""Columns of a table that goes into a file or a pipe: as many as it needs."""

Result = TypeVar("Result")
_named: dict[str, Path] = {"config": DEFAULT_CONFIG}


def remember(config: Path) -> None:
    """Keep the settings file named before the command."""
    _named["config"] = config


def config_path() -> Path:
    """Return the settings file in use."""
    return _named["config"]


def settings() -> Settings:
    """Read the settings; SettingsError says what is wrong with them."""
    return load_settings(config_path())


def with_workbench(work: Callable[[Services], Awaitable[Result]]) -> Result:
    """Open the database, do one command's work, close it."""

    async def run() -> Result:
        async with workbench(settings()) as bench:
            return await work(bench)

    return asyncio.run(run())


def who() -> str:
    """Return who types the command, for the ledger: the person behind sudo if there is one."""
    return f"cli:{os.environ.get('SUDO_USER') or getpass.getuser()}"


def plain(value: Any) -> Any:
    """Turn our values into what JSON knows: times in ISO 8601, durations in seconds, enums as words, secrets hidden."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, date):  # moments too
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path | SecretStr):
        return str(value)
    return value


def print_json(value: Any) -> None:
    """Print one value as JSON."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def tell(value: Any, sentence: str, *, as_json: bool) -> None:
    """Say in a sentence what a command did, or print the thing it did it to as JSON."""
    if as_json:
        print_json(value)
    else:
        typer.echo(sentence)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], empty: str) -> None:
    """Print rows as a table, or the sentence ``empty`` when there are none."""
    if not rows:
        typer.echo(empty)
        return
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")  # nothing is cut off: ids and paths are there to be copied
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    console = Console()
    (console if console.is_terminal else Console(width=UNBOUNDED)).print(table)


def given_moment(text: str | None, timezone: str) -> datetime | None:
    """Read a date or an ISO 8601 moment a person typed, in the site's time zone when it names none.

    Raises:
        InputError: it is neither.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no moment: write 2026-12-01 or 2026-12-01T14:00") from None
    within_reach(at)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))


def within_reach(at: datetime) -> datetime:
    """Return a time that every zone and database can hold.

    Raises:
        InputError: it is too far away.
    """
    if not is_within_reach(at):
        raise InputError(f"{at.isoformat()!r} is too far away: years from {FIRST_YEAR} to {LAST_YEAR} can be told")
    return at


def moment(at: datetime | None) -> str:
    """Return a time for a table: on the site's clock, as moments are given, to the second."""
    return "" if at is None else at.astimezone(_site_zone()).strftime("%Y-%m-%d %H:%M:%S")


def _site_zone() -> ZoneInfo | None:
    """Return the site's time zone; None, the machine's, for a command that needs no settings."""
    path = config_path()
    try:
        return _zone_in(path, path.stat().st_mtime_ns)
    except (OSError, SettingsError):
        return None


@lru_cache(maxsize=8)
def _zone_in(path: Path, written_ns: int) -> ZoneInfo:
    del written_ns  # a file that was written again is read again
    return ZoneInfo(load_settings(path).site.timezone)
