"""The recorder: every trunk leg ends as one row, or as an open incident (I6)."""

import asyncio

import pytest

from telephony.domain.calls.outcomes import Outcome
from telephony.errors import ArchiveError
from telephony.ids import AttemptId
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles
from tests.virtual_time import passes, until, virtual


async def talked(site: ControllerOnDoubles) -> AttemptId:
    """Let one call be answered, connected and ended."""
    await site.log_in(1)
    (permit,) = await site.dials(1)
    assert (await site.exchange.answer(permit.attempt_id)).seat == 1
    await passes(5)
    site.exchange.hang_up(permit.attempt_id)
    return permit.attempt_id


@virtual
async def test_a_conversation_becomes_one_recording_with_its_tag():
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await talked(site)
        await until("recorded", lambda: site.tables.recordings)
        (recording,) = site.tables.recordings.values()
        row, tag = site.attempt(attempt), recording.tag
        assert (tag.attempt_id, tag.recording_id, tag.number) == (attempt, row.recording_id, row.number)
        assert (tag.operator_id, tag.operator, tag.seat) == (site.operator(1), "Name 1", 1)
        assert (tag.answered_at, tag.ended_at, tag.campaign) == (row.answered_at, row.ended_at, "Survey")
        assert recording.file is not None
        assert site.archive.discarded == [row.recording_id]


@virtual
async def test_a_leg_nobody_answered_has_a_row_without_a_file_and_names_no_operator():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        site.exchange.busy(permit.attempt_id)
        await until("recorded", lambda: site.tables.recordings)
        (recording,) = site.tables.recordings.values()
        assert recording.file is None
        assert (recording.tag.operator_id, recording.tag.operator, recording.tag.seat) == (None, "", None)


@virtual
async def test_an_abandoned_call_is_recorded_without_an_operator():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        await until("recorded", lambda: site.tables.recordings)
        (recording,) = site.tables.recordings.values()
        assert recording.file is not None
        assert recording.tag.operator_id is None
        assert site.attempt(permit.attempt_id).outcome is Outcome.ABANDONED


@virtual
async def test_a_refused_call_needs_no_recording():
    async with controller_on_doubles(leads=1, pacer=Fixed(1)) as site:
        await site.exchange.desk.stop()
        (permit,) = await site.dials(1)
        await site.ended(permit.attempt_id)
        await passes(120)
        assert not site.tables.recordings
        assert not site.tables.incidents


@pytest.mark.parametrize("fault", ["lost", "stuck"])
@virtual
async def test_files_that_are_missing_or_never_closed_open_one_incident(fault: str):
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        getattr(site.archive, fault).add(permit.recording_id)
        site.exchange.busy(permit.attempt_id)
        await until("incident", lambda: site.tables.incidents, 90)
        await passes(120)
        (incident,) = site.tables.incidents
        assert incident.kind == "recording_missing"
        assert incident.subject == permit.attempt_id
        assert permit.number not in incident.text
        getattr(site.archive, fault).clear()
        await until("recorded after all", lambda: site.tables.recordings, 60)


@pytest.mark.slow
@virtual
async def test_recordings_missing_permanently_do_not_hold_up_the_others():
    async with controller_on_doubles(leads=40, pacer=Fixed(1)) as site:
        permits = await site.dials(39)
        for permit in permits[:38]:
            site.archive.lost.add(permit.recording_id)
            site.exchange.busy(permit.attempt_id)
        await until("38 incidents", lambda: len(site.tables.incidents) == 38, 600)
        await passes(300)
        site.exchange.busy(permits[38].attempt_id)
        await until("the good one recorded", lambda: site.tables.recordings, 5)


@virtual
async def test_what_a_crash_left_unrecorded_is_found_and_recorded_once():
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await talked(site)
        recording_id = site.dialled[0].recording_id
        site.archive.stuck.add(recording_id)
        await site.ended(attempt)
        await site.crash()
        assert not site.tables.recordings
        site.archive.stuck.clear()
        await site.start()
        await until("recorded", lambda: site.tables.recordings)
        await passes(60)
        assert [tag.recording_id for tag in site.archive.finished] == [recording_id]
        assert site.kinds().count("recording_kept") == 1


@virtual
async def test_a_row_that_was_written_before_a_crash_is_not_written_again():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await talked(site)
        await until("recorded", lambda: site.tables.recordings)
        attempt = site.attempt(site.dialled[0].attempt_id)
        site.archive.discarded.clear()
        await site.parts.recorder.finish(attempt)
        assert len(site.tables.recordings) == 1
        assert site.kinds().count("recording_kept") == 1
        assert site.archive.discarded == [attempt.recording_id]


@virtual
async def test_raw_files_stay_until_the_row_is_written():
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.watched.refused = {"recordings.add"}
        await talked(site)
        await until("incident", lambda: site.tables.incidents)
        assert site.archive.discarded == []
        site.watched.refused = set()
        await until("recorded", lambda: site.tables.recordings, 60)
        assert len(site.archive.discarded) == 1


@virtual
async def test_raw_files_are_kept_when_the_settings_say_so():
    async with controller_on_doubles(leads=1, seats=1, recording={"keep_raw": True}) as site:
        await talked(site)
        await until("recorded", lambda: site.tables.recordings)
        await passes(5)
        assert site.archive.discarded == []


@virtual
async def test_a_broken_disk_is_an_incident_and_no_end_of_the_service():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        site.archive.is_broken = True
        site.exchange.busy(permit.attempt_id)
        await until("incident", lambda: any(incident.kind == "recording_missing" for incident in site.tables.incidents))
        assert site.controller is not None
        assert not site.controller.failed.done()
        with pytest.raises(ArchiveError):
            await site.archive.free_mib()


@pytest.mark.parametrize(
    ("short_s", "is_mute", "is_whole"), [(0.9, False, True), (1.5, False, False), (0, True, False)]
)
@virtual
async def test_an_answered_call_that_is_not_wholly_recorded_is_an_incident_and_keeps_its_raw_files(
    short_s: float, is_mute: bool, is_whole: bool
):
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.archive.short_s, site.archive.is_mute = short_s, is_mute
        attempt = await talked(site)
        await until("recorded", lambda: site.tables.recordings)
        await passes(60)
        incidents = [(incident.kind, incident.subject) for incident in site.tables.incidents]
        assert incidents == ([] if is_whole else [("recording_incomplete", attempt)])
        assert bool(site.archive.discarded) is is_whole


@pytest.mark.parametrize("lacks", [(60.0, 0.0), (0.0, 60.0), (0.0, 1.5), (1.5, 0.0), (60.0, 60.0)])
@virtual
async def test_a_recording_is_complete_only_when_both_sides_are_there_for_the_whole_call(lacks: tuple[float, float]):
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.archive.sides_lack_s = lacks
        attempt = await talked(site)
        await until("incident", lambda: site.tables.incidents)
        (incident,) = site.tables.incidents
        assert (incident.kind, incident.subject) == ("recording_incomplete", attempt)
        assert ("operator's side" in incident.text, "called person's side" in incident.text) == (
            lacks[0] > 0,
            lacks[1] > 0,
        )
        await passes(60)
        assert site.archive.discarded == []
        assert not site.tables.recording_steps


@virtual
async def test_sides_that_differ_by_less_than_a_second_are_complete():
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.archive.sides_lack_s = (0.9, 0.9)
        await talked(site)
        await until("discarded", lambda: site.archive.discarded)
        assert not site.tables.incidents


@virtual
async def test_what_was_written_of_a_truncated_recording_is_saved_with_an_incident_and_its_raw_files():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        await passes(5)
        site.archive.damaged.add(permit.recording_id)
        site.exchange.hang_up(permit.attempt_id)
        await until("incident", lambda: site.tables.incidents)
        assert site.tables.incidents[0].kind == "recording_incomplete"
        assert site.archive.salvaged == [permit.recording_id]
        assert site.archive.discarded == []
        assert len(site.tables.recordings) == 1


WORDS = ["recordings.add", "recordings.steps_of", "recordings.get", "recordings.step_done"]


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "behind"])
@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("word", WORDS)
@virtual
async def test_what_is_left_to_do_after_a_recordings_row_is_done_whatever_dies_at_whichever_word(
    word: str, time: int, is_done: bool
):
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.archive.tones = (1.5,)
        calls = 0
        dies = asyncio.Event()

        async def death() -> None:
            nonlocal calls
            calls += 1
            if calls == time:
                dies.set()
                await asyncio.Event().wait()

        # Behind a word is before the next thing done: reading tones and removing files come between the words.
        if is_done:
            site.archive.before = death
        else:
            site.watched.before[word] = death
        await talked(site)
        await passes(30)
        if dies.is_set():
            await site.crash()
            site.watched.before.clear()
            site.archive.before = None
            await site.start()
        await until("discarded", lambda: site.archive.discarded, 60)
        await until("nothing left", lambda: not site.tables.recording_steps, 60)
        assert [incident.kind for incident in site.tables.incidents] == ["tones_in_recording"]
        assert len(site.tables.recordings) == 1


@virtual
async def test_a_recording_that_cannot_be_searched_is_tried_again_then_an_incident_and_holds_up_nothing():
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.archive.is_unreadable = True
        await talked(site)
        await until("discarded", lambda: site.archive.discarded, 60)
        await until("incident", lambda: site.tables.incidents, 120)
        assert [incident.kind for incident in site.tables.incidents] == ["tones_not_looked_for"]
        assert not site.tables.recording_steps
