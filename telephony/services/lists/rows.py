"""Turns a row of a list into a lead, or into a rejected row with its reason.

Pure. ``table`` reads the rows, ``telephony.domain.numbers.numbers`` checks a number, and ``importer`` finds the
campaign's duplicates and writes the leads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from telephony.domain.law.basis import LeadTerms
from telephony.domain.leads.leads import USUAL, NewLead, RejectedRow
from telephony.domain.numbers.errors import SENTENCES, NumberError, RejectReason
from telephony.domain.numbers.numbers import canonical
from telephony.ids import Number
from telephony.services.lists.columns import Columns
from telephony.services.lists.consent import TermsError
from telephony.services.lists.faults import FAULTS, TWICE, RowFault
from telephony.services.lists.reader import ListFile
from telephony.services.lists.records import Row, says_nothing
from telephony.services.lists.table import LineCount
from telephony.words import english

STEP: Final = 200
"""Rows checked at a time, about 2 ms: a longer step would block the event loop."""
DUPLICATE: Final = "duplicate"
"""Reason of a row whose number the file or the campaign has already; counted apart from rejected rows."""
_CELLS_KEPT, _CELL_LENGTH_KEPT = 64, 200


@dataclass(slots=True)
class Batch:
    """Some checked rows; ``left_out`` counts unreadable telephone cells of accepted rows."""

    rows: list[Row] = field(default_factory=list)
    leads: list[NewLead] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    left_out: int = 0


class RowReader:
    """Reads the rows of a file and checks them; it remembers the file's numbers so far."""

    def __init__(self, file: ListFile, lines: LineCount, zone: ZoneInfo) -> None:
        self.file = file
        self._rows = file.table.rows(lines)
        self._zone = zone
        self._seen: set[int] = set()

    def read(self, batch: Batch) -> bool:
        """Check the next rows into ``batch``; return False when these were the last."""
        rows = list(islice(self._rows, STEP))
        batch.rows += rows
        for row in rows:
            checked = self._checked(row, batch)
            (batch.leads if isinstance(checked, NewLead) else batch.rejected).append(checked)  # type: ignore[arg-type]
        return len(rows) == STEP

    def _checked(self, row: Row, batch: Batch) -> NewLead | RejectedRow:
        if row.fault:
            return rejected_row(row, row.fault, english(FAULTS[row.fault]))
        columns = self.file.columns
        numbers, problem, left_out = _numbers(row, columns)
        if not numbers:
            if row.is_short:
                return rejected_row(row, RowFault.MISSING_CELLS, english(FAULTS[RowFault.MISSING_CELLS]))
            return rejected_row(row, problem, english(SENTENCES[problem]))
        try:
            terms = columns.law(row.cells, self._zone)
        except TermsError as error:
            return rejected_row(row, error.reason, str(error))
        if int(numbers[0]) in self._seen:
            return rejected_row(row, DUPLICATE, english(TWICE))
        self._seen.add(int(numbers[0]))
        batch.left_out += left_out
        return _lead(row, numbers, columns, terms)


def _numbers(row: Row, columns: Columns) -> tuple[list[Number], RejectReason, int]:
    """Return the row's valid numbers, the fault of its first invalid cell, and the count of invalid cells.

    An empty or invalid cell does not reject the row as long as another cell is valid.
    """
    numbers: list[Number] = []
    problems: list[RejectReason] = []
    for index in columns.telephones:
        cell = row.cells[index]
        if says_nothing(cell):
            continue
        try:
            number = canonical(cell, is_named=columns.says_telephone)
        except NumberError as error:
            problems.append(error.reason)
        else:
            if number not in numbers:
                numbers.append(number)
    return numbers, problems[0] if problems else RejectReason.EMPTY, len(problems)


def _lead(row: Row, numbers: Sequence[Number], columns: Columns, terms: LeadTerms) -> NewLead:
    return NewLead(
        numbers[0],
        columns.name(row.cells),
        columns.fields(row.cells),
        row.line,
        others=tuple(numbers[1:]),
        priority=_priority(row, columns),
        terms=terms,
        client_key=columns.person(row.cells),
    )


def _priority(row: Row, columns: Columns) -> int:
    """Return the row's priority; anything but one digit is the usual priority."""
    cell = "" if columns.priority is None else row.cells[columns.priority].strip()
    return int(cell) if cell in set("0123456789") else USUAL


def rejected_row(row: Row, reason: str, text: str) -> RejectedRow:
    """Return a rejected row with its reason, as it is stored."""
    values = tuple(cell.replace("\0", "\N{SYMBOL FOR NULL}")[:_CELL_LENGTH_KEPT] for cell in row.cells[:_CELLS_KEPT])
    return RejectedRow(row.line, str(reason), text, values)
