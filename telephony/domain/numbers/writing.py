"""Extract the digits of a number as people and spreadsheets write it, before its range is known."""

import re
from typing import Final

from telephony.domain.numbers.errors import NumberError, RejectReason

_SEPARATORS: Final = dict.fromkeys(map(ord, " .-/()\u00a0\u202f"))
_TEXT_LIMIT: Final = 40
"""Most characters; the longest number with every pair separated has fewer."""
_PLAIN: Final = re.compile(r"\+?[0-9]+")
_SCIENTIFIC: Final = re.compile(r"[0-9]+(?:[.,][0-9]*)?[eE][+-]?[0-9]+")
_DECIMAL: Final = re.compile(
    r"\+?[0-9]{4,}[.,][0-9]|\+?[1-9][0-9]{3,}[.,][0-9]+|[.,][0-9]+"
    r"|[1-9][0-9]{0,2}(?:[ \u00a0\u202f][0-9]{3})+[.,][0-9]{1,2}"  # thousands separated, as in an amount
)
_TWO_NUMBERS: Final = re.compile(r"(?:[^/0-9]*[0-9]){6,}[^/0-9]*/(?:[^/0-9]*[0-9]){6,}[^/0-9]*")
"""A slash with six or more digits on each side: two short numbers in one cell, which together may look like one."""
_BEGINNING: Final = re.compile(r"[0-9+]|\((?![1-9][^()]*\)$)")
"""A minus sign, or brackets around everything, is a spreadsheet's negative amount, not a number."""


def digits_of(text: str) -> str:
    """Return the ASCII digits of ``text``, with a leading plus when it has one."""
    text = text.strip()
    if len(text) > _TEXT_LIMIT:
        raise NumberError(RejectReason.TOO_LONG)
    digits = text.translate(_SEPARATORS)
    if _PLAIN.fullmatch(digits) and _BEGINNING.match(text) and not _DECIMAL.fullmatch(text):
        if _TWO_NUMBERS.fullmatch(text):
            raise NumberError(RejectReason.TOO_LONG)
        return digits
    if not digits or digits == "+":
        raise NumberError(RejectReason.EMPTY)
    if _SCIENTIFIC.fullmatch(text):
        raise NumberError(RejectReason.SCIENTIFIC)
    if _DECIMAL.fullmatch(text):
        raise NumberError(RejectReason.DECIMAL)
    has_letters = any(character.isalpha() for character in digits)
    raise NumberError(RejectReason.LETTERS if has_letters else RejectReason.BAD_CHARACTER)
