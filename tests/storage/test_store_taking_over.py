"""A revoked list blocks no lead of its campaign: the list loaded after it takes over its people, with their history."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.domain.calls.attempts import AttemptStart, Refusal
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.leads import Lead, LeadList, LeadState, NewLead
from telephony.domain.leads.retries import RetryPlan, RetryRule
from telephony.errors import ConflictError, StoreError
from telephony.ids import CampaignId, LeadId
from telephony.ports.store import Store
from telephony.storage.leads import loading
from tests.storage.store_rows import NOW, approved, begun, ended, new_leads, new_list, number, start

HOUR = timedelta(hours=1)
PLAN = RetryPlan({Outcome.BUSY: RetryRule(HOUR, 2, jitter=0)})
MENDED = [replace(lead, name=f"Mended {row}", client_key=f"K{row}") for row, lead in enumerate(new_leads(10))]


async def withdrawn(store: Store) -> tuple[CampaignId, LeadList, list[AttemptStart]]:
    """A revoked list of ten: 0 was busy, 1 is finished with, 2 is on the line, 3 was refused by a rule."""
    starts = await begun(store, 3)
    campaign = starts[0].permit.campaign_id
    await store.campaigns.set_plan(campaign, PLAN, "x", NOW)
    assert await store.permits.use(starts[0].permit.permit_id, "gate1", NOW) == ""
    await ended(store, starts[0], Outcome.BUSY)
    await ended(store, starts[1], Outcome.ANSWERED)
    lead = (await leads_of(store, campaign))[number(3)]
    await store.attempts.begin([], [Refusal(campaign, lead.lead_id, "number_denied", "denied", NOW)])
    (lead_list,) = await store.leads.lists(campaign)
    return (
        campaign,
        await store.whitelist.withdraw_list(lead_list.list_id, "Mme Withdrawing", "wrong names", NOW),
        starts,
    )


async def mended(store: Store, campaign: CampaignId) -> tuple[LeadList, set[int], set[int]]:
    """Load the corrected file; return the list, the rows left out and those of them that are settled."""
    async with store.leads.load(new_list(campaign, "mended")) as load:
        left_out = {lead.row for lead in await load.add(MENDED)}
        settled = set(load.settled)
        done = await load.finish()
    return await approved(store, done), left_out, settled


async def broken_off(store: Store, campaign: CampaignId) -> None:
    async with store.leads.load(new_list(campaign, "mended")) as load:
        await load.add(MENDED)
        await load.finish()
        raise RuntimeError("the disk is full")


def broken(*_: object) -> None:
    raise StoreError("the disk is full")


async def overtaken(store: Store, campaign: CampaignId, first: LeadList) -> None:
    async with store.leads.load(new_list(campaign, "mended")) as load:
        await load.add([*MENDED, NewLead(number(77), "New", {}, 90)])
        await load.finish()
        await store.whitelist.approve_list(first.list_id, "Mme Approving", NOW)


async def leads_of(store: Store, campaign: CampaignId) -> dict[str, Lead]:
    leads = await store.leads.waiting(campaign, 100, NOW + 9 * HOUR)
    return {lead.number: lead for lead in leads}


async def test_whoever_waits_or_was_refused_is_called_by_the_mended_list(store: Store):
    campaign, _, _ = await withdrawn(store)
    done, left_out, settled = await mended(store, campaign)
    assert (done.accepted, done.duplicates) == (8, 2)
    assert left_out == settled == {3, 4}
    waiting = await leads_of(store, campaign)
    assert sorted(waiting) == [number(row) for row in (0, 3, 4, 5, 6, 7, 8, 9)]
    assert {lead.list_id for lead in waiting.values()} == {done.list_id}
    assert [waiting[number(row)].name for row in (0, 3, 9)] == ["Mended 0", "Mended 3", "Mended 9"]
    *_, last = [entry.note async for entry in store.ledger.entries()][:-1]
    assert (last.kind, last.body["accepted"], last.body["taken_over"]) == ("list_loaded", 8, 8)


async def test_what_was_tried_goes_with_the_person_to_the_mended_list(store: Store):
    campaign, _, (busy, _, _) = await withdrawn(store)
    before = await store.leads.get(busy.permit.lead_id)
    await mended(store, campaign)
    after = await store.leads.get(busy.permit.lead_id)
    assert (after.tries, after.not_before, after.reason) == (before.tries, before.not_before, "busy")
    assert (after.tries, after.not_before) == (1, NOW + timedelta(minutes=1) + HOUR)
    assert [attempt.attempt_id for attempt in await store.work.attempts_of(after.lead_id)] == [busy.permit.attempt_id]
    standing = (await store.whitelist.standing([after.lead_id]))[after.lead_id]
    assert len(standing.contacts) == len(standing.person_contacts) == 1
    assert after.not_before is not None
    assert len(await store.attempts.begin([start(after, after.not_before)], [])) == 1


async def test_a_person_of_two_lists_is_counted_once(store: Store):
    campaign, _, _ = await withdrawn(store)
    await mended(store, campaign)
    progress = await store.campaigns.progress(campaign)
    assert (progress.leads, progress.waiting, progress.in_progress, progress.done) == (10, 8, 1, 1)


async def test_a_load_that_fails_midway_has_taken_nobody_from_a_withdrawn_list(store: Store):
    campaign, first, _ = await withdrawn(store)
    with pytest.raises(RuntimeError, match="the disk is full"):
        await broken_off(store, campaign)
    assert [lead_list.list_id for lead_list in await store.leads.lists(campaign)] == [first.list_id]
    await store.whitelist.approve_list(first.list_id, "Mme Approving", NOW)
    waiting = await leads_of(store, campaign)
    assert sorted(lead.name for lead in waiting.values()) == [f"Person {row}" for row in (0, 4, 5, 6, 7, 8, 9)]


@pytest.mark.usefixtures("url")  # the failure is put into the database's own code
async def test_a_load_that_fails_after_some_have_moved_gives_them_back_as_they_were(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    campaign, first, starts = await withdrawn(store)
    ids = [LeadId(starts[0].permit.lead_id + row) for row in range(10)]
    monkeypatch.setattr(loading, "CHUNK", 3)
    monkeypatch.setattr(loading, "settle", broken)
    before = {lead_id: await store.leads.get(lead_id) for lead_id in ids}
    with pytest.raises(StoreError, match="the disk is full"):
        await mended(store, campaign)
    after = {lead_id: await store.leads.get(lead_id) for lead_id in ids}
    judged_anew = replace(before[ids[3]], state=LeadState.WAITING, reason="")
    assert after == before | {ids[3]: judged_anew}
    assert [lead_list.list_id for lead_list in await store.leads.lists(campaign)] == [first.list_id]
    monkeypatch.undo()
    done, _, _ = await mended(store, campaign)
    assert (done.accepted, len(await leads_of(store, campaign))) == (8, 8)
    assert len(await store.leads.rejected(done.list_id)) == 2
    progress = await store.campaigns.progress(campaign)
    assert (progress.leads, progress.waiting, progress.in_progress, progress.done) == (10, 8, 1, 1)


async def test_a_list_approved_again_during_the_load_keeps_its_people(store: Store):
    campaign, first, _ = await withdrawn(store)
    with pytest.raises(ConflictError, match="approved again while"):
        await overtaken(store, campaign, first)
    assert [lead_list.list_id for lead_list in await store.leads.lists(campaign)] == [first.list_id]
    assert len(await leads_of(store, campaign)) == 7


async def test_the_second_row_of_a_person_taken_over_is_a_duplicate(store: Store):
    campaign, _, _ = await withdrawn(store)
    again = [replace(lead, row=lead.row + 100) for lead in MENDED]
    async with store.leads.load(new_list(campaign, "mended")) as load:
        await load.add(MENDED[:5])
        left_out = await load.add([*MENDED[5:], *again])
        done = await load.finish()
    assert (done.rows_read, done.accepted, done.duplicates) == (20, 8, 12)
    assert len(left_out) == 10


async def test_whoever_is_finished_with_is_reactivated_and_then_taken_over(store: Store):
    campaign, _, (_, finished, _) = await withdrawn(store)
    await store.work.reactivate(finished.permit.lead_id, "the client asks", "Mme Deciding", NOW)
    done, left_out, _ = await mended(store, campaign)
    assert (done.accepted, left_out) == (9, {4})
    assert (await store.leads.get(finished.permit.lead_id)).state is LeadState.WAITING
    assert number(1) in await leads_of(store, campaign)


async def test_a_withdrawn_list_is_recycled_and_then_taken_over(store: Store):
    campaign, first, (_, finished, _) = await withdrawn(store)
    reason = (await store.leads.get(finished.permit.lead_id)).reason
    assert await store.work.recycle(first.list_id, [reason], "Mme Deciding", NOW) == 1
    done, left_out, _ = await mended(store, campaign)
    assert (done.accepted, left_out) == (9, {4})
    assert number(1) in await leads_of(store, campaign)


async def test_a_client_key_that_the_mended_file_leaves_out_goes_on_counting(store: Store):
    campaign, _, (busy, _, _) = await withdrawn(store)
    second, _, _ = await mended(store, campaign)
    await store.whitelist.withdraw_list(second.list_id, "Mme Withdrawing", "again", NOW)
    other = NewLead(number(88), "Same person", {}, 90, client_key="K0")
    async with store.leads.load(new_list(campaign, "third")) as load:
        assert await load.add([replace(MENDED[0], client_key=""), other]) == []
        done = await load.finish()
    await approved(store, done)
    same = (await leads_of(store, campaign))[number(88)].lead_id
    (contact,) = (await store.whitelist.standing([same]))[same].person_contacts
    assert contact.started_at == busy.started_at
