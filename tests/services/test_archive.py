import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
import structlog

from telephony.archive import LocalArchive
from telephony.archive.raw import DEAD_AFTER_S
from telephony.domain.evidence.recordings import RecordingTag, StoredFile
from telephony.errors import ArchiveError
from telephony.ids import AttemptId, CampaignId, LeadId, ListId, Number, OperatorId, RecordingId, SeatNumber

REAL = Path(__file__).parent / "recordings"
ID = RecordingId("0a0b0c0d-1111-4222-8333-444455556666")
START = datetime(2026, 11, 22, 23, 59, 58, tzinfo=UTC)
TAG = RecordingTag(
    recording_id=ID,
    attempt_id=AttemptId("11111111-2222-4333-8444-555566667777"),
    campaign_id=CampaignId(1),
    campaign="Satisfaction fibre",
    list_id=ListId(2),
    lead_id=LeadId(3),
    operator_id=OperatorId(4),
    operator="Élodie",
    seat=SeatNumber(7),
    number=Number("33199004127"),
    started_at=START,
    answered_at=START + timedelta(seconds=2),
    ended_at=START + timedelta(seconds=8),
)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """The gate's spool with one answered call's raw files."""
    folder = tmp_path / "monitor"
    folder.mkdir()
    for side in ("", "-rx", "-tx"):
        shutil.copy(REAL / f"answered{side}.wav", folder / f"{ID}{side}.wav")
    return folder


@pytest.fixture
def archive(spool: Path, tmp_path: Path) -> LocalArchive:
    return LocalArchive(spool, tmp_path / "archive")


def raw_like(spool: Path, name: str) -> None:
    """Put a copy of one real file in place of all three."""
    for side in ("", "-rx", "-tx"):
        shutil.copy(REAL / name, spool / f"{ID}{side}.wav")


def stand_still(spool: Path, seconds: float) -> None:
    """Date the raw files back."""
    for path in spool.iterdir():
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


async def made(archive: LocalArchive, tag: RecordingTag = TAG) -> StoredFile:
    file = await archive.finish(tag, None)
    assert file is not None
    return file


def samples_of(path: Path) -> np.ndarray:
    return np.fromfile(path, dtype="<i2", offset=44)


async def test_files_that_asterisk_closed_are_seen_closed_at_once(archive: LocalArchive) -> None:
    state = await archive.raw_state(ID)
    assert (state.is_present, state.is_closed) == (True, True)
    assert state.length_s == pytest.approx(5.28)
    assert state.size == 3 * 84524
    assert state.operator_s == pytest.approx(5.28)


async def test_files_still_being_written_are_not_closed_and_not_finished(archive: LocalArchive, spool: Path) -> None:
    shutil.copy(REAL / "killed.wav", spool / f"{ID}-tx.wav")
    stand_still(spool, 0)
    os.utime(spool / f"{ID}-tx.wav")
    assert not (await archive.raw_state(ID)).is_closed
    with pytest.raises(ArchiveError, match="still being written"):
        await archive.finish(TAG, None)


async def test_a_file_whose_writer_died_is_closed_when_it_stood_still(archive: LocalArchive, spool: Path) -> None:
    raw_like(spool, "killed.wav")
    for path in spool.iterdir():
        os.utime(path)
    assert not (await archive.raw_state(ID)).is_closed
    stand_still(spool, DEAD_AFTER_S + 1)
    state = await archive.raw_state(ID)
    assert state.is_closed
    assert state.operator_s is None, "its end is missing: it proves no silence"
    with structlog.testing.capture_logs() as logs:
        file = await made(archive)
    assert file.length_s == pytest.approx((32812 - 44) / 16000)
    assert [entry["event"] for entry in logs] == ["recording_cut_short"]


@pytest.mark.parametrize("side", ["", "-rx", "-tx"])
async def test_a_missing_raw_file_is_told_and_nothing_made(archive: LocalArchive, spool: Path, side: str) -> None:
    (spool / f"{ID}{side}.wav").unlink()
    assert not (await archive.raw_state(ID)).is_present
    with pytest.raises(ArchiveError, match=f"{ID} has no complete set"):
        await archive.finish(TAG, None)


async def test_a_header_that_is_not_there_yet_is_not_present(archive: LocalArchive, spool: Path) -> None:
    (spool / f"{ID}.wav").write_bytes(b"RIFF")
    assert not (await archive.raw_state(ID)).is_present


async def test_something_else_than_the_gates_wav_is_refused(archive: LocalArchive, spool: Path) -> None:
    soundfile.write(str(spool / f"{ID}-rx.wav"), np.zeros((100, 2), dtype=np.int16), 16000)
    with pytest.raises(ArchiveError, match="not 8 kHz"):
        await archive.raw_state(ID)


async def test_a_call_without_audio_gives_no_file(archive: LocalArchive, spool: Path, tmp_path: Path) -> None:
    raw_like(spool, "busy.wav")
    assert (await archive.raw_state(ID)).is_closed
    assert await archive.finish(TAG, None) is None
    assert not (tmp_path / "archive").exists()


async def test_left_is_the_operator_and_right_the_called_person_to_the_sample(
    archive: LocalArchive, spool: Path
) -> None:
    file = await made(archive)
    audio, rate = soundfile.read(str(archive.location(file)), dtype="int16")
    assert (rate, audio.shape[1], file.channels) == (8000, 2, 2)
    operator, called = samples_of(spool / f"{ID}-tx.wav"), samples_of(spool / f"{ID}-rx.wav")
    assert np.array_equal(audio[:, 0], operator)
    assert np.array_equal(audio[:, 1], called)
    assert not np.array_equal(operator, called)
    assert np.sqrt(np.mean(operator.astype(float) ** 2)) > 500
    assert file.length_s == pytest.approx(5.28)


async def test_the_file_lies_by_its_utc_day_named_by_id_only_for_the_controller_alone(archive: LocalArchive) -> None:
    paris = START.astimezone(datetime.now().astimezone().tzinfo)
    file = await made(archive, replace(TAG, started_at=paris))
    assert file.path == f"2026/11/22/{ID}.flac"
    path = archive.location(file)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o007 == 0
    assert [item.name for item in path.parent.iterdir()] == [f"{ID}.flac"]


async def test_the_whole_tag_stands_inside_the_file(archive: LocalArchive) -> None:
    file = await made(archive)
    assert await archive.read_tag(file) == {
        "recording_id": ID,
        "attempt_id": TAG.attempt_id,
        "campaign_id": "1",
        "campaign": "Satisfaction fibre",
        "list_id": "2",
        "lead_id": "3",
        "operator_id": "4",
        "operator": "Élodie",
        "seat": "7",
        "number": "33199004127",
        "started_at": "2026-11-22T23:59:58+00:00",
        "answered_at": "2026-11-23T00:00:00+00:00",
        "ended_at": "2026-11-23T00:00:06+00:00",
    }
    with soundfile.SoundFile(str(archive.location(file))) as sound:
        assert (sound.title, sound.artist, sound.album) == (ID, "Élodie", "Satisfaction fibre")
        assert sound.date == "2026-11-22T23:59:58+00:00"


async def test_a_tag_without_operator_reads_back_as_empty_words(archive: LocalArchive) -> None:
    file = await made(archive, replace(TAG, operator_id=None, operator="", seat=None, answered_at=None))
    tag = await archive.read_tag(file)
    assert (tag["operator_id"], tag["operator"], tag["seat"], tag["answered_at"]) == ("", "", "", "")


async def test_audio_before_the_answer_is_told(archive: LocalArchive) -> None:
    file = await archive.finish(TAG, START + timedelta(seconds=0.5))
    assert file is not None
    assert file.before_answer_s == pytest.approx(1.5)


async def test_audio_of_a_call_nobody_answered_is_all_before_the_answer(archive: LocalArchive) -> None:
    file = await made(archive, replace(TAG, answered_at=None))
    assert file.before_answer_s == file.length_s


@pytest.mark.parametrize(("cut_s", "logged"), [(0.2, []), (1.0, ["recording_sides_differ"])])
async def test_a_shorter_side_is_padded_with_silence(
    archive: LocalArchive, spool: Path, cut_s: float, logged: list[str]
) -> None:
    path = spool / f"{ID}-rx.wav"
    cut = int(cut_s * 8000) * 2
    data = bytearray(path.read_bytes()[:-cut])
    data[4:8] = (len(data) - 8).to_bytes(4, "little")
    data[40:44] = (len(data) - 44).to_bytes(4, "little")
    path.write_bytes(data)
    with structlog.testing.capture_logs() as logs:
        file = await made(archive)
    audio, _ = soundfile.read(str(archive.location(file)), dtype="int16")
    assert file.length_s == pytest.approx(5.28)
    assert not audio[-cut // 2 :, 1].any()
    assert [entry["event"] for entry in logs] == logged


async def test_a_finished_file_is_never_overwritten_but_read_back(archive: LocalArchive, spool: Path) -> None:
    first = await made(archive)
    before = archive.location(first).read_bytes()
    raw_like(spool, "busy.wav")
    again = await made(archive)
    assert again == first
    assert archive.location(first).read_bytes() == before


async def test_a_finished_file_is_read_back_when_the_raw_files_are_gone(archive: LocalArchive, spool: Path) -> None:
    first = await made(archive)
    await archive.discard_raw(ID)
    await archive.discard_raw(ID)
    assert not list(spool.iterdir())
    assert await made(archive) == first


async def test_a_half_file_left_by_a_crash_is_swept_and_the_recording_made(
    archive: LocalArchive, tmp_path: Path
) -> None:
    folder = tmp_path / "archive" / "2026" / "11" / "22"
    folder.mkdir(parents=True)
    (folder / f".{ID}.00000000.part").write_bytes(b"fLaC half")
    file = await made(archive)
    assert await archive.verify(file)
    assert [item.name for item in folder.iterdir()] == [f"{ID}.flac"]


async def test_verify_notices_one_altered_byte_and_a_missing_file(archive: LocalArchive) -> None:
    file = await made(archive)
    assert await archive.verify(file)
    path = archive.location(file)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert not await archive.verify(file)
    path.unlink()
    assert not await archive.verify(file)


async def test_a_damaged_finished_file_is_told_not_returned(archive: LocalArchive) -> None:
    file = await made(archive)
    path = archive.location(file)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ArchiveError, match=r"\.flac .*restore it"):
        await archive.finish(TAG, None)
    with pytest.raises(ArchiveError, match="restore it"):
        await archive.read_tag(file)


@pytest.mark.parametrize("bad", ["../../etc/passwd", "2026/11/22/../../../x.flac", "2026/11/22/x.flac", "/etc/passwd"])
async def test_a_path_that_leads_elsewhere_is_refused(archive: LocalArchive, bad: str) -> None:
    with pytest.raises(ArchiveError, match="elsewhere"):
        archive.location(StoredFile(bad, 1.0, 0.0, "0" * 64, 1, 2))


@pytest.mark.parametrize("bad", ["../x", ID.upper(), f"{ID},id", ""])
async def test_an_id_that_is_no_uuid_names_no_file(archive: LocalArchive, bad: str) -> None:
    with pytest.raises(ArchiveError):
        await archive.raw_state(RecordingId(bad))
    with pytest.raises(ArchiveError):
        await archive.discard_raw(RecordingId(bad))
    with pytest.raises(ArchiveError):
        await archive.finish(replace(TAG, recording_id=RecordingId(bad)), None)


@pytest.mark.parametrize("limit", [50, 20_000, 60_000])
def test_a_full_disk_is_told_and_leaves_no_file_behind(spool: Path, tmp_path: Path, limit: int) -> None:
    script = f"""
import asyncio, resource, sys
from pathlib import Path
sys.path.insert(0, {str(REAL.parents[2])!r})
from telephony.archive import LocalArchive
from telephony.errors import ArchiveError
from tests.services.test_archive import TAG
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    asyncio.run(LocalArchive(Path({str(spool)!r}), Path({str(tmp_path / "archive")!r})).finish(TAG, None))
except ArchiveError as error:
    print("ArchiveError", error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path
    )
    assert done.stdout.startswith("ArchiveError"), done.stderr
    assert ID in done.stdout
    assert "make room" in done.stdout
    assert not [path for path in (tmp_path / "archive").rglob("*") if path.is_file()]
    assert len(list(spool.iterdir())) == 3


async def test_peaks_follow_each_channel(archive: LocalArchive, spool: Path) -> None:
    loud = samples_of(spool / f"{ID}-tx.wav")
    file = await made(archive)
    left, right = await archive.peaks(file, 100)
    assert (len(left), len(right)) == (100, 100)
    assert max(left) == pytest.approx(np.abs(loud.astype(int)).max() / 32768, abs=1e-4)
    assert left != right
    assert all(0 <= level <= 1 for level in left + right)


async def test_peaks_of_a_damaged_file_are_refused_with_a_sentence(archive: LocalArchive) -> None:
    file = await made(archive)
    path = archive.location(file)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = bytes(200)
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="damaged"):
        await archive.peaks(file, 100)


async def test_free_space_is_told_before_the_folders_exist(tmp_path: Path) -> None:
    spool_mib, folder_mib = await LocalArchive(tmp_path / "a" / "b", tmp_path / "c").free_mib()
    assert spool_mib > 0
    assert folder_mib == pytest.approx(spool_mib, rel=0.1)


def vorbis_comments(path: Path) -> dict[str, str]:
    """Read a FLAC file's tags from its bytes, as any other program would (RFC 9639, section 8.6)."""
    data, position, is_last = path.read_bytes(), 4, False
    assert data[:4] == b"fLaC"
    while not is_last:
        is_last, kind = bool(data[position] & 0x80), data[position] & 0x7F
        size = int.from_bytes(data[position + 1 : position + 4], "big")
        block, position = data[position + 4 : position + 4 + size], position + 4 + size
        if kind == 4:
            break
    offset = 4 + int.from_bytes(block[:4], "little")
    texts = []
    count, offset = int.from_bytes(block[offset : offset + 4], "little"), offset + 4
    for _ in range(count):
        size, offset = int.from_bytes(block[offset : offset + 4], "little"), offset + 4
        texts.append(block[offset : offset + size].decode())
        offset += size
    return dict(text.split("=", 1) for text in texts)


async def test_another_program_reads_the_same_tag(archive: LocalArchive) -> None:
    comments = {key.lower(): text for key, text in vorbis_comments(archive.location(await made(archive))).items()}
    assert (comments["title"], comments["artist"], comments["album"]) == (ID, "Élodie", "Satisfaction fibre")
    assert json.loads(comments["comment"])["number"] == "33199004127"


@pytest.mark.parametrize("side", ["", "-rx", "-tx"])
@pytest.mark.parametrize("kind", ["missing", "empty", "half a header", "a hole, then audio"])
async def test_what_is_left_of_damaged_raw_files_is_saved_and_each_side_says_how_long_it_is(
    archive: LocalArchive, spool: Path, side: str, kind: str
) -> None:
    path = spool / f"{ID}{side}.wav"
    whole = path.read_bytes()
    path.unlink()
    if kind != "missing":
        path.write_bytes(
            {"empty": b"", "half a header": whole[:20], "a hole, then audio": bytes(44) + whole[44:]}[kind]
        )
    stand_still(spool, DEAD_AFTER_S + 1)
    state = await archive.raw_state(ID)
    assert (state.has_remains, state.is_damaged) == (True, True)
    file = await archive.salvage(TAG, None)
    assert file is not None
    lost = 5.28 if kind.startswith("a hole") else 0.0
    assert file.operator_s == pytest.approx(lost if side == "-tx" else 5.28)
    assert file.called_s == pytest.approx(lost if side == "-rx" else 5.28)
    assert file.shorter_s == min(file.operator_s, file.called_s)
    assert file.length_s == pytest.approx(5.28)
    assert await archive.verify(file)


async def test_of_raw_files_that_are_all_gone_nothing_is_made(archive: LocalArchive, spool: Path) -> None:
    for path in spool.iterdir():
        path.unlink()
    assert not (await archive.raw_state(ID)).has_remains
    with pytest.raises(ArchiveError, match="no raw file at all"):
        await archive.salvage(TAG, None)


async def test_the_called_persons_side_cut_after_a_second_shows_in_the_file_and_after_a_crash_too(
    archive: LocalArchive, spool: Path
) -> None:
    path = spool / f"{ID}-rx.wav"
    head, audio = path.read_bytes()[:44], path.read_bytes()[44 : 44 + 16000]
    path.write_bytes(head[:4] + (36 + 16000).to_bytes(4, "little") + head[8:40] + (16000).to_bytes(4, "little") + audio)
    for _ in ("made", "read back"):
        file = await made(archive)
        assert (file.operator_s, file.called_s) == (pytest.approx(5.28), pytest.approx(1.0))
        assert file.shorter_s == pytest.approx(1.0)
