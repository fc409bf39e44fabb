"""Every text of the pages, in each language, by key.

The texts are in ``words/fr.toml`` and its neighbours; a key missing in one is an error at start, not a blank on a
screen. Dates and figures are left to ``formats``, reasons to ``telephony.words``.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from telephony.words import LANGUAGES, Coded, flat, say, table

Language = str
"""Name of a file of words, e.g. ``fr``."""
FOLDER: Final = Path(__file__).parents[1] / "words"


class Words:
    """The texts of one language."""

    def __init__(self, language: Language, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of ``key`` with ``values`` put in; KeyError when there is none."""
        text = self._texts[key]
        return text.format_map(values) if values else text

    def reason(self, reason: Coded) -> str:
        """Return what a reason says."""
        return say(reason, self.language)

    def has(self, key: str) -> bool:
        """Tell whether there is a text of that key."""
        return key in self._texts

    def says(self, sentence: str) -> bool:
        """Tell whether a sentence is one of these texts, whatever values were put into it."""
        return any(pattern.fullmatch(sentence) for pattern in _patterns(self.language))

    def count(self, key: str, number: int, shown: str | None = None) -> str:
        """Return ``key.one`` or ``key.other`` for ``number``, as the language counts."""
        text = table(self.language).counted(key, number, self._texts)
        return text.format_map({"n": shown if shown is not None else number})

    def keys(self) -> frozenset[str]:
        """Return every key."""
        return frozenset(self._texts)


@cache
def words(language: Language) -> Words:
    """Return the texts of ``language``."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        return Words(language, dict(flat(tomllib.load(file))))


@cache
def _patterns(language: Language) -> tuple[re.Pattern[str], ...]:
    """Return what sentences made of each text look like; a text that is a value alone would be any sentence."""
    parts = [re.split(r"{\w+}", words(language)(key)) for key in sorted(words(language).keys())]
    return tuple(re.compile(".+?".join(map(re.escape, one)), re.DOTALL) for one in parts if any(map(str.strip, one)))


def as_language(text: str | None) -> Language | None:
    """Return ``text`` as a language, or None when it is none we speak."""
    return next((one for one in LANGUAGES if one == text), None)
