"""Why a text is not a number that can be called, and the message for it."""

from enum import StrEnum
from typing import Final

from telephony.domain.text.reason import Reason, ReasonError


class RejectReason(StrEnum):
    """Why a text is not a number that can be called, or a row of a list was rejected."""

    EMPTY = "empty"
    LETTERS = "letters"
    BAD_CHARACTER = "bad_character"
    SCIENTIFIC = "scientific_notation"
    DECIMAL = "decimal"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NINE_DIGITS = "nine_digits"
    EMERGENCY = "emergency"
    SHORT_NUMBER = "short_number"
    PREMIUM = "premium"
    SATELLITE = "satellite"
    UNKNOWN_PREFIX = "unknown_prefix"
    FOREIGN = "foreign_not_open"


SENTENCES: Final[dict[RejectReason, Reason]] = {
    RejectReason.EMPTY: Reason("number.empty"),
    RejectReason.LETTERS: Reason("number.letters"),
    RejectReason.BAD_CHARACTER: Reason("number.bad_character"),
    RejectReason.SCIENTIFIC: Reason("number.scientific"),
    RejectReason.DECIMAL: Reason("number.decimal"),
    RejectReason.TOO_SHORT: Reason("number.too_short"),
    RejectReason.TOO_LONG: Reason("number.too_long"),
    RejectReason.NINE_DIGITS: Reason("number.nine_digits"),
    RejectReason.EMERGENCY: Reason("number.emergency"),
    RejectReason.SHORT_NUMBER: Reason("number.short_number"),
    RejectReason.PREMIUM: Reason("number.premium"),
    RejectReason.SATELLITE: Reason("number.satellite"),
    RejectReason.UNKNOWN_PREFIX: Reason("number.unknown_prefix"),
    RejectReason.FOREIGN: Reason("number.foreign"),
}


class NumberError(ReasonError):
    """A text is not a number that can be called.

    Attributes:
        reason: why; the error's message never contains the number.
    """

    def __init__(self, reason: RejectReason) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason
