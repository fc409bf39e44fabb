"""Reading a file of numbers: its separator and header, then its rows one after another, every line accounted for.

Blocking; called in a thread. A wrong file is one ``ListFileError`` sentence; a wrong row is a ``Row`` with its fault
and never stops the others. Lines and their encoding are left to ``list_lines``, quotes to ``list_records``, what a
column is to ``list_columns``; judging numbers, duplicates and writing to ``lists`` and ``opposition``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from telephony.domain.law.wording import Text
from telephony.services.list_columns import (
    EXAMPLES,
    Columns,
    find_numbers,
    is_whole_number,
    looks_like_a_row,
    understand,
)
from telephony.services.list_faults import FAULTS, ListFileError, RowFault
from telephony.services.list_lines import LINE_LIMIT, Scan, Source, label_of, readable, scan, text_lines
from telephony.services.list_records import Row, Shape, records

__all__ = ["LINE_LIMIT", "LineCount", "ListFile", "NumbersFile", "Table", "inspect", "inspect_numbers"]

SEPARATORS: Final = ";,\t|"
_SEP_LINE: Final = re.compile(r"sep=([;,\t|])\s*", re.IGNORECASE)
_SAMPLE: Final = 1_000
"""Rows looked at to find the numbers of a file without a header."""
_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")
_UNREADABLE: Final = re.compile("[\udc80-\udcff]")


_NOT_NAMED: Final = Text(
    "\u202f; aucun titre ne dit téléphone, neuf chiffres n'y sont donc pas un numéro",
    "; no header says telephone, so nine digits there are no number",
)


@dataclass(slots=True)
class LineCount:
    """Where the lines of a file have gone, so far: ``total`` is what was read of it.

    Attributes:
        header: lines of the header, a first line ``sep=;`` included.
        rows: rows, each on its first line.
        inside: further lines of rows that span several, inside their quoted cells.
        blank: lines on which nothing stands.
    """

    header: int = 0
    rows: int = 0
    inside: int = 0
    blank: int = 0

    @property
    def total(self) -> int:
        """Every line there was."""
        return self.header + self.rows + self.inside + self.blank

    def add(self, row: Row) -> None:
        """Count the lines of a row below the header."""
        if row.is_blank:
            self.blank += row.lines
        else:
            self.rows += 1
            self.inside += row.lines - 1


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a file, or None of it: ``row`` is then the empty row before the first."""

    row: Row
    separator: str
    has_sep_line: bool = False

    @property
    def last_line(self) -> int:
        """The line after which the rows begin."""
        return self.row.line + self.row.lines - 1


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read as rows under a header.

    Attributes:
        label: how errors name it: the file's name, or ``the file``.
        telephones: columns in which rows have their telephone numbers.
    """

    source: Source
    label: str
    scan: Scan
    header: Header
    telephones: tuple[int, ...]

    @property
    def separator(self) -> str:
        """The character between cells."""
        return self.header.separator

    @property
    def rows_expected(self) -> int:
        """About how many rows there are."""
        return self.scan.lines - self.header.last_line

    def rows(self, count: LineCount | None = None) -> Iterator[Row]:
        """Yield every row below the header that is not blank; every line that was read is added to ``count``."""
        count = LineCount() if count is None else count
        last, width = self.header.last_line, len(self.header.row.cells)
        for row in self._records():
            if row.line > last:
                count.add(row)
                if not row.is_blank:
                    yield _fitted(row, width)
            elif row.is_blank:
                count.blank += row.lines
            else:
                count.header += row.lines

    def refuse_unless_whole(self, count: LineCount) -> None:
        """Refuse a file whose lines are not all accounted for.

        Raises:
            ListFileError: it was written to while it was read, or a line was lost.
        """
        if count.total != self.scan.lines:
            raise ListFileError(
                Text(
                    f"{self.label} a {self.scan.lines} lignes et {count.total} ont été lues\u202f: rien n'a été "
                    "chargé, enregistrez le fichier et chargez-le de nouveau",
                    f"{self.label} has {self.scan.lines} lines and {count.total} were read: nothing was loaded; save "
                    "the file and load it again",
                )
            )

    def _records(self) -> Iterator[Row]:
        shape = Shape(len(self.header.row.cells), self.telephones)
        return records(text_lines(self.source, self.scan.encoding), self.separator, shape)


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file that can be read as a list of leads."""

    table: Table
    columns: Columns

    @property
    def taken(self) -> Text:
        """Which columns are dialled, as a sentence."""
        fr, en = zip(*map(self._named, self.columns.telephones), strict=True)
        bare = Text("", "") if self.columns.says_telephone else _NOT_NAMED
        left = [self._named(index) for index in self.columns.shy]
        left_fr = f"\u202f; jamais appelés\u202f: {', '.join(fr for fr, _ in left)}" if left else ""
        left_en = f"; never dialled: {', '.join(en for _, en in left)}" if left else ""
        return Text(
            f"numéros lus dans {_then(fr, 'puis')}{bare.fr}{left_fr}",
            f"numbers are read from {_then(en, 'then')}{bare.en}{left_en}",
        )

    def _named(self, index: int) -> tuple[str, str]:
        return _column(self.columns.headers, index, has_header=True)


@dataclass(frozen=True, slots=True)
class NumbersFile:
    """A file of numbers or digests, with or without a header.

    Attributes:
        columns: indexes of the columns that are read.
        is_named: whether their headers say telephone or digest.
        has_header: whether there is a header; else the one column of numbers was found by what stands in it.
    """

    table: Table
    columns: tuple[int, ...]
    is_named: bool
    has_header: bool

    @property
    def taken(self) -> Text:
        """Which columns are read, as a sentence."""
        names = [_column(self.table.header.row.cells, index, has_header=self.has_header) for index in self.columns]
        bare = Text("", "") if self.is_named else _NOT_NAMED
        return Text(
            f"numéros lus dans {_then([fr for fr, _ in names], 'et')}{bare.fr}",
            f"numbers are read from {_then([en for _, en in names], 'and')}{bare.en}",
        )


def inspect(source: Source) -> ListFile:
    """Look through a list of leads once: digest, encoding, separator, columns.

    Raises:
        ListFileError: it is missing, empty, not text, or has no header with a telephone column.
    """
    label, seen = _scanned(source)
    header = _header(source, seen, label)
    columns = understand(header.row.cells)
    if columns is None:
        raise ListFileError(_no_number_column(label, header.row.cells))
    table = Table(source, label, seen, header, columns.telephones)
    _refuse_without_rows(table)
    if not columns.says_telephone:
        columns = replace(columns, says_telephone=_holds_telephones(table, columns.number))
    return ListFile(table, columns)


def inspect_numbers(source: Source, reads: Callable[[str], bool]) -> NumbersFile:
    """Look through a file of numbers once; it may have no header when only one of its columns holds numbers.

    Args:
        source: path of the file, or its bytes.
        reads: whether a cell without a header is a number, or a digest, for sure.

    Raises:
        ListFileError: it is missing, empty, not text, or nothing says which column holds the numbers.
    """
    label, seen = _scanned(source)
    header = _header(source, seen, label)
    found = find_numbers(header.row.cells)
    if found.rank:
        indexes = tuple(sorted((*found.telephones, *found.digests)))
        table = Table(source, label, seen, header, found.telephones)
        _refuse_without_rows(table)
        is_named = found.says_telephone or _holds_telephones(table, found.telephones[0])
        return NumbersFile(table, indexes, is_named, has_header=True)
    cells = header.row.cells
    if not any(map(reads, cells)) and not any(character.isdigit() for character in "".join(cells)):
        if len(cells) > 1:
            raise ListFileError(_no_number_column(label, cells))
        table = Table(source, label, seen, header, (0,))  # a title over one column
        _refuse_without_rows(table)
        return NumbersFile(table, (0,), is_named=False, has_header=True)
    return _without_header(source, label, seen, header, reads)


def _holds_telephones(table: Table, column: int) -> bool:
    """Return True if a column headed ``numéro`` is one of telephones: at least half of its first numbers are whole.

    Then nine digits in it have lost their 0 in a spreadsheet; else they are customers' numbers.
    """
    cells = [row.cells[column] for row in islice(table.rows(), _SAMPLE) if not row.fault]
    whole = sum(map(is_whole_number, cells))
    return whole > 0 and whole >= sum(_NINE_DIGITS.fullmatch(cell.strip()) is not None for cell in cells)


def _without_header(
    source: Source, label: str, seen: Scan, header: Header, reads: Callable[[str], bool]
) -> NumbersFile:
    """Return the file with the one column that holds numbers."""
    before = Header(Row(int(header.has_sep_line), (), lines=1), header.separator, header.has_sep_line)
    table = Table(source, label, seen, before, ())
    holding: set[int] = set()
    for row in islice(table.rows(), _SAMPLE):
        holding.update(index for index, cell in enumerate(row.cells) if not row.fault and reads(cell))
    if len(holding) > 1:
        raise ListFileError(_several_columns(label, sorted(holding)))
    columns = tuple(holding) or (0,)
    return NumbersFile(replace(table, telephones=columns), columns, is_named=False, has_header=False)


def _scanned(source: Source) -> tuple[str, Scan]:
    readable(source)
    label = label_of(source)
    return label, scan(source, label)


def _fitted(row: Row, width: int) -> Row:
    """Check a row against the header; blank cells beyond it are dropped, empty ones left out at its end added.

    Behind a refused quote a short row may be the rest of another one, and is refused; ``width`` 0 fits every row.
    """
    cells = row.cells
    if row.fault:
        return replace(row, cells=tuple(map(_shown, cells)))
    if any("\0" in cell for cell in cells):
        return replace(row, fault=RowFault.NULL_BYTE)
    if any(map(_UNREADABLE.search, cells)):
        return replace(row, cells=tuple(map(_shown, cells)), fault=RowFault.ENCODING)
    if not width or len(cells) == width:
        return row
    if len(cells) < width:
        fault = RowFault.MISSING_CELLS if row.is_doubtful else None
        return replace(row, cells=(*cells, *[""] * (width - len(cells))), fault=fault, is_short=True)
    if any(map(str.strip, cells[width:])):
        return replace(row, fault=RowFault.EXTRA_CELLS)
    return replace(row, cells=cells[:width])


def _shown(cell: str) -> str:
    return _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", cell)


def _header(source: Source, seen: Scan, label: str) -> Header:
    """Return the first row that is not blank; a first line ``sep=;``, as Excel writes it, is obeyed."""
    given = _SEP_LINE.fullmatch(next(text_lines(source, seen.encoding), ""))
    readings = []
    for separator in given[1] if given else SEPARATORS:
        rows = records(text_lines(source, seen.encoding), separator, Shape())
        header = next((row for row in rows if not row.is_blank and (not given or row.line > 1)), None)
        if header is None:
            raise ListFileError(
                Text(f"{label} est vide\u202f: choisissez le fichier qui contient la liste",
                     f"{label} is empty; choose the file that holds the list")
            )  # fmt: skip
        # a separator that shows a telephone column wins, and among those the one that makes most columns
        rank = 0 if header.fault else find_numbers(header.cells).rank
        readings.append((rank, 0 if header.fault else len(header.cells), header, separator))
    *_, header, separator = max(readings, key=lambda reading: reading[:2])
    if header.fault:
        fault = FAULTS[header.fault]
        raise ListFileError(Text(f"{label}, en-tête\u202f: {fault.fr}", f"{label}, its header: {fault.en}"))
    return Header(header, separator, has_sep_line=given is not None)


def _refuse_without_rows(table: Table) -> None:
    if next(table.rows(), None) is None:
        raise ListFileError(
            Text(
                f"{table.label} a un en-tête et aucune ligne dessous\u202f: rien n'a été chargé",
                f"{table.label} has a header and no row below it; nothing was loaded",
            )
        )


def _no_number_column(label: str, header: Sequence[str]) -> Text:
    if looks_like_a_row(header):
        return Text(
            f"{label} n'a pas d'en-tête, sa première ligne contient un numéro\u202f: ajoutez une ligne qui "
            "nomme les colonnes",
            f"{label} has no header: its first line holds a number; add a first line that names the columns",
        )
    found = ", ".join(cell[:30] for cell in header[:12])
    accepted = ", ".join(EXAMPLES)
    return Text(
        f"{label} n'a pas de colonne de téléphone\u202f: trouvé {found}\u202f; nommez la colonne {accepted}, avec ou "
        "sans accents",
        f"{label} has no telephone column: found {found}; name the column one of {accepted} (accents are welcome)",
    )


def _several_columns(label: str, columns: Sequence[int]) -> Text:
    which = ", ".join(str(index + 1) for index in columns)
    return Text(
        f"{label} a des numéros dans les colonnes {which} et pas d'en-tête\u202f: ajoutez une ligne qui nomme "
        "les colonnes",
        f"{label} holds numbers in columns {which} and has no header; add a first line that names the columns",
    )


def _column(headers: Sequence[str], index: int, *, has_header: bool) -> tuple[str, str]:
    if has_header and headers[index].strip():
        return f"«\u202f{headers[index].strip()}\u202f»", repr(headers[index].strip())
    return f"la colonne {index + 1}, sans titre", f"column {index + 1}, which has no header"


def _then(words: Sequence[str], between: str) -> str:
    return f", {between} ".join(words)
