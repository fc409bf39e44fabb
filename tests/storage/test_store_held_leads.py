"""Who is left and not called now is grouped by what holds them back; of a long list no more is counted than asked."""

from collections import Counter
from datetime import timedelta

from telephony.domain.calls.attempts import Refusal, Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.callbacks import CallbackWish
from telephony.domain.leads.leads import LeadState
from telephony.domain.leads.waiting_causes import Cause, ListStanding, held_by_cause
from telephony.ids import CampaignId, OperatorId
from telephony.ports.store import Store
from tests.storage.store_rows import NOW, approved, begun, ended, in_list, loaded, new_leads, new_list, start

HOUR = timedelta(hours=1)


async def causes(store: Store, campaign_id: CampaignId, most: int = 100) -> dict[str, int]:
    groups = await store.choice.held_back(campaign_id, NOW, most)
    return {str(held_back.cause): held_back.count for held_back in held_by_cause(groups, lambda _: None)}


async def test_leads_of_a_list_nobody_approved_are_left_and_wait_for_that(store: Store):
    campaign, _ = await loaded(store, 3)
    async with store.leads.load(new_list(campaign.campaign_id, "second")) as load:
        await load.add(new_leads(4, first=100))
        unapproved = await load.finish()
    assert await causes(store, campaign.campaign_id) == {"due": 3, "approval": 4}
    await approved(store, unapproved)
    assert await causes(store, campaign.campaign_id) == {"due": 7}
    await store.whitelist.withdraw_list(unapproved.list_id, "Mme Revoking", "essai", NOW)
    assert await causes(store, campaign.campaign_id) == {"due": 3}


async def test_leads_of_a_paused_list_are_left_and_wait_for_that(store: Store):
    campaign, first = await loaded(store, 3)
    await store.work.pause_list(first.list_id, "Mme Pausing", NOW)
    assert await causes(store, campaign.campaign_id) == {"paused_list": 3}
    (group,) = await store.choice.held_back(campaign.campaign_id, NOW, 100)
    assert (group.standing, group.state, group.count) == (ListStanding.PAUSED, LeadState.WAITING, 3)


async def test_refused_leads_are_left_where_a_person_can_mend_it_and_only_there(store: Store):
    campaign, _ = await loaded(store, 4)
    rules = ("legal_basis", "country_not_open", "opposition_list", "objection")
    leads = await store.leads.waiting(campaign.campaign_id, 10)
    refusals = [
        Refusal(campaign.campaign_id, lead.lead_id, rule, "no", NOW, is_lasting=True)
        for lead, rule in zip(leads, rules, strict=True)
    ]
    await store.attempts.begin([], refusals)
    assert await causes(store, campaign.campaign_id) == {"legal_basis": 1, "whitelist": 1}


async def test_postponed_leads_are_told_by_what_postponed_them(store: Store):
    campaign, _ = await loaded(store, 5)
    leads = await store.leads.waiting(campaign.campaign_id, 10)
    rules = ("calling_hours", "frequency", "busy")
    refusals = [
        Refusal(campaign.campaign_id, lead.lead_id, rule, "no", NOW, is_lasting=True, not_before=NOW + place * HOUR)
        for place, (lead, rule) in enumerate(zip(leads[:3], rules, strict=True), 1)
    ]
    await store.attempts.begin([], refusals)
    held = held_by_cause(await store.choice.held_back(campaign.campaign_id, NOW, 100), lambda _: None)
    assert {held_back.cause: (held_back.count, held_back.until) for held_back in held} == {
        Cause.RETRY: (1, NOW + 3 * HOUR),
        Cause.HOURS: (1, NOW + HOUR),
        Cause.PROTECTED: (1, NOW + 2 * HOUR),
        Cause.DUE: (2, None),
    }


async def test_a_promised_callback_is_left_and_so_is_who_belongs_to_a_full_quota(store: Store):
    (begin,) = await begun(store)
    campaign = begin.permit.campaign_id
    await ended(store, begin, Outcome.ANSWERED)
    wish = CallbackWish(NOW + 2 * HOUR, "Europe/Paris", None, NOW + 3 * HOUR)
    await store.attempts.set_result(begin.permit.attempt_id, Result.CALL_BACK, OperatorId(1), NOW, wish)
    before = await causes(store, campaign)
    assert before["callback"] == 1
    await in_list(store, campaign, new_leads(2, first=100), "more")
    fresh = [lead for lead in await store.leads.waiting(campaign, 100, NOW) if lead.tries == 0][:2]
    quota, _ = await store.quotas.set(campaign, {"town": "Exampleville"}, 0, "Mme Campaign", NOW)
    await store.quotas.close(quota, [lead.lead_id for lead in fresh], NOW)
    assert (await causes(store, campaign))["quota"] == 2


async def test_no_more_leads_of_a_list_are_counted_than_asked_and_the_count_says_so(store: Store):
    campaign, _ = await loaded(store, 50)
    groups = await store.choice.held_back(campaign.campaign_id, NOW, 20)
    counts: Counter[str] = Counter()
    for group in groups:
        counts[group.state] += group.count
    assert counts == {"waiting": 20}
    assert all(group.is_at_least for group in groups)


async def test_nobody_is_left_when_every_lead_is_done(store: Store):
    campaign, _ = await loaded(store, 1)
    (lead,) = await store.leads.waiting(campaign.campaign_id, 10)
    begin = start(lead)
    await store.attempts.begin([begin], [])
    await ended(store, begin, Outcome.FAILED)
    assert await causes(store, campaign.campaign_id) == {}
