"""Telephone numbers that a person types to find something: a whole one in any writing, or the digits it ends with."""

import re
from typing import Final

from telephony.domain.numbers.errors import NumberError, RejectReason
from telephony.domain.numbers.numbers import canonical
from telephony.domain.text.visible import visible
from telephony.ids import Number

NOBODY: Final = "+"
"""An ending that no number has: what was typed finds nothing, rather than everything."""
_SEPARATORS: Final = re.compile(r"[\s.\-/()]")
_ENDING: Final = re.compile(r"[0-9]{1,10}")
_COMPLETE: Final = frozenset(
    {RejectReason.FOREIGN, RejectReason.PREMIUM, RejectReason.SATELLITE, RejectReason.UNKNOWN_PREFIX}
)
"""Reasons why a number is not called although all its digits are there."""
_SCHEME: Final = re.compile(r"(?:tel|callto):(?=[+(0-9])", re.IGNORECASE)


def as_typed(text: str) -> str:
    """Return what a person typed or pasted without what is no part of it: unseen characters, ``tel:``, a last comma."""
    words = _SCHEME.sub("", visible(text)).split()
    return " ".join(word.rstrip(",;") or word for word in words)


def whole_number(text: str) -> str | None:
    """Return E.164 without plus of a number with all its digits, called or never; None for anything else."""
    text = as_typed(text)
    digits = _SEPARATORS.sub("", text)
    is_international = digits.startswith("+") or (digits.startswith("00") and len(digits) > 10)
    if not is_international and len(digits) < 10:
        return None
    try:
        return canonical(text)
    except NumberError as error:
        if error.reason not in _COMPLETE:
            return None
    bare = digits.removeprefix("+").removeprefix("00")
    if not is_international:
        bare = f"33{digits[1:]}" if re.fullmatch("0[1-9][0-9]{8}", digits) else ""
    return bare if re.fullmatch("[0-9]{8,15}", bare) else None


def number_or_digits(text: str) -> tuple[Number, NumberError | None]:
    """Return a number in canonical form; or its digits as E.164 would have them, and why it is no number to call.

    Raises:
        NumberError: there is no digit in the text.
    """
    try:
        return canonical(text), None
    except NumberError as error:
        digits = "".join(character for character in text if character.isascii() and character.isdigit())[:15]
        if not digits:
            raise
        if text.strip().startswith(("+", "00")):
            digits = digits.removeprefix("00")
        elif not digits.startswith("33"):
            digits = "33" + digits.removeprefix("0")
        return Number(digits), error


def ending_of(text: str) -> str | None:
    """Return the digits that the numbers looked for end with, E.164 without plus where the number is whole.

    None when it cannot be told: the beginning of a number, with its ``+``, is no ending.
    """
    if whole := whole_number(text):
        return whole
    digits = _SEPARATORS.sub("", as_typed(text))
    return digits if _ENDING.fullmatch(digits) else None
