"""What a reader sees of a text: invisible characters neither fill a reason nor make a different name."""

import re
import unicodedata
from typing import Final

from telephony.errors import InputError

_UNSEEN: Final = frozenset({"Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
"""Categories of invisible characters: format, control, unassigned, private, and every kind of space."""
_BLANK: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Invisible letters and marks: Unicode's Default_Ignorable_Code_Point, and the braille blank."""
_ALIKE: Final = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u2032\u0060\u00b4"), "'") | {0x2212: "-"}
"""Characters that look like an apostrophe or a hyphen; every Unicode dash is taken as a hyphen too."""


def visible(text: str) -> str:
    """Return a text without invisible characters, with single blanks between its words.

    Control and format characters between two letters are removed; spaces of every kind become one blank.
    """
    letters = (_seen(letter) for letter in text)
    return " ".join("".join(letters).split())


def _seen(letter: str) -> str:
    if letter.isspace() or unicodedata.category(letter).startswith("Z"):
        return " "
    hidden = _BLANK.match(letter) or unicodedata.category(letter) in _UNSEEN
    return "" if hidden else letter


def says_something(text: str) -> bool:
    """Return True if a text has a visible letter or digit."""
    return any(letter.isalnum() for letter in visible(text))


def name_key(name: str) -> str:
    """Return the key of a name: names with the same key look alike to a reader."""
    folded = unicodedata.normalize("NFKC", _alike(visible(name))).casefold()
    return visible(_alike(unicodedata.normalize("NFKC", folded)))


def _alike(text: str) -> str:
    signs = text.translate(_ALIKE)
    return "".join("-" if unicodedata.category(letter) == "Pd" else letter for letter in signs)


def shown_name(text: str, what: str) -> str:
    """Return a name as its readers see it; ``what`` names the field in the error.

    Raises:
        InputError: it is empty or invisible, or it is not UTF-8.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InputError(f"{what} contains a byte that is not UTF-8 text; type it again in UTF-8")
    shown = visible(text)
    if not shown:
        raise InputError(f"{what} is empty or cannot be seen; give it one")
    return shown
