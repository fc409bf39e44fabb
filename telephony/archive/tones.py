"""Find DTMF tones in the operator's side of a finished recording.

DTMF sent as messages is blocked. Tones in the audio cannot be blocked completely, so they are detected afterwards. The
result is the number of keys and their times, never which keys. The recorder decides what to do.

A key is two steady tones at once, one from a low and one from a high group (ITU-T Q.23), 40 ms or longer (Q.24), louder
together than everything else. A voice has such pairs by chance for a short time. So a finding must persist over several
windows, with both tones at their frequencies, of similar strength, and clearly stronger than the others of their group.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from telephony.errors import ArchiveError

RATE: Final = 8000
LOW: Final = (697.0, 770.0, 852.0, 941.0)
HIGH: Final = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS: Final = ("123A", "456B", "789C", "*0#D")

WINDOW: Final = 160
"""Samples in a window: 20 ms, short enough that a tone of 40 ms fills at least one window."""
STEP: Final = 40
"""Samples between windows: 5 ms."""
LEAST_STEPS: Final = 4
"""Consecutive windows that must agree: together 35 ms of one key."""
SAME_STEPS: Final = 16
"""Windows within which the same key does not count again: 80 ms."""
LEAST_LEVEL: Final = 0.003
"""Root mean square below which audio counts as silence: -50 dB of full scale."""
LEAST_SHARE: Final = 0.6
"""Minimum share of the total power in the two tones."""
_BLOCK: Final = 30 * RATE

Audio = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KeyTones:
    """The keys found in a recording.

    Attributes:
        count: number of keys.
        offsets_s: start of each key, in seconds from the start of the recording.
    """

    count: int
    offsets_s: tuple[float, ...]


def find_in_recording(path: Path) -> KeyTones:
    """Return the keys in the operator's side (left) of a finished recording. Blocking; called in a thread.

    Raises:
        ArchiveError: the file is missing, damaged, or not an 8 kHz recording.
    """
    try:
        with soundfile.SoundFile(str(path)) as file:
            if file.samplerate != RATE:
                raise ArchiveError(f"{path.name} is not an 8 kHz recording; restore it from a copy")
            blocks = (
                np.asarray(block[:, 0], dtype=np.float64)
                for block in file.blocks(_BLOCK, dtype="float64", always_2d=True)
            )
            return _found(blocks)
    except (soundfile.SoundFileError, OSError) as error:
        raise ArchiveError(f"{path.name} cannot be read ({error}); restore it from a copy") from error


def find(audio: Audio) -> KeyTones:
    """Return the keys in audio of one channel, 8 kHz, -1 to 1."""
    return _found(iter([audio]))


def _found(blocks: Iterator[Audio]) -> KeyTones:
    starts = tuple(round(place * STEP / RATE, 3) for place in _keys(_windows(blocks)))
    return KeyTones(len(starts), starts)


def _windows(blocks: Iterator[Audio]) -> Iterator[int]:
    """Yield the key of each window, across the borders of blocks."""
    rest = np.zeros(0)
    for block in blocks:
        audio = np.concatenate([rest, block])
        names = _names(audio)
        yield from names.tolist()
        rest = audio[len(names) * STEP :]


def _keys(names: Iterator[int]) -> Iterator[int]:
    """Yield the window at which each key begins."""
    run, name = 0, -1
    key, key_at = -1, -SAME_STEPS
    for place, heard in enumerate(names):
        run = run + 1 if heard == name and heard >= 0 else int(heard >= 0)
        name = heard
        if run < LEAST_STEPS:
            continue
        # A voice can split a long key into pieces: the same key again at once is still the same.
        if name != key or place - key_at > SAME_STEPS:
            yield place - LEAST_STEPS + 1
        key, key_at = name, place


def _names(audio: Audio) -> npt.NDArray[np.int64]:
    """Return the key of every window, 0 to 15, or -1."""
    if len(audio) < WINDOW:
        return np.full(0, -1)
    windows = np.lib.stride_tricks.sliding_window_view(audio, WINDOW)[::STEP]
    power = np.mean(windows**2, axis=1)
    low, high = _levels(windows, LOW), _levels(windows, HIGH)
    best_low, best_high = low.argmax(axis=1), high.argmax(axis=1)
    rows = np.arange(len(windows))
    row, column = low[rows, best_low], high[rows, best_high]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (row + column) / power
        twist = row / column
        clear = np.minimum(_lead(low), _lead(high))
    is_key = (power > LEAST_LEVEL**2) & (share > LEAST_SHARE) & (twist > 0.1) & (twist < 8.0) & (clear > 4.0)
    names: npt.NDArray[np.int64] = np.where(is_key, best_low * 4 + best_high, -1)
    return names


def _levels(windows: Audio, tones: tuple[float, ...]) -> Audio:
    """Return the mean power of each tone in each window, by projection on its sine and cosine (Goertzel's sum).

    It uses einsum and not a matrix product: BLAS would start threads that spin for longer than the work takes.
    """
    phase = 2 * np.pi * np.outer(np.arange(WINDOW) / RATE, tones)
    cosine = np.einsum("ij,jk->ik", windows, np.cos(phase), optimize=False) / WINDOW
    sine = np.einsum("ij,jk->ik", windows, np.sin(phase), optimize=False) / WINDOW
    levels: Audio = 2 * (cosine**2 + sine**2)
    return levels


def _lead(levels: Audio) -> Audio:
    """Return how many times stronger the strongest tone is than the second of its group."""
    ordered = np.sort(levels, axis=1)
    lead: Audio = ordered[:, -1] / ordered[:, -2]
    return lead


def tone(key: str, length_s: float, level: float = 0.25) -> Audio:
    """Return a key's tones, or silence for "": for tests of the detector."""
    time = np.arange(round(length_s * RATE)) / RATE
    if not key:
        return np.zeros(len(time))
    row = next(place for place, keys in enumerate(KEYS) if key in keys)
    both: Audio = np.sin(2 * np.pi * LOW[row] * time) + np.sin(2 * np.pi * HIGH[KEYS[row].index(key)] * time)
    return level * both
