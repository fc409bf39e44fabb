"""What the recorder needs from recording files. Ports raise only the ``ArchiveError`` family."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from telephony.domain.evidence.recordings import RecordingTag, StoredFile
from telephony.ids import RecordingId


@dataclass(frozen=True, slots=True)
class RawState:
    """What the gate's raw files of one recording look like now.

    Attributes:
        is_present: all of them exist.
        is_closed: Asterisk has finished writing: nothing more will come.
        length_s: seconds of audio in them.
        size: bytes on disk, all together.
        has_remains: at least one of them exists.
        is_damaged: one is missing, or was truncated while it was written.
        operator_s: seconds of audio that went to the called person; None while it is written, and where its writer
            died: its end may be missing.
    """

    is_present: bool
    is_closed: bool
    length_s: float
    size: int
    has_remains: bool = False
    is_damaged: bool = False
    operator_s: float | None = None


class Archive(Protocol):
    """Raw files of the gate in, finished recordings out, by id only."""

    async def raw_state(self, recording_id: RecordingId) -> RawState:
        """Look at the gate's raw files."""

    async def finish(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        """Make the finished file: two channels (left operator, right called person), FLAC, the tag inside.

        Written beside, read back, renamed, fsynced; an existing finished file of that id is never overwritten but
        read back and returned. None when the raw files carry no audio at all.

        Args:
            tag: what is bound to it.
            early_media_at: when audio began before the answer, or None.

        Raises:
            ArchiveError: raw files missing or incomplete, or the disk refused.
        """

    async def salvage(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        """Make the finished file of whatever the raw files still hold; as ``finish`` otherwise.

        For files that are not all there, or were truncated: what is missing is silence, and shows in the sides'
        lengths.

        Raises:
            ArchiveError: all raw files are missing, or the disk refused.
        """

    async def discard_raw(self, recording_id: RecordingId) -> None:
        """Remove the gate's raw files; nothing happens when they are gone already."""

    async def verify(self, file: StoredFile) -> bool:
        """Return True if the file still has the size and digest it was stored with."""

    def location(self, file: StoredFile) -> Path:
        """Return where the finished file lies."""

    async def read_tag(self, file: StoredFile) -> dict[str, str]:
        """Return the tag as it stands inside the file."""

    async def peaks(self, file: StoredFile, points: int) -> tuple[list[float], list[float]]:
        """Return ``points`` peak levels (0-1) of the left and of the right channel, for a drawing."""

    async def key_tones(self, file: StoredFile) -> tuple[float, ...]:
        """Look for keys sent as tones in the operator's side; return when each began, in seconds.

        Raises:
            ArchiveError: the file is missing or damaged.
        """

    async def free_mib(self) -> tuple[float, float]:
        """Return the free space, MiB, of the gate's spool and of the archive."""
