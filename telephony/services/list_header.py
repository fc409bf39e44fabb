"""The header of a file of numbers: its separator, its row, and the sentences when it tells too little or wrongly.

Blocking; called in a thread. Which columns hold numbers is left to ``list_number_columns``, reading rows to
``list_table``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from telephony.domain.law.wording import Text
from telephony.services.list_encoding import Scan
from telephony.services.list_faults import FAULTS, ListFileError, empty_file
from telephony.services.list_lines import Source, text_lines
from telephony.services.list_number_columns import EXAMPLES, find_numbers, looks_like_a_row
from telephony.services.list_records import Row, Shape, records

SEPARATORS: Final = ";,\t|"
_SEP_LINE: Final = re.compile(r"sep=([;,\t|])\s*", re.IGNORECASE)
_FEW: Final = 5
"""Rows below a header among which a better one is looked for."""


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


def find_header(source: Source, seen: Scan, label: str) -> Header:
    """Return the first row that is not blank; a first line ``sep=;``, as Excel writes it, is obeyed."""
    given = _SEP_LINE.fullmatch(next(text_lines(source, seen.encoding), ""))
    readings = []
    for separator in given[1] if given else SEPARATORS:
        rows = records(text_lines(source, seen.encoding), separator, Shape())
        header = next((row for row in rows if not row.is_blank and (not given or row.line > 1)), None)
        if header is None:
            raise ListFileError(empty_file(label))
        # a separator that shows a telephone column wins, and among those the one that makes most columns
        rank = 0 if header.fault else find_numbers(header.cells).rank
        readings.append((rank, 0 if header.fault else len(header.cells), header, separator))
    *_, header, separator = max(readings, key=lambda reading: reading[:2])
    if header.fault:
        fault = FAULTS[header.fault]
        raise ListFileError(Text(f"{label}, en-tête\u202f: {fault.fr}", f"{label}, its header: {fault.en}"))
    return Header(header, separator, has_sep_line=given is not None)


def refuse_a_title(header: Header, rows: Sequence[Row], label: str) -> None:
    """Refuse a file whose header is a title above the real one, going by the first rows below it.

    Raises:
        ListFileError: a row below is a fuller header, or only one column has a name and rows hold more.
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


def _title(label: str, line: int) -> Text:
    return Text(
        f"{label} a un titre au-dessus de son en-tête, qui est la ligne {line}\u202f: supprimez les lignes au-dessus",
        f"{label} has a title above its header, which is line {line}; delete the lines above it",
    )


def _one_name(label: str) -> Text:
    return Text(
        f"{label} n'a qu'une colonne qui porte un titre, et ses lignes en remplissent d'autres\u202f: donnez un titre "
        "à chaque colonne, ou supprimez la ligne de titre",
        f"{label} has one column with a name, and its rows fill others; name every column, or delete the title line",
    )


def no_rows(label: str) -> Text:
    """Return the message for a file that has a header only."""
    return Text(
        f"{label} a un en-tête et aucune ligne dessous\u202f: rien n'a été chargé",
        f"{label} has a header and no row below it; nothing was loaded",
    )


def unread_numbers(label: str, header: Sequence[str], columns: Sequence[int], bare: int | None = None) -> Text:
    """Return the message for columns that hold numbers and are not read.

    Args:
        label: how the file is named.
        header: its header.
        columns: the columns that hold numbers, or may.
        bare: the column headed ``numéro`` that would be read instead; None when no header says number.
    """
    fr, en = zip(*(named_column(header, index, has_header=True) for index in columns), strict=True)
    if bare is None:
        return Text(
            f"{label} a des numéros dans {then(fr, 'et')}, et aucun titre ne dit que ce sont des téléphones\u202f: "
            "rien n'a été chargé, nommez la colonne «\u202ftéléphone\u202f», ou supprimez-la",
            f"{label} has numbers in {then(en, 'and')}, and no header says that they are telephones; nothing was "
            "loaded: name the column telephone, or delete it",
        )
    named_fr, named_en = named_column(header, bare, has_header=True)
    return Text(
        f"{label}\u202f: {named_fr} ne dit pas de quoi, et {then(fr, 'et')} peut être le téléphone\u202f: rien n'a été "
        "chargé, nommez «\u202ftéléphone\u202f» la colonne des téléphones",
        f"{label}: {named_en} does not say of what, and {then(en, 'and')} may be the telephone; nothing was loaded: "
        "name the column of telephones telephone",
    )


def no_number_column(label: str, header: Sequence[str]) -> Text:
    """Return the message when no header says telephone, or when there is no header."""
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


def several_columns(label: str, columns: Sequence[int]) -> Text:
    """Return the message for several columns of numbers without a header."""
    which = ", ".join(str(index + 1) for index in columns)
    return Text(
        f"{label} a des numéros dans les colonnes {which} et pas d'en-tête\u202f: ajoutez une ligne qui nomme "
        "les colonnes",
        f"{label} holds numbers in columns {which} and has no header; add a first line that names the columns",
    )


def named_column(headers: Sequence[str], index: int, *, has_header: bool) -> tuple[str, str]:
    """Return how a sentence names a column, in French and in English."""
    if has_header and headers[index].strip():
        return f"«\u202f{headers[index].strip()}\u202f»", repr(headers[index].strip())
    return f"la colonne {index + 1}, sans titre", f"column {index + 1}, which has no header"


def then(words: Sequence[str], between: str) -> str:
    """Return words as a sentence lists them."""
    return f", {between} ".join(words)
