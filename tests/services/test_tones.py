"""Keys in the voice are found, voices are not taken for keys."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from telephony.archive.tones import KEYS, RATE, find, find_in_recording, tone
from telephony.errors import ArchiveError
from telephony.shipped import shipped

Audio = npt.NDArray[np.float64]
ROOT = Path(__file__).resolve().parents[2]
SPEECH = sorted(
    [*(ROOT / "telephony/workshop/lab/sounds").glob("*.alaw"), *(shipped("dialplan") / "sounds").glob("*.alaw")]
)
CALLS = sorted((ROOT / "tests/services/recordings").glob("*.wav"))


def spoken(path: Path) -> Audio:
    if path.suffix == ".wav":
        return np.asarray(soundfile.read(str(path), dtype="float64", always_2d=True)[0][:, 0])
    read = soundfile.read(str(path), samplerate=RATE, channels=1, format="RAW", subtype="ALAW", dtype="float64")
    return np.asarray(read[0])


@pytest.fixture(scope="module")
def voice() -> Audio:
    """The lab's operators, twenty seconds."""
    return np.tile(np.concatenate([spoken(path) for path in SPEECH if "operator" in path.name]), 2)[: 20 * RATE]


@pytest.mark.parametrize("path", SPEECH + CALLS, ids=lambda path: path.name)
def test_a_voice_is_no_key(path: Path):
    assert find(spoken(path)).count == 0


@pytest.mark.parametrize("faster", [0.7, 0.8, 0.9, 1.1, 1.25, 1.5])
def test_a_higher_or_deeper_voice_is_no_key(faster: float):
    for path in SPEECH:
        audio = spoken(path)
        places = np.arange(0, len(audio) - 1, faster)
        assert find(np.interp(places, np.arange(len(audio)), audio)).count == 0


@pytest.mark.parametrize("length_ms", [40, 60, 100, 200])
@pytest.mark.parametrize("key", "".join(KEYS))
def test_every_key_is_found_where_it_was_pressed(key: str, length_ms: int):
    audio = np.concatenate([tone("", 0.5), tone(key, length_ms / 1000), tone("", 0.5)])
    key_tones = find(audio)
    assert key_tones.count == 1
    assert key_tones.offsets_s[0] == pytest.approx(0.5, abs=0.02)


def test_a_number_of_ten_keys_is_ten_keys():
    parts = [part for key in "0612345578" for part in (tone(key, 0.06), tone("", 0.1))]
    assert find(np.concatenate(parts)).count == 10


@pytest.mark.parametrize(("length_ms", "least"), [(40, 0.9), (60, 0.9), (100, 0.95), (200, 0.95)])
def test_keys_are_found_while_somebody_speaks(voice: Audio, length_ms: int, least: float):
    dice = np.random.default_rng(length_ms)
    hits = total = 0
    for _ in range(4):
        audio = voice.copy()
        pressed = []
        for place in range(9):
            begin = int(dice.integers(2 * place * RATE, (2 * place + 1) * RATE))
            sound = tone("".join(KEYS)[dice.integers(16)], length_ms / 1000)
            audio[begin : begin + len(sound)] += sound
            pressed.append(begin / RATE)
        offsets = find(np.clip(audio, -1, 1)).offsets_s
        hits += sum(any(abs(at - offset) < 0.06 for offset in offsets) for at in pressed)
        total += len(pressed)
        assert len(offsets) <= len(pressed) + 1
    assert hits / total >= least


def test_single_tones_noise_and_silence_are_no_keys():
    time = np.arange(RATE) / RATE
    for hertz in (440, 660, 697, 941, 1209, 1633, 2100):
        assert find(0.5 * np.sin(2 * np.pi * hertz * time)).count == 0
    assert find(0.3 * np.random.default_rng(1).standard_normal(20 * RATE)).count == 0
    assert find(np.zeros(RATE)).count == 0
    assert find(np.zeros(10)).count == 0


def test_the_operators_side_of_a_recording_is_searched_block_by_block(tmp_path: Path):
    left = np.concatenate([tone("", 29.97), tone("5", 0.1), tone("", 31.0), tone("9", 0.1), tone("", 1.0)])
    right = np.tile(tone("7", 0.1), 100)
    right = np.pad(right, (0, max(0, len(left) - len(right))))[: len(left)]
    path = tmp_path / "call.flac"
    soundfile.write(str(path), np.column_stack([left, right]), RATE)
    key_tones = find_in_recording(path)
    assert key_tones.offsets_s == pytest.approx(
        (29.97, 61.07), abs=0.02
    )  # a key on the border of two blocks counts once


def test_a_file_that_is_no_recording_is_said_so(tmp_path: Path):
    with pytest.raises(ArchiveError, match="restore it"):
        find_in_recording(tmp_path / "missing.flac")
