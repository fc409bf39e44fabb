"""Reading a list's file: its encoding, separator and header, then its rows one after another.

Blocking; called in a thread. A wrong file is one ``InputError`` sentence; a wrong row is a ``Row`` with its fault and
never stops the others. Judging numbers, duplicates and writing are left to ``lists``.
"""

import codecs
import csv
import hashlib
import io
import re
import stat
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from telephony.domain.law.wording import Text
from telephony.services.list_columns import NUMBER_HEADERS, Columns, looks_like_a_row, understand
from telephony.services.list_faults import ListFileError, RowFault

SEPARATORS: Final = ";,\t|"
LINE_LIMIT: Final = 65_536
"""Characters; a longer line is a rejected row."""
SPAN_LIMIT: Final = 50
"""Lines one quoted row may span; beyond, its first line has an unclosed quote and the next lines are read anew."""
_CHUNK: Final = 1 << 20
_SAMPLE: Final = 8192
_MAGIC: Final = {
    b"PK\x03\x04": Text("un tableur (XLSX) ou un fichier ZIP", "a spreadsheet (XLSX) or ZIP file"),
    b"\xd0\xcf\x11\xe0": Text("un ancien fichier Excel (XLS)", "an old Excel file (XLS)"),
    b"%PDF": Text("un PDF", "a PDF"),
    b"\x1f\x8b": Text("un fichier gzip", "a gzip file"),
}
_NOT_IN_WINDOWS_1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_MAC_LETTERS, _WINDOWS_LETTERS = b"\x8e\x8f\x88\x9d\x90", b"\xe9\xe8\xe0\xf9\xea"
"""é, è, à, ù, ê as Excel for Macintosh writes them, and as Windows does; the other reading of each is no French."""
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_SEP_LINE: Final = re.compile(r"sep=([;,\t|])\s*", re.IGNORECASE)

Source = Path | bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``line`` counts lines of the file from 1; ``fault`` is "" when the cells fit the header."""

    line: int
    cells: tuple[str, ...]
    fault: RowFault | None = None


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file that can be read as a list.

    Attributes:
        label: how errors name it: the file's name, or ``the file``.
        encoding: Python codec name.
        header_line: line the header stands on.
        lines: number of lines, an estimate of the rows.
    """

    source: Source
    label: str
    sha256: str
    encoding: str
    separator: str
    columns: Columns
    header_line: int
    lines: int

    def rows(self) -> Iterator[Row]:
        """Yield every row below the header that is not blank."""
        with _open(self.source, self.encoding) as text:
            for row in _records(text, self.separator):
                if row.line > self.header_line and any(map(str.strip, row.cells)):
                    yield self._fitted(row)

    def _fitted(self, row: Row) -> Row:
        """Check a row against the header; blank cells beyond it, as spreadsheets leave them, are dropped."""
        width, cells = len(self.columns.headers), row.cells
        if row.fault:
            return row
        if len(cells) == width:
            return Row(row.line, cells, RowFault.NULL_BYTE) if any("\0" in cell for cell in cells) else row
        if len(cells) > width and not any(map(str.strip, cells[width:])):
            return self._fitted(Row(row.line, cells[:width]))
        return Row(row.line, cells, RowFault.EXTRA_CELLS if len(cells) > width else RowFault.MISSING_CELLS)


def inspect(source: Source) -> ListFile:
    """Look through a file once: digest, encoding, separator, columns.

    Raises:
        InputError: it is missing, empty, not text, or has no header with a telephone column.
    """
    label, where = (source.name, str(source)) if isinstance(source, Path) else ("the file", "the file")
    try:
        if isinstance(source, Path) and not stat.S_ISREG(mode := source.stat().st_mode) and not stat.S_ISDIR(mode):
            raise ListFileError(_no_file(where))
        return _inspect(source, label)
    except FileNotFoundError:
        raise ListFileError(
            Text(
                f"{where}\u202f: ce fichier n'existe pas, vérifiez son chemin", f"{where}: no such file; check the path"
            )
        ) from None
    except IsADirectoryError:
        raise ListFileError(
            Text(
                f"{where} est un dossier\u202f: nommez un fichier CSV qu'il contient",
                f"{where} is a folder; name one CSV file in it",
            )
        ) from None
    except OSError as error:
        raise ListFileError(
            Text(
                f"{where} ne peut pas être lu ({error.strerror})\u202f: vérifiez son propriétaire et ses droits",
                f"{where} cannot be read ({error.strerror}); check its owner and mode",
            )
        ) from error


def _inspect(source: Source, label: str) -> ListFile:
    sha256, encoding, lines = _scan(source, label)
    header, separator, columns = _header(source, encoding, label)
    file = ListFile(source, label, sha256, encoding, separator, columns, header.line, lines)
    if next(file.rows(), None) is None:
        raise ListFileError(
            Text(
                f"{label} a un en-tête et aucune ligne dessous\u202f: rien n'a été chargé",
                f"{label} has a header and no row below it; nothing was loaded",
            )
        )
    return file


def _scan(source: Source, label: str) -> tuple[str, str, int]:
    """Return digest, encoding and number of lines."""
    digest, lines, sample = hashlib.sha256(), 1, b""
    decoder: codecs.IncrementalDecoder | None = None
    is_windows = True
    mac_letters = windows_letters = 0
    encoding = ""
    with _open_bytes(source) as file:
        while chunk := file.read(_CHUNK):
            if not sample:
                sample = chunk[:_SAMPLE]
                encoding = _encoding_of(sample, label)
                decoder = codecs.getincrementaldecoder(encoding)()
            digest.update(chunk)
            lines += max(chunk.count(b"\n"), chunk.count(b"\r"))
            is_windows = is_windows and not _NOT_IN_WINDOWS_1252.search(chunk)
            mac_letters += sum(map(chunk.count, _MAC_LETTERS))
            windows_letters += sum(map(chunk.count, _WINDOWS_LETTERS))
            decoder = _still_decoding(decoder, chunk)
        if decoder is not None:
            decoder = _still_decoding(decoder, b"", final=True)
    if not sample.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise ListFileError(_empty(label))
    if decoder is None and encoding != "utf-8":
        raise ListFileError(_undecodable(label, encoding))
    if decoder is None:
        encoding = "cp1252" if is_windows else "latin-1"
        encoding = "mac_roman" if mac_letters > windows_letters else encoding
    return digest.hexdigest(), encoding, lines


def _encoding_of(sample: bytes, label: str) -> str:
    """Return the encoding a byte order mark tells, or ``utf-8`` to be tried."""
    for magic, what in _MAGIC.items():
        if sample.startswith(magic):
            raise ListFileError(
                Text(
                    f"{label} est {what.fr}\u202f: ouvrez-le et enregistrez la feuille en CSV",
                    f"{label} is {what.en}; open it and save the sheet as CSV",
                )
            )
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):  # before UTF-16, whose mark begins the same
        return "utf-32"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(_CONTROL.findall(sample)) * 20 > len(sample):
        raise ListFileError(
            Text(
                f"{label} n'est pas un fichier texte\u202f: enregistrez la liste en CSV (UTF-8)",
                f"{label} is not a text file; save the list as CSV (UTF-8)",
            )
        )
    return "utf-8"


def _still_decoding(
    decoder: codecs.IncrementalDecoder | None, chunk: bytes, *, final: bool = False
) -> codecs.IncrementalDecoder | None:
    if decoder is not None:
        try:
            decoder.decode(chunk, final)
        except UnicodeDecodeError:
            return None
    return decoder


def _empty(label: str) -> Text:
    return Text(
        f"{label} est vide\u202f: choisissez le fichier qui contient la liste",
        f"{label} is empty; choose the file that holds the list",
    )


def _no_file(where: str) -> Text:
    """Say that it is a pipe or a device: it could be read once at most, and might never end."""
    return Text(
        f"{where} n'est pas un fichier ordinaire\u202f: enregistrez d'abord la liste dans un fichier",
        f"{where} is no ordinary file; save the list to a file first",
    )


def _undecodable(label: str, encoding: str) -> Text:
    return Text(
        f"{label} se dit en {encoding.upper()} mais il est abîmé\u202f: exportez-le de nouveau en CSV (UTF-8)",
        f"{label} says it is {encoding.upper()} but is damaged; export it again as CSV (UTF-8)",
    )


def _open_bytes(source: Source) -> io.BufferedIOBase:
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _open(source: Source, encoding: str) -> TextIO:
    # newline="": csv must see line ends inside quotes; strict: _scan has proved that the whole file decodes
    return io.TextIOWrapper(_open_bytes(source), encoding=encoding, newline="")  # type: ignore[type-var]


def _header(source: Source, encoding: str, label: str) -> tuple[Row, str, Columns]:
    """Return the header row, the separator and the columns; a first line ``sep=;``, as Excel writes it, is obeyed."""
    with _open(source, encoding) as text:
        given = _SEP_LINE.fullmatch(text.readline(LINE_LIMIT))
    readings = []
    for separator in given[1] if given else SEPARATORS:
        with _open(source, encoding) as text:
            rows = (row for row in _records(text, separator) if any(map(str.strip, row.cells)))
            header = next((row for row in rows if not given or row.line > 1), None)
        if header is None:
            raise ListFileError(_empty(label))
        # a separator that shows a telephone column wins, and among those the one that makes most columns
        columns = understand(header.cells)
        readings.append((columns is not None, len(header.cells), header, separator, columns))
    *_, header, separator, columns = max(readings, key=lambda reading: reading[:2])
    if columns is None:
        raise ListFileError(_no_number_column(label, header.cells))
    return header, separator, columns


def _no_number_column(label: str, header: tuple[str, ...]) -> Text:
    if looks_like_a_row(header):
        return Text(
            f"{label} n'a pas d'en-tête, sa première ligne contient un numéro\u202f: ajoutez une ligne qui "
            "nomme les colonnes",
            f"{label} has no header: its first line holds a number; add a first line that names the columns",
        )
    found = ", ".join(cell[:30] for cell in header[:12])
    accepted = ", ".join(NUMBER_HEADERS[:8])
    return Text(
        f"{label} n'a pas de colonne de téléphone\u202f: trouvé {found}\u202f; nommez la colonne {accepted}, avec ou "
        "sans accents",
        f"{label} has no telephone column: found {found}; name the column one of {accepted} (accents are welcome)",
    )


class _SpoiltRowError(Exception):
    """The row being read spans too many lines, or one of them is too long."""


class _Lines:
    """The lines of a file for the csv reader, with what it has taken for the present row."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0
        self.is_over = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            self.is_over = True
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        if len(line) >= LINE_LIMIT or len(self.taken) > SPAN_LIMIT:
            raise _SpoiltRowError
        return line

    def _read(self) -> str:
        line = part = self._text.readline(LINE_LIMIT)
        while len(part) >= LINE_LIMIT and not part.endswith(("\n", "\r")):
            part = self._text.readline(LINE_LIMIT)
        return line

    def begin_row(self) -> None:
        """Forget the lines of the row before."""
        self.taken.clear()
        self.is_over = False

    def give_up_row(self) -> Row:
        """Return the row's first line as a rejected row; its other lines will be read again."""
        first, *others = self.taken
        self._again.extendleft(reversed(others))
        self.number -= len(others)
        fault = RowFault.LINE_TOO_LONG if len(first) >= LINE_LIMIT else RowFault.UNCLOSED_QUOTE
        return Row(self.number, (first.rstrip("\r\n"),), fault)


def _records(text: TextIO, separator: str) -> Iterator[Row]:
    """Yield every record, the header included; a record that cannot be read is a row with its fault."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=separator)
    while True:
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_SpoiltRowError, csv.Error):
            is_whole = False
        else:
            # when the file ends inside quotes, the reader makes one row of all that followed them
            is_whole = not lines.is_over
        if is_whole:
            yield Row(lines.number - len(lines.taken) + 1, tuple(cells))
        else:
            yield lines.give_up_row()
            reader = csv.reader(lines, delimiter=separator)
