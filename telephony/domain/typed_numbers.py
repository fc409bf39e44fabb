"""Telephone numbers that a person types to find something: a whole one in any writing, or the digits it ends with."""

import re
from typing import Final

from telephony.domain.numbers import NumberError, RejectReason, canonical

NOBODY: Final = "+"
"""An ending that no number has: what was typed finds nothing, rather than everything."""
_SEPARATORS: Final = re.compile(r"[\s.\-/()]")
_ENDING: Final = re.compile(r"[0-9]{1,10}")
_COMPLETE: Final = frozenset(
    {RejectReason.FOREIGN, RejectReason.PREMIUM, RejectReason.SATELLITE, RejectReason.UNKNOWN_PREFIX}
)
"""Reasons why a number is not called although all its digits are there."""


def ending_of(text: str) -> str | None:
    """Return the digits that the numbers looked for end with, E.164 without plus where the number is whole.

    None when it cannot be told: the beginning of a number, with its ``+``, is no ending.
    """
    digits = _SEPARATORS.sub("", text)
    is_international = digits.startswith("+") or (digits.startswith("00") and len(digits) > 10)
    if is_international or len(digits) >= 10:
        try:
            return canonical(text)
        except NumberError as error:
            if error.reason not in _COMPLETE:
                return digits if not is_international and _ENDING.fullmatch(digits) else None
            bare = digits.removeprefix("+").removeprefix("00") if is_international else digits
            bare = f"33{digits[1:]}" if re.fullmatch("0[1-9][0-9]{8}", digits) else bare
            return bare if re.fullmatch("[0-9]{8,15}", bare) else None
    return digits if _ENDING.fullmatch(digits) else None
