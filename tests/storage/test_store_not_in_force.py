"""What was revoked, lifted, ended or has expired does not block what comes after it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.law.provisions import Law
from telephony.domain.rules.whitelist import RuleEffect
from telephony.domain.security.dtmf import NewDtmfAllowance
from telephony.domain.security.locks import Lock, LockScope
from telephony.errors import ConflictError
from telephony.ports.store import Store
from tests.storage.store_rows import NOW, new_campaign
from tests.storage.test_store_law import HERE, oppose
from tests.storage.test_store_whitelist import rule

DAY = timedelta(days=1)


async def test_a_rule_withdrawn_or_run_out_is_written_again_and_holds(store: Store):
    new = rule(RuleEffect.ALLOW, "339", valid_until=NOW + DAY)
    first = await store.whitelist.add(new, NOW)
    await store.whitelist.approve(first.rule_id, "second", NOW)
    await store.whitelist.withdraw(first.rule_id, "author", "a mistake", NOW)
    second = await store.whitelist.add(new, NOW)
    second = await store.whitelist.approve(second.rule_id, "second", NOW)
    late = NOW + 2 * DAY
    third = await store.whitelist.add(replace(new, valid_from=late, valid_until=late + DAY), late)
    third = await store.whitelist.approve(third.rule_id, "second", late)
    assert [row.is_in_force(NOW) for row in (await store.whitelist.get(first.rule_id), second)] == [False, True]
    assert [row.is_in_force(late) for row in (second, third)] == [False, True]


async def test_a_number_removed_from_a_do_not_call_list_is_listed_again_by_the_next(store: Store):
    for entry in (HERE, ""):
        await oppose(store, [HERE])
        assert await store.do_not_call.opposed(HERE, "Example SA") == ("objections",)
        newest = (await store.do_not_call.lists())[-1].list_id
        removal = await store.do_not_call.ask_withdrawal(newest, entry, "m.durand", "by mistake", NOW)
        await store.do_not_call.approve_withdrawal(removal.withdrawal_id, "l.petit", NOW)
        assert await store.do_not_call.opposed(HERE, "Example SA") == ()
    first, _ = await store.do_not_call.lists()
    await store.do_not_call.oppose(first.list_id, [HERE])
    assert await store.do_not_call.opposed(HERE, "Example SA") == ("objections",)


async def test_an_exemption_that_was_ended_is_asked_for_again(store: Store):
    for _ in range(2):
        exemption = await store.law.ask_exemption(
            Law.CALLING_DAYS, None, NOW, NOW + DAY, "m.durand", "flood alert", NOW
        )
        await store.law.approve_exemption(exemption.exemption_id, "l.petit", NOW)
        await store.law.end_exemption(exemption.exemption_id, "s.martin", NOW)
    again = await store.law.ask_exemption(Law.CALLING_DAYS, None, NOW, NOW + DAY, "m.durand", "flood alert", NOW)
    assert (await store.law.approve_exemption(again.exemption_id, "l.petit", NOW)).approved_by == "l.petit"


async def test_a_lock_that_was_lifted_is_taken_again(store: Store):
    lock = Lock(LockScope.SITE, "", "s.martin", NOW, "an incident", ends_calls=False)
    for _ in range(2):
        assert await store.locks.add(lock)
        await store.locks.release(LockScope.SITE, "", "s.martin", "it is over", NOW)
    assert await store.locks.add(lock)


async def test_keys_whose_time_is_over_do_not_stand_in_the_way_of_new_ones(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "Mme Campaign")
    new = NewDtmfAllowance(campaign.campaign_id, "a switchboard", "m.durand", 3, NOW + DAY)
    await store.keys.ask(new, NOW)
    await store.keys.approve(campaign.campaign_id, "l.petit", NOW)
    later = replace(new, valid_until=NOW + 9 * DAY)
    with pytest.raises(ConflictError, match="has a DTMF allowance"):
        await store.keys.ask(later, NOW + DAY - timedelta(seconds=1))
    again = await store.keys.ask(later, NOW + DAY)
    assert again.awaits_approval
    assert await store.keys.standing() == [again]
    kinds = [entry.note.kind async for entry in store.ledger.entries()]
    assert kinds[-4:] == ["keys_asked_for", "keys_allowed", "keys_denied", "keys_asked_for"]


async def test_the_name_of_a_stopped_campaign_stays_its_own_and_the_refusal_says_why(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "Mme Campaign")
    with pytest.raises(ConflictError, match="already; choose another name"):
        await store.campaigns.add(new_campaign(), "Mme Campaign")
    await store.campaigns.set_state(campaign.campaign_id, CampaignState.STOPPED, "Mme Campaign", NOW)
    with pytest.raises(ConflictError, match=r"is stopped, .* such as 'Survey 2'"):
        await store.campaigns.add(new_campaign(), "Mme Campaign")
    assert (await store.campaigns.add(new_campaign("Survey 2"), "Mme Campaign")).name == "Survey 2"
