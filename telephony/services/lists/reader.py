"""Reads a file of numbers: it chooses the columns by the header and by the cells below it.

Blocking; called in a thread. A wrong file raises ``ListFileError`` with one message. ``table`` reads the rows,
``header`` the header; ``columns`` and ``number_columns`` find the columns. ``importer`` and
``telephony.services.rules.do_not_call`` check numbers and duplicates and write them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from telephony.domain.text.reason import Reason
from telephony.services.lists.columns import Columns, understand
from telephony.services.lists.encoding import Scan
from telephony.services.lists.faults import Label, ListFileError, RowFault
from telephony.services.lists.header import (
    Header,
    column_reason,
    find_header,
    no_number_column,
    several_columns,
    unread_numbers,
)
from telephony.services.lists.lines import Source, label_of, readable, scan
from telephony.services.lists.number_columns import find_numbers, is_whole_number, speaks_of_telephones
from telephony.services.lists.records import Row
from telephony.services.lists.table import SAMPLE, Table

_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")
_WHOLE_ROWS: Final = frozenset([None, RowFault.NAMELESS_NUMBER, RowFault.SHIFTED_CELLS])
"""Faults of rows whose cells can still be read."""
_NOT_NAMED: Final = Reason("list.taken.not_named")


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file that can be read as a list of leads."""

    table: Table
    columns: Columns

    @property
    def taken(self) -> Reason:
        """Which columns are dialled, as a message."""
        notes = () if self.columns.says_telephone else (_NOT_NAMED,)
        if self.columns.shy:
            notes = (*notes, Reason("list.taken.never_dialled", columns=self._named(self.columns.shy)))
        return Reason("list.taken.telephones", columns=self._named(self.columns.telephones), notes=notes)

    def _named(self, indexes: Iterable[int]) -> tuple[Reason, ...]:
        return tuple(column_reason(self.columns.headers, index, has_header=True) for index in indexes)


@dataclass(frozen=True, slots=True)
class NumbersFile:
    """A file of numbers or digests, with or without a header.

    Attributes:
        columns: indexes of the columns that are read.
        is_named: whether their headers say telephone or digest.
        has_header: whether there is a header; without one, the column of numbers was found by its cells.
    """

    table: Table
    columns: tuple[int, ...]
    is_named: bool
    has_header: bool

    @property
    def taken(self) -> Reason:
        """Which columns are read, as a message."""
        header = self.table.header.row.cells
        columns = tuple(column_reason(header, index, has_header=self.has_header) for index in self.columns)
        return Reason("list.taken.numbers", columns=columns, notes=() if self.is_named else (_NOT_NAMED,))


def inspect(source: Source) -> ListFile:
    """Scan a list of leads for its digest, encoding, separator and columns.

    Raises:
        ListFileError: it is missing, empty, not text, or has no header with a telephone column.
    """
    label, seen = _scanned(source)
    header = find_header(source, seen, label)
    columns = understand(header.row.cells)
    if columns is None:
        raise ListFileError(no_number_column(label, header.row.cells))
    table = Table(source, label, seen, header, columns.telephones).framed()
    if not columns.says_telephone:
        _refuse_unread(table, columns.telephones, says_telephone=False)
        columns = replace(columns, says_telephone=_holds_telephones(table, columns.number))
    return ListFile(table, columns)


def inspect_numbers(source: Source, reads: Callable[[str], bool]) -> NumbersFile:
    """Scan a file of numbers; it needs no header when only one of its columns has numbers.

    Args:
        source: path of the file, or its bytes.
        reads: returns True if a cell without a header is certainly a number or a digest.

    Raises:
        ListFileError: it is missing, empty, not text, or its column of numbers cannot be found.
    """
    label, seen = _scanned(source)
    header = find_header(source, seen, label)
    number_columns = find_numbers(header.row.cells)
    if number_columns.rank:
        indexes = tuple(sorted((*number_columns.telephones, *number_columns.digests)))
        table = Table(source, label, seen, header, number_columns.telephones).framed()
        _refuse_unread(table, indexes, says_telephone=number_columns.says_telephone)
        is_named = number_columns.says_telephone or _holds_telephones(table, number_columns.telephones[0])
        return NumbersFile(table, indexes, is_named, has_header=True)
    cells = header.row.cells
    if not any(map(reads, cells)) and not any(character.isdigit() for character in "".join(cells)):
        if len(cells) > 1:
            raise ListFileError(no_number_column(label, cells))
        table = Table(source, label, seen, header, (0,)).framed()  # a title over one column
        return NumbersFile(table, (0,), is_named=False, has_header=True)
    return _without_header(source, label, seen, header, reads)


def _holds_telephones(table: Table, column: int) -> bool:
    """Return True if a column headed ``numéro`` has telephones: at least half of its first numbers are complete.

    Then cells of nine digits have lost their 0 in a spreadsheet; otherwise they are customers' numbers.
    """
    cells = [row.cells[column] for row in islice(table.rows(), SAMPLE) if not row.fault]
    whole = sum(map(is_whole_number, cells))
    return whole > 0 and whole >= sum(_NINE_DIGITS.fullmatch(cell.strip()) is not None for cell in cells)


def _refuse_unread(table: Table, read: tuple[int, ...], *, says_telephone: bool) -> None:
    """Refuse a file with numbers in a column that is not read; ``numéro`` alone may be the customers' number.

    Raises:
        ListFileError: another column has numbers, or may be the column of telephones.
    """
    if unread := _holding_numbers(table, read, is_bare=not says_telephone):
        bare = None if says_telephone else read[0]
        raise ListFileError(unread_numbers(table.label, table.header.row.cells, unread, bare))


def _holding_numbers(table: Table, read: tuple[int, ...], *, is_bare: bool = False) -> list[int]:
    """Return the columns that are not read and have a number in any row.

    Nine digits are a number where the header mentions telephones; with ``is_bare`` such a column counts even if empty.
    """
    headers = table.header.row.cells
    others = [index for index in range(len(headers)) if index not in read]
    speaking = {index for index in others if speaks_of_telephones(headers[index])}
    holding, filled = set[int](), set[int]()
    for row in table.rows():
        if row.fault not in _WHOLE_ROWS:
            continue
        for index in others:
            cell = row.cells[index].strip()
            if cell:
                filled.add(index)
            if is_whole_number(cell) or (index in speaking and _NINE_DIGITS.fullmatch(cell)):
                holding.add(index)
    return sorted(holding | (speaking - filled if is_bare else set()))


def _without_header(
    source: Source, label: Label, seen: Scan, header: Header, reads: Callable[[str], bool]
) -> NumbersFile:
    """Return the file with its only column of numbers."""
    before = Header(Row(int(header.has_sep_line), (), lines=1), header.separator, header.has_sep_line)
    table = Table(source, label, seen, before, ())
    holding: set[int] = set()
    for row in table.rows():
        holding.update(index for index, cell in enumerate(row.cells) if not row.fault and reads(cell))
    if len(holding) > 1:
        raise ListFileError(several_columns(label, sorted(holding)))
    columns = tuple(holding) or (0,)
    return NumbersFile(replace(table, telephones=columns), columns, is_named=False, has_header=False)


def _scanned(source: Source) -> tuple[Label, Scan]:
    readable(source)
    label = label_of(source)
    return label, scan(source, label)
