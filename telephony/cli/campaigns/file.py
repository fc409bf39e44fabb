"""The TOML files that ``telephony campaign`` reads: their keys and the type of each value."""

import tomllib
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from telephony.domain.campaigns.dialing_options import BY_KEY
from telephony.domain.law.basis import CampaignKind, Sector
from telephony.errors import InputError

_OWN: Final[dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "more_trunks": ("a list of texts", lambda value: _is_list(value, str)),
    "shares": ("a list of whole numbers", lambda value: _is_list(value, int)),
}
_ENUMS: Final[dict[str, type[StrEnum]]] = {"kind": CampaignKind, "sector": Sector}
_FORMS: Final[dict[type, tuple[str, Callable[[Any], bool]]]] = {
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int: ("a whole number", lambda value: type(value) is int),
    float: ("a number", lambda value: type(value) in (int, float)),
}
_TEXT: Final[tuple[str, Callable[[Any], bool]]] = ("text in quotes", lambda value: isinstance(value, str))


def _is_list(value: object, of: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, of) and not isinstance(item, bool) for item in value)


def read_toml(path: Path, example: str) -> dict[str, Any]:
    """Read a TOML file; InputError names the fault and an example."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except (OSError, ValueError, RecursionError) as error:  # a number with too many digits is a bare ValueError
        raise InputError(f"{path}: cannot be read as TOML ({error}); see {example}") from error


def read_campaign(path: Path) -> dict[str, Any]:
    """Return the values of a campaign's file, with its dialing options by key under ``options``.

    Raises:
        InputError: a key is unknown or its value has the wrong type; the message names it.
    """
    known = {"name", "client_company", "caller_id", "trunk", *_ENUMS, *_OWN, *BY_KEY}
    table = read_toml(path, "config/examples/campaign.toml")
    table = table.get("campaign", table)
    if not isinstance(table, dict):
        raise InputError(f"{path}: campaign must be a table; see config/examples/campaign.toml")
    unknown = sorted(set(table) - known)
    if unknown:
        raise InputError(f"{path}: unknown key {unknown[0]}; known: {', '.join(sorted(known))}")
    values = {key: _value(path, key, value) for key, value in table.items()}
    own = {key: value for key, value in values.items() if key not in BY_KEY}
    return own | {"options": {key: value for key, value in values.items() if key in BY_KEY}}


def _value(path: Path, key: str, value: Any) -> Any:
    option = BY_KEY.get(key)
    form, is_right = _FORMS.get(option.kind, _TEXT) if option else _OWN.get(key, _TEXT)
    if not is_right(value):
        raise InputError(f"{path}: {key} must be {form}{f': {option.help}' if option else ''}")
    kind = option.kind if option else _ENUMS.get(key, str)
    return _member(path, key, kind, value) if issubclass(kind, StrEnum) else value


def _member(path: Path, key: str, kind: type[StrEnum], text: str) -> StrEnum:
    try:
        return kind(text)
    except ValueError as error:
        raise InputError(f"{path}: {key} must be one of {', '.join(kind)}") from error
