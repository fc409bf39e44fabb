"""The lines of a list's file: their number and their text.

Blocking; called in a thread. ``encoding`` decodes single bytes; ``records`` reads cells and quotes.
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

from telephony.domain.text.reason import Reason
from telephony.services.lists.encoding import LINE_LIMIT, LONGEST, Encoding, LineEncodings, Scan, decoder
from telephony.services.lists.faults import Label, ListFileError, empty_file

_CHUNK: Final = 1 << 20
_SAMPLE: Final = 8192
_MAGIC: Final = {
    b"PK\x03\x04": Reason("list.file.kind.spreadsheet"),
    b"\xd0\xcf\x11\xe0": Reason("list.file.kind.old_excel"),
    b"%PDF": Reason("list.file.kind.pdf"),
    b"\x1f\x8b": Reason("list.file.kind.gzip"),
}
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_WIDE: Final = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark begins with the same bytes
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
Source = Path | bytes


def scan(source: Source, label: Label) -> Scan:
    """Scan a file for its digest, encoding and number of lines.

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
    """Yield every line with its line end; only the beginning of one that is too long.

    A byte that no encoding explains, or that gives a letter no name has, is a lone surrogate in its line.
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


def label_of(source: Source) -> Label:
    """Return how messages name a file; invalid UTF-8 in its name is shown as a replacement character."""
    return os.fsencode(source.name).decode(errors="replace") if isinstance(source, Path) else Reason("list.the_file")


def readable(source: Source) -> None:
    """Refuse anything but a regular file before it is opened: a pipe may never end.

    Raises:
        ListFileError: it is a pipe, a device, a folder, missing, or not readable for us.
    """
    if not isinstance(source, Path):
        return
    try:
        mode = source.stat().st_mode
        if stat.S_ISREG(mode):
            with source.open("rb"):
                return
    except FileNotFoundError:
        raise ListFileError(Reason("list.file.missing", path=str(source))) from None
    except OSError as error:
        why = f"({error.strerror})"
        raise ListFileError(Reason("list.file.closed", path=str(source), why=why)) from error
    raise ListFileError(Reason("list.file.folder", path=str(source)) if stat.S_ISDIR(mode) else _no_file(source))


def open_bytes(source: Source) -> io.BufferedIOBase:
    """Open a file, or bytes like a file."""
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _byte_lines(source: Source, watch: Callable[[bytes], object] = len) -> Iterator[bytes]:
    """Yield the lines of a file of single bytes; every chunk is passed to ``watch``."""
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


def _scan_wide(source: Source, name: str, label: Label) -> Scan:
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
    # newline="": quoted line ends are not changed; strict errors: a damaged file is refused when it is scanned
    with io.TextIOWrapper(open_bytes(source), encoding=name, newline="") as text:  # type: ignore[type-var]
        while line := text.readline(LINE_LIMIT):
            part = line
            while len(part) >= LINE_LIMIT and not part.endswith(("\n", "\r")):
                part = text.readline(LINE_LIMIT)
            yield line


def _wide_or_text(sample: bytes, label: Label) -> str:
    """Return the encoding with two or four bytes a character, by its byte order mark, or ""."""
    for magic, what in _MAGIC.items():
        if sample.startswith(magic):
            raise ListFileError(Reason("list.file.of_kind", label=label, kind=what))
    for mark, name in _WIDE.items():
        if sample.startswith(mark):
            return name
    if len(_CONTROL.findall(sample)) * 20 > len(sample):
        raise ListFileError(Reason("list.file.not_text", label=label))
    return ""


def _no_file(path: Path) -> Reason:
    """Return the message for a pipe or a device: it could be read only once, and might never end."""
    return Reason("list.file.no_file", path=str(path))


def _damaged(label: Label, encoding: str) -> Reason:
    return Reason("list.file.damaged", label=label, encoding=encoding.upper())
