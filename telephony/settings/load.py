"""Read settings: the TOML file first, then ``TELEPHONY_…`` environment variables over it.

``TELEPHONY_DATABASE__URL`` overrides ``database.url``: two underscores per level. Errors carry every wrong key with
its full path, never a secret's value.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from telephony.errors import SettingsError
from telephony.settings.models import Settings

PREFIX = "TELEPHONY_"


def load_settings(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of ``path`` with the environment's overrides.

    Args:
        path: the TOML file.
        environment: variables to look at; the process's own when None.

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
        raise SettingsError(f"{path}: is not text in UTF-8; save it as UTF-8") from error
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a figure without end is a bare ValueError
        raise SettingsError(f"{path}: not TOML: {error}") from error
    _override(tables, os.environ if environment is None else environment)
    return settings_from(tables, source=str(path))


def settings_from(tables: Mapping[str, Any], source: str = "settings") -> Settings:
    """Check ``tables`` and return them as settings; ``source`` names them in errors."""
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        raise SettingsError(f"{source}: " + "; ".join(_sentences(error))) from None


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


def _sentences(error: ValidationError) -> list[str]:
    found = []
    for item in error.errors(include_input=False, include_url=False):
        path = ".".join(str(part) for part in item["loc"]) or "settings"
        if item["type"] == "extra_forbidden":
            found.append(f"{path}: unknown setting; remove it or correct its spelling")
        elif item["type"] == "missing":
            found.append(f"{path}: missing; it has no default: add it")
        else:
            found.append(f"{path}: {item['msg'].removeprefix('Value error, ')}")
    return found
