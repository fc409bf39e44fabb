"""Telephone numbers typed into a search: a whole number in any written form, or its last digits."""

import re
from typing import Final

from telephony.domain.numbers.errors import NumberError, RejectReason
from telephony.domain.numbers.numbers import canonical
from telephony.domain.text.visible import visible
from telephony.ids import Number

NOBODY: Final = "+"
"""An ending that no number has, so that the search finds nothing instead of everything."""
_SEPARATORS: Final = re.compile(r"[\s.\-/()]")
_ENDING: Final = re.compile(r"[0-9]{1,10}")
_COMPLETE: Final = frozenset(
    {RejectReason.FOREIGN, RejectReason.PREMIUM, RejectReason.SATELLITE, RejectReason.UNKNOWN_PREFIX}
)
"""Reasons to refuse a number although all its digits are there."""
_SCHEME: Final = re.compile(r"(?:tel|callto):(?=[+(0-9])", re.IGNORECASE)


def as_typed(text: str) -> str:
    """Return what a person typed or pasted, without invisible characters, ``tel:`` and a trailing comma."""
    words = _SCHEME.sub("", visible(text)).split()
    return " ".join(word.rstrip(",;") or word for word in words)


def whole_number(text: str) -> str | None:
    """Return a complete number, E.164 without plus, even if it may never be called; None for anything else."""
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
    """Return a number in canonical form; or its digits in E.164 form, and why it is not a number that can be called.

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
    """Return the last digits to search for, E.164 without plus where the number is complete.

    None when there are none: the beginning of a number, with its ``+``, is not an ending.
    """
    if whole := whole_number(text):
        return whole
    digits = _SEPARATORS.sub("", as_typed(text))
    return digits if _ENDING.fullmatch(digits) else None
