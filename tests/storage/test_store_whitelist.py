"""The whitelist in the database: what a call is decided on, two persons, one count of changes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from telephony.domain.calls.attempts import Refusal
from telephony.domain.leads.leads import LeadState
from telephony.domain.rules.standard import STANDARD_RULES
from telephony.domain.rules.whitelist import (
    Allowed,
    Denied,
    NewRule,
    NumberRule,
    RuleEffect,
    RuleKind,
    RuleScope,
    RuleSet,
)
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CampaignId, LeadId, ListId, PermitId, RuleId
from telephony.ports.store import Store
from telephony.storage.calls.permits import _AT_GATE
from telephony.storage.rules.number_rules import _TOUCHING
from telephony.storage.rules.standings import _LEADS
from telephony.storage.rules.whitelist import _LEAD_OF
from tests.storage.store_rows import (
    NOW,
    begun,
    explain,
    in_list,
    loaded,
    new_campaign,
    new_leads,
    new_list,
    number,
    sql,
)

LATER = NOW + timedelta(hours=1)
CAMPAIGN = CampaignId(7)


def rule(effect: RuleEffect = RuleEffect.DENY, digits: str = "33199", **changes: Any) -> NewRule:
    values: dict[str, Any] = {"kind": RuleKind.PREFIX, "author": "author", "reason": "because"} | changes
    return NewRule(effect, values.pop("kind"), digits, values.pop("reason"), values.pop("author"), NOW, **values)


async def kinds(store: Store) -> list[str]:
    return [entry.note.kind async for entry in store.ledger.entries()]


async def test_the_shipped_rules_are_there_approved_and_in_force(store: Store):
    rules = await store.whitelist.rules()
    assert tuple(rule.rule for rule in rules) == STANDARD_RULES
    assert all(rule.is_in_force(NOW) and rule.approved_by == "installation" for rule in rules)


async def test_a_rule_is_kept_whole(store: Store):
    new = rule(
        RuleEffect.ALLOW,
        "339",
        valid_until=LATER,
        scope=RuleScope.TRUNK,
        target="main",
        length=11,
    )
    added = await store.whitelist.add(new, LATER)
    assert added == NumberRule(added.rule_id, new, LATER)
    assert added.awaits_approval
    assert await store.whitelist.get(added.rule_id) == added
    assert (await store.whitelist.rules())[-1] == added
    with pytest.raises(NotFoundError):
        await store.whitelist.get(RuleId(4000))


async def test_a_rule_holds_from_a_second_persons_approval_on(store: Store):
    added = await store.whitelist.add(rule(), NOW)
    assert not added.is_in_force(LATER)
    before = await store.whitelist.version()
    for same in ("author", "cli:author", "AUTHOR"):
        with pytest.raises(ConflictError, match="a second person approves it"):
            await store.whitelist.approve(added.rule_id, same, NOW)
    assert await store.whitelist.version() == before
    done = await store.whitelist.approve(added.rule_id, "other", LATER)
    assert (done.approved_by, done.approved_at, done.is_in_force(LATER), done.is_in_force(NOW)) == (
        "other",
        LATER,
        True,
        False,
    )
    assert await store.whitelist.version() == before + 1
    with pytest.raises(ConflictError, match="does not wait for approval"):
        await store.whitelist.approve(added.rule_id, "third", LATER)


async def test_the_schema_itself_knows_two_persons_by_the_schema(store: Store, url: str):
    added = await store.whitelist.add(rule(), NOW)
    with pytest.raises(Exception, match=r"CHECK|check"):
        sql(
            url, "UPDATE number_rules SET approved_by = author, approved_at = added_at WHERE rule_id = ?", added.rule_id
        )


async def test_an_immediate_rule_counts_as_a_change_and_a_waiting_one_does_not(store: Store):
    before = await store.whitelist.version()
    await store.whitelist.add(rule(), NOW)
    assert await store.whitelist.version() == before
    added = await store.whitelist.add(rule(is_immediate=True), NOW)
    assert added.is_in_force(NOW)
    assert await store.whitelist.version() == before + 1


async def test_an_allow_rule_is_withdrawn_at_once_and_only_once(store: Store):
    france = (await store.whitelist.rules())[0]
    before = await store.whitelist.version()
    gone = await store.whitelist.withdraw(france.rule_id, "somebody", "closed", NOW)
    assert (gone.withdrawn_by, gone.withdrawal_reason, gone.is_in_force(NOW)) == ("somebody", "closed", False)
    assert await store.whitelist.version() == before + 1
    assert gone not in await store.whitelist.rules()
    for again in (store.whitelist.withdraw, store.whitelist.ask_withdrawal):
        with pytest.raises(ConflictError, match="nothing to"):
            await again(france.rule_id, "somebody", "again", NOW)


async def test_a_deny_rule_ends_only_when_two_agree(store: Store):
    added = await store.whitelist.add(rule(is_immediate=True), NOW)
    with pytest.raises(ConflictError, match="needs a second person"):
        await store.whitelist.withdraw(added.rule_id, "somebody", "open again", NOW)
    revoking = await store.whitelist.ask_withdrawal(added.rule_id, "somebody", "open again", NOW)
    assert revoking.awaits_withdrawal
    assert revoking.is_in_force(LATER)
    with pytest.raises(ConflictError, match="nothing to ask"):
        await store.whitelist.ask_withdrawal(added.rule_id, "third", "open again", NOW)
    with pytest.raises(ConflictError, match="a second person approves it"):
        await store.whitelist.approve(added.rule_id, "somebody", LATER)
    gone = await store.whitelist.approve(added.rule_id, "author", LATER)
    assert (gone.withdrawn_by, gone.withdrawn_at, gone.is_in_force(LATER)) == ("author", LATER, False)


async def test_a_rule_nobody_has_approved_yet_is_taken_back_by_anybody(store: Store):
    added = await store.whitelist.add(rule(), NOW)
    assert (await store.whitelist.withdraw(added.rule_id, "author", "a mistake", NOW)).withdrawn_at == NOW
    with pytest.raises(ConflictError):
        await store.whitelist.approve(added.rule_id, "other", NOW)


async def test_every_step_is_in_the_ledger_and_no_number_is(store: Store):
    whole = await store.whitelist.add(rule(digits=number(3), kind=RuleKind.EXACT, is_immediate=True), NOW)
    await store.whitelist.add(rule(digits=number(4)), NOW)  # a prefix as long as a number
    await store.whitelist.ask_withdrawal(whole.rule_id, "somebody", "open again", NOW)
    await store.whitelist.approve(whole.rule_id, "other", NOW)
    notes = [entry.note async for entry in store.ledger.entries()]
    assert [note.kind for note in notes] == ["rule_added", "rule_added", "rule_withdrawal_asked", "rule_withdrawn"]
    assert [note.body["by"] for note in notes] == ["author", "author", "somebody", "other"]
    assert [note.body["reason"] for note in notes] == ["because", "because", "open again", "open again"]
    assert not any(number(row) in str(note) for note in notes for row in (3, 4))


async def test_a_list_is_dialled_from_its_approval_to_its_withdrawal(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    async with store.leads.load(new_list(campaign.campaign_id)) as load:
        await load.add(new_leads(3))
        done = await load.finish()
    assert await store.whitelist.waiting_lists() == [done]
    assert await store.leads.waiting(campaign.campaign_id, 9) == []
    before = await store.whitelist.version()
    with pytest.raises(ConflictError, match="a second person approves it"):
        await store.whitelist.approve_list(done.list_id, "Mme Loading", NOW)
    after = await store.whitelist.approve_list(done.list_id, "other", NOW)
    assert (after.approved_by, after.approved_at) == ("other", NOW)
    assert await store.whitelist.get_list(done.list_id) == after
    assert await store.whitelist.waiting_lists() == []
    assert len(await store.leads.waiting(campaign.campaign_id, 9)) == 3
    with pytest.raises(ConflictError, match="already"):
        await store.whitelist.approve_list(done.list_id, "third", NOW)
    gone = await store.whitelist.withdraw_list(done.list_id, "somebody", "wrong file", LATER)
    assert (gone.withdrawn_by, gone.withdrawal_reason, gone.is_in_force(NOW), gone.is_in_force(LATER)) == (
        "somebody",
        "wrong file",
        True,
        False,
    )
    assert await store.leads.waiting(campaign.campaign_id, 9) == []
    assert await store.whitelist.version() == before + 2
    assert (await kinds(store))[-2:] == ["list_approved", "list_withdrawn"]


async def test_a_withdrawn_list_comes_back_through_somebody_who_neither_loaded_nor_withdrew_it(store: Store):
    campaign, done = await loaded(store, 3)
    await store.whitelist.withdraw_list(done.list_id, "somebody", "wrong file", NOW)
    with pytest.raises(ConflictError, match="already"):
        await store.whitelist.withdraw_list(done.list_id, "somebody", "again", NOW)
    for same in ("Mme Loading", "somebody"):
        with pytest.raises(ConflictError, match="a second person"):
            await store.whitelist.approve_list(done.list_id, same, NOW)
    again = await store.whitelist.approve_list(done.list_id, "third", LATER)
    assert again.is_in_force(LATER)
    assert again.withdrawn_at is None
    assert len(await store.leads.waiting(campaign.campaign_id, 9)) == 3


async def test_a_list_being_loaded_cannot_be_approved(store: Store):
    campaign = await store.campaigns.add(new_campaign(), "x")
    async with store.leads.load(new_list(campaign.campaign_id)) as load:
        await load.add(new_leads(3))
        for list_id in (ListId(1), ListId(4000)):
            with pytest.raises(NotFoundError, match="no list"):
                await store.whitelist.approve_list(list_id, "other", NOW)
        await load.finish()


async def test_what_is_known_of_a_lead_is_what_is_stored_now(store: Store):
    campaign, done = await loaded(store, 3)
    first, second, _ = await store.leads.waiting(campaign.campaign_id, 3)
    standings = await store.whitelist.standing([first.lead_id, second.lead_id, LeadId(4000)])
    assert set(standings) == {first.lead_id, second.lead_id}
    standing = standings[first.lead_id]
    assert (standing.number, standing.list, standing.campaign) == (first.number, done, campaign)
    assert standing.version == await store.whitelist.version()
    assert [rule.rule.digits for rule in standing.rules] == ["33"]
    said = RuleSet(standing.rules).verdict(first.number, trunk="main", campaign_id=CAMPAIGN, now=NOW)
    assert isinstance(said, Allowed)
    closed = rule(digits=first.number, kind=RuleKind.EXACT, is_immediate=True)
    await store.whitelist.add(closed, NOW)
    standings = await store.whitelist.standing([first.lead_id, second.lead_id])
    verdicts = {
        lead_id: RuleSet(standing.rules).verdict(standing.number, trunk="main", campaign_id=CAMPAIGN, now=NOW)
        for lead_id, standing in standings.items()
    }
    assert isinstance(verdicts[first.lead_id], Denied)
    assert isinstance(verdicts[second.lead_id], Allowed)
    assert standings[first.lead_id].version == standing.version + 1


async def test_a_permit_comes_with_what_it_is_decided_on(store: Store):
    (begin,) = await begun(store)
    permit = begin.permit
    at_gate = await store.permits.at_gate(permit.permit_id)
    assert at_gate is not None
    assert at_gate.permit == permit
    assert at_gate.standing == (await store.whitelist.standing([permit.lead_id]))[permit.lead_id]
    await store.whitelist.withdraw_list(permit.list_id, "somebody", "wrong file", NOW)
    at_gate = await store.permits.at_gate(permit.permit_id)
    assert at_gate is not None
    assert not at_gate.standing.list.is_in_force(NOW)
    assert await store.permits.at_gate(PermitId("p" + "0" * 36)) is None


async def test_many_leads_are_known_at_once(store: Store):
    campaign, _ = await loaded(store, 450)
    leads = await store.leads.waiting(campaign.campaign_id, 450)
    standings = await store.whitelist.standing([lead.lead_id for lead in leads])
    assert [standings[lead.lead_id].number for lead in leads] == [lead.number for lead in leads]
    assert await store.whitelist.standing([]) == {}


async def test_rules_of_any_state_that_speak_of_a_number_are_found_and_no_others(store: Store):
    about = [
        await store.whitelist.add(rule(digits=digits, kind=kind), NOW)
        for digits, kind in (
            ("", RuleKind.PREFIX),
            (number(1), RuleKind.EXACT),
            (number(1), RuleKind.PREFIX),
            (number(1)[:7], RuleKind.PREFIX),
        )
    ]
    await store.whitelist.add(rule(digits=number(1)[:7], kind=RuleKind.EXACT), NOW)
    await store.whitelist.add(rule(digits=number(2), kind=RuleKind.EXACT), NOW)
    await store.whitelist.withdraw(about[0].rule_id, "author", "a mistake", NOW)
    rules = await store.whitelist.touching(number(1))
    assert {row.rule_id for row in rules} == {1, *(row.rule_id for row in about)}


async def test_a_campaigns_lead_is_found_by_its_number(store: Store):
    campaign, _ = await loaded(store, 3, "One")
    await loaded(store, 3, "Other")
    (lead,) = await store.leads.waiting(campaign.campaign_id, 1)
    assert await store.whitelist.lead_of(campaign.campaign_id, number(0)) == lead.lead_id
    assert await store.whitelist.lead_of(campaign.campaign_id, number(9)) is None


async def test_a_refusal_that_says_nothing_about_the_lead_leaves_it_waiting(store: Store):
    campaign, _ = await loaded(store, 2)
    first, second = await store.leads.waiting(campaign.campaign_id, 2)
    refusals = [
        Refusal(campaign.campaign_id, first.lead_id, "list_not_approved", "Not approved.", NOW, is_lasting=False),
        Refusal(campaign.campaign_id, second.lead_id, "number_denied", "Denied.", NOW),
    ]
    await store.attempts.begin([], refusals)
    assert await store.leads.waiting(campaign.campaign_id, 2) == [first]
    assert (await kinds(store))[-2:] == ["lead_refused", "lead_refused"]


async def test_the_questions_of_a_call_are_answered_from_indexes(store: Store, url: str):
    campaign = await store.campaigns.add(new_campaign(), "x")
    await in_list(store, campaign.campaign_id, new_leads(9_999))
    columns = "effect, kind, digits, reason, author, valid_from, scope, target, added_at, is_immediate"
    sql(
        url,
        f"INSERT INTO number_rules ({columns}) SELECT 'deny', 'exact', number, 'x', 'x', loaded_at, 'site', '', "  # noqa: S608
        f"loaded_at, {'true' if url.startswith('postgresql') else 1} FROM leads, lists",
    )
    sql(url, "ANALYZE")
    queries = [
        _LEADS.params(ids=[5]),
        _AT_GATE.params(wanted="p1"),
        _LEAD_OF.params(campaign=campaign.campaign_id, wanted=number(5)),
        _TOUCHING.params(digits=["", "3", "33", number(5)]),
    ]
    for statement in queries:
        plan = explain(url, statement)
        for table in ("leads", "number_rules"):
            assert f"SCAN {table}" not in plan, plan
            assert f"Seq Scan on {table}" not in plan, plan


async def refused_lead(store: Store, word: str = "number_denied") -> tuple[CampaignId, LeadId]:
    """Load two leads and have the first one refused."""
    campaign, _ = await loaded(store, 2)
    first, _ = await store.leads.waiting(campaign.campaign_id, 5)
    refusal = Refusal(campaign.campaign_id, first.lead_id, word, "closed", NOW)
    await store.attempts.begin([], [refusal])
    return campaign.campaign_id, first.lead_id


async def test_a_lead_waits_again_when_the_rule_that_closed_its_number_is_withdrawn(store: Store):
    denied = await store.whitelist.add(rule(), NOW)
    await store.whitelist.approve(denied.rule_id, "second", NOW)
    campaign_id, lead_id = await refused_lead(store)
    await store.whitelist.ask_withdrawal(denied.rule_id, "author", "mistake", NOW)
    assert (await store.leads.get(lead_id)).state is LeadState.REFUSED  # until somebody else agrees
    await store.whitelist.approve(denied.rule_id, "second", NOW)
    lead = await store.leads.get(lead_id)
    assert (lead.state, lead.reason, lead.not_before) == (LeadState.WAITING, "", None)
    assert (await store.campaigns.progress(campaign_id)).waiting == 2


async def test_a_lead_waits_for_the_moment_from_which_a_new_rule_opens_its_number(store: Store):
    _, lead_id = await refused_lead(store, "country_not_open")
    opened = await store.whitelist.add(replace(rule(RuleEffect.ALLOW), valid_from=LATER), NOW)
    await store.whitelist.approve(opened.rule_id, "second", NOW)
    lead = await store.leads.get(lead_id)
    assert (lead.state, lead.not_before) == (LeadState.WAITING, LATER)


@pytest.mark.parametrize("why", ["another number", "another campaign", "another reason", "a rule that closes"])
async def test_leads_that_a_rule_does_not_cover_stay_refused(store: Store, why: str):
    campaign_id, lead_id = await refused_lead(store, "caller_id" if why == "another reason" else "number_denied")
    scope = {"scope": RuleScope.CAMPAIGN, "target": str(campaign_id + 1)} if why == "another campaign" else {}
    effect = RuleEffect.DENY if why == "a rule that closes" else RuleEffect.ALLOW
    changed = await store.whitelist.add(rule(effect, "44" if why == "another number" else "33199", **scope), NOW)
    await store.whitelist.approve(changed.rule_id, "second", NOW)
    assert (await store.leads.get(lead_id)).state is LeadState.REFUSED
