"""How the lines of a list's file are written: UTF-8, Windows-1252 or Macintosh, decided line by line.

Pure: lines of bytes in, an encoding and text out. One wrong byte costs the line it stands in, never the accents of the
others: a file of single bytes is UTF-8 wherever a line is valid UTF-8, and Windows-1252 (or Macintosh, where its
letters prevail) elsewhere. Where that gives letters as no name has them, it was written in yet another: such a line is
refused, and a note says that the encoding is a guess. Opening files and UTF-16 are left to ``list_lines``.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from telephony.domain.text.reason import Reason

SHOWN: Final = 5
"""Lines named in a sentence about some of them."""
LINE_LIMIT: Final = 65_536
"""Characters; a longer line is a rejected row."""
LONGEST: Final = 4 * LINE_LIMIT
"""Bytes kept of a line; with more it is too long in any encoding."""
_MAC_LETTERS, _WINDOWS_LETTERS = b"\x8e\x8f\x88\x9d\x90", b"\xe9\xe8\xe0\xf9\xea"
"""é, è, à, ù, ê as Excel for Macintosh writes them, and as Windows does; the other reading of each is no French."""
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
    def notes(self) -> tuple[Reason, ...]:
        """What is worth reading of the encoding: lines that are written in another one, or in none that is known."""
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
    """The lines of a file so far, counted by the encoding they are written in."""

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
        """Return what the whole file is written in; ``has_mark``: it begins with the mark of UTF-8."""
        single = "mac_roman" if self.mac > self.windows else "cp1252"
        is_utf8 = has_mark or self.utf8 >= self.odd
        name = ("utf-8-sig" if has_mark else "utf-8") if is_utf8 else single
        minority = self.odd if is_utf8 else self.utf8
        lines = self.odd_lines if is_utf8 else self.utf8_lines
        doubtful = tuple(self.doubtful[single])
        encoding = Encoding(name, single, bool(self.utf8))
        return Scan(sha256, encoding, self.lines, tuple(lines), minority, doubtful, self.doubts[single])


def decoder(encoding: Encoding) -> Callable[[bytes], str]:
    """Return what reads a line of single bytes; a byte that is no letter of a name becomes a lone surrogate."""

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


def _name(encoding: Encoding) -> str:
    return _NAMES.get(encoding.name, "UTF-8")
