import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.domain.calls.attempts import CallEvent, CallState, Refusal, Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.leads import LeadState
from telephony.errors import ConflictError, NotFoundError, StoreError
from telephony.ids import AttemptId, CampaignId, ChannelId, Number, OperatorId
from telephony.ports.calls.attempts import REVIEW
from telephony.ports.store import Store
from tests.storage.store_rows import NOW, begun, ended, loaded, start

MINUTE = timedelta(minutes=1)


async def test_an_attempt_begins_with_its_permit_its_lead_claimed_and_the_ledger_told(store: Store):
    (begin,) = await begun(store)
    permit = begin.permit
    attempt = await store.attempts.get(permit.attempt_id)
    assert (attempt.state, attempt.outcome, attempt.started_at) == (CallState.PERMITTED, None, NOW)
    for name in ("campaign_id", "list_id", "lead_id", "permit_id", "recording_id", "number", "caller_id", "trunk"):
        assert getattr(attempt, name) == getattr(permit, name)
    assert await store.permits.find(permit.permit_id) == permit
    assert (await store.leads.get(permit.lead_id)).state is LeadState.CLAIMED
    *_, last = [entry async for entry in store.ledger.entries()]
    assert (last.note.kind, last.note.subject) == ("permit_given", permit.permit_id)
    assert permit.number not in str(last)


async def test_a_lead_that_is_not_waiting_is_left_out(store: Store):
    campaign, _ = await loaded(store, 3)
    lead, two, three = await store.leads.waiting(campaign.campaign_id, 3)
    await store.attempts.begin([start(lead)], [])
    again, second, third, twice = start(lead), start(two), start(three), start(two)
    assert await store.attempts.begin([again, third, second, twice], []) == [third, second]
    for left_out in (again, twice):
        with pytest.raises(NotFoundError):
            await store.attempts.get(left_out.permit.attempt_id)
        assert await store.permits.find(left_out.permit.permit_id) is None


async def test_one_lead_begun_by_many_at_once_is_dialled_once(store: Store):
    campaign, _ = await loaded(store, 1)
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    held = await asyncio.gather(*(store.attempts.begin([start(lead)], []) for _ in range(200)))
    assert sum(len(starts) for starts in held) == 1
    assert len(await store.attempts.unfinished()) == 1


async def test_refused_leads_are_marked_and_the_rule_is_kept(store: Store):
    campaign, _ = await loaded(store, 3)
    lead, two, three = await store.leads.waiting(campaign.campaign_id, 3)
    refusal = Refusal(campaign.campaign_id, two.lead_id, "hours", "it is 21:10 there; calls end at 20:00", NOW)
    held = await store.attempts.begin([start(lead)], [refusal])
    assert len(held) == 1
    assert (await store.leads.get(two.lead_id)).state is LeadState.REFUSED
    assert await store.leads.waiting(campaign.campaign_id, 9) == [three]
    *_, last = [entry.note async for entry in store.ledger.entries()]
    assert (last.kind, last.subject, last.body["rule"]) == ("lead_refused", str(two.lead_id), "hours")


async def test_a_permit_for_another_number_than_its_leads_is_refused_and_nothing_written(store: Store):
    campaign, _ = await loaded(store, 2)
    lead, two = await store.leads.waiting(campaign.campaign_id, 2)
    wrong = start(replace(two, number=Number("33639980000")))
    with pytest.raises(ConflictError, match="not for lead") as caught:
        await store.attempts.begin([start(lead), wrong], [])
    assert "33639980000" not in str(caught.value)
    assert await store.attempts.unfinished() == []
    assert len(await store.leads.waiting(campaign.campaign_id, 9)) == 2
    assert (await store.campaigns.progress(campaign.campaign_id)).in_progress == 0


async def test_an_attempt_id_used_twice_writes_nothing_of_its_batch(store: Store):
    campaign, _ = await loaded(store, 3)
    lead, two, three = await store.leads.waiting(campaign.campaign_id, 3)
    first = start(lead)
    await store.attempts.begin([first], [])
    other = start(two)
    same = replace(other, permit=replace(other.permit, attempt_id=first.permit.attempt_id))
    with pytest.raises(ConflictError):
        await store.attempts.begin([start(three), same], [])
    assert len(await store.attempts.unfinished()) == 1
    assert len(await store.leads.waiting(campaign.campaign_id, 9)) == 2


async def test_failing_units_of_work_beside_good_ones_take_nothing_with_them(store: Store):
    campaign, _ = await loaded(store, 10)
    leads = await store.leads.waiting(campaign.campaign_id, 10)
    wrong = [start(replace(lead, number=Number("33639980000"))) for lead in leads[:5]]
    right = [start(lead) for lead in leads[5:]]
    calls = [store.attempts.begin([begin], []) for pair in zip(wrong, right, strict=True) for begin in pair]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results] == [ConflictError, list] * 5
    assert {attempt.lead_id for attempt in await store.attempts.unfinished()} == {lead.lead_id for lead in leads[5:]}
    progress = await store.campaigns.progress(campaign.campaign_id)
    assert (progress.waiting, progress.in_progress) == (5, 5)
    given = [entry async for entry in store.ledger.entries() if entry.note.kind == "permit_given"]
    assert [entry.note.subject for entry in given] == [begin.permit.permit_id for begin in right]


async def test_events_are_appended_in_order_and_the_projection_follows(store: Store):
    (begin,) = await begun(store)
    key = begin.permit.attempt_id
    events = [
        CallEvent(key, "LegRang", NOW + timedelta(seconds=1), {}),
        CallEvent(key, "LegAnswered", NOW + timedelta(seconds=4), {"cause": 16, "words": "SIP 200 OK"}),
        CallEvent(key, "LegRang", NOW, {}),
    ]
    before = await store.attempts.get(key)
    answered = replace(
        before,
        state=CallState.ANSWERED,
        seat=7,
        hangup_cause=16,
        tech_cause="SIP 200 OK",
        trunk_channel="gate1-1732.5",
        rang_at=NOW + timedelta(seconds=1),
        early_media_at=NOW + timedelta(seconds=2),
        answered_at=NOW + timedelta(seconds=4),
        connected_at=NOW + timedelta(seconds=5),
    )
    await store.attempts.save(events[:2], [])
    await store.attempts.save(events[2:], [answered])
    assert await store.attempts.events(key) == events
    assert await store.attempts.get(key) == answered
    assert await store.attempts.by_channel(ChannelId("gate1-1732.5")) == answered
    assert await store.attempts.by_channel(ChannelId("gate1-1732.6")) is None
    assert await store.attempts.by_channel(ChannelId("")) is None


async def test_ended_stays_ended(store: Store):
    (begin,) = await begun(store)
    first = await ended(store, begin, Outcome.BUSY)
    other = replace(first, outcome=Outcome.ANSWERED, hangup_cause=31)
    open_again = replace(first, state=CallState.RINGING, outcome=None, ended_at=None)
    event = CallEvent(first.attempt_id, "Late", NOW, {})
    await store.attempts.save([event], [open_again, other])
    assert await store.attempts.get(first.attempt_id) == first
    assert await store.attempts.events(first.attempt_id) == [event]
    assert (await store.campaigns.progress(first.campaign_id)).outcomes == {"busy": 1}
    kinds = [entry.note.kind async for entry in store.ledger.entries()]
    assert kinds.count("attempt_ended") == 1


async def test_an_ending_twice_in_one_batch_counts_once_and_the_first_holds(store: Store):
    (begin,) = await begun(store)
    opened = await store.attempts.get(begin.permit.attempt_id)
    busy = replace(opened, state=CallState.ENDED, outcome=Outcome.BUSY, ended_at=NOW)
    failed = replace(busy, outcome=Outcome.FAILED)
    await store.attempts.save([], [busy, failed])
    assert await store.attempts.get(opened.attempt_id) == busy
    assert (await store.campaigns.progress(opened.campaign_id)).outcomes == {"busy": 1}


async def test_an_interrupted_attempt_gives_its_lead_back_and_any_other_is_done_with_it(store: Store):
    attempt_start, two = await begun(store, 2)
    await ended(store, attempt_start, Outcome.INTERRUPTED)
    await ended(store, two, Outcome.NO_ANSWER)
    assert (await store.leads.get(attempt_start.permit.lead_id)).state is LeadState.WAITING
    assert (await store.leads.get(two.permit.lead_id)).state is LeadState.DONE
    waiting = await store.leads.waiting(attempt_start.permit.campaign_id, 1)
    again = start(waiting[0], NOW + MINUTE)
    assert waiting[0].lead_id == attempt_start.permit.lead_id
    assert await store.attempts.begin([again], []) == [again]


async def test_unfinished_attempts_come_oldest_first_and_ended_ones_do_not(store: Store):
    campaign, _ = await loaded(store, 3)
    leads = await store.leads.waiting(campaign.campaign_id, 3)
    starts = [start(lead, NOW - MINUTE * row) for row, lead in enumerate(leads)]
    await store.attempts.begin(starts, [])
    await ended(store, starts[1])
    left = [attempt.attempt_id for attempt in await store.attempts.unfinished()]
    assert left == [starts[2].permit.attempt_id, starts[0].permit.attempt_id]


async def test_recent_attempts_come_newest_first_page_by_page(store: Store):
    campaign, _ = await loaded(store, 9)
    leads = await store.leads.waiting(campaign.campaign_id, 9)
    # Three at each time: pages must not lose or repeat rows of the same time.
    starts = [start(lead, NOW + MINUTE * (row // 3)) for row, lead in enumerate(leads)]
    await store.attempts.begin(starts, [])
    expected = sorted(((begin.started_at, begin.permit.attempt_id) for begin in starts), reverse=True)
    seen, after = [], None
    while page := await store.attempts.recent(campaign.campaign_id, 2, after):
        seen += [(attempt.started_at, attempt.attempt_id) for attempt in page]
        after = seen[-1]
    assert seen == expected
    assert await store.attempts.recent(CampaignId(campaign.campaign_id + 1), 5) == []
    assert len(await store.attempts.recent(None, 5)) == 5


async def test_a_later_result_replaces_the_first_and_both_stand_in_the_ledger(store: Store):
    (begin,) = await begun(store)
    key = begin.permit.attempt_id
    final = await ended(store, begin)
    await store.attempts.set_result(key, Result.CALL_BACK, OperatorId(4), NOW)
    await store.attempts.set_result(key, Result.COMPLETE, OperatorId(4), NOW + MINUTE)
    assert await store.attempts.get(key) == replace(final, result=Result.COMPLETE)
    notes = [entry.note async for entry in store.ledger.entries() if entry.note.kind == "result_chosen"]
    assert [(note.body["result"], note.body["replaced"]) for note in notes] == [
        ("call_back", None),
        ("complete", "call_back"),
    ]
    assert all(note.body["operator"] == 4 for note in notes)


async def test_saving_a_projection_leaves_the_operators_result(store: Store):
    (begin,) = await begun(store)
    await store.attempts.set_result(begin.permit.attempt_id, Result.COMPLETE, OperatorId(4), NOW)
    stale = replace(await store.attempts.get(begin.permit.attempt_id), result=None, state=CallState.CONNECTED)
    await store.attempts.save([], [stale])
    attempt = await store.attempts.get(begin.permit.attempt_id)
    assert (attempt.result, attempt.state) == (Result.COMPLETE, CallState.CONNECTED)


async def test_since_counts_endings_by_outcome(store: Store):
    starts = await begun(store, 4)
    for begin, outcome, after in zip(
        starts, (Outcome.ANSWERED, Outcome.ABANDONED, Outcome.ABANDONED, Outcome.BUSY), (10, 60, 61, 59), strict=True
    ):
        await ended(store, begin, outcome, after)
    counted = await store.attempts.since(starts[0].permit.campaign_id, NOW + MINUTE)
    assert dict(counted) == {"abandoned": 2}
    assert dict(await store.attempts.since(CampaignId(99), NOW)) == {}


async def test_a_days_counts_tell_what_may_hide_people(store: Store):
    starts = await begun(store, 6)
    outcomes = (Outcome.ANSWERED, Outcome.ABANDONED, Outcome.MACHINE, Outcome.MACHINE, Outcome.WITHDRAWN)
    for begin, outcome in zip(starts, outcomes, strict=False):
        await ended(store, begin, outcome)
    campaign_id = starts[0].permit.campaign_id
    counts = await store.campaigns.answered_since(campaign_id, NOW)
    assert (counts.dials, counts.abandoned, counts.machines, counts.withdrawn) == (6, 1, 2, 1)
    assert (await store.campaigns.answered_since(campaign_id, NOW + MINUTE * 9)).machines == 0


async def test_what_does_not_exist_is_refused(store: Store):
    nobody = AttemptId("00000000-0000-4000-8000-000000000000")
    with pytest.raises(NotFoundError):
        await store.attempts.get(nobody)
    with pytest.raises(NotFoundError):
        await store.attempts.set_result(nobody, Result.OTHER, OperatorId(1), NOW)
    with pytest.raises(StoreError):
        await store.attempts.save([CallEvent(nobody, "LegRang", NOW, {})], [])
    assert await store.attempts.events(nobody) == []


@pytest.mark.usefixtures("url")  # the schema alone checks it
async def test_an_ending_without_outcome_is_refused_by_the_schema(store: Store):
    (begin,) = await begun(store)
    opened = await store.attempts.get(begin.permit.attempt_id)
    with pytest.raises(StoreError):
        await store.attempts.save([], [replace(opened, state=CallState.ENDED, ended_at=NOW)])
    assert await store.attempts.unfinished() == [opened]


async def test_a_carriers_fault_gives_the_lead_back(store: Store):
    (attempt_start,) = await begun(store)
    await ended(store, attempt_start, Outcome.CARRIER_FAILED)
    assert (await store.leads.get(attempt_start.permit.lead_id)).state is LeadState.WAITING


async def test_a_trunks_attempts_come_oldest_first_the_latest_ones(store: Store):
    starts = await begun(store, 3)
    attempts = await store.attempts.on_trunk(starts[0].permit.trunk, 2)
    assert len(attempts) == 2
    assert attempts[0].started_at <= attempts[1].started_at
    assert await store.attempts.on_trunk("other", 5) == []


async def test_machines_come_with_what_was_heard_in_them_last(store: Store):
    first, second, other = await begun(store, 3)
    for attempt_start, outcome in ((first, Outcome.MACHINE), (second, Outcome.MACHINE), (other, Outcome.BUSY)):
        await ended(store, attempt_start, outcome)
    for word in ("machine", "person"):
        event = CallEvent(first.permit.attempt_id, REVIEW, NOW, {"heard": word, "by": "c.martin"})
        await store.attempts.save([event], [])
    machines = await store.attempts.machines(first.permit.campaign_id, NOW - timedelta(days=1))
    heard = {attempt.attempt_id: word for attempt, word in machines}
    assert heard == {first.permit.attempt_id: "person", second.permit.attempt_id: ""}
    assert await store.attempts.machines(first.permit.campaign_id, NOW + timedelta(days=1)) == []
    count, heard = await store.attempts.machine_counts(first.permit.campaign_id, NOW - timedelta(days=1))
    words = [word for _, word in machines if word]
    assert (count, dict(heard)) == (len(machines), {word: words.count(word) for word in words})


async def test_a_conversation_without_a_result_is_found_until_one_is_given(store: Store):
    (begin,) = await begun(store)
    attempt_id = begin.permit.attempt_id
    assert await store.attempts.without_result(9) == []
    talking = replace(await store.attempts.get(attempt_id), state=CallState.CONNECTED, connected_at=NOW)
    await store.attempts.save([], [talking])
    assert [row.attempt_id for row in await store.attempts.without_result(9)] == [attempt_id]
    with pytest.raises(ConflictError, match="is still up"):
        await store.attempts.give_result(attempt_id, Result.COMPLETE, "s.martin", NOW)
    over = replace(talking, state=CallState.ENDED, outcome=Outcome.ANSWERED, ended_at=NOW + MINUTE)
    await store.attempts.save([], [over])
    assert await store.attempts.without_result(0) == []
    await store.attempts.give_result(attempt_id, Result.NO_MORE_CALLS, "s.martin", NOW + MINUTE)
    assert (await store.attempts.get(attempt_id)).result is Result.NO_MORE_CALLS
    assert await store.attempts.without_result(9) == []
    with pytest.raises(ConflictError, match="already"):
        await store.attempts.give_result(attempt_id, Result.COMPLETE, "s.martin", NOW + MINUTE)
    *_, last = [entry.note async for entry in store.ledger.entries()]
    assert (last.kind, last.subject, last.body["by"]) == ("result_chosen", attempt_id, "s.martin")


async def test_no_result_is_given_for_a_call_that_was_no_conversation(store: Store):
    (begin,) = await begun(store)
    with pytest.raises(ConflictError, match="not a conversation"):
        await store.attempts.give_result(begin.permit.attempt_id, Result.COMPLETE, "s.martin", NOW)
    with pytest.raises(NotFoundError):
        await store.attempts.give_result(AttemptId("0" * 36), Result.COMPLETE, "s.martin", NOW)
