"""Growth of recordings: checks the three raw files of every trunk leg, and that the disk takes another block.

Asterisk does not report that it cannot write (tested: a full disk, a read-only one, a stopped MixMonitor raise no
event), so the files themselves are read. Data reaches them in blocks of 32 kB, about every two seconds; their header
has the length only once they are closed. ``guard`` cuts the legs.
"""

import errno
import os
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from telephony.wire.watch import FaultKind, WatchState

SUFFIXES: Final = ("", "-rx", "-tx")
"""Mixed, the called person alone, the operator alone."""
PROBE_BYTES: Final = 4 * 32 * 1024
"""One block per file and one more: with less free space the disk counts as full."""
FIRST_BLOCK_S: Final = 1.0
"""Extra seconds for the first block after the answer: the audio has to begin first."""
_HEADER: Final = struct.Struct("<4sI")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The present state of one raw file.

    Attributes:
        inode: identifies the file: a replacement has another one.
        is_closed: its writer has closed it.
        has_header: it still begins like a WAV file; a truncated file goes on after a hole.
    """

    size: int
    inode: int
    is_closed: bool
    has_header: bool


@dataclass(slots=True)
class _Watched:
    files: tuple[FileFacts, ...]
    grown_at: list[float]
    has_grown: list[bool] = field(default_factory=lambda: [False] * len(SUFFIXES))
    was_up: bool = False


class Growth:
    """Every recording that should be growing, by the unique id of its leg.

    Args:
        monitor: folder the gate records into.
        stall_s: seconds a file may stop growing.
    """

    def __init__(self, monitor: Path, stall_s: float) -> None:
        self._monitor = monitor
        self._stall_s = stall_s
        self._watched: dict[str, _Watched] = {}

    def keep(self, channels: set[str]) -> None:
        """Forget all legs but these."""
        for gone in set(self._watched) - channels:
            del self._watched[gone]

    def look(self, channel: str, recording: str, now_s: float, *, is_up: bool) -> FaultKind | None:
        """Check one leg's files; return what is wrong with them, or None.

        Args:
            channel: unique id of the leg.
            recording: id in the names of its files.
            now_s: seconds of a monotonic clock.
            is_up: the leg is answered, so audio flows and the files must grow.
        """
        facts = [self._facts(f"{recording}{suffix}.wav") for suffix in SUFFIXES]
        files = tuple(fact for fact in facts if fact is not None)
        if len(files) < len(facts):
            return FaultKind.MISSING
        before = self._watched.get(channel)
        if before is None:
            before = self._watched[channel] = _Watched(files, [now_s] * len(files))
        if any(old.inode != new.inode for old, new in zip(before.files, files, strict=True)):
            return FaultKind.MISSING
        if any(new.size < old.size or not new.has_header for old, new in zip(before.files, files, strict=True)):
            # The old state is kept: a file that has grown again since would look undamaged.
            return FaultKind.TRUNCATED
        if any(file.is_closed for file in files):
            return FaultKind.CLOSED
        return self._stalled(before, files, now_s, is_up=is_up)

    def _stalled(
        self, before: _Watched, files: tuple[FileFacts, ...], now_s: float, *, is_up: bool
    ) -> FaultKind | None:
        for place, (old, new) in enumerate(zip(before.files, files, strict=True)):
            if not (is_up and before.was_up):
                before.grown_at[place] = now_s
            elif new.size > old.size:
                before.grown_at[place], before.has_grown[place] = now_s, True
        before.files, before.was_up = files, is_up
        for grown_at, has_grown in zip(before.grown_at, before.has_grown, strict=True):
            if now_s - grown_at > self._stall_s + (0 if has_grown else FIRST_BLOCK_S):
                return FaultKind.STALLED
        return None

    def _facts(self, name: str) -> FileFacts | None:
        try:
            with (self._monitor / name).open("rb") as file:
                head = file.read(_HEADER.size)
                facts = os.fstat(file.fileno())
        except OSError:
            return None
        is_closed = len(head) == _HEADER.size and _HEADER.unpack(head)[1] != 0
        return FileFacts(facts.st_size, facts.st_ino, is_closed, has_header=head[:4] == b"RIFF")


def probe(monitor: Path) -> WatchState:
    """Write, sync and remove some blocks beside the recordings: the only proof that the disk takes more."""
    path = monitor / ".warden"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            written = os.write(descriptor, bytes(PROBE_BYTES))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            with suppress(OSError):
                path.unlink()
    except OSError as error:
        return WatchState.FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else WatchState.READ_ONLY
    return WatchState.OK if written == PROBE_BYTES else WatchState.FULL
