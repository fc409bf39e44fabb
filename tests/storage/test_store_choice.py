"""What the choice of the next lead reads: buckets, how many wait in each, what attempts showed."""

from datetime import datetime, timedelta

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.campaigns.dialing_options import CallOrder
from telephony.domain.lead_order.buckets import AttemptSample, LeadGroup, bucket_after, fresh_bucket
from telephony.domain.lead_order.contact_rate import Reply
from telephony.domain.leads.leads import LeadList, NewLead, every_clock
from telephony.domain.leads.retries import RetryPlan, RetryRule, Try
from telephony.domain.leads.shown_name import NameShown
from telephony.ids import Number, OperatorId
from telephony.ports.store import Store
from telephony.storage.leads.lead_order import _AGAIN, _CENSUS, _DUE, _FRESH
from tests.storage.store_rows import NOW, ended, explain, in_list, loaded, new_campaign, number, start

HOUR = timedelta(hours=1)
LATER = RetryPlan({Outcome.NO_ANSWER: RetryRule(HOUR, 3, jitter=0)})


def mobile(row: int) -> Number:
    return Number(f"33639980{row:03d}")


async def two_kinds(store: Store) -> tuple[Campaign, LeadList]:
    """Three landlines, then three mobile numbers, the last of them with the highest priority."""
    campaign = await store.campaigns.add(new_campaign(), "x")
    await store.campaigns.set_plan(campaign.campaign_id, LATER, "x", NOW)
    landlines = [NewLead(number(row), "", {}, row + 2) for row in range(3)]
    mobiles = [NewLead(mobile(row), "", {}, row + 5, priority=9 if row == 2 else 5) for row in range(3)]
    return campaign, await in_list(store, campaign.campaign_id, landlines + mobiles)


async def offered(store: Store, campaign: Campaign, at: datetime = NOW) -> list[tuple[int, str]]:
    groups = await store.choice.offered(campaign.campaign_id, at, every_clock)
    return sorted((group.priority, group.bucket) for group in groups)


async def test_a_lead_begins_in_the_bucket_of_its_number(store: Store):
    campaign, done = await two_kinds(store)
    buckets = {lead.number: lead.bucket for lead in await store.leads.waiting(campaign.campaign_id, 10)}
    assert (buckets[number(0)], buckets[mobile(0)]) == ("landline", "mobile")
    count_by_group = await store.choice.count_by_group(campaign.campaign_id)
    assert count_by_group == {(done.list_id, "landline"): 3, (done.list_id, "mobile"): 3}


async def test_leads_of_a_shelf_come_back_first_then_in_the_files_order(store: Store):
    campaign, done = await two_kinds(store)
    (first, *_) = [lead for lead in await store.leads.waiting(campaign.campaign_id, 9) if lead.bucket == "landline"]
    begin = start(first)
    await store.attempts.begin([begin], [])
    attempt = await ended(store, begin, Outcome.NO_ANSWER)
    assert attempt.ended_at is not None
    at = attempt.ended_at + HOUR
    shelves = [LeadGroup(done.list_id, "33", 5, bucket) for bucket in ("mobile", "landline", "landline 3n", "no such")]
    numbers = [lead.number for lead in await store.choice.picked(shelves, 2, at)]
    assert numbers == [mobile(0), mobile(1), number(1), number(2), number(0)]
    assert [lead.number for lead in await store.choice.picked(shelves, 1, NOW)] == [mobile(0), number(1)]


async def test_only_shelves_of_the_highest_priority_that_is_due_are_offered(store: Store):
    campaign, done = await two_kinds(store)
    assert await store.choice.offered(campaign.campaign_id, NOW, every_clock) == [
        LeadGroup(done.list_id, "33", 9, "mobile")
    ]
    first = (await store.leads.waiting(campaign.campaign_id, 1))[0]
    begin = start(first)
    await store.attempts.begin([begin], [])
    assert await offered(store, campaign) == [(5, "landline"), (5, "mobile")]
    attempt = await ended(store, begin, Outcome.NO_ANSWER)
    assert attempt.ended_at is not None
    tried = bucket_after(first.number, first.clock, [Try(Outcome.NO_ANSWER, None, attempt.ended_at)])
    assert (await store.leads.get(first.lead_id)).bucket == tried == "mobile 3n"
    assert await offered(store, campaign) == [(5, "landline"), (5, "mobile")]
    assert await offered(store, campaign, attempt.ended_at + HOUR) == [(9, tried)]


async def test_leads_outside_calling_hours_are_not_offered(store: Store):
    campaign, _ = await two_kinds(store)
    overseas = [NewLead(Number("262639980001"), "", {}, 2)]
    other = await in_list(store, campaign.campaign_id, overseas, "overseas")
    groups = await store.choice.offered(campaign.campaign_id, NOW, lambda word: word != "33")
    assert [(group.list_id, group.bucket) for group in groups] == [(other.list_id, "overseas")]


async def test_paused_lists_offer_nothing(store: Store):
    campaign, done = await two_kinds(store)
    await store.work.pause_list(done.list_id, "x", NOW)
    assert await offered(store, campaign) == []
    assert await store.choice.count_by_group(campaign.campaign_id) == {}


async def test_an_attempt_is_told_with_what_was_known_when_it_was_dialled(store: Store):
    campaign, done = await two_kinds(store)
    leads = await store.leads.waiting(campaign.campaign_id, 3)
    begins = [start(lead, NOW + timedelta(seconds=n)) for n, lead in enumerate(leads)]
    await store.attempts.begin(begins, [])
    await ended(store, begins[1], Outcome.ANSWERED)
    await ended(store, begins[0], Outcome.NO_ANSWER)
    attempt_samples = list(await store.choice.told(campaign.campaign_id, None, NOW + HOUR, 10))
    assert [attempt_sample.attempt_id for attempt_sample in attempt_samples] == [
        begins[0].permit.attempt_id,
        begins[1].permit.attempt_id,
    ]
    assert attempt_samples[0] == AttemptSample(
        begins[0].permit.attempt_id,
        done.list_id,
        "33",
        "mobile",
        Outcome.NO_ANSWER,
        None,
        NOW,
        NOW + timedelta(seconds=60),
    )
    assert [attempt_sample.reply for attempt_sample in attempt_samples] == [Reply.NOBODY, Reply.PERSON]
    last = (attempt_samples[0].ended_at, attempt_samples[0].attempt_id)
    assert await store.choice.told(campaign.campaign_id, last, NOW + HOUR, 10) == attempt_samples[1:]
    assert await store.choice.told(campaign.campaign_id, None, NOW + HOUR, 1) == attempt_samples[:1]
    assert await store.choice.told(campaign.campaign_id, None, attempt_samples[0].ended_at, 10) == []


async def test_a_machine_an_operator_heard_is_in_the_bucket_and_in_what_is_told(store: Store):
    campaign, _ = await two_kinds(store)
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    begin = start(lead)
    await store.attempts.begin([begin], [])
    await ended(store, begin, Outcome.ANSWERED)
    await store.attempts.set_result(begin.permit.attempt_id, Result.MACHINE, OperatorId(1), NOW + HOUR)
    assert (await store.leads.get(lead.lead_id)).bucket == "mobile 3n"
    (attempt_sample,) = await store.choice.told(campaign.campaign_id, None, NOW + HOUR, 10)
    assert attempt_sample.reply is Reply.NOBODY


async def test_a_requeued_lead_is_untried(store: Store):
    campaign, _ = await two_kinds(store)
    await store.campaigns.set_plan(campaign.campaign_id, RetryPlan(), "x", NOW)
    leads = await store.leads.waiting(campaign.campaign_id, 2)
    begins = [start(lead) for lead in leads]
    await store.attempts.begin(begins, [])
    for begin in begins:
        await ended(store, begin, Outcome.NO_ANSWER)
    assert (await store.leads.get(leads[0].lead_id)).bucket == "mobile 3n"
    await store.work.reactivate(leads[0].lead_id, "the client asked", "x", NOW)
    assert (await store.leads.get(leads[0].lead_id)).bucket == "mobile"
    assert await store.work.recycle(leads[1].list_id, ["no_answer"], "x", NOW) == 1
    assert (await store.leads.get(leads[1].lead_id)).bucket == fresh_bucket(leads[1].number)


async def test_an_order_is_chosen_and_stands_in_the_ledger(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    assert campaign.dialing.call_order is CallOrder.LIST
    options = {"call_order": CallOrder.LEARNED}
    changed = await store.campaigns.change(campaign.campaign_id, "Mme Choosing", NOW, options)
    assert changed.dialing.call_order is CallOrder.LEARNED
    assert await store.campaigns.get(campaign.campaign_id) == changed
    last = [entry async for entry in store.ledger.entries()][-1].note
    assert (last.kind, dict(last.body)) == (
        "campaign_changed",
        {"by": "Mme Choosing", "from": '{"call_order":"list"}', "to": '{"call_order":"learned"}'},
    )


async def test_what_operators_see_is_chosen_and_stands_in_the_ledger(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    assert (campaign.dialing.shown_name, campaign.dialing.first_sentence) == (NameShown.FULL, "")
    options = {"shown_name": NameShown.SURNAME, "first_sentence": "Bonjour."}
    changed = await store.campaigns.change(campaign.campaign_id, "Mme Choosing", NOW, options)
    assert (changed.dialing.shown_name, changed.dialing.first_sentence) == (NameShown.SURNAME, "Bonjour.")
    assert await store.campaigns.get(campaign.campaign_id) == changed
    last = [entry async for entry in store.ledger.entries()][-1].note
    assert (last.kind, dict(last.body)) == (
        "campaign_changed",
        {
            "by": "Mme Choosing",
            "from": '{"shown_name":"full","first_sentence":""}',
            "to": '{"shown_name":"surname","first_sentence":"Bonjour."}',
        },
    )


async def test_a_choice_among_many_leads_is_a_few_steps_of_the_index(store: Store, url: str):
    campaign, done = await loaded(store, 3000)
    assert await offered(store, campaign) == [(5, "landline")]
    fields = {"wanted": done.list_id, "clock": "33", "level": 5}
    bucket = fields | {"bucket": "landline", "most": 30}
    queries = [
        _DUE.params(**fields, at=NOW),
        _CENSUS.params(wanted=done.list_id),
        _FRESH.params(**bucket),
        _AGAIN.params(**bucket, at=NOW),
    ]
    for statement in queries:
        plan = explain(url, statement)
        assert "leads_by_bucket" in plan, plan
        assert "SCAN leads" not in plan, plan
        assert "Seq Scan on leads" not in plan, plan
