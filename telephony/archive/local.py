"""Recordings in a local folder: ``<folder>/YYYY/MM/DD/<id>.flac``, by the UTC day the call began.

A finished file is written under another name, read back, compared with the raw audio and synced. Only then it gets its
name, by a link that fails if the name exists: nothing is ever overwritten and no partial file has a recording's name.
``raw`` reads raw files, ``flac`` handles FLAC and tags; both run in threads.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from telephony.archive import flac, raw, tones
from telephony.domain.evidence.recordings import RecordingTag, StoredFile
from telephony.errors import ArchiveError
from telephony.ids import RecordingId, is_uuid
from telephony.ports.evidence.archive import RawState

FILE_MODE: Final = 0o640
FOLDER_MODE: Final = 0o750
TOLERATED_GAP_S: Final = 0.3
"""Length difference between the two sides that is not logged; a larger one is padded too, but logged."""
_PATH: Final = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}/([0-9a-f-]{36})\.flac")

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class LocalArchive:
    """Implements ``telephony.ports.evidence.archive.Archive`` on local folders.

    Args:
        spool: the gate's monitor folder.
        folder: folder of finished recordings; created when missing.
    """

    def __init__(self, spool: Path, folder: Path) -> None:
        self._spool = spool
        self._folder = folder

    async def raw_state(self, recording_id: RecordingId) -> RawState:
        """Return the state of the gate's raw files."""
        recording = raw.look(self._spool, recording_id)
        return raw.state(recording, recording or raw.remains(self._spool, recording_id))

    async def finish(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        """Make the finished file, or read back the one that exists; None when there is no audio.

        Raises:
            ArchiveError: raw files missing or incomplete, or the disk refused.
        """
        return await asyncio.to_thread(self._finish, tag, early_media_at, self._complete_raw)

    async def salvage(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        """Make the finished file from what remains of the raw files.

        Raises:
            ArchiveError: all raw files are missing, or the disk refused.
        """
        return await asyncio.to_thread(self._finish, tag, early_media_at, self._remains)

    async def discard_raw(self, recording_id: RecordingId) -> None:
        """Remove the gate's raw files."""
        raw.discard(self._spool, recording_id)

    async def verify(self, file: StoredFile) -> bool:
        """Return True if the file still has the size and digest it was stored with."""
        path = self.location(file)
        try:
            return await asyncio.to_thread(_digest, path) == (file.sha256, file.size)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise ArchiveError(f"{path.name} cannot be read ({error.strerror}); check its owner and mode") from error

    def location(self, file: StoredFile) -> Path:
        """Return the path of the finished file.

        Raises:
            ArchiveError: the path is not one of this archive's, so it may lead anywhere.
        """
        match = _PATH.fullmatch(file.path)
        if match is None or not is_uuid(match[1]):
            raise ArchiveError("a recording's path is YYYY/MM/DD/<id>.flac; this one leads elsewhere")
        return self._folder / file.path

    async def read_tag(self, file: StoredFile) -> dict[str, str]:
        """Return the tag inside the file: every field of ``RecordingTag``, "" for None."""
        return await asyncio.to_thread(flac.read_tag, self.location(file))

    async def peaks(self, file: StoredFile, points: int) -> tuple[list[float], list[float]]:
        """Return ``points`` peak levels (0-1) of the left and of the right channel."""
        return await asyncio.to_thread(flac.peaks, self.location(file), points)

    async def key_tones(self, file: StoredFile) -> tuple[float, ...]:
        """Return the start of each DTMF tone from the operator's side, in seconds."""
        return (await asyncio.to_thread(tones.find_in_recording, self.location(file))).offsets_s

    async def free_mib(self) -> tuple[float, float]:
        """Return the free space, MiB, of the gate's spool and of the archive."""
        return _free_mib(self._spool), _free_mib(self._folder)

    def _finish(
        self, tag: RecordingTag, early_media_at: datetime | None, look: Callable[[RecordingId], raw.RawRecording]
    ) -> StoredFile | None:
        if not is_uuid(tag.recording_id) or tag.started_at.tzinfo is None:
            raise ArchiveError("a tag needs a recording id (lower-case UUID) and aware times; nothing was written")
        relative = f"{tag.started_at.astimezone(UTC):%Y/%m/%d}/{tag.recording_id}.flac"
        path = self._folder / relative
        try:
            is_made = path.exists()
            recording = raw.remains(self._spool, tag.recording_id) if is_made else look(tag.recording_id)
            samples = flac.read_back(path)[0] if is_made or recording is None else self._make(tag, path, recording)
            if samples == 0:
                return None
            sha256, size = _digest(path)
        except OSError as error:
            raise ArchiveError(
                f"recording {tag.recording_id}: {error.strerror or error} in the archive folder "
                f"({_free_mib(self._folder):.0f} MiB free); make room or check its owner, then try again"
            ) from error
        length_s = samples / raw.RATE
        before_answer_s = _before_answer_s(tag, early_media_at, length_s)
        sides = (
            (recording.operator.samples / raw.RATE, recording.called.samples / raw.RATE) if recording else (None, None)
        )
        return StoredFile(relative, length_s, before_answer_s, sha256, size, flac.CHANNELS, *sides)

    def _make(self, tag: RecordingTag, path: Path, recording: raw.RawRecording) -> int:
        """Write the file, read it back and name it; return its samples per channel, 0 (and no file) without audio."""
        samples = max(recording.operator.samples, recording.called.samples)
        if samples == 0:
            return 0
        _make_folder(path.parent)
        for left_over in path.parent.glob(f".{tag.recording_id}.*.part"):
            left_over.unlink(missing_ok=True)
        part = path.parent / f".{tag.recording_id}.{secrets.token_hex(4)}.part"
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        try:
            os.fchmod(descriptor, FILE_MODE)
            checksum = flac.write(recording, tag, descriptor)
            os.fsync(descriptor)
            if flac.read_back(part) != (samples, checksum):
                raise ArchiveError(
                    f"recording {tag.recording_id} was not written whole ({_free_mib(self._folder):.0f} MiB free); "
                    "make room in the archive folder, then try again"
                )
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(part)
        finally:
            os.close(descriptor)
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)
        return samples

    def _complete_raw(self, recording_id: RecordingId) -> raw.RawRecording:
        recording = raw.look(self._spool, recording_id)
        if recording is None:
            raise ArchiveError(f"recording {recording_id} has no complete set of raw files; look at the gate's spool")
        if not raw.state(recording).is_closed:
            raise ArchiveError(f"recording {recording_id} is still being written by the gate; try again when it ended")
        gap_s = abs(recording.operator.samples - recording.called.samples) / raw.RATE
        if gap_s > TOLERATED_GAP_S:
            log.warning("recording_sides_differ", recording_id=recording_id, gap_s=round(gap_s, 3))
        if not all(file.is_whole for file in recording.files):
            log.warning("recording_cut_short", recording_id=recording_id)
        return recording

    def _remains(self, recording_id: RecordingId) -> raw.RawRecording:
        recording = raw.remains(self._spool, recording_id)
        if recording is None:
            raise ArchiveError(f"recording {recording_id} has no raw file at all; look at the gate's spool")
        log.warning("recording_salvaged", recording_id=recording_id)
        return recording


def _before_answer_s(tag: RecordingTag, early_media_at: datetime | None, length_s: float) -> float:
    """Return the seconds of audio before the answer; all of it if nobody answered."""
    if tag.answered_at is None:
        return length_s
    if early_media_at is None:
        return 0.0
    return min(length_s, max(0.0, (tag.answered_at - early_media_at).total_seconds()))


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, os.fstat(file.fileno()).st_size


def _free_mib(folder: Path) -> float:
    """Return the free space, MiB, on the disk of ``folder``, which need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize / 2**20


def _make_folder(folder: Path) -> None:
    """Create a folder and its parents, each synced into its parent so that it survives a power cut."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=FOLDER_MODE)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
