"""The encoding of a list's file: UTF-8, Windows-1252 or Macintosh, decided line by line.

Pure: it turns lines of bytes into an encoding and text. One wrong byte costs its own line, never the accents of the
others: a line that is valid UTF-8 is read as UTF-8, every other one as Windows-1252, or as Macintosh where its letters
prevail. Letters that no name has show that the file has yet another encoding: such a line is refused, and a note says
that the encoding is a guess. ``lines`` opens the files and reads UTF-16.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from telephony.domain.text.reason import Reason

SHOWN: Final = 5
"""Most lines that a message names."""
LINE_LIMIT: Final = 65_536
"""Characters; a longer line is rejected."""
LONGEST: Final = 4 * LINE_LIMIT
"""Bytes kept of a line; a longer one is too long in any encoding."""
_MAC_LETTERS, _WINDOWS_LETTERS = b"\x8e\x8f\x88\x9d\x90", b"\xe9\xe8\xe0\xf9\xea"
"""é, è, à, ù, ê as Excel writes them on a Macintosh and on Windows; read the other way they are not French."""
_NAMES: Final = {"cp1252": "Windows-1252", "mac_roman": "Macintosh", "utf-8": "UTF-8"}
_UNPRINTED: Final = re.compile("[\x80-\x9f]")
"""Control characters that no text has: bytes of another encoding that were once read as Latin-1."""
_NO_TEXT: Final = "\udc80"
"""A lone surrogate: it replaces a byte that no encoding explains."""
_LOWER: Final = "a-zß-öø-ÿœšž"
_LETTER: Final = f"[A-ZÀ-ÖØ-ÞŒŠŽŸ{_LOWER}]"
_DOUBTFUL: Final = re.compile(
    f"(?<={_LETTER})[ƒ‚ˆ˜˚˘¼½¾]|[ƒˆ](?={_LETTER})|(?<![0-9])[¼½¾](?={_LETTER})"
    f"|(?<={_LETTER})[„†‡‰‹“”™](?={_LETTER})|(?<=[{_LOWER}])[À-ÖØ-ÞŒŠŽŸ]"
)
"""What no name has: ``H‚lŠne`` comes from MS-DOS, ``FRAN‚OIS`` from a Macintosh, ``B½uf`` from Latin-9."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the lines of a file are read.

    Attributes:
        name: Python codec name, as reports show it: that of most lines beyond ASCII.
        single: codec of bytes that are not UTF-8, in a file of single bytes; "" in UTF-16 and UTF-32.
        has_utf8: some lines beyond ASCII are UTF-8; in the others only the invalid bytes are read as ``single``.
    """

    name: str
    single: str = "cp1252"
    has_utf8: bool = True


@dataclass(frozen=True, slots=True)
class Scan:
    """The result of scanning a file.

    Attributes:
        lines: number of lines, a last one without a line end included.
        minority: some of the lines that are not in ``encoding.name``; ``minority_count`` is how many there are.
        doubtful: some of the lines with letters that no name has; ``doubtful_count`` is how many there are.
    """

    sha256: str
    encoding: Encoding
    lines: int
    minority: tuple[int, ...] = ()
    minority_count: int = 0
    doubtful: tuple[int, ...] = ()
    doubtful_count: int = 0

    @property
    def notes(self) -> tuple[Reason, ...]:
        """Notes about the encoding: lines in another encoding, or in an unknown one."""
        return (*self._mixed, *self._guessed)

    @property
    def _guessed(self) -> tuple[Reason, ...]:
        if not self.doubtful_count:
            return ()
        count, lines = self.doubtful_count, _some(self.doubtful, self.doubtful_count)
        return (Reason("list.note.encoding_guessed", encoding=_NAMES[self.encoding.single], n=count, lines=lines),)

    @property
    def _mixed(self) -> tuple[Reason, ...]:
        if not self.minority_count:
            return ()
        is_odd = self.encoding.name.startswith("utf-8")
        other = _NAMES[self.encoding.single if is_odd else "utf-8"]
        lines = _some(self.minority, self.minority_count)
        count, main = self.minority_count, _name(self.encoding)
        return (Reason("list.note.encodings_mixed", other=other, n=count, lines=lines, main=main),)


def _some(lines: tuple[int, ...], count: int) -> str:
    return ", ".join(map(str, lines)) + (", …" if count > len(lines) else "")


@dataclass(slots=True)
class LineEncodings:
    """Counts the lines of a file by their encoding."""

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
        """Count one more line."""
        self.lines += 1
        if line.isascii() or len(line) > LONGEST:
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
        alone = line.decode("utf-8", "surrogateescape")  # valid UTF-8 counts for no other encoding
        loose = bytes(ord(character) - 0xDC00 for character in alone if "\udc80" <= character <= "\udcff")
        self.mac += sum(map(loose.count, _MAC_LETTERS))
        self.windows += sum(map(loose.count, _WINDOWS_LETTERS))
        for codec, lines in self.doubtful.items():
            if _DOUBTFUL.search(line.decode("utf-8", f"list-{codec}")):
                self.doubts[codec] += 1
                if len(lines) < SHOWN:
                    lines.append(self.lines)

    def result(self, sha256: str, *, has_mark: bool) -> Scan:
        """Return the encoding of the whole file; ``has_mark``: it begins with the byte order mark of UTF-8."""
        single = "mac_roman" if self.mac > self.windows else "cp1252"
        is_utf8 = has_mark or self.utf8 >= self.odd
        name = ("utf-8-sig" if has_mark else "utf-8") if is_utf8 else single
        minority = self.odd if is_utf8 else self.utf8
        lines = self.odd_lines if is_utf8 else self.utf8_lines
        doubtful = tuple(self.doubtful[single])
        encoding = Encoding(name, single, bool(self.utf8))
        return Scan(sha256, encoding, self.lines, tuple(lines), minority, doubtful, self.doubts[single])


def decoder(encoding: Encoding) -> Callable[[bytes], str]:
    """Return a function that decodes a line of single bytes; bytes that no name has become lone surrogates."""

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


def _error_handler(codec: str) -> Callable[[UnicodeError], tuple[str, int]]:
    """Return an error handler that decodes invalid UTF-8 bytes with ``codec``, or keeps them as surrogates."""

    def handle(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)  # noqa: S101  registered for decoding only
        piece = error.object[error.start : error.end]
        try:
            return piece.decode(codec), error.end
        except UnicodeDecodeError:
            return piece.decode("ascii", "surrogateescape"), error.end

    return handle


for _codec in ("cp1252", "mac_roman"):
    codecs.register_error(f"list-{_codec}", _error_handler(_codec))


def _name(encoding: Encoding) -> str:
    return _NAMES.get(encoding.name, "UTF-8")
