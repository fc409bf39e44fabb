"""The gate's raw files of one recording: three WAV files that Asterisk writes while the call is up.

``<id>.wav`` is both sides mixed, ``<id>-rx.wav`` the called person, ``<id>-tx.wav`` the operator: 8 kHz, one channel,
16 bits. Asterisk (seen on 22.10, format_wav) keeps both lengths in the header at 0 and writes them when it closes the
file. So a header that agrees with the file's size means a closed file, as soon as the channel has ended, even without
audio (44 bytes, lengths 36 and 0). Data reaches the disk in blocks of 32 kB, about every 2 s. An Asterisk that was
killed leaves the lengths at 0 and loses the last block, so a file that has not grown for ``DEAD_AFTER_S`` counts as
closed too. ``flac`` makes the finished file.
"""

import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from telephony.errors import ArchiveError
from telephony.ids import RecordingId, is_uuid
from telephony.ports.evidence.archive import RawState

RATE: Final = 8000
"""Samples per second of every file, raw or finished."""
DEAD_AFTER_S: Final = 30.0
"""A file that has not grown for this time is complete: the gate ends a call 20 s after its audio stops."""
_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
_HOLE: Final = bytes(4)
"""The bytes in place of ``RIFF`` after a file was truncated while its writer continues behind the hole."""
_FORMAT: Final = (16, 1, 1, RATE, 2 * RATE, 2, 16)
"""PCM, one channel, 8 kHz, 16 bits, in the order of the header fields."""

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class RawFile:
    """One of the three files, in its current state.

    Attributes:
        samples: number of complete samples.
        is_closed: nothing more will be written.
        is_whole: Asterisk closed it itself; False when its writer died.
        is_damaged: the file or its header is missing, because it was truncated while it was written. The data after
            the header's position is still audio.
    """

    path: Path
    size: int
    samples: int
    is_closed: bool
    is_whole: bool
    is_damaged: bool = False

    def read(self, start: int, count: int) -> Samples:
        """Return up to ``count`` samples from ``start`` on; fewer or none at the end."""
        count = max(0, min(count, self.samples - start))
        if count == 0:  # also for a missing file
            return np.zeros(0, dtype="<i2")
        return np.fromfile(self.path, dtype="<i2", count=count, offset=_HEADER.size + 2 * start)


@dataclass(frozen=True, slots=True)
class RawRecording:
    """The three files of one recording."""

    mixed: RawFile
    called: RawFile
    operator: RawFile

    @property
    def files(self) -> tuple[RawFile, RawFile, RawFile]:
        """All three files."""
        return self.mixed, self.called, self.operator


def raw_paths(spool: Path, recording_id: RecordingId) -> tuple[Path, Path, Path]:
    """Return the paths of the mixed, the called person's and the operator's file.

    Raises:
        ArchiveError: the id is not a UUID, so it cannot be a file name.
    """
    if not is_uuid(recording_id):
        raise ArchiveError("a recording id must be a lower-case UUID; this one is not")
    return (
        spool / f"{recording_id}.wav",
        spool / f"{recording_id}-rx.wav",
        spool / f"{recording_id}-tx.wav",
    )


def look(spool: Path, recording_id: RecordingId) -> RawRecording | None:
    """Return the three files; None while one of them is missing or has no header yet.

    Raises:
        ArchiveError: a file cannot be read or is not what the gate writes.
    """
    mixed, called, operator = (_look_at(path) for path in raw_paths(spool, recording_id))
    if mixed is None or called is None or operator is None:
        return None
    return RawRecording(mixed, called, operator)


def remains(spool: Path, recording_id: RecordingId) -> RawRecording | None:
    """Return what exists of the three files, a missing one as empty; None when all are missing.

    Raises:
        ArchiveError: a file cannot be read or is not what the gate writes.
    """
    files = [_look_at(path, is_lenient=True) for path in raw_paths(spool, recording_id)]
    if not any(file is not None for file in files):
        return None
    lost = [
        RawFile(path, 0, 0, is_closed=True, is_whole=False, is_damaged=True) for path in raw_paths(spool, recording_id)
    ]
    return RawRecording(*(file or gone for file, gone in zip(files, lost, strict=True)))


def state(raw: RawRecording | None, left: RawRecording | None = None) -> RawState:
    """Return the state of the files for the recorder; ``left`` is what remains if not all of them exist."""
    if raw is None:
        return RawState(
            is_present=False, is_closed=False, length_s=0.0, size=0, has_remains=left is not None, is_damaged=True
        )
    return RawState(
        is_present=True,
        has_remains=True,
        is_damaged=any(file.is_damaged for file in raw.files),
        is_closed=all(file.is_closed for file in raw.files),
        length_s=max(file.samples for file in raw.files) / RATE,
        size=sum(file.size for file in raw.files),
        operator_s=raw.operator.samples / RATE if raw.operator.is_whole else None,
    )


def discard(spool: Path, recording_id: RecordingId) -> None:
    """Remove the three files; a missing one is not an error."""
    for path in raw_paths(spool, recording_id):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise ArchiveError(
                f"raw file {path.name} cannot be removed ({error.strerror}); check the owner of the spool folder"
            ) from error


def _look_at(path: Path, *, is_lenient: bool = False) -> RawFile | None:
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
            facts = os.fstat(file.fileno())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArchiveError(
            f"raw file {path.name} cannot be read ({error.strerror}); check its owner and mode"
        ) from error
    is_still = time.time() - facts.st_mtime > DEAD_AFTER_S
    audio = facts.st_size - _HEADER.size
    if len(head) < _HEADER.size:
        return RawFile(path, facts.st_size, 0, is_still, is_whole=False, is_damaged=True) if is_lenient else None
    riff, riff_size, wave, fmt, *form, data, data_size = _HEADER.unpack(head)
    if riff == _HOLE:
        return RawFile(path, facts.st_size, audio // 2, is_still, is_whole=False, is_damaged=True)
    if (riff, wave, fmt, data) != (b"RIFF", b"WAVE", b"fmt ", b"data") or tuple(form) != _FORMAT:
        raise ArchiveError(f"raw file {path.name} is not 8 kHz 16-bit mono WAV; the gate's dialplan must record .wav")
    # Asterisk pads an odd length with one byte that the header does not count
    is_whole = riff_size == data_size + 36 and audio - data_size in {0, 1}
    return RawFile(path, facts.st_size, audio // 2, is_whole or is_still, is_whole)
