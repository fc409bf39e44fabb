"""The TOML files that ``telephony campaign`` reads: a campaign's own keys, each of its kind."""

import tomllib
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from telephony.domain.campaigns import CallOrder, CampaignKind, DialMode
from telephony.domain.law.basis import Sector
from telephony.domain.talk import NameShown
from telephony.errors import InputError

_TEXT: Final[tuple[str, Callable[[Any], bool]]] = ("text in quotes", lambda value: isinstance(value, str))
_FORMS: Final[dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "abandon_cap": ("a number from 0 to 0.03", lambda value: type(value) in (int, float)),
    "ratio": ("a number from 1.0 to 3.0", lambda value: type(value) in (int, float)),
    "more_trunks": ("a list of texts", lambda value: _is_list(value, str)),
    "shares": ("a list of whole numbers", lambda value: _is_list(value, int)),
    "withdraw_after_s": ("a whole number of seconds, 15 to 60, or 0 for never", lambda value: type(value) is int),
    "detects_machines": ("true or false", lambda value: isinstance(value, bool)),
}
_WORDS: Final[dict[str, type[StrEnum]]] = {
    "kind": CampaignKind,
    "sector": Sector,
    "mode": DialMode,
    "call_order": CallOrder,
    "shown_name": NameShown,
}


def _is_list(value: object, of: type) -> bool:
    return isinstance(value, list) and all(isinstance(one, of) and not isinstance(one, bool) for one in value)


def read_toml(path: Path, example: str) -> dict[str, Any]:
    """Read a TOML file; InputError names what is wrong and an example."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except (OSError, ValueError, RecursionError) as error:  # a figure without end is a bare ValueError
        raise InputError(f"{path}: cannot be read as TOML ({error}); see {example}") from error


def read_campaign(path: Path) -> dict[str, Any]:
    """Return the values of a campaign's file; InputError names the key that is none, or is of another kind."""
    known = {"name", "client_company", "caller_id", "trunk", "first_sentence", *_WORDS, *_FORMS}
    table = read_toml(path, "config/examples/campaign.toml")
    table = table.get("campaign", table)
    if not isinstance(table, dict):
        raise InputError(f"{path}: campaign must be a table; see config/examples/campaign.toml")
    unknown = sorted(set(table) - known)
    if unknown:
        raise InputError(f"{path}: unknown key {unknown[0]}; known: {', '.join(sorted(known))}")
    for key, value in table.items():
        wanted, is_right = _FORMS.get(key, _TEXT)
        if not is_right(value):
            raise InputError(f"{path}: {key} must be {wanted}")
    return table | {key: _word(path, key, words, table[key]) for key, words in _WORDS.items() if key in table}


def _word(path: Path, key: str, words: type[StrEnum], given: str) -> StrEnum:
    try:
        return words(given)
    except ValueError as error:
        raise InputError(f"{path}: {key} must be one of {', '.join(words)}") from error
