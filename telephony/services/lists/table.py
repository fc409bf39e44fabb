"""The rows of a file below its header, in order; every line of the file is counted.

Blocking; read in a thread. ``lines`` and ``encoding`` read the lines, ``records`` the quotes; ``fit`` checks that a row
fits the header, and ``reader`` finds the header and the columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from telephony.domain.text.reason import Reason
from telephony.services.lists.encoding import Scan
from telephony.services.lists.faults import Label, ListFileError
from telephony.services.lists.fit import Frame, fitted, frame_of
from telephony.services.lists.header import Header, no_rows, refuse_a_title
from telephony.services.lists.lines import Source, text_lines
from telephony.services.lists.records import Row, Shape, records

SAMPLE: Final = 1_000
"""Rows read to find what is usual in a file."""


@dataclass(slots=True)
class LineCount:
    """The lines of a file that were read so far, by kind.

    Attributes:
        header: lines of the header, a first line ``sep=;`` included.
        rows: first lines of rows.
        inside: further lines of rows that span several, inside their quoted cells.
        blank: empty lines.
    """

    header: int = 0
    rows: int = 0
    inside: int = 0
    blank: int = 0

    @property
    def total(self) -> int:
        """All lines read."""
        return self.header + self.rows + self.inside + self.blank

    def add(self, row: Row) -> None:
        """Count the lines of a row below the header."""
        if row.is_blank:
            self.blank += row.lines
        else:
            self.rows += 1
            self.inside += row.lines - 1


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read as rows under a header.

    Attributes:
        label: how errors name it: the file's name, or ``the file``.
        telephones: columns with the telephone numbers.
        frame: the shape that its rows are checked against.
    """

    source: Source
    label: Label
    scan: Scan
    header: Header
    telephones: tuple[int, ...]
    frame: Frame = field(default_factory=Frame)

    @property
    def separator(self) -> str:
        """The character between cells."""
        return self.header.separator

    @property
    def rows_expected(self) -> int:
        """Estimated number of rows."""
        return self.scan.lines - self.header.last_line

    def rows(self, count: LineCount | None = None) -> Iterator[Row]:
        """Yield every row below the header that is not blank; add every line that was read to ``count``."""
        return fitted(self._below(LineCount() if count is None else count), self.frame)

    def framed(self) -> "Table":
        """Return the table with the shape that its rows are checked against.

        Raises:
            ListFileError: it has no row below its header, or the header is a title above the real one.
        """
        sample = list(islice(self._below(LineCount()), SAMPLE))
        if not sample:
            raise ListFileError(no_rows(self.label))
        refuse_a_title(self.header, sample, self.label)
        return replace(self, frame=frame_of(self.header.row.cells, self.telephones, sample))

    def _below(self, count: LineCount) -> Iterator[Row]:
        last = self.header.last_line
        for row in self._records():
            if row.line > last:
                count.add(row)
                if not row.is_blank:
                    yield row
            elif row.is_blank:
                count.blank += row.lines
            else:
                count.header += row.lines

    def refuse_unless_whole(self, count: LineCount) -> None:
        """Refuse a file whose lines were not all counted.

        Raises:
            ListFileError: it changed while it was read, or a line was lost.
        """
        if count.total != self.scan.lines:
            raise ListFileError(
                Reason("list.file.lines_lost", label=self.label, lines=self.scan.lines, read=count.total)
            )

    def _records(self) -> Iterator[Row]:
        shape = Shape(len(self.header.row.cells), self.telephones)
        return records(text_lines(self.source, self.scan.encoding), self.separator, shape)
