"""The lines of a list's file: how many there are, and their text.

Blocking; called in a thread. What single bytes are written in is left to ``list_encoding``, cells and quotes to
``list_records``.
"""

import codecs
import hashlib
import io
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from telephony.domain.law.wording import Text
from telephony.services.list_encoding import LINE_LIMIT, LONGEST, Encoding, LineEncodings, Scan, decoder
from telephony.services.list_faults import ListFileError, empty_file

_CHUNK: Final = 1 << 20
_SAMPLE: Final = 8192
_MAGIC: Final = {
    b"PK\x03\x04": Text("un tableur (XLSX) ou un fichier ZIP", "a spreadsheet (XLSX) or ZIP file"),
    b"\xd0\xcf\x11\xe0": Text("un ancien fichier Excel (XLS)", "an old Excel file (XLS)"),
    b"%PDF": Text("un PDF", "a PDF"),
    b"\x1f\x8b": Text("un fichier gzip", "a gzip file"),
}
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_WIDE: Final = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark begins the same
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
Source = Path | bytes


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
        raise ListFileError(empty_file(label))
    if wide:
        return _scan_wide(source, wide, label)
    written = LineEncodings()
    for line in _byte_lines(source, digest.update):
        written.add(line.removeprefix(codecs.BOM_UTF8) if not written.lines else line)
    if sample.startswith(codecs.BOM_UTF8) and written.odd and not written.utf8:
        raise ListFileError(_damaged(label, "utf-8-sig"))
    return written.result(digest.hexdigest(), has_mark=sample.startswith(codecs.BOM_UTF8))


def text_lines(source: Source, encoding: Encoding) -> Iterator[str]:
    """Yield every line with its end; of one that is too long, the beginning.

    A byte that no encoding explains, or not as a letter of a name, is a lone surrogate in its line.
    """
    if not encoding.single:
        yield from _wide_lines(source, encoding.name)
        return
    decode = decoder(encoding)
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
            if len(begun) > LONGEST:
                begun = begun[:LONGEST] + (b"\r" if begun.endswith(b"\r") else b"")
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
        raise ListFileError(_damaged(label, name)) from None
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


_MISSING: Final = ("ce fichier n'existe pas, vérifiez son chemin", "no such file; check the path")
_FOLDER: Final = ("c'est un dossier, nommez un fichier CSV qu'il contient", "it is a folder; name one CSV file in it")


def _unreadable(path: Path, fr: str, en: str) -> Text:
    return Text(f"{path} ne peut pas être lu\u202f: {fr}", f"{path} cannot be read: {en}")


def _no_file(path: Path) -> Text:
    """Return the message for a pipe or a device: it could be read once at most, and might never end."""
    return Text(
        f"{path} n'est pas un fichier ordinaire\u202f: enregistrez d'abord la liste dans un fichier",
        f"{path} is no ordinary file; save the list to a file first",
    )


def _damaged(label: str, encoding: str) -> Text:
    return Text(
        f"{label} se dit en {encoding.upper()} mais il est abîmé\u202f: exportez-le de nouveau en CSV (UTF-8)",
        f"{label} says it is {encoding.upper()} but is damaged; export it again as CSV (UTF-8)",
    )
