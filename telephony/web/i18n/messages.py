"""Every text of the pages by key, in each language.

The texts are the table ``[page]`` of ``telephony/words/<language>.toml``; a test holds that every language has
every key. Dates and figures are in ``formats``, reasons in ``telephony.words``.
"""

import re
from collections.abc import Mapping
from functools import cache

from telephony.words import LANGUAGES, Coded, say, table

Language = str
"""The name of a file of words, for example ``fr``."""


class Words:
    """The texts of one language."""

    def __init__(self, language: Language, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of ``key``, filled with ``values``; KeyError when there is none."""
        text = self._texts[key]
        return text.format_map(values) if values else text

    def reason(self, reason: Coded) -> str:
        """Return the sentence of a reason."""
        return say(reason, self.language)

    def has(self, key: str) -> bool:
        """Return True if there is a text of that key."""
        return key in self._texts

    def says(self, sentence: str) -> bool:
        """Return True if a sentence is one of these texts, filled with any values."""
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
    return Words(language, table(language).pages)


@cache
def _patterns(language: Language) -> tuple[re.Pattern[str], ...]:
    """Return the pattern of each text, without the texts that are only a value: those would match any sentence."""
    texts = [re.split(r"{\w+}", words(language)(key)) for key in sorted(words(language).keys())]
    return tuple(
        re.compile(".+?".join(map(re.escape, parts)), re.DOTALL) for parts in texts if any(map(str.strip, parts))
    )


def as_language(text: str | None) -> Language | None:
    """Return ``text`` if it is a language of the pages, else None."""
    return text if text in LANGUAGES else None
