"""Faults of a list's file and of its rows, as reasons.

The reasons for numbers are in ``telephony.domain.numbers.errors``, those for terms in ``consent``. ``reader`` and
``rows`` find the faults.
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
"""How messages name a file: its name, or ``list.the_file``."""


def label_text(label: Label) -> str:
    """Return a file's name in English."""
    return label if isinstance(label, str) else english(label)


class ListFileError(ReasonError):
    """A file cannot be read as a list."""


class RowFault(StrEnum):
    """Why a row could not be read, before its number was checked."""

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
    """Return the message for an empty file."""
    return Reason("list.file.empty", label=label)


def said(stored: str, language: str) -> str:
    """Translate the stored English message of a rejected row; return an unknown one unchanged."""
    reason = _by_english().get(stored)
    return stored if reason is None else say(reason, language)


@cache
def _by_english() -> Mapping[str, Reason]:
    reasons = (*SENTENCES.values(), *FAULTS.values(), *list_terms.SENTENCES.values(), TWICE, KNOWN, SETTLED)
    return {english(reason): reason for reason in reasons}
