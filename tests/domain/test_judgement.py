import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from telephony.domain.calls.attempts import CallState
from telephony.domain.evidence.day_facts import (
    SHARE,
    FileState,
    GapKind,
    OpenIncident,
    RawFile,
    Share,
    day_of,
    shares_of,
)
from telephony.domain.evidence.reconciliation import judge_day, judged_whole
from telephony.ids import PermitId
from tests.domain.days import DAY, LATER, NOON, MadeUpDay, leg, permit_id, recording_id, sound_day

K = GapKind


def test_a_day_on_which_everything_matches_has_equal_counts_and_no_gap():
    judged = judge_day(DAY, sound_day().evidence())
    assert judged.holds
    assert judged.open == ()
    counts = judged.counts
    assert (counts.calls_seen, counts.permits_used, counts.recordings) == (6, 6, 6)
    assert (counts.with_audio, counts.answered, counts.connected, counts.refusals) == (3, 3, 3, 3)


def test_an_empty_day_holds_even_without_call_records():
    day = MadeUpDay(is_missing=True)
    assert judge_day(DAY, day.evidence()).holds


# Each way to spoil the day: what is done, and the gaps that must be found: no other, no more.


def leg_without_permit(day: MadeUpDay) -> None:
    day.extra_legs.append(replace(day.legs[1], permit_id=PermitId(""), channel="PJSIP/main-999"))


def leg_under_an_unknown_permit(day: MadeUpDay) -> None:
    day.extra_legs.append(replace(day.legs[1], permit_id=permit_id(77), channel="PJSIP/main-999"))


def permit_row_removed(day: MadeUpDay) -> None:
    del day.permits[permit_id(2)]


def attempt_row_removed(day: MadeUpDay) -> None:
    made = day.attempts.pop(1)
    del day.permits[made.permit_id]
    del day.recordings[made.attempt_id]


def permit_never_used(day: MadeUpDay) -> None:
    del day.used_at[permit_id(2)]
    day.permits[permit_id(2)] = False


def second_leg_on_a_permit(day: MadeUpDay) -> None:
    day.extra_legs.append(replace(day.legs[2], channel="PJSIP/main-999"))


def another_number_dialled(day: MadeUpDay) -> None:
    day.legs[2] = replace(day.legs[2], dialled="33199008888")


def number_not_in_the_record(day: MadeUpDay) -> None:
    day.legs[2] = replace(day.legs[2], dialled="")


def another_trunk(day: MadeUpDay) -> None:
    day.legs[2] = replace(day.legs[2], trunk="other")


def used_at_another_moment(day: MadeUpDay) -> None:
    day.used_at[permit_id(2)] -= timedelta(minutes=1)


def record_removed(day: MadeUpDay) -> None:
    del day.legs[2]


def record_removed_of_an_unrecorded_attempt(day: MadeUpDay) -> None:
    del day.legs[2]
    del day.recordings[day.attempts[2].attempt_id]


def permit_used_and_nothing_else(day: MadeUpDay) -> None:
    day.call(7)
    del day.legs[7], day.recordings[day.attempts[7].attempt_id]
    day.visits.discard(permit_id(7))
    day.change(7, trunk_channel="")


def permit_used_and_its_attempt_removed(day: MadeUpDay) -> None:
    permit_used_and_nothing_else(day)
    del day.attempts[7], day.permits[permit_id(7)]


def recording_of_a_call_never_made(day: MadeUpDay) -> None:
    day.call(7)
    del day.legs[7], day.used_at[permit_id(7)]
    day.permits[permit_id(7)] = False
    day.change(7, trunk_channel="")


def attempt_says_a_leg_without_permit(day: MadeUpDay) -> None:
    recording_of_a_call_never_made(day)
    del day.recordings[day.attempts[7].attempt_id]
    day.change(7, trunk_channel="gate-7.1")


def recording_row_missing(day: MadeUpDay) -> None:
    del day.recordings[day.attempts[2].attempt_id]


def answered_without_audio(day: MadeUpDay) -> None:
    recording = day.recordings[day.attempts[2].attempt_id]
    day.recordings[day.attempts[2].attempt_id] = replace(recording, file=None)
    day.sealed[recording_id(2)] = None


def sides(day: MadeUpDay, operator_s: float, called_s: float) -> None:
    """Set the lengths of the two sides of the second answered call, a call of one minute."""
    number = next(row for row, gate_leg in day.legs.items() if gate_leg.answered_at is not None)
    made = day.legs[number]
    assert made.answered_at is not None
    day.legs[number] = replace(made, ended_at=made.answered_at + timedelta(seconds=60))
    key = day.attempts[number].attempt_id
    recording = day.recordings[key]
    assert recording.file is not None
    file = replace(recording.file, length_s=60.0, before_answer_s=0.0, operator_s=operator_s, called_s=called_s)
    day.recordings[key] = replace(recording, file=file)


def called_side_empty(day: MadeUpDay) -> None:
    sides(day, 60.0, 0.0)


def called_side_cut_after_five_seconds(day: MadeUpDay) -> None:
    sides(day, 60.0, 5.0)


def operators_side_cut_after_five_seconds(day: MadeUpDay) -> None:
    sides(day, 5.0, 60.0)


def test_two_whole_sides_are_no_gap():
    day = sound_day()
    sides(day, 59.1, 60.0)
    assert judge_day(DAY, day.evidence()).holds


def answer_nobody_knows_of(day: MadeUpDay) -> None:
    answered = next(row for row, attempt in day.attempts.items() if attempt.answered_at is not None)
    day.attempts[answered] = replace(day.attempts[answered], answered_at=None, connected_at=None)


def file_missing(day: MadeUpDay) -> None:
    day.files[recording_id(2)] = FileState.MISSING


def file_altered(day: MadeUpDay) -> None:
    day.files[recording_id(2)] = FileState.ALTERED


def file_and_row_altered(day: MadeUpDay) -> None:
    recording = day.recordings[day.attempts[2].attempt_id]
    assert recording.file
    day.recordings[day.attempts[2].attempt_id] = replace(recording, file=replace(recording.file, sha256="ef" * 32))


def recording_unknown_to_the_ledger(day: MadeUpDay) -> None:
    del day.sealed[recording_id(2)]


def raw_file_of_nobody(day: MadeUpDay) -> None:
    day.raw.append(RawFile("stray.wav", None, NOON))


def incident_left_open(day: MadeUpDay) -> None:
    day.incidents.append(OpenIncident("recording_missing", "x", "look at the gate's disk", NOON))


def unreadable_record(day: MadeUpDay) -> None:
    day.faults.append("Master.csv: line 3 is not a call record; look at the file")


def records_gone(day: MadeUpDay) -> None:
    day.legs.clear()
    day.visits.clear()
    day.is_missing = True


def broken_ledger(day: MadeUpDay) -> None:
    day.ledger_fault = "entry 5 was changed after it was entered"


SPOILT: list[tuple[Callable[[MadeUpDay], None], list[GapKind]]] = [
    (leg_without_permit, [K.LEG_WITHOUT_PERMIT]),
    (leg_under_an_unknown_permit, [K.LEG_WITHOUT_PERMIT]),
    (permit_row_removed, [K.LEG_WITHOUT_PERMIT]),
    (attempt_row_removed, [K.LEG_WITHOUT_PERMIT]),
    (permit_never_used, [K.LEG_WITHOUT_PERMIT]),
    (second_leg_on_a_permit, [K.LEG_TWICE, K.LEG_TWICE]),
    (another_number_dialled, [K.LEG_OTHER_NUMBER]),
    (number_not_in_the_record, [K.LEG_OTHER_NUMBER]),
    (another_trunk, [K.LEG_OTHER_NUMBER]),
    (used_at_another_moment, [K.LEG_OTHER_MOMENT]),
    (record_removed, [K.RECORDING_WITHOUT_LEG]),
    (record_removed_of_an_unrecorded_attempt, [K.ATTEMPT_WITHOUT_LEG]),
    (permit_used_and_nothing_else, [K.PERMIT_WITHOUT_LEG]),
    (permit_used_and_its_attempt_removed, [K.PERMIT_WITHOUT_LEG]),
    (recording_of_a_call_never_made, [K.RECORDING_WITHOUT_LEG]),
    (attempt_says_a_leg_without_permit, [K.ATTEMPT_WITHOUT_LEG]),
    (recording_row_missing, [K.RECORDING_MISSING]),
    (answered_without_audio, [K.AUDIO_MISSING]),
    (called_side_empty, [K.AUDIO_SHORT]),
    (called_side_cut_after_five_seconds, [K.AUDIO_SHORT]),
    (operators_side_cut_after_five_seconds, [K.AUDIO_SHORT]),
    (answer_nobody_knows_of, [K.ANSWER_UNSEEN]),
    (file_missing, [K.FILE_MISSING]),
    (file_altered, [K.FILE_ALTERED]),
    (file_and_row_altered, [K.FILE_ALTERED]),
    (recording_unknown_to_the_ledger, [K.FILE_ALTERED]),
    (raw_file_of_nobody, [K.RAW_UNCLAIMED]),
    (incident_left_open, [K.INCIDENT_OPEN]),
    (unreadable_record, [K.RECORD_UNREADABLE]),
    (records_gone, [K.RECORDS_MISSING]),
    (broken_ledger, [K.LEDGER_BROKEN]),
]


@given(
    st.lists(st.sampled_from([spoil for spoil, _ in SPOILT]), max_size=4, unique=True),
    st.lists(st.integers(1, 8), max_size=4, unique=True),
)
def test_a_day_judged_share_by_share_is_judged_as_the_whole(
    spoils: list[Callable[[MadeUpDay], None]], edges: list[int]
):
    day = sound_day()
    for spoil in spoils:
        try:
            spoil(day)
        except (KeyError, StopIteration, AssertionError):
            assume(False)  # what it spoils was taken away by another
    bounds = [None, *(permit_id(row) for row in sorted(edges)), None]
    shares = [judge_day(DAY, day.evidence_of(Share(*pair))) for pair in pairwise(bounds)]
    whole, judged = judge_day(DAY, day.evidence()), judged_whole(DAY, shares)
    assert Counter(judged.gaps) == Counter(whole.gaps)
    assert judged.counts == whole.counts
    assert set(judged.open) == set(whole.open)


@given(st.integers(0, 100_000_000), st.integers(0, 10**36 - 1))
def test_every_permit_is_of_one_share(attempts: int, digits: int):
    shares = shares_of(attempts)
    assert sum(share.contains(PermitId(f"p{digits:036d}")) for share in shares) == 1
    assert [share.contains(PermitId("")) for share in shares].index(True) == 0
    assert attempts / len(shares) <= SHARE or len(shares) == 1000


@pytest.mark.parametrize(("spoil", "kinds"), SPOILT, ids=[spoil.__name__ for spoil, _ in SPOILT])
def test_each_gap_is_found_and_nothing_else(spoil: Callable[[MadeUpDay], None], kinds: list[GapKind]):
    day = sound_day()
    spoil(day)
    judged = judge_day(DAY, day.evidence())
    assert [gap.kind for gap in judged.gaps] == kinds
    assert not judged.holds
    assert not [gap for gap in judged.gaps if re.search(r"33199\d{6}", gap.text + gap.subject)]


def test_every_kind_of_gap_is_made_by_a_test():
    assert {kind for _, kinds in SPOILT for kind in kinds} == set(GapKind)


@pytest.mark.parametrize("spoil", [record_removed, leg_without_permit, recording_row_missing])
def test_counts_differ_when_a_side_is_missing(spoil: Callable[[MadeUpDay], None]):
    day = sound_day()
    spoil(day)
    counts = judge_day(DAY, day.evidence()).counts
    assert len({counts.calls_seen, counts.permits_used, counts.recordings}) > 1


def test_a_call_that_is_up_is_open_and_no_gap():
    day = sound_day()
    day.now = NOON + timedelta(minutes=6, seconds=20)
    day.change(6, state=CallState.CONNECTED, outcome=None, ended_at=None)
    del day.legs[6], day.recordings[day.attempts[6].attempt_id]
    judged = judge_day(DAY, day.evidence())
    assert judged.holds
    assert judged.open == (day.attempts[6].attempt_id,)


def test_a_recording_being_finished_is_open_and_a_gap_when_it_never_is():
    day = sound_day()
    recording_row_missing(day)
    day.now = day.legs[2].ended_at + timedelta(seconds=5)
    for row in (3, 4, 5, 6):
        day.legs.pop(row)
        made = day.attempts.pop(row)
        del day.permits[made.permit_id], day.used_at[made.permit_id], day.recordings[made.attempt_id]
    assert judge_day(DAY, day.evidence()).open == (day.attempts[2].attempt_id,)
    day.now = LATER
    assert [gap.kind for gap in judge_day(DAY, day.evidence()).gaps] == [K.RECORDING_MISSING]


def test_a_permit_given_up_at_the_gate_before_its_leg_is_counted_apart():
    day = sound_day()
    permit_used_and_nothing_else(day)
    day.visits.add(permit_id(7))
    judged = judge_day(DAY, day.evidence())
    assert judged.holds
    assert judged.counts.not_dialled == 1
    assert judged.counts.permits_used == 6


def test_a_leg_whose_line_was_removed_is_not_taken_for_a_call_given_up():
    day = sound_day()
    record_removed_of_an_unrecorded_attempt(day)  # its permit's other line, the visit, still stands
    assert permit_id(2) in day.visits
    assert not judge_day(DAY, day.evidence()).holds


@pytest.mark.parametrize("seconds", [-1, 0])
def test_a_call_across_midnight_belongs_to_the_day_its_leg_began(seconds: int):
    before = day_of(date(2026, 11, 19), "Europe/Paris")
    day = MadeUpDay()
    made = day.call(1, DAY.begins_at + timedelta(seconds=seconds, milliseconds=970))
    day.used_at[made.permit_id] = DAY.begins_at + timedelta(seconds=seconds + 1, milliseconds=200)
    day.legs[1] = leg(made)
    counts = [judge_day(date, day.evidence()).counts.calls_seen for date in (before, DAY)]
    assert counts == ([1, 0] if seconds < 0 else [0, 1])
    assert all(judge_day(date, day.evidence()).holds for date in (before, DAY))


def test_what_is_in_the_spool_or_open_after_the_day_is_not_its_gap():
    day = sound_day()
    day.raw.append(RawFile("stray.wav", None, DAY.ends_at + timedelta(seconds=1)))
    assert judge_day(DAY, day.evidence()).holds


@pytest.mark.parametrize(("which", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-20", 24)])
def test_a_day_is_as_long_as_the_sites_calendar_says(which: str, hours: int):
    day = day_of(date.fromisoformat(which), "Europe/Paris")
    assert day.ends_at - day.begins_at == timedelta(hours=hours)
    assert day.contains(day.begins_at)
    assert not day.contains(day.ends_at)
    assert day.begins_at.tzinfo is UTC
    assert datetime.fromisoformat(which).date() == day.date
