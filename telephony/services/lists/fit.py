"""Checks that a row fits its header: it may have fewer or more empty cells at its end, but no lost separator.

Pure: it returns every row, with its fault if it has one. In a shifted row a customer number could be dialled, so a row
that may be shifted is refused. ``records`` reads quotes; ``columns`` finds the meaning of the columns.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from telephony.domain.law.do_not_call import is_digest
from telephony.services.lists.faults import RowFault
from telephony.services.lists.number_columns import is_whole_number, speaks_of_numbers
from telephony.services.lists.records import SPAN_LIMIT, Row, says_nothing

_UNREADABLE: Final = re.compile("[\udc80-\udcff]")
_NINE_DIGITS: Final = re.compile(r"\s*[0-9]{9}\s*")
_DIGITS: Final = re.compile(r"\s*[0-9][0-9 ]*")
_FEW: Final = 3
"""Fewest rows that show what is usual: two with the same tail may both be shifted."""
_LETTER: Final = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Frame:
    """The shape that rows are checked against.

    Attributes:
        width: cells of the header; 0 without a header: every row fits.
        telephones: columns with the telephone numbers.
        nameless: columns whose header is empty.
        numbered: columns whose header mentions numbers: nine digits are expected there.
        whole: those of them that mostly have numbers that could be dialled.
        usual_width: cells of most rows, when all of these have the same empty cells beyond the header.
        others: columns with neither telephones nor numbers.
        unused: columns beyond the last named one that are empty in most rows.
        figures: columns without telephones whose cells are mostly digits only.
        is_distinct: only telephone columns mostly have numbers that could be dialled.
    """

    width: int = 0
    telephones: tuple[int, ...] = ()
    nameless: frozenset[int] = frozenset()
    numbered: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset()
    usual_width: int = 0
    others: tuple[int, ...] = ()
    unused: tuple[int, ...] = ()
    figures: tuple[int, ...] = ()
    is_distinct: bool = True


def frame_of(header: Sequence[str], telephones: tuple[int, ...], sample: Sequence[Row]) -> Frame:
    """Return the shape that the rows of a file are checked against, by its header and its first rows."""
    rows = [row.cells for row in sample if not row.fault]
    filled = Counter(index for cells in rows for index, cell in enumerate(cells) if cell.strip())
    whole = Counter(index for cells in rows for index, cell in enumerate(cells) if is_whole_number(cell))
    digits = Counter(index for cells in rows for index, cell in enumerate(cells) if _DIGITS.fullmatch(cell))
    mostly = frozenset(index for index, count in whole.items() if count * 2 > filled[index])
    numbered = frozenset(index for index, cell in enumerate(header) if speaks_of_numbers(cell))
    nameless = frozenset(index for index, cell in enumerate(header) if not cell.strip())
    named = max(set(range(len(header))) - nameless, default=-1)
    frame = Frame(
        len(header),
        telephones,
        nameless,
        numbered,
        mostly & numbered,
        others=tuple(index for index in range(len(header)) if index not in numbered.union(telephones)),
        unused=tuple(index for index in range(named + 1, len(header)) if filled[index] * 2 <= len(rows)),
        figures=tuple(
            index for index, count in digits.items() if index not in telephones and count * 2 > filled[index]
        ),
        is_distinct=mostly.issubset(telephones),
    )
    wide = Counter(len(cells) for cells in rows if len(cells) > frame.width and not _is_shifted(cells, frame))
    usual_width = next((width for width, count in wide.items() if count >= _FEW and count * 2 > len(rows)), frame.width)
    return replace(frame, usual_width=usual_width)


def fitted(rows: Iterable[Row], frame: Frame) -> Iterator[Row]:
    """Yield every row with exactly the header's cells, or with its fault."""
    above: list[tuple[str, ...]] = []  # short rows; the next row may be their rest
    for row in rows:
        fit = _fitted(row, frame)
        if not fit.is_short:
            above = []
        elif fit.fault:
            above = [*above, row.cells][-SPAN_LIMIT:]
        else:
            if _is_the_rest(above, row.cells, frame):
                fit = replace(fit, fault=RowFault.MISSING_CELLS)
            above = [row.cells]
        yield fit


def _fitted(row: Row, frame: Frame) -> Row:
    cells, width = row.cells, frame.width
    if fault := row.fault or _byte_fault(cells):
        return replace(row, cells=tuple(map(_shown, cells)), fault=fault)
    if not width:
        return row
    if len(cells) < width:
        # after a refused quote a short row may be the rest of another one
        is_wrong = row.is_doubtful or _is_shifted(cells, frame) or _has_no_telephone(cells, frame)
        cells = (*cells, *[""] * (width - len(cells)))
        return replace(row, cells=cells, fault=RowFault.MISSING_CELLS if is_wrong else None, is_short=True)
    if _has_too_many(cells, frame):
        return replace(row, fault=RowFault.EXTRA_CELLS)
    misplaced = _misplaced(cells, frame)
    if not misplaced and len(cells) == width:
        return row  # most rows: nothing to copy
    return replace(row, cells=cells[:width], fault=misplaced)


def _byte_fault(cells: Sequence[str]) -> RowFault | None:
    text = "".join(cells)
    if "\0" in text:
        return RowFault.NULL_BYTE
    return RowFault.ENCODING if _UNREADABLE.search(text) else None


def _shown(cell: str) -> str:
    return _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", cell)


def _has_too_many(cells: Sequence[str], frame: Frame) -> bool:
    """Return True if a row has too many cells; further empty cells are allowed where nothing is shifted.

    An unquoted separator pushes an empty cell beyond the header. So the row must be as wide as most rows, or its
    telephone must be one that no other column's number can be taken for.
    """
    if any(map(str.strip, cells[frame.width :])):
        return True
    if len(cells) == frame.width:
        return False
    if _is_shifted(cells, frame):
        return True
    return len(cells) != frame.usual_width and not (
        frame.is_distinct and any(map(is_whole_number, _telephones(cells, frame)))
    )


def _misplaced(cells: Sequence[str], frame: Frame) -> RowFault | None:
    if any(is_whole_number(cells[index]) for index in frame.nameless):
        return RowFault.NAMELESS_NUMBER
    if any(cells[index].strip() for index in frame.unused):
        return RowFault.EXTRA_CELLS
    # a stray separator shifts cells without a trace when an empty cell at the row's end was left out
    if any(map(is_whole_number, _telephones(cells, frame))):
        return None
    is_elsewhere = any(is_whole_number(cells[index]) for index in frame.others)
    return RowFault.SHIFTED_CELLS if is_elsewhere or _has_a_word_for_figures(cells, frame) else None


def _is_shifted(cells: Sequence[str], frame: Frame) -> bool:
    """Return True if a row of another width has a number where a word belongs, or a word where a number belongs."""
    for index, cell in enumerate(cells):
        if index in frame.telephones:
            if _is_word(cell):
                return True
        elif is_whole_number(cell):
            if index not in frame.whole:
                return True
        elif index not in frame.numbered and _NINE_DIGITS.fullmatch(cell):
            return True
    return _has_a_word_for_figures(cells, frame)


def _has_a_word_for_figures(cells: Sequence[str], frame: Frame) -> bool:
    return any(_is_word(cells[index]) for index in frame.figures if index < len(cells))


def _is_word(cell: str) -> bool:
    return _LETTER.search(cell) is not None and not says_nothing(cell) and not is_digest(cell.strip().lower())


def _has_no_telephone(cells: Sequence[str], frame: Frame) -> bool:
    return bool(frame.telephones) and all(says_nothing(cell) for cell in _telephones(cells, frame))


def _is_the_rest(above: list[tuple[str, ...]], cells: tuple[str, ...], frame: Frame) -> bool:
    """Return True if a short row and the short rows above it make one row that fits: a cell may have a line end."""
    joined = cells
    for begun in reversed(above):
        joined = (*begun[:-1], f"{begun[-1]}\n{joined[0]}", *joined[1:])
        # the rest of a first cell is in its own columns
        if len(cells) < len(joined) <= frame.width and not _is_shifted(joined, frame):
            return True
    return False


def _telephones(cells: Sequence[str], frame: Frame) -> list[str]:
    return [cells[index] for index in frame.telephones if index < len(cells)]
