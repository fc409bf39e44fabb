"""The whole product on real Asterisk: every kind of person in docs/lab.md, called once, recorded and accounted for."""

import asyncio

import pytest

from telephony.domain.calls.outcomes import Outcome
from telephony.workshop.lab import LabOptions
from tests.asterisk.lab_peers import LabMaker
from tests.asterisk.played_calls import (
    FICTION,
    KINDS,
    NOBODY_READY,
    Evidence,
    files_that_hold,
    has_number,
    loudness,
    play,
)

pytestmark = [pytest.mark.asterisk, pytest.mark.measures, pytest.mark.slow]

AUDIBLE, SILENT = 0.01, 0.001
DIALLED = [FICTION + digits for digits in (*KINDS.values(), NOBODY_READY)]
TWICE = FICTION + KINDS["congestion"]
"""The carrier failed, so this is no attempt at the person: one more with its own permit, then the lead is refused."""
INVITES = [*DIALLED, TWICE]
ENDS = {
    "talks": (Outcome.ANSWERED, 16),
    "busy": (Outcome.BUSY, 17),
    "congestion": (Outcome.CARRIER_FAILED, 34),
    "unallocated": (Outcome.FAILED, 1),
    "rejects": (Outcome.FAILED, 21),
    "unavailable": (Outcome.NO_ANSWER, 19),
    "machine": (Outcome.ANSWERED, 16),
    "rings for ever": (Outcome.NO_ANSWER, 19),
    "hangs up soon": (Outcome.ANSWERED, 16),
    "redirects": (Outcome.FAILED, 21),
    "early media, then answers": (Outcome.ANSWERED, 16),
    "early media, then unallocated": (Outcome.FAILED, 1),
    "talks until hung up": (Outcome.ANSWERED, 16),
    NOBODY_READY: (Outcome.ABANDONED, 16),
}
CONNECTED = [kind for kind, (outcome, _) in ENDS.items() if outcome is Outcome.ANSWERED]
WITHOUT_SOUND = ["busy", "congestion", "unallocated", "rejects", "unavailable", "rings for ever", "redirects"]


@pytest.fixture(scope="module")
def evidence(new_lab: LabMaker) -> Evidence:
    lab = new_lab(LabOptions(seats=3, settings={"dialing": {"ring_timeout_s": 15, "poll_s": 0.2}}, has_warden=True))
    return asyncio.run(play(lab))


def test_everybody_is_called_once_and_twice_whom_the_carrier_failed(evidence: Evidence):
    assert sorted(invite.number for invite in evidence.invites) == sorted(INVITES)
    assert not any(invite.is_stranger for invite in evidence.invites)
    assert {invite.caller_id for invite in evidence.invites} == {evidence.lab.caller_ids[0]}
    assert sorted(evidence.attempts) == sorted(DIALLED)


@pytest.mark.parametrize("kind", ENDS)
def test_what_became_of_the_call(evidence: Evidence, kind: str):
    attempt = evidence.attempt(kind)
    assert (attempt.outcome, attempt.hangup_cause) == ENDS[kind]


@pytest.mark.parametrize("kind", ENDS)
def test_times_follow_each_other(evidence: Evidence, kind: str):
    attempt = evidence.attempt(kind)
    order = [attempt.started_at, attempt.answered_at, attempt.connected_at, attempt.ended_at]
    known = [at for at in order if at is not None]
    assert known == sorted(known)
    assert attempt.ended_at is not None
    assert (attempt.answered_at is not None) == (kind in CONNECTED or kind == NOBODY_READY)


@pytest.mark.parametrize("kind", CONNECTED)
def test_an_answer_is_with_an_operator_within_two_seconds(evidence: Evidence, kind: str):
    attempt = evidence.attempt(kind)
    assert attempt.answered_at is not None
    assert attempt.connected_at is not None
    assert (attempt.connected_at - attempt.answered_at).total_seconds() < 2
    assert attempt.result == "complete"


@pytest.mark.parametrize("kind", ENDS)
def test_every_leg_has_one_row_and_its_tag_says_what_the_attempt_says(evidence: Evidence, kind: str):
    attempt, tag = evidence.attempt(kind), evidence.recording(kind).tag
    assert (tag.attempt_id, tag.recording_id, tag.campaign_id, tag.list_id, tag.lead_id) == (
        attempt.attempt_id,
        attempt.recording_id,
        attempt.campaign_id,
        attempt.list_id,
        attempt.lead_id,
    )
    assert (tag.answered_at, tag.ended_at) == (attempt.answered_at, attempt.ended_at)
    assert (tag.operator_id, tag.seat) == ((attempt.operator_id, attempt.seat) if kind in CONNECTED else (None, None))


@pytest.mark.parametrize("kind", [*CONNECTED, NOBODY_READY, "early media, then unallocated"])
def test_the_tag_inside_the_file_is_the_row(evidence: Evidence, kind: str):
    tag = evidence.recording(kind).tag
    inside = evidence.sound(kind).tag
    for field in tag.__dataclass_fields__:
        value = getattr(tag, field)
        shown = "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
        assert inside[field] == shown, field


@pytest.mark.parametrize("kind", WITHOUT_SOUND)
def test_a_leg_without_sound_has_a_row_and_no_file(evidence: Evidence, kind: str):
    assert evidence.recording(kind).file is None


@pytest.mark.parametrize("kind", CONNECTED)
def test_the_recording_is_as_long_as_the_call(evidence: Evidence, kind: str):
    attempt, sound = evidence.attempt(kind), evidence.sound(kind)
    assert attempt.answered_at is not None
    assert attempt.ended_at is not None
    talked_s = (attempt.ended_at - attempt.answered_at).total_seconds()
    assert sound.length_s - sound.before_answer_s == pytest.approx(talked_s, abs=0.3)


def test_the_recording_of_an_abandoned_call_lacks_half_a_second_at_most(evidence: Evidence):
    # While nothing at all comes from the pbx, MixMonitor at the gate drops what it holds once: 4,000 samples.
    attempt, sound = evidence.attempt(NOBODY_READY), evidence.sound(NOBODY_READY)
    assert attempt.answered_at is not None
    assert attempt.ended_at is not None
    talked_s = (attempt.ended_at - attempt.answered_at).total_seconds()
    assert -0.8 < sound.length_s - sound.before_answer_s - talked_s < 0.3


@pytest.mark.parametrize("kind", CONNECTED)
def test_both_voices_are_audible(evidence: Evidence, kind: str):
    sound = evidence.sound(kind)
    assert loudness(sound.operator, sound.before_answer_s) > AUDIBLE
    assert loudness(sound.called, sound.before_answer_s) > AUDIBLE


def test_while_only_the_carrier_speaks_only_the_called_side_is_audible(evidence: Evidence):
    sound = evidence.sound("early media, then answers")
    assert sound.before_answer_s == pytest.approx(3.0, abs=0.6)
    until_s = sound.before_answer_s - 0.2
    assert loudness(sound.called, 0, until_s) > AUDIBLE
    assert loudness(sound.operator, 0, until_s) < SILENT
    refused = evidence.sound("early media, then unallocated")
    assert loudness(refused.called) > AUDIBLE
    assert loudness(refused.operator) < SILENT


def test_while_the_machine_listens_only_the_operators_side_is_audible(evidence: Evidence):
    sound = evidence.sound("machine")
    begin_s, end_s = sound.length_s - 2.2, sound.length_s - 0.3
    assert loudness(sound.operator, begin_s, end_s) > AUDIBLE
    assert loudness(sound.called, begin_s, end_s) < SILENT


def test_with_nobody_ready_the_person_hears_the_information(evidence: Evidence):
    sound = evidence.sound(NOBODY_READY)
    assert loudness(sound.operator, sound.before_answer_s + 2.2) > AUDIBLE
    assert loudness(sound.operator, 0, sound.before_answer_s + 1.5) < SILENT, "nobody was there to speak before"
    attempt = evidence.attempt(NOBODY_READY)
    assert (attempt.operator_id, attempt.connected_at) == (None, None)


def test_the_gates_own_records_agree(evidence: Evidence):
    assert evidence.proof.gaps == ()
    assert evidence.proof.trunk_legs == len(INVITES)
    assert evidence.proof.answered == len(CONNECTED) + 1


def test_no_number_is_on_the_pbx(evidence: Evidence):
    assert files_that_hold(evidence.lab.pbx.folder, DIALLED) == []
    assert files_that_hold(evidence.lab.world.folder, DIALLED), "the search finds what is there"
    assert evidence.manager_events.count("Event: Hangup") >= len(DIALLED)
    assert [text for text in DIALLED if has_number(evidence.manager_events, text)] == []


def test_no_number_is_in_the_recordings_names(evidence: Evidence):
    files = [str(recording.file.path) for recording in evidence.recordings.values() if recording.file is not None]
    assert [text for text in DIALLED if any(has_number(path, text) for path in files)] == []
