"""Leads that come back: when, in which order, and what an ending or a result makes of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.domain.calls.attempts import AttemptStart, Refusal, Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.leads import Lead, LeadState
from telephony.domain.leads.retries import ONCE, USUAL_PLAN, RetryPlan, RetryRule
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CampaignId, Number, OperatorId
from telephony.ports.store import Store
from tests.storage.store_rows import NOW, begun, ended, in_list, loaded, new_campaign, new_leads, start

HOUR = timedelta(hours=1)
PLAN = RetryPlan(
    {
        Outcome.BUSY: RetryRule(HOUR, 2, jitter=0),
        Outcome.NO_ANSWER: RetryRule(4 * HOUR, 1, jitter=0),
        Result.NOT_TODAY: RetryRule(24 * HOUR, 1, jitter=0),
    }
)
END = NOW + timedelta(minutes=1)


async def lead_of(store: Store, begin: AttemptStart) -> Lead:
    return await store.leads.get(begin.permit.lead_id)


async def with_plan(store: Store, count: int = 1) -> list[AttemptStart]:
    starts = await begun(store, count)
    await store.campaigns.set_plan(starts[0].permit.campaign_id, PLAN, "x", NOW)
    return starts


async def again(store: Store, begin: AttemptStart) -> AttemptStart:
    """Begin the next attempt at the lead, at the time it is allowed."""
    lead = await lead_of(store, begin)
    assert lead.not_before is not None
    (attempt_start,) = await store.attempts.begin([start(lead, lead.not_before)], [])
    return attempt_start


async def test_a_plan_is_kept_with_its_campaign_and_entered_in_the_ledger(store: Store):
    plain = await store.campaigns.add(new_campaign(), "x")
    assert await store.campaigns.plan(plain.campaign_id) == ONCE
    campaign = await store.campaigns.add(replace(new_campaign("Other"), plan=USUAL_PLAN), "x")
    assert await store.campaigns.plan(campaign.campaign_id) == USUAL_PLAN
    await store.campaigns.set_plan(campaign.campaign_id, PLAN, "Mme Changing", NOW)
    assert await store.campaigns.plan(campaign.campaign_id) == PLAN
    *_, last = [entry.note async for entry in store.ledger.entries()]
    assert (last.kind, last.subject, last.body["by"]) == (
        "retry_plan_changed",
        str(campaign.campaign_id),
        "Mme Changing",
    )
    with pytest.raises(NotFoundError):
        await store.campaigns.set_plan(CampaignId(99), PLAN, "x", NOW)


async def test_a_busy_lead_waits_and_is_not_due_before_its_moment(store: Store):
    (begin,) = await with_plan(store)
    await ended(store, begin, Outcome.BUSY)
    lead = await lead_of(store, begin)
    assert (lead.state, lead.not_before, lead.tries, lead.reason) == (LeadState.WAITING, END + HOUR, 1, "busy")
    campaign = begin.permit.campaign_id
    due = [len(await store.leads.waiting(campaign, 10, END + HOUR + late)) for late in (-HOUR / 60, 0 * HOUR)]
    assert due == [9, 10]
    progress = await store.campaigns.progress(campaign)
    assert (progress.waiting, progress.in_progress, progress.done) == (10, 0, 0)


async def test_tries_of_one_kind_are_limited_and_the_reason_is_kept(store: Store):
    (begin,) = await with_plan(store)
    for tries in (1, 2, 3):
        await ended(store, begin, Outcome.BUSY)
        lead = await lead_of(store, begin)
        assert lead.tries == tries
        if tries < 3:
            assert lead.state is LeadState.WAITING
            begin = await again(store, begin)
    assert (lead.state, lead.reason, lead.not_before) == (LeadState.DONE, "busy", None)


async def test_an_interrupted_attempt_is_no_try(store: Store):
    (begin,) = await with_plan(store)
    await ended(store, begin, Outcome.BUSY)
    before = await lead_of(store, begin)
    begin = await again(store, begin)
    await ended(store, begin, Outcome.INTERRUPTED)
    assert await lead_of(store, begin) == before


async def test_a_result_decides_again_and_a_later_one_replaces_the_decision(store: Store):
    (begin,) = await with_plan(store)
    await ended(store, begin, Outcome.ANSWERED)
    assert (await lead_of(store, begin)).state is LeadState.DONE
    for result, state, not_before in (
        (Result.COMPLETE, LeadState.DONE, None),
        (Result.NOT_TODAY, LeadState.WAITING, END + 24 * HOUR),
    ):
        await store.attempts.set_result(begin.permit.attempt_id, result, OperatorId(1), NOW)
        lead = await lead_of(store, begin)
        assert (lead.state, lead.not_before, lead.tries, lead.reason) == (state, not_before, 1, result)
    assert (await store.campaigns.progress(begin.permit.campaign_id)).done == 0


async def test_what_the_person_refused_is_replaced_by_nothing_less(store: Store):
    (begin,) = await with_plan(store)
    await ended(store, begin, Outcome.ANSWERED)
    attempt = begin.permit.attempt_id
    for result, less in ((Result.NOT_TODAY, Result.COMPLETE), (Result.NO_MORE_CALLS, Result.NOT_TODAY)):
        await store.attempts.set_result(attempt, result, OperatorId(1), NOW)
        with pytest.raises(ConflictError, match="a refusal is never replaced"):
            await store.attempts.set_result(attempt, less, OperatorId(1), NOW)
        assert (await store.attempts.get(attempt)).result is result


async def test_a_result_chosen_before_the_end_is_found_by_the_end(store: Store):
    (begin,) = await with_plan(store)
    await store.attempts.set_result(begin.permit.attempt_id, Result.NOT_TODAY, OperatorId(1), NOW)
    assert (await lead_of(store, begin)).state is LeadState.CLAIMED
    await ended(store, begin, Outcome.ANSWERED)
    assert (await lead_of(store, begin)).not_before == END + 24 * HOUR


async def test_a_result_of_an_older_attempt_changes_nothing(store: Store):
    (old,) = await with_plan(store)
    await ended(store, old, Outcome.BUSY)
    begin = await again(store, old)
    await store.attempts.set_result(old.permit.attempt_id, Result.COMPLETE, OperatorId(1), NOW)
    assert (await lead_of(store, begin)).state is LeadState.CLAIMED
    await ended(store, begin, Outcome.NO_ANSWER)
    before = await lead_of(store, begin)
    await store.attempts.set_result(old.permit.attempt_id, Result.NO_MORE_CALLS, OperatorId(1), NOW)
    assert await lead_of(store, begin) == before


async def test_a_rule_about_time_postpones_a_lead_and_keeps_its_name(store: Store):
    campaign, _ = await loaded(store, 2)
    lead, two = await store.leads.waiting(campaign.campaign_id, 2)
    refusal = Refusal(campaign.campaign_id, lead.lead_id, "hours", "calls begin at 10:00", NOW, not_before=NOW + HOUR)
    await store.attempts.begin([], [refusal])
    assert await store.leads.get(lead.lead_id) == replace(lead, not_before=NOW + HOUR, reason="hours")
    assert await store.leads.waiting(campaign.campaign_id, 9, NOW) == [two]
    assert (await store.campaigns.progress(campaign.campaign_id)).waiting == 2
    *_, last = [entry.note async for entry in store.ledger.entries()]
    assert (last.kind, last.body["rule"]) == ("lead_refused", "hours")


async def test_those_that_come_back_are_called_first_then_the_fresh_in_file_order(store: Store):
    campaign, _ = await loaded(store, 5)
    leads = await store.leads.waiting(campaign.campaign_id, 5)
    later = [(leads[0], 3), (leads[3], 1), (leads[1], 2)]
    refusals = [Refusal(lead.campaign_id, lead.lead_id, "x", "", NOW, not_before=NOW + HOUR * at) for lead, at in later]
    await store.attempts.begin([], refusals)
    due = await store.leads.waiting(campaign.campaign_id, 9, NOW + 2 * HOUR)
    assert [lead.lead_id for lead in due] == [leads[row].lead_id for row in (3, 1, 2, 4)]
    assert await store.leads.waiting(campaign.campaign_id, 1, NOW + 2 * HOUR) == due[:1]


async def test_the_next_number_follows_when_one_is_exhausted_and_no_other_lead_has_it(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    await store.campaigns.set_plan(campaign.campaign_id, PLAN, "x", NOW)
    first, taken = new_leads(2)
    third = Number("33639980003")
    await in_list(store, campaign.campaign_id, [replace(first, others=(taken.number, third)), taken])
    lead = (await store.leads.waiting(campaign.campaign_id, 1))[0]
    assert lead.numbers == (first.number, taken.number, third)
    (begin,) = await store.attempts.begin([start(lead)], [])
    await ended(store, begin, Outcome.FAILED)
    lead = await lead_of(store, begin)
    assert (lead.state, lead.number, lead.tries, lead.reason) == (LeadState.WAITING, third, 0, "failed")
    begin = await again(store, begin)
    assert begin.permit.number == third
    await ended(store, begin, Outcome.FAILED)
    assert (await lead_of(store, begin)).state is LeadState.DONE


async def test_a_result_given_again_does_not_skip_the_number_the_lead_has_gone_on_to(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    (first,) = new_leads(1)
    second, third = Number("999200000001"), Number("999200000002")
    await in_list(store, campaign.campaign_id, [replace(first, others=(second, third))])
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    (begin,) = await store.attempts.begin([start(lead)], [])
    await ended(store, begin, Outcome.ANSWERED)
    for _ in range(2):
        await store.attempts.set_result(begin.permit.attempt_id, Result.WRONG_PERSON, OperatorId(1), NOW)
        now = await lead_of(store, begin)
        assert (now.state, now.number) == (LeadState.WAITING, second)


async def test_a_lead_lives_on_the_clock_of_the_number_it_is_called_under(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    (first,) = new_leads(1)
    await in_list(store, campaign.campaign_id, [replace(first, others=(Number("262262612345"),))])
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    (begin,) = await store.attempts.begin([start(lead)], [])
    await ended(store, begin, Outcome.FAILED)
    assert (lead.clock, (await lead_of(store, begin)).clock) == ("33", "262")


async def test_a_lead_postponed_since_it_was_read_is_not_called_before_its_moment(store: Store):
    campaign, _ = await loaded(store, 1)
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    refusal = Refusal(campaign.campaign_id, lead.lead_id, "hours", "", NOW, not_before=NOW + HOUR)
    await store.attempts.begin([], [refusal])
    assert await store.attempts.begin([start(lead)], []) == []
    assert len(await store.attempts.begin([start(lead, NOW + HOUR)], [])) == 1
