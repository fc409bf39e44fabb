"""The lines of a list's file: its encoding, decided line by line, and how many lines there are.

Blocking; called in a thread. One wrong byte costs the line it stands in, never the accents of the others: a file of
single bytes is UTF-8 wherever a line is valid UTF-8, and Windows-1252 (or Macintosh, where its letters prevail)
elsewhere. Where that gives letters as no name has them, it was written in yet another: such a line is refused, and a
note says that the encoding is a guess. Cells and quotes are left to ``list_records``.
"""

import codecs
import hashlib
import io
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from telephony.domain.law.wording import Text
from telephony.services.list_faults import ListFileError

LINE_LIMIT: Final = 65_536
"""Characters; a longer line is a rejected row."""
SHOWN: Final = 5
"""Lines named in a sentence about some of them."""
_LONGEST: Final = 4 * LINE_LIMIT
"""Bytes kept of a line; with more it is too long in any encoding."""
_CHUNK: Final = 1 << 20
_SAMPLE: Final = 8192
_MAGIC: Final = {
    b"PK\x03\x04": Text("un tableur (XLSX) ou un fichier ZIP", "a spreadsheet (XLSX) or ZIP file"),
    b"\xd0\xcf\x11\xe0": Text("un ancien fichier Excel (XLS)", "an old Excel file (XLS)"),
    b"%PDF": Text("un PDF", "a PDF"),
    b"\x1f\x8b": Text("un fichier gzip", "a gzip file"),
}
_MAC_LETTERS, _WINDOWS_LETTERS = b"\x8e\x8f\x88\x9d\x90", b"\xe9\xe8\xe0\xf9\xea"
"""é, è, à, ù, ê as Excel for Macintosh writes them, and as Windows does; the other reading of each is no French."""
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_WIDE: Final = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark begins the same
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NAMES: Final = {"cp1252": "Windows-1252", "mac_roman": "Macintosh", "utf-8": "UTF-8"}
_UNPRINTED: Final = re.compile("[\x80-\x9f]")
"""Control characters that no text has: bytes of another encoding, taken for Latin-1 once."""
_NO_TEXT: Final = "\udc80"
"""A lone surrogate: it stands for a byte of no encoding."""
_LOWER: Final = "a-zß-öø-ÿœšž"
_LETTER: Final = f"[A-ZÀ-ÖØ-ÞŒŠŽŸ{_LOWER}]"
_DOUBTFUL: Final = re.compile(
    f"(?<={_LETTER})[ƒ‚ˆ˜˚˘¼½¾]|[ƒˆ](?={_LETTER})|(?<![0-9])[¼½¾](?={_LETTER})"
    f"|(?<={_LETTER})[„†‡‰‹“”™](?={_LETTER})|(?<=[{_LOWER}])[À-ÖØ-ÞŒŠŽŸ]"
)
"""What no name has: ``H‚lŠne`` was written in MS-DOS's encoding, ``FRAN‚OIS`` on a Macintosh, ``B½uf`` in Latin-9."""

Source = Path | bytes


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the lines of a file are read.

    Attributes:
        name: Python codec name, as reports show it: that of most lines beyond ASCII.
        single: codec of bytes that are not UTF-8, in a file of single bytes; "" in UTF-16 and UTF-32.
        has_utf8: some lines are UTF-8 beyond ASCII; where one is not, only the bytes that are none are in ``single``.
    """

    name: str
    single: str = "cp1252"
    has_utf8: bool = True


@dataclass(frozen=True, slots=True)
class Scan:
    """A file looked through once.

    Attributes:
        lines: how many lines it has, the last one without a line end included.
        minority: some of the lines that are not written in ``encoding.name``; ``minority_count`` says how many.
        doubtful: some of the lines with letters as no name has them; ``doubtful_count`` says how many.
    """

    sha256: str
    encoding: Encoding
    lines: int
    minority: tuple[int, ...] = ()
    minority_count: int = 0
    doubtful: tuple[int, ...] = ()
    doubtful_count: int = 0

    @property
    def notes(self) -> tuple[Text, ...]:
        """What is worth reading of the encoding: lines that are written in another one, or in none that is known."""
        return (*self._mixed, *self._guessed)

    @property
    def _guessed(self) -> tuple[Text, ...]:
        if not self.doubtful_count:
            return ()
        count, lines = self.doubtful_count, _some(self.doubtful, self.doubtful_count)
        return (
            Text(
                f"l'encodage du fichier est incertain\u202f: lues en {_NAMES[self.encoding.single]}, {count} de ses "
                f"lignes ({lines}) ont des lettres qu'aucun nom n'a et sont refusées\u202f; vérifiez les accents des "
                "autres, ou exportez de nouveau en CSV (UTF-8)",
                f"the file's encoding is a guess: read as {_NAMES[self.encoding.single]}, {count} of its lines "
                f"({lines}) hold letters as no name has them and are refused; look at the accents of the others, or "
                "export again as CSV (UTF-8)",
            ),
        )

    @property
    def _mixed(self) -> tuple[Text, ...]:
        if not self.minority_count:
            return ()
        is_odd = self.encoding.name.startswith("utf-8")
        other = _NAMES[self.encoding.single if is_odd else "utf-8"]
        lines = _some(self.minority, self.minority_count)
        count, main = self.minority_count, _name(self.encoding)
        return (
            Text(
                f"{other} dans {count} des lignes du fichier ({lines}), {main} dans les autres\u202f: chacune a été "
                "lue dans le sien, vérifiez leurs accents",
                f"{other} in {count} of the file's lines ({lines}), {main} in the others: each was read in its own; "
                "look at their accents",
            ),
        )


def _some(lines: tuple[int, ...], count: int) -> str:
    return ", ".join(map(str, lines)) + (", …" if count > len(lines) else "")


def scan(source: Source, label: str) -> Scan:
    """Look through a file: digest, encoding, number of lines.

    Raises:
        ListFileError: it is empty, of another kind, or damaged.
    """
    digest = hashlib.sha256()
    with open_bytes(source) as file:
        sample = file.read(_SAMPLE)
    wide = _wide_or_text(sample, label)
    if not sample.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n") and len(sample) < _SAMPLE:
        raise ListFileError(_empty(label))
    if wide:
        return _scan_wide(source, wide, label)
    census = _Census()
    for line in _byte_lines(source, digest.update):
        census.add(line.removeprefix(codecs.BOM_UTF8) if not census.lines else line)
    if sample.startswith(codecs.BOM_UTF8) and census.odd and not census.utf8:
        raise ListFileError(_undecodable(label, "utf-8-sig"))
    return census.result(digest.hexdigest(), has_mark=sample.startswith(codecs.BOM_UTF8))


def text_lines(source: Source, encoding: Encoding) -> Iterator[str]:
    """Yield every line with its end; of one that is too long, the beginning.

    A byte that no encoding explains, or not as a letter of a name, is a lone surrogate in its line.
    """
    if not encoding.single:
        yield from _wide_lines(source, encoding.name)
        return
    decode = _decoder(encoding)
    lines = _byte_lines(source)
    for first in lines:
        yield decode(first.removeprefix(codecs.BOM_UTF8))
        break
    for line in lines:
        yield decode(line)


def label_of(source: Source) -> str:
    """Return how sentences name a file; a byte of its name that is no UTF-8 is shown as one that is missing."""
    return os.fsencode(source.name).decode(errors="replace") if isinstance(source, Path) else "the file"


def readable(source: Source) -> None:
    """Refuse what is no ordinary file, before it is opened: a pipe may never end.

    Raises:
        ListFileError: it is a pipe or a device, a folder, missing, or closed to us.
    """
    if not isinstance(source, Path):
        return
    try:
        mode = source.stat().st_mode
        if stat.S_ISREG(mode):
            with source.open("rb"):
                return
    except FileNotFoundError:
        raise ListFileError(_unreadable(source, *_MISSING)) from None
    except OSError as error:
        why = f"({error.strerror})"
        raise ListFileError(
            Text(
                f"{source} ne peut pas être lu {why}\u202f: vérifiez son propriétaire et ses droits",
                f"{source} cannot be read {why}; check its owner and mode",
            )
        ) from error
    raise ListFileError(_unreadable(source, *_FOLDER) if stat.S_ISDIR(mode) else _no_file(source))


def open_bytes(source: Source) -> io.BufferedIOBase:
    """Open a file, or bytes as if they were one."""
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


@dataclass(slots=True)
class _Census:
    """Lines so far, by what they are written in."""

    lines: int = 0
    utf8: int = 0
    odd: int = 0
    utf8_lines: list[int] = field(default_factory=list)
    odd_lines: list[int] = field(default_factory=list)
    mac: int = 0
    windows: int = 0
    doubtful: dict[str, list[int]] = field(default_factory=lambda: {"cp1252": [], "mac_roman": []})
    doubts: Counter[str] = field(default_factory=Counter)

    def add(self, line: bytes) -> None:
        self.lines += 1
        if line.isascii() or len(line) > _LONGEST:
            return
        try:
            line.decode()
        except UnicodeDecodeError:
            self._add_odd(line)
        else:
            self.utf8 += 1
            if len(self.utf8_lines) < SHOWN:
                self.utf8_lines.append(self.lines)

    def _add_odd(self, line: bytes) -> None:
        self.odd += 1
        if len(self.odd_lines) < SHOWN:
            self.odd_lines.append(self.lines)
        alone = line.decode("utf-8", "surrogateescape")  # what is valid UTF-8 counts for no other encoding
        loose = bytes(ord(character) - 0xDC00 for character in alone if "\udc80" <= character <= "\udcff")
        self.mac += sum(map(loose.count, _MAC_LETTERS))
        self.windows += sum(map(loose.count, _WINDOWS_LETTERS))
        for codec, lines in self.doubtful.items():
            if _DOUBTFUL.search(line.decode("utf-8", f"list-{codec}")):
                self.doubts[codec] += 1
                if len(lines) < SHOWN:
                    lines.append(self.lines)

    def result(self, sha256: str, *, has_mark: bool) -> Scan:
        single = "mac_roman" if self.mac > self.windows else "cp1252"
        is_utf8 = has_mark or self.utf8 >= self.odd
        name = ("utf-8-sig" if has_mark else "utf-8") if is_utf8 else single
        minority = self.odd if is_utf8 else self.utf8
        lines = self.odd_lines if is_utf8 else self.utf8_lines
        doubtful = tuple(self.doubtful[single])
        encoding = Encoding(name, single, bool(self.utf8))
        return Scan(sha256, encoding, self.lines, tuple(lines), minority, doubtful, self.doubts[single])


def _decoder(encoding: Encoding) -> Callable[[bytes], str]:
    def decode(line: bytes) -> str:
        if line.isascii():
            return line.decode()
        try:
            return _UNPRINTED.sub(_NO_TEXT, line.decode())
        except UnicodeDecodeError:
            if encoding.has_utf8:
                text = line.decode("utf-8", f"list-{encoding.single}")
            else:
                text = line.decode(encoding.single, "surrogateescape")
            return _DOUBTFUL.sub(_NO_TEXT, text)

    return decode


def _reading(codec: str) -> Callable[[UnicodeError], tuple[str, int]]:
    """Return an error handler that reads the bytes that are no UTF-8 in ``codec``, or keeps them as surrogates."""

    def handle(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)  # noqa: S101  registered for decoding only
        piece = error.object[error.start : error.end]
        try:
            return piece.decode(codec), error.end
        except UnicodeDecodeError:
            return piece.decode("ascii", "surrogateescape"), error.end

    return handle


for _codec in ("cp1252", "mac_roman"):
    codecs.register_error(f"list-{_codec}", _reading(_codec))


def _byte_lines(source: Source, watch: Callable[[bytes], object] = len) -> Iterator[bytes]:
    """Yield the lines of a file of single bytes; every chunk is shown to ``watch``."""
    begun = b""
    with open_bytes(source) as file:
        while chunk := file.read(_CHUNK):
            watch(chunk)
            *whole, begun = (begun + chunk).splitlines(keepends=True)
            if begun.endswith(b"\n"):  # not after \r: its \n may come with the next chunk
                whole.append(begun)
                begun = b""
            yield from whole
            if len(begun) > _LONGEST:
                begun = begun[:_LONGEST] + (b"\r" if begun.endswith(b"\r") else b"")
    if begun:
        yield begun


def _scan_wide(source: Source, name: str, label: str) -> Scan:
    digest = hashlib.sha256()
    with open_bytes(source) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    try:
        lines = sum(1 for _ in _wide_lines(source, name))
    except UnicodeDecodeError:
        raise ListFileError(_undecodable(label, name)) from None
    return Scan(digest.hexdigest(), Encoding(name, ""), lines)


def _wide_lines(source: Source, name: str) -> Iterator[str]:
    # newline="": quoted line ends are kept as they are; strict: a damaged file is refused when it is scanned
    with io.TextIOWrapper(open_bytes(source), encoding=name, newline="") as text:  # type: ignore[type-var]
        while line := text.readline(LINE_LIMIT):
            part = line
            while len(part) >= LINE_LIMIT and not part.endswith(("\n", "\r")):
                part = text.readline(LINE_LIMIT)
            yield line


def _wide_or_text(sample: bytes, label: str) -> str:
    """Return the encoding of two or four bytes a letter that a mark tells, or ""."""
    for magic, what in _MAGIC.items():
        if sample.startswith(magic):
            raise ListFileError(
                Text(
                    f"{label} est {what.fr}\u202f: ouvrez-le et enregistrez la feuille en CSV",
                    f"{label} is {what.en}; open it and save the sheet as CSV",
                )
            )
    for mark, name in _WIDE.items():
        if sample.startswith(mark):
            return name
    if len(_CONTROL.findall(sample)) * 20 > len(sample):
        raise ListFileError(
            Text(
                f"{label} n'est pas un fichier texte\u202f: enregistrez la liste en CSV (UTF-8)",
                f"{label} is not a text file; save the list as CSV (UTF-8)",
            )
        )
    return ""


def _name(encoding: Encoding) -> str:
    return _NAMES.get(encoding.name, "UTF-8")


_MISSING: Final = ("ce fichier n'existe pas, vérifiez son chemin", "no such file; check the path")
_FOLDER: Final = ("c'est un dossier, nommez un fichier CSV qu'il contient", "it is a folder; name one CSV file in it")


def _unreadable(path: Path, fr: str, en: str) -> Text:
    return Text(f"{path} ne peut pas être lu\u202f: {fr}", f"{path} cannot be read: {en}")


def _empty(label: str) -> Text:
    return Text(
        f"{label} est vide\u202f: choisissez le fichier qui contient la liste",
        f"{label} is empty; choose the file that holds the list",
    )


def _no_file(path: Path) -> Text:
    """Say that it is a pipe or a device: it could be read once at most, and might never end."""
    return Text(
        f"{path} n'est pas un fichier ordinaire\u202f: enregistrez d'abord la liste dans un fichier",
        f"{path} is no ordinary file; save the list to a file first",
    )


def _undecodable(label: str, encoding: str) -> Text:
    return Text(
        f"{label} se dit en {encoding.upper()} mais il est abîmé\u202f: exportez-le de nouveau en CSV (UTF-8)",
        f"{label} says it is {encoding.upper()} but is damaged; export it again as CSV (UTF-8)",
    )
