"""What a reader sees of a text: characters that show nothing make no reason, and no other name."""

import unicodedata
from typing import Final

_UNSEEN: Final = frozenset({"Cf", "Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
"""Categories that show nothing: format, control, unassigned and private characters, every kind of space."""
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that are drawn as nothing."""


def visible(text: str) -> str:
    """Return a text without what nobody sees, single blanks between its words.

    Control and format characters between two letters are taken out, spaces of every kind become one blank.
    """
    kept = (_seen(letter) for letter in text)
    return " ".join("".join(kept).split())


def _seen(letter: str) -> str:
    if letter.isspace() or unicodedata.category(letter).startswith("Z"):
        return " "
    hidden = letter in _BLANK or unicodedata.category(letter) in _UNSEEN or "\ufe00" <= letter <= "\ufe0f"
    return "" if hidden else letter


def says_something(text: str) -> bool:
    """Tell whether a reader finds a letter or a digit in it."""
    return any(letter.isalnum() for letter in visible(text))


def name_key(name: str) -> str:
    """Return the one way to write a name: two names with the same one look alike to a reader."""
    return visible(unicodedata.normalize("NFKC", visible(name))).casefold()
