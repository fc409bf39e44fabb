"""The gate's call records as Asterisk 22 writes them; lines pasted from a lab, their ids made up."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from telephony.asterisk import call_records
from telephony.asterisk.call_records import FILE, gate_legs, gate_records, records_of
from telephony.errors import SwitchError

PERMIT = "p" + "7368" * 9
BUSY = (
    f'"","33199000000","{PERMIT}","gate","""33199000000"" <33199000000>","PJSIP/pbx-00000002","PJSIP/carrier-00000005",'
    '"Dial","PJSIP/33639985074@carrier,15,irb(record^s^1)","2026-11-22 15:36:26",,"2026-11-22 15:36:26",0,0,"BUSY",'
    '"DOCUMENTATION","gate-1795361786.2"\n'
)
AFTER_IT = (
    f'"","33199000000","{PERMIT}","gate","""33199000000"" <33199000000>","PJSIP/pbx-00000002","",'
    '"Hangup","17","2026-11-22 15:36:26",,"2026-11-22 15:36:26",0,0,"BUSY","DOCUMENTATION","gate-1795361786.2"\n'
)
ANSWERED = (
    f'"","33199000000","{PERMIT[:-1]}9","gate","""33199000000"" <33199000000>","PJSIP/pbx-00000004",'
    '"PJSIP/carrier-00000009","Dial","PJSIP/33639985075@carrier,15,irb(record^s^1)","2026-11-22 15:36:27",'
    '"2026-11-22 15:36:29","2026-11-22 15:36:33",6,4,"ANSWERED","DOCUMENTATION","gate-1795361786.4"\n'
)
SINCE = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
UNTIL = SINCE + timedelta(hours=1)


def kept(folder: Path, text: str, name: str = FILE.name) -> Path:
    path = folder / FILE.parent / name
    path.parent.mkdir(exist_ok=True)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def test_a_failed_call_is_one_leg_with_the_number_dialled(tmp_path: Path):
    kept(tmp_path, BUSY + AFTER_IT + ANSWERED)
    records = gate_records(tmp_path, SINCE, UNTIL)
    busy, answered = records.legs
    assert (busy.permit_id, busy.channel, busy.trunk) == (PERMIT, "PJSIP/carrier-00000005", "carrier")
    assert busy.started_at == busy.ended_at == datetime(2026, 11, 22, 15, 36, 26, tzinfo=UTC)
    assert busy.answered_at is None
    assert answered.answered_at == datetime(2026, 11, 22, 15, 36, 29, tzinfo=UTC)
    assert (busy.dialled, answered.dialled) == ("33639985074", "33639985075")
    assert records.visits == {PERMIT, PERMIT[:-1] + "9"}
    assert records.faults == ()
    assert not records.is_missing


def test_the_number_never_shows_in_a_log(tmp_path: Path):
    kept(tmp_path, BUSY)
    assert "33639985074" not in repr(gate_records(tmp_path, SINCE, UNTIL))


@pytest.mark.parametrize(
    "data", ["PJSIP/33639985074@carrier&PJSIP/33639985075@carrier,15", "Local/33639985074@gate,15", "17", ""]
)
def test_what_is_not_one_number_on_one_trunk_is_no_number(tmp_path: Path, data: str):
    kept(tmp_path, BUSY.replace("PJSIP/33639985074@carrier,15,irb(record^s^1)", data))
    assert gate_records(tmp_path, SINCE, UNTIL).legs[0].dialled == ""


def test_a_refused_permit_is_a_visit_without_a_leg(tmp_path: Path):
    kept(tmp_path, AFTER_IT)
    records = gate_records(tmp_path, SINCE, UNTIL)
    assert records.legs == ()
    assert records.visits == {PERMIT}


def test_a_leg_under_no_permit_is_a_leg_all_the_same(tmp_path: Path):
    kept(tmp_path, BUSY.replace(PERMIT, "33639985074"))
    (leg,) = gate_records(tmp_path, SINCE, UNTIL).legs
    assert leg.permit_id == ""


@pytest.mark.parametrize("name", ["Master.csv.1", "Master.csv-20261122", "Master.csv.1.gz", "Master.csv-20261122.gz"])
def test_rotated_files_are_read_too(tmp_path: Path, name: str):
    kept(tmp_path, BUSY, name)
    kept(tmp_path, ANSWERED)
    records = gate_records(tmp_path, SINCE, UNTIL)
    assert len(records.legs) == 2
    assert len(list(gate_legs(tmp_path))) == 2


def test_a_file_being_packed_is_read_once(tmp_path: Path):
    kept(tmp_path, BUSY, "Master.csv.1")
    kept(tmp_path, BUSY, "Master.csv.1.gz")
    kept(tmp_path, ANSWERED)
    assert len(gate_records(tmp_path, SINCE, UNTIL).legs) == 2


def test_the_same_line_twice_is_two_legs(tmp_path: Path):
    kept(tmp_path, BUSY + BUSY)
    assert len(gate_records(tmp_path, SINCE, UNTIL).legs) == 2


def test_calls_of_another_time_are_left_out(tmp_path: Path):
    kept(tmp_path, BUSY)
    assert gate_records(tmp_path, UNTIL, UNTIL + timedelta(hours=1)).legs == ()
    assert gate_records(tmp_path, SINCE, SINCE + timedelta(minutes=36, seconds=26)).legs == ()
    assert len(gate_records(tmp_path, SINCE + timedelta(minutes=36, seconds=26), UNTIL).legs) == 1


def test_no_file_is_told_apart_from_an_empty_one(tmp_path: Path):
    assert gate_records(tmp_path, SINCE, UNTIL).is_missing
    kept(tmp_path, "")
    assert not gate_records(tmp_path, SINCE, UNTIL).is_missing
    assert list(gate_legs(tmp_path)) == []


@pytest.mark.parametrize("line", ["nonsense\n", BUSY.replace("2026-11-22 15:36:26", "yesterday"), '"a\n'])
def test_a_line_that_is_no_record_is_named_and_the_rest_is_read(tmp_path: Path, line: str):
    kept(tmp_path, ANSWERED + line)
    records = gate_records(tmp_path, SINCE, UNTIL)
    assert len(records.legs) == 1
    assert len(records.faults) == 1
    assert "line 2" in records.faults[0]
    assert "33639985074" not in records.faults[0]
    with pytest.raises(SwitchError, match="line 2"):
        list(gate_legs(tmp_path))


def test_a_spoilt_file_names_its_first_lines_only(tmp_path: Path):
    kept(tmp_path, "nonsense\n" * 1000)
    faults = gate_records(tmp_path, SINCE, UNTIL).faults
    assert len(faults) == 21
    assert "980 more" in faults[-1]


def test_a_packed_file_that_was_cut_is_named(tmp_path: Path):
    path = kept(tmp_path, BUSY * 100, "Master.csv.1.gz")
    path.write_bytes(path.read_bytes()[:-10])
    kept(tmp_path, ANSWERED)
    records = gate_records(tmp_path, SINCE, UNTIL)
    assert len(records.faults) == 1
    assert "spoilt" in records.faults[0]
    path.write_bytes(b"no gzip at all")
    assert "cannot be read" in gate_records(tmp_path, SINCE, UNTIL).faults[0]


ENDED = datetime(2026, 11, 22, 15, 36, 20, tzinfo=UTC)


@pytest.mark.parametrize("block", [64, 1000, 1 << 20])
def test_the_calls_that_ended_a_moment_ago_are_read_from_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
):
    monkeypatch.setattr(call_records, "BLOCK", block)
    other = ANSWERED.replace(PERMIT[:-1] + "9", "p" + "1" * 36)
    kept(tmp_path, other * 40 + BUSY + AFTER_IT + ANSWERED)
    records = records_of(tmp_path, {PERMIT, PERMIT[:-1] + "9", PERMIT[:-1] + "0"}, ENDED)
    assert {(leg.permit_id, leg.answered_at is not None) for leg in records.legs} == {
        (PERMIT, False),
        (PERMIT[:-1] + "9", True),
    }
    assert records.visits == {PERMIT, PERMIT[:-1] + "9"}


def test_a_file_that_was_rotated_in_between_is_read_too_and_older_lines_are_not(tmp_path: Path):
    kept(tmp_path, BUSY + AFTER_IT, "Master.csv.1")
    kept(tmp_path, ANSWERED)
    assert records_of(tmp_path, {PERMIT}, ENDED).visits == {PERMIT}
    assert records_of(tmp_path / "nowhere", {PERMIT}, ENDED).visits == frozenset()
