"""The header of a file of numbers: its separator, its row, and the messages when it is missing or unclear.

Blocking; called in a thread. ``number_columns`` finds the columns of numbers; ``table`` reads the rows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from telephony.domain.text.reason import Reason
from telephony.services.lists.encoding import Scan
from telephony.services.lists.faults import FAULTS, Label, ListFileError, empty_file
from telephony.services.lists.lines import Source, text_lines
from telephony.services.lists.number_columns import EXAMPLES, find_numbers, looks_like_a_row
from telephony.services.lists.records import Row, Shape, records

SEPARATORS: Final = ";,\t|"
_SEP_LINE: Final = re.compile(r"sep=([;,\t|])\s*", re.IGNORECASE)
_FEW: Final = 5
"""Rows below a header that are searched for a better one."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a file; without one, ``row`` is the empty row before the first."""

    row: Row
    separator: str
    has_sep_line: bool = False

    @property
    def last_line(self) -> int:
        """The line after which the rows begin."""
        return self.row.line + self.row.lines - 1


def find_header(source: Source, seen: Scan, label: Label) -> Header:
    """Return the first row that is not blank; a first line ``sep=;``, as Excel writes it, gives the separator."""
    given = _SEP_LINE.fullmatch(next(text_lines(source, seen.encoding), ""))
    readings = []
    for separator in given[1] if given else SEPARATORS:
        rows = records(text_lines(source, seen.encoding), separator, Shape())
        header = next((row for row in rows if not row.is_blank and (not given or row.line > 1)), None)
        if header is None:
            raise ListFileError(empty_file(label))
        # a separator that shows a telephone column wins; among several, the one with the most columns
        rank = 0 if header.fault else find_numbers(header.cells).rank
        readings.append((rank, 0 if header.fault else len(header.cells), header, separator))
    *_, header, separator = max(readings, key=lambda reading: reading[:2])
    if header.fault:
        fault = FAULTS[header.fault]
        raise ListFileError(Reason("list.file.header_fault", label=label, fault=fault))
    return Header(header, separator, has_sep_line=given is not None)


def refuse_a_title(header: Header, rows: Sequence[Row], label: Label) -> None:
    """Refuse a file whose header is a title above the real one, judging by the first rows below it.

    Raises:
        ListFileError: a row below is a better header, or only one column has a name and rows have more cells.
    """
    named = [index for index, cell in enumerate(header.row.cells) if cell.strip()]
    for row in rows[:_FEW]:
        filled = sum(bool(cell.strip()) for cell in row.cells)
        if filled > len(named) and not _has_digits(row.cells) and find_numbers(row.cells).rank:
            raise ListFileError(_title(label, row.line))
    nameless = set(range(len(header.row.cells))).difference(named)
    if len(named) == 1 and any(
        index < len(row.cells) and row.cells[index].strip() for row in rows for index in nameless
    ):
        raise ListFileError(_one_name(label))


def _has_digits(cells: Sequence[str]) -> bool:
    return any(character.isdigit() for cell in cells for character in cell)


def _title(label: Label, line: int) -> Reason:
    return Reason("list.file.title", label=label, line=str(line))


def _one_name(label: Label) -> Reason:
    return Reason("list.file.one_name", label=label)


def no_rows(label: Label) -> Reason:
    """Return the message for a file that has only a header."""
    return Reason("list.file.no_rows", label=label)


def unread_numbers(label: Label, header: Sequence[str], columns: Sequence[int], bare: int | None = None) -> Reason:
    """Return the message for columns that have numbers and are not read.

    Args:
        label: the file's name.
        header: its header.
        columns: the columns that have numbers, or may have some.
        bare: the column headed ``numéro`` that would be read instead; None when no header says number.
    """
    named = tuple(column_reason(header, index, has_header=True) for index in columns)
    if bare is None:
        return Reason("list.file.unread_numbers", label=label, columns=named)
    return Reason(
        "list.file.bare_number", label=label, column=column_reason(header, bare, has_header=True), others=named
    )


def no_number_column(label: Label, header: Sequence[str]) -> Reason:
    """Return the message when no header says telephone, or when there is no header."""
    if looks_like_a_row(header):
        return Reason("list.file.no_header", label=label)
    headers = ", ".join(cell[:30] for cell in header[:12])
    accepted = ", ".join(EXAMPLES)
    return Reason("list.file.no_telephone", label=label, found=headers, accepted=accepted)


def several_columns(label: Label, columns: Sequence[int]) -> Reason:
    """Return the message for several columns of numbers without a header."""
    which = ", ".join(str(index + 1) for index in columns)
    return Reason("list.file.several_columns", label=label, columns=which)


def column_reason(headers: Sequence[str], index: int, *, has_header: bool) -> Reason:
    """Return how a message names a column."""
    if has_header and headers[index].strip():
        return Reason("list.column.named", name=headers[index].strip())
    return Reason("list.column.nameless", number=str(index + 1))
