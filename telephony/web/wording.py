"""Every sentence a person reads, in French and in English, by key.

The texts are in ``words/fr.toml`` and ``words/en.toml``; a key missing in either is an error at start, not a blank on
a screen. Dates and figures are left to ``formats``.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")
FOLDER: Final = Path(__file__).parent / "words"


class Words:
    """The texts of one language."""

    def __init__(self, language: Language, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of ``key`` with ``values`` put in; KeyError when there is none."""
        text = self._texts[key]
        return text.format_map(values) if values else text

    def has(self, key: str) -> bool:
        """Tell whether there is a text of that key."""
        return key in self._texts

    def says(self, sentence: str) -> bool:
        """Tell whether a sentence is one of these texts, whatever values were put into it."""
        return any(pattern.fullmatch(sentence) for pattern in _patterns(self.language))

    def count(self, key: str, number: int, shown: str | None = None) -> str:
        """Return ``key.one`` or ``key.other`` for ``number``; French says one for 0 and 1, English for 1 only."""
        is_one = number in {0, 1} if self.language == "fr" else number == 1
        return self(f"{key}.{'one' if is_one else 'other'}", n=shown if shown is not None else number)

    def keys(self) -> frozenset[str]:
        """Return every key."""
        return frozenset(self._texts)


@cache
def words(language: Language) -> Words:
    """Return the texts of ``language``."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        return Words(language, dict(_flat(tomllib.load(file))))


@cache
def _patterns(language: Language) -> tuple[re.Pattern[str], ...]:
    """Return what sentences made of each text look like; a text that is a value alone would be any sentence."""
    parts = [re.split(r"{\w+}", words(language)(key)) for key in sorted(words(language).keys())]
    return tuple(re.compile(".+?".join(map(re.escape, one)), re.DOTALL) for one in parts if any(map(str.strip, one)))


def as_language(text: str | None) -> Language | None:
    """Return ``text`` as a language, or None when it is none we speak."""
    return next((one for one in LANGUAGES if one == text), None)


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found.extend(_flat(value, f"{prefix}{key}."))
        else:
            found.append((prefix + key, str(value)))
    return found
