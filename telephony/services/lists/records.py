"""Splits the lines of a list's file into rows and cells; quotes that are not clear are refused.

A quoted cell may span lines. A stray quote would join other people's rows in the same way. So a row spans several lines
only when its quotes are well formed and nothing inside them could be a row of its own. Unclear lines are refused one by
one: nobody's row is lost in another one's cell, and nobody gets another person's number.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from telephony.services.lists.encoding import LINE_LIMIT
from telephony.services.lists.faults import RowFault

SPAN_LIMIT: Final = 50
"""Most lines of one quoted row; beyond, its first line has an unclosed quote and the others are read again."""
_NOTHING: Final = frozenset(
    {
        "neant",
        "aucun",
        "aucune",
        "na",
        "n/a",
        "n.a.",
        "nc",
        "n.c.",
        "nr",
        "n.r.",
        "nd",
        "none",
        "null",
        "nil",
        "nan",
        "non",
        "no",
        "sans",
        "inconnu",
        "inconnue",
        "unknown",
        "vide",
        "empty",
        "manquant",
        "non renseigne",
        "non communique",
        "pas de telephone",
    }
)
_DATE: Final = re.compile(
    r"(?<![0-9/.-])(?:[0-3]?[0-9]([/.-])[01]?[0-9]\1(?:[12][0-9])?[0-9]{2}|[12][0-9]{3}-[01][0-9]-[0-3][0-9])(?![0-9/.-])"
)
_NUMBER_DIGITS: Final = 6
"""Fewest digits of a text that may be a number."""
_WORD: Final = re.compile(r"\w")
_DIGIT: Final = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``line`` counts lines of the file from 1; ``fault`` is None when the cells fit the header.

    Attributes:
        lines: number of lines of the file that it spans.
        is_doubtful: it is among the lines after a refused quote.
        is_short: it has fewer cells than the header; empty ones were added.
    """

    line: int
    cells: tuple[str, ...]
    fault: RowFault | None = None
    lines: int = 1
    is_doubtful: bool = False
    is_short: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether all cells are empty."""
        return not any(map(str.strip, self.cells))


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a row: how many cells it has, and which of them are telephones."""

    width: int = 0
    telephones: tuple[int, ...] = ()


def records(lines: Iterator[str], separator: str, shape: Shape) -> Iterator[Row]:
    """Yield every row; one that cannot be read with certainty has its fault."""
    taking = _Lines(lines)
    reader = csv.reader(taking, delimiter=separator, strict=True)
    doubtful_until = 0
    while (first := taking.begin_row()) is not None:
        number = taking.number + 1
        is_doubtful = number <= doubtful_until
        if '"' not in first:
            yield _plain(taking.take(), number, separator, is_doubtful=is_doubtful)
            continue
        cells = _next(reader)
        if cells is None:
            doubtful_until = max(doubtful_until, taking.number)
            yield taking.give_up_row()
            reader = csv.reader(taking, delimiter=separator, strict=True)
        elif len(taking.taken) > 1 and _is_unsure(taking.taken, cells, separator, shape):
            for offset, line in enumerate(taking.taken):
                yield Row(number + offset, (line.rstrip("\r\n"),), RowFault.AMBIGUOUS_QUOTES)
        elif is_doubtful and len(taking.taken) == 1 and _has_stray_quote(first, separator):
            yield Row(number, (first.rstrip("\r\n"),), RowFault.STRAY_QUOTE)
        else:
            yield Row(number, cells, None, len(taking.taken), is_doubtful)


def _plain(line: str, number: int, separator: str, *, is_doubtful: bool) -> Row:
    if len(line) >= LINE_LIMIT:
        return Row(number, (line,), RowFault.LINE_TOO_LONG)
    return Row(number, tuple(line.rstrip("\r\n").split(separator)), is_doubtful=is_doubtful)


def _next(reader: Iterator[list[str]]) -> tuple[str, ...] | None:
    """Return the next row's cells, or None when its quotes are not well formed."""
    try:
        return tuple(next(reader))
    except (_SpoiltRowError, csv.Error, StopIteration):
        return None


def _is_unsure(taken: list[str], cells: tuple[str, ...], separator: str, shape: Shape) -> bool:
    """Return True if a row over several lines may be several rows between two stray quotes."""
    if shape.width and any(map(str.strip, cells[shape.width :])):
        return True
    if any(_holds_number(cell, separator) for cell in cells if len(cell.splitlines()) > 1):
        return True
    return _has_stray_quote("".join(taken), separator) or _may_be_rows(taken, separator, shape)


def _holds_number(cell: str, separator: str) -> bool:
    """Return True if a part of a cell, between line ends and separators and without dates, may be a number."""
    parts = (part for line in cell.splitlines() for part in line.split(separator))
    return any(len(_DIGIT.findall(_DATE.sub("", part))) >= _NUMBER_DIGITS for part in parts)


def _may_be_rows(taken: list[str], separator: str, shape: Shape) -> bool:
    """Return True if a line could be a row of its own, judging by the separators inside quotes."""
    is_inside = False
    for line in taken:
        pieces = line.rstrip("\r\n").split(separator)
        hidden: list[bool] = []
        for piece in pieces:
            hidden.append(is_inside)
            is_inside ^= piece.count('"') % 2 == 1
        if hidden[:2] == [True, True]:
            return True  # a line with cells of its own
        if any(hidden[1:]) and (len(pieces) == shape.width or _reaches_nobody(pieces, hidden, shape)):
            return True
    return False


def _reaches_nobody(pieces: list[str], hidden: list[bool], shape: Shape) -> bool:
    """Return True if a quoted part is in the place of a row's telephone and is empty."""
    return any(
        index < len(pieces) and hidden[index] and says_nothing(pieces[index].rstrip().removesuffix('"'))
        for index in shape.telephones
        if index
    )


def says_nothing(cell: str) -> bool:
    """Return True if a cell says that there is no telephone: empty, a dash, ``néant``, ``n/a``."""
    plain = cell.strip().lower().replace("é", "e").replace("e\u0301", "e")
    return plain in _NOTHING or not _WORD.search(plain)


def _has_stray_quote(text: str, separator: str) -> bool:
    """Return True if a row has a quote outside a well-formed cell."""
    between = re.escape(separator)
    return '"' in re.sub(rf'(?:^|(?<={between}))"(?:[^"]|"")*"(?=$|{between})', "", text.rstrip("\r\n"))


class _SpoiltRowError(Exception):
    """The row being read spans too many lines, or one of them is too long."""


@dataclass(slots=True)
class _Lines:
    """The lines of a file for the csv reader; ``taken`` are those of the current row."""

    source: Iterator[str]
    again: deque[str] = field(default_factory=deque)
    taken: list[str] = field(default_factory=list)
    number: int = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.take()
        if len(line) >= LINE_LIMIT or len(self.taken) > SPAN_LIMIT:
            raise _SpoiltRowError
        return line

    def begin_row(self) -> str | None:
        """Forget the previous row's lines and return the next line; None at the end."""
        self.taken.clear()
        if not self.again:
            line = next(self.source, None)
            if line is None:
                return None
            self.again.append(line)
        return self.again[0]

    def take(self) -> str:
        """Return the next line, which now belongs to the current row."""
        line = self.again.popleft() if self.again else next(self.source)
        self.number += 1
        self.taken.append(line)
        return line

    def give_up_row(self) -> Row:
        """Return the row's first line as a rejected row; its other lines will be read again."""
        first, *others = self.taken
        self.again.extendleft(reversed(others))
        self.number -= len(others)
        if len(first) >= LINE_LIMIT:
            fault = RowFault.LINE_TOO_LONG
        else:
            fault = RowFault.UNCLOSED_QUOTE if others or _is_open(first) else RowFault.STRAY_QUOTE
        return Row(self.number, (first.rstrip("\r\n"),), fault)


def _is_open(line: str) -> bool:
    return line.count('"') % 2 == 1
