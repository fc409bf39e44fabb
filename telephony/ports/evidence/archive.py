"""Interface to recording files, for the recorder. Ports raise only the ``ArchiveError`` family."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from telephony.domain.evidence.recordings import RecordingTag, StoredFile
from telephony.ids import RecordingId


@dataclass(frozen=True, slots=True)
class RawState:
    """Current state of the gate's raw files of one recording.

    Attributes:
        is_present: all of them exist.
        is_closed: Asterisk has finished writing.
        length_s: seconds of audio in them.
        size: bytes on disk, all together.
        has_remains: at least one of them exists.
        is_damaged: one is missing, or was truncated while it was written.
        operator_s: seconds of audio sent to the called person; None while it is being written, and if its writer died,
            because its end may be missing.
    """

    is_present: bool
    is_closed: bool
    length_s: float
    size: int
    has_remains: bool = False
    is_damaged: bool = False
    operator_s: float | None = None


class Archive(Protocol):
    """Converts the gate's raw files to finished recordings, by id only."""

    async def raw_state(self, recording_id: RecordingId) -> RawState:
        """Return the state of the gate's raw files."""

    async def finish(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        """Make the finished file: two channels (left operator, right called person), FLAC, the tag inside.

        The file is written under another name, read back, renamed and fsynced. An existing finished file of that id is
        never overwritten; it is read back and returned. None when the raw files contain no audio.

        Args:
            tag: the facts bound to the recording.
            early_media_at: when audio began before the answer, or None.

        Raises:
            ArchiveError: raw files missing or incomplete, or the disk refused.
        """

    async def salvage(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        """Make the finished file from what remains of the raw files; otherwise like ``finish``.

        For files that are missing or were truncated: missing audio becomes silence and shows in the lengths of the
        two sides.

        Raises:
            ArchiveError: all raw files are missing, or the disk refused.
        """

    async def discard_raw(self, recording_id: RecordingId) -> None:
        """Remove the gate's raw files; does nothing if they are already gone."""

    async def verify(self, file: StoredFile) -> bool:
        """Return True if the file still has the size and digest it was stored with."""

    def location(self, file: StoredFile) -> Path:
        """Return the path of the finished file."""

    async def read_tag(self, file: StoredFile) -> dict[str, str]:
        """Return the tag inside the file."""

    async def peaks(self, file: StoredFile, points: int) -> tuple[list[float], list[float]]:
        """Return ``points`` peak levels (0-1) of the left and of the right channel, for a waveform."""

    async def key_tones(self, file: StoredFile) -> tuple[float, ...]:
        """Find DTMF tones on the operator's side; return the start of each, in seconds.

        Raises:
            ArchiveError: the file is missing or damaged.
        """

    async def free_mib(self) -> tuple[float, float]:
        """Return the free space, MiB, of the gate's spool and of the archive."""
