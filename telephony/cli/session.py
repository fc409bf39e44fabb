"""What every command shares: the settings file, one run of the event loop, and output as tables or JSON."""

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
CONFIG_HELP: Final = "Settings file (TOML)."
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]

UNBOUNDED: Final = 400
"""Width in characters of a table written to a file or a pipe: no line is wrapped."""

Result = TypeVar("Result")
_named: dict[str, Path] = {"config": DEFAULT_CONFIG}


def set_config_path(config: Path) -> None:
    """Store the path given with ``--config``."""
    _named["config"] = config


def config_path() -> Path:
    """Return the settings file in use."""
    return _named["config"]


def settings() -> Settings:
    """Read the settings; SettingsError if the file is missing or a value is not valid."""
    return load_settings(config_path())


def with_workbench(work: Callable[[Services], Awaitable[Result]]) -> Result:
    """Open the database, run ``work`` with the services, and close the database."""

    async def run() -> Result:
        async with workbench(settings()) as bench:
            return await work(bench)

    return asyncio.run(run())


def current_user() -> str:
    """Return the name of the Unix user for the ledger; under sudo, of the user who called sudo."""
    return f"cli:{os.environ.get('SUDO_USER') or getpass.getuser()}"


def plain(value: Any) -> Any:
    """Convert a value to JSON types: times to ISO 8601, durations to seconds, enums to values; secrets are hidden."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, date):  # datetimes too
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path | SecretStr):
        return str(value)
    return value


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def emit(value: Any, message: str, *, as_json: bool) -> None:
    """Print a message for people, or the value as JSON."""
    if as_json:
        print_json(value)
    else:
        typer.echo(message)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], empty: str) -> None:
    """Print rows as a table, or the message ``empty`` if there are none."""
    if not rows:
        typer.echo(empty)
        return
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")  # wrapped, not cut off: people copy ids and paths
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    console = Console()
    (console if console.is_terminal else Console(width=UNBOUNDED)).print(table)


def parse_time(text: str | None, timezone: str) -> datetime | None:
    """Parse a date or an ISO 8601 time; without an offset it is in the site's time zone.

    Raises:
        InputError: the text is neither, or the year is out of range.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is not a date or time: write 2026-12-01 or 2026-12-01T14:00") from None
    checked_time(at)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))


def checked_time(at: datetime) -> datetime:
    """Return the time if every time zone and database can represent it.

    Raises:
        InputError: the year is out of range.
    """
    if not is_within_reach(at):
        raise InputError(f"{at.isoformat()!r} is out of range: give a year from {FIRST_YEAR} to {LAST_YEAR}")
    return at


def format_time(at: datetime | None) -> str:
    """Return a time for a table: in the site's time zone, to the second."""
    return "" if at is None else at.astimezone(_site_zone()).strftime("%Y-%m-%d %H:%M:%S")


def _site_zone() -> ZoneInfo | None:
    """Return the site's time zone, or None (this host's) if there are no settings."""
    path = config_path()
    try:
        return _zone_in(path, path.stat().st_mtime_ns)
    except (OSError, SettingsError):
        return None


@lru_cache(maxsize=8)
def _zone_in(path: Path, written_ns: int) -> ZoneInfo:
    del written_ns  # part of the cache key: a changed file is read again
    return ZoneInfo(load_settings(path).site.timezone)
