"""Finished recordings: FLAC, 8 kHz, operator left, called person right, with the tag inside.

Blocking; called in a thread. The tag is stored as title (recording id), artist (operator), album (campaign), date and,
completely, as JSON in the comment. ``local`` decides the path and never overwrites a file.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from telephony.archive.raw import RATE, RawRecording, Samples
from telephony.domain.evidence.recordings import RecordingTag
from telephony.errors import ArchiveError

CHANNELS: Final = 2
_BLOCK: Final = 60 * RATE
"""Samples in memory at once: at most one minute, even for a long call."""
_FASTEST: Final = 0.0
"""libsndfile's compression level: half the CPU time of the best (5 ms for 10 s of two voices), files 4 % larger."""


def write(raw: RawRecording, tag: RecordingTag, descriptor: int) -> int:
    """Encode the raw files into an open, empty file; the shorter side is padded with silence.

    Returns:
        A checksum of the audio, to compare with ``read_back``.

    Raises:
        ArchiveError: the disk refused.
    """
    checksum = 0
    try:
        with soundfile.SoundFile(
            descriptor,
            "w",
            samplerate=RATE,
            channels=CHANNELS,
            format="FLAC",
            subtype="PCM_16",
            compression_level=_FASTEST,
            closefd=False,
        ) as file:
            for name, text in _strings(tag).items():
                setattr(file, name, text)
            for block in _blocks(raw):
                file.write(block)
                checksum = zlib.crc32(block.data, checksum)
    except (soundfile.SoundFileError, AssertionError, OSError) as error:
        # soundfile asserts that everything was written; on a full disk this assertion fails
        raise ArchiveError(
            f"recording {tag.recording_id} cannot be written ({error or 'short write'}); make room in its folder"
        ) from error
    return checksum


def read_back(path: Path) -> tuple[int, int]:
    """Return the number of samples per channel and the checksum of the audio in a finished file.

    Raises:
        ArchiveError: it is missing, damaged, or not two channels at 8 kHz.
    """
    checksum = 0
    with _opened(path) as file:
        if (file.channels, file.samplerate) != (CHANNELS, RATE):
            raise ArchiveError(f"{path.name} is not a two-channel 8 kHz recording; restore it from a copy")
        samples = 0
        try:
            while len(block := file.read(_BLOCK, dtype="int16")):
                samples += len(block)
                checksum = zlib.crc32(np.ascontiguousarray(block).data, checksum)
        except soundfile.SoundFileError as error:
            raise ArchiveError(f"{path.name} is damaged ({error}); restore it from a copy") from error
    return samples, checksum


def read_tag(path: Path) -> dict[str, str]:
    """Return the tag in a finished file: every field of ``RecordingTag`` by name, "" for None.

    Raises:
        ArchiveError: the file is missing or damaged, or has no tag.
    """
    with _opened(path) as file:
        text, title = file.comment, file.title
    try:
        fields = json.loads(text)
        tag = {str(key): "" if value is None else str(value) for key, value in fields.items()}
    except (ValueError, AttributeError) as error:
        raise ArchiveError(f"{path.name} has no tag; restore it from a copy") from error
    if tag.get("recording_id") != title:
        raise ArchiveError(f"{path.name} has the tag of another recording; restore it from a copy")
    return tag


def peaks(path: Path, points: int) -> tuple[list[float], list[float]]:
    """Return ``points`` peak levels (0-1) of the left and the right channel.

    Raises:
        ArchiveError: the audio inside is damaged.
    """
    try:
        return _peaks(path, points)
    except soundfile.SoundFileError as error:
        raise ArchiveError(f"{path.name} is damaged ({error}); restore it from a copy") from error


def _peaks(path: Path, points: int) -> tuple[list[float], list[float]]:
    levels = np.zeros((points, CHANNELS), dtype=np.int32)
    start = 0
    with _opened(path) as file:
        while len(block := file.read(_BLOCK, dtype="int16", always_2d=True)):
            point_of = np.arange(start, start + len(block)) * points // file.frames
            first = np.flatnonzero(np.diff(point_of, prepend=-1))
            loudest = np.maximum.reduceat(np.abs(block.astype(np.int32)), first, axis=0)
            # a point may have begun in the previous block
            levels[point_of[first]] = np.maximum(levels[point_of[first]], loudest)
            start += len(block)
    left, right = (levels / 32768).round(4).T.tolist()
    return left, right


def tag_text(tag: RecordingTag) -> str:
    """Return every field of the tag as JSON; times in ISO 8601."""
    values = {field.name: getattr(tag, field.name) for field in fields(tag)}
    plain = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _strings(tag: RecordingTag) -> dict[str, str]:
    """Return the file's text fields without empty ones (no operator connected), which libsndfile refuses."""
    texts = {
        "title": tag.recording_id,
        "artist": tag.operator,
        "album": tag.campaign,
        "date": tag.started_at.isoformat(),
        "comment": tag_text(tag),
    }
    return {name: text for name, text in texts.items() if text}


def _blocks(raw: RawRecording) -> Iterator[Samples]:
    """Yield interleaved blocks: operator left, called person right."""
    length = max(raw.operator.samples, raw.called.samples)
    for start in range(0, length, _BLOCK):
        block = np.zeros((min(_BLOCK, length - start), CHANNELS), dtype=np.int16)
        for channel, side in enumerate((raw.operator, raw.called)):
            samples = side.read(start, len(block))
            block[: len(samples), channel] = samples
        yield block


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(str(path))
    except (soundfile.SoundFileError, OSError) as error:
        raise ArchiveError(f"{path.name} cannot be opened ({error}); restore it from a copy") from error
