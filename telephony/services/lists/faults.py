"""What is wrong with a list's file or with a row of it, as reasons.

Why a number is not taken is said in ``telephony.domain.numbers.numbers``, why terms are not in ``list_terms``; finding
faults is left to ``list_reading`` and ``lists``.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Final

from telephony.domain.numbers.errors import SENTENCES
from telephony.domain.text.reason import Reason, ReasonError
from telephony.services.lists import consent as list_terms
from telephony.words import english, say

Label = str | Reason
"""How sentences name a file: its name, or ``list.the_file``."""


def label_text(label: Label) -> str:
    """Return a file's name as English has it."""
    return label if isinstance(label, str) else english(label)


class ListFileError(ReasonError):
    """A file cannot be read as a list."""


class RowFault(StrEnum):
    """Why a row could not be read, before its number was looked at."""

    MISSING_CELLS = "missing_cells"
    EXTRA_CELLS = "extra_cells"
    NULL_BYTE = "null_byte"
    LINE_TOO_LONG = "line_too_long"
    UNCLOSED_QUOTE = "unclosed_quote"
    STRAY_QUOTE = "stray_quote"
    AMBIGUOUS_QUOTES = "ambiguous_quotes"
    ENCODING = "encoding"
    NAMELESS_NUMBER = "nameless_number"
    SHIFTED_CELLS = "shifted_cells"


FAULTS: Final[dict[RowFault, Reason]] = {
    RowFault.MISSING_CELLS: Reason("list.row.missing_cells"),
    RowFault.EXTRA_CELLS: Reason("list.row.extra_cells"),
    RowFault.NULL_BYTE: Reason("list.row.null_byte"),
    RowFault.LINE_TOO_LONG: Reason("list.row.line_too_long"),
    RowFault.UNCLOSED_QUOTE: Reason("list.row.unclosed_quote"),
    RowFault.STRAY_QUOTE: Reason("list.row.stray_quote"),
    RowFault.AMBIGUOUS_QUOTES: Reason("list.row.ambiguous_quotes"),
    RowFault.ENCODING: Reason("list.row.encoding"),
    RowFault.NAMELESS_NUMBER: Reason("list.row.nameless_number"),
    RowFault.SHIFTED_CELLS: Reason("list.row.shifted_cells"),
}
TWICE: Final = Reason("list.row.duplicate")
KNOWN: Final = Reason("list.row.duplicate_known")
SETTLED: Final = Reason("list.row.duplicate_settled")


def empty_file(label: Label) -> Reason:
    """Return the message for a file in which nothing stands."""
    return Reason("list.file.empty", label=label)


def said(stored: str, language: str) -> str:
    """Return the sentence a rejected row is stored with (English) in another language; an unknown one as it is."""
    reason = _by_english().get(stored)
    return stored if reason is None else say(reason, language)


@cache
def _by_english() -> Mapping[str, Reason]:
    reasons = (*SENTENCES.values(), *FAULTS.values(), *list_terms.SENTENCES.values(), TWICE, KNOWN, SETTLED)
    return {english(reason): reason for reason in reasons}
