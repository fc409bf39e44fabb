"""Read settings: the TOML file first, then ``TELEPHONY_…`` environment variables over it.

``TELEPHONY_DATABASE__URL`` overrides ``database.url``: two underscores per level. Errors carry every wrong key with
its full path, never a secret's value. A key that was renamed is refused with its new name (``RENAMED``).
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from telephony.errors import SettingsError
from telephony.settings.models import Settings

PREFIX = "TELEPHONY_"
RENAMED: Final[Mapping[str, str]] = {}
"""Old key → new key, as errors write them (``dialing.poll_s``, ``trunks.host``); a table's name stands for all of it.

An old key is refused and never read: a person must check a value that once meant something else.
"""


def load_settings(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of ``path`` with the environment's overrides.

    Args:
        path: the TOML file.
        environment: the variables; None: the process's own.

    Raises:
        SettingsError: the file is missing, is not TOML, or a key is missing, unknown or wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # as Windows editors write it
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: no such settings file; copy config/telephony.example.toml there") from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); check the path, its owner and mode") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # an endless number is a bare ValueError
        raise SettingsError(f"{path}: not TOML: {error}") from error
    _override(tables, os.environ if environment is None else environment)
    return settings_from(tables, source=str(path))


def settings_from(
    tables: Mapping[str, Any], source: str = "settings", renamed: Mapping[str, str] = RENAMED
) -> Settings:
    """Check ``tables`` and return them as settings.

    Args:
        tables: the tables of the file and the environment.
        source: its name in errors.
        renamed: the old keys that are refused with their new one.

    Raises:
        SettingsError: a key is missing, unknown, renamed or wrong.
    """
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        raise SettingsError(f"{source}: " + "; ".join(_messages(error, renamed))) from None


def _override(tables: dict[str, Any], environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        if not name.startswith(PREFIX) or "__" not in name:
            continue
        *path, key = name.removeprefix(PREFIX).lower().split("__")
        table = tables
        for part in path:
            table = table.setdefault(part, {})
            if not isinstance(table, dict):
                raise SettingsError(f"{name}: {part} is not a table of single settings; set it in the file instead")
        table[key] = value


def _messages(error: ValidationError, renamed: Mapping[str, str]) -> list[str]:
    items = error.errors(include_input=False, include_url=False)
    moves = {item["loc"]: new for item in items if (new := _new_key(item, renamed))}
    messages = []
    for item in items:
        path = ".".join(str(part) for part in item["loc"]) or "settings"
        if item["loc"] in moves:
            messages.append(f"{path}: renamed to {moves[item['loc']]}; change the key and check its value")
        elif item["type"] == "extra_forbidden":
            messages.append(f"{path}: unknown setting; remove it or correct its spelling")
        elif item["type"] == "missing" and path in moves.values():
            continue  # the message about its old key covers it
        elif item["type"] == "missing":
            messages.append(f"{path}: missing; it has no default: add it")
        else:
            messages.append(f"{path}: {item['msg'].removeprefix('Value error, ')}")
    return messages


def _new_key(item: ErrorDetails, renamed: Mapping[str, str]) -> str:
    """Return the new key of a renamed key, with the row of its list; "" for any other fault."""
    new = renamed.get(".".join(part for part in item["loc"] if isinstance(part, str)), "")
    if item["type"] != "extra_forbidden" or not new:
        return ""
    table, *rows = item["loc"][:2]
    if rows and isinstance(rows[0], int) and new.startswith(f"{table}."):
        return f"{table}.{rows[0]}.{new.removeprefix(f'{table}.')}"
    return new
