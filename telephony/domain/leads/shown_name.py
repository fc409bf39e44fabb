"""How much of a called person's name operators see: as much as the campaign allows, never a number (I8)."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from telephony.domain.leads.leads import Lead

_NUMBER_DIGITS: Final = 6
"""This many digits in a row may be somebody's number."""
_RUN: Final = re.compile(r"\d(?:[\s().\-/+_\u00a0\u202f]*\d)*")
_TITLES: Final = frozenset(
    {"m", "mr", "mme", "mlle", "mrs", "ms", "miss", "me", "maître", "dr", "docteur", "monsieur", "madame"}
)
_PARTICLES: Final = frozenset({"de", "du", "des", "d", "la", "le", "les", "van", "von", "der", "den", "da"})


class NameShown(StrEnum):
    """How much of the called person's name operators see."""

    FULL = "full"
    """As in the list."""
    SURNAME = "surname"
    """Title and surname."""
    NONE = "none"


def person_shown(lead: Lead, shown: NameShown) -> str:
    """Return what may be shown of a lead's name; "" if the name may contain a number."""
    if shown is NameShown.NONE or holds_number(lead.name, (lead.number, *lead.numbers)):
        return ""
    return surname(lead.name) if shown is NameShown.SURNAME else lead.name


def surname(name: str) -> str:
    """Return the title and surname of a name.

    Words in capitals are the surname, as in forms ("Anne de LA TOUR", "DURAND Anne"); otherwise the last word with the
    particles before it.
    """
    words = name.split()
    titles = [word for word in words[:1] if word.rstrip(".").casefold() in _TITLES]
    rest = words[len(titles) :]
    capitals = [place for place, word in enumerate(rest) if word.isupper() and len(word.rstrip(".")) > 1]
    if capitals and len(capitals) < len(rest):
        first, last = capitals[0], capitals[-1]
    else:
        first, last = (0 if capitals else len(rest) - 1), len(rest) - 1
    while first > 0 and rest[first - 1].rstrip("’'").casefold() in _PARTICLES:
        first -= 1
    return " ".join([*titles, *rest[max(0, first) : last + 1]])


def holds_number(text: str, numbers: Sequence[str] = (), last: int = 4) -> bool:
    """Return True if a text may contain a telephone number, or the last digits of one of these."""
    own = {number[-last:] for number in numbers}
    for run in _RUN.finditer(text):
        digits = "".join(str(int(character)) for character in run.group() if character.isdecimal())
        if len(digits) >= _NUMBER_DIGITS or any(end in digits for end in own):
            return True
    return False
