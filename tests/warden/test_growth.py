"""Recordings that grow are left alone; whatever else a file may do is a fault, in bounded time."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from telephony.warden.growth import FIRST_BLOCK_S, SUFFIXES, Growth, probe
from telephony.wire.watch import FaultKind, WatchState

RECORDING = "9ed0e294-6828-4357-bbb0-3f17f3ebb91e"
LEG = "gate-1.1"
BLOCK = 32 * 1024
STALL_S = 3.0


class Recorder:
    """What Asterisk does to the three files."""

    def __init__(self, folder: Path) -> None:
        self.paths = [folder / f"{RECORDING}{suffix}.wav" for suffix in SUFFIXES]
        for path in self.paths:
            path.write_bytes(struct.pack("<4sI4s32x", b"RIFF", 0, b"WAVE"))

    def write(self, *places: int) -> None:
        for place in places or range(3):
            with self.paths[place].open("ab") as file:
                file.write(bytes(BLOCK))

    def close(self) -> None:
        for path in self.paths:
            data = path.read_bytes()
            path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path)


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., FaultKind | None]:
    growth = Growth(tmp_path, STALL_S)

    def at(now_s: float, *, is_up: bool = True) -> FaultKind | None:
        return growth.look(LEG, RECORDING, now_s, is_up=is_up)

    return at


def test_a_block_every_two_seconds_is_growth(recorder: Recorder, look: Callable[..., FaultKind | None]):
    for tick in range(100):
        if tick % 5 == 0:
            recorder.write()
        assert look(tick * 0.41) is None


def test_a_leg_that_rings_need_not_grow(recorder: Recorder, look: Callable[..., FaultKind | None]):
    for now in range(30):
        assert look(float(now), is_up=False) is None
    assert look(30.0) is None
    assert look(30.0 + STALL_S) is None  # the first block has time to come
    assert look(30.1 + STALL_S + FIRST_BLOCK_S) is FaultKind.STALLED


@pytest.mark.parametrize("still", [0, 1, 2])
def test_one_side_that_stands_still_is_a_fault_within_the_bound(
    still: int, recorder: Recorder, look: Callable[..., FaultKind | None]
):
    look(0.0)
    recorder.write()
    assert look(1.0) is None
    values = []
    for tick in range(1, 20):
        if tick % 4 == 0:
            recorder.write(*({0, 1, 2} - {still}))
        now = 1.0 + tick * 0.4
        if look(now) is FaultKind.STALLED:
            values.append(now)
    assert values
    assert STALL_S < values[0] - 1.0 < STALL_S + 0.5


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_file_taken_away_is_a_fault_at_once(place: int, recorder: Recorder, look: Callable[..., FaultKind | None]):
    assert look(0.0) is None
    recorder.paths[place].unlink()
    assert look(0.4) is FaultKind.MISSING


def test_a_file_put_in_its_place_is_a_fault(recorder: Recorder, look: Callable[..., FaultKind | None]):
    assert look(0.0) is None
    data = recorder.paths[1].read_bytes()
    beside = recorder.paths[1].with_suffix(".other")
    beside.write_bytes(data + bytes(BLOCK))
    beside.replace(recorder.paths[1])
    assert look(0.4) is FaultKind.MISSING


def test_a_closed_file_under_a_leg_that_is_up_is_a_fault(recorder: Recorder, look: Callable[..., FaultKind | None]):
    assert look(0.0) is None
    recorder.write()
    recorder.close()
    assert look(0.4) is FaultKind.CLOSED


def test_a_disk_that_takes_a_block_is_fine_and_nothing_is_left_on_it(tmp_path: Path):
    assert probe(tmp_path) is WatchState.OK
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_takes_none(tmp_path: Path):
    assert probe(tmp_path / "gone") is WatchState.READ_ONLY


def test_a_link_put_where_the_probe_is_written_is_not_followed(tmp_path: Path):
    target = tmp_path / "evidence"
    target.write_text("kept")
    (tmp_path / ".warden").symlink_to(target)
    assert probe(tmp_path) is WatchState.READ_ONLY
    assert target.read_text() == "kept"


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("size", [0, 20, 44, 45, BLOCK])
def test_a_file_that_becomes_shorter_is_a_fault_at_once_also_when_it_has_grown_again(
    size: int, place: int, recorder: Recorder, look: Callable[..., FaultKind | None]
):
    look(0.0)
    recorder.write()
    assert look(0.4) is None
    recorder.write()
    assert look(0.8) is None
    whole = recorder.paths[place].stat().st_size
    with recorder.paths[place].open("r+b") as file:
        file.truncate(size)
    assert look(1.2) is FaultKind.TRUNCATED
    with recorder.paths[place].open("r+b") as file:  # Asterisk writes on where it was
        file.seek(whole)
        file.write(bytes(BLOCK))
    if size < 4:
        assert look(1.6) is FaultKind.TRUNCATED


def test_a_file_truncated_between_two_looks_and_written_on_has_lost_its_beginning(
    recorder: Recorder, look: Callable[..., FaultKind | None]
):
    look(0.0)
    recorder.write()
    assert look(0.4) is None
    with recorder.paths[1].open("r+b") as file:
        file.truncate(0)
        file.seek(2 * BLOCK)
        file.write(bytes(BLOCK))
    assert look(0.8) is FaultKind.TRUNCATED
