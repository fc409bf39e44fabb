"""Do-not-call lists are revoked, and entries removed, by two persons, with effect at once."""

import hashlib
from datetime import timedelta

import pytest

from telephony.domain.calls.attempts import Refusal
from telephony.domain.law.do_not_call import DoNotCallRemoval
from telephony.domain.leads.leads import LeadState
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import Number
from telephony.ports.store import Store
from tests.storage.store_rows import NOW
from tests.storage.test_store_law import HERE, one_lead, oppose, standing

OTHER = Number("33199001235")
DIGEST = hashlib.sha256(HERE.encode()).hexdigest()


async def ask(store: Store, entry: str = "", list_id: int | None = None) -> DoNotCallRemoval:
    expected = (await store.do_not_call.lists())[-1].list_id if list_id is None else list_id
    return await store.do_not_call.ask_withdrawal(expected, entry, "m.durand", "loaded by mistake", NOW)


async def test_a_list_binds_until_a_second_person_agrees_and_not_a_moment_longer(store: Store):
    _, lead_id = await one_lead(store)
    await oppose(store, [HERE, OTHER])
    removal = await ask(store)
    before = await standing(store, lead_id)
    assert (before.opposed, removal.is_waiting) == (("objections",), True)
    with pytest.raises(ConflictError, match="second person"):
        await store.do_not_call.approve_withdrawal(removal.withdrawal_id, "cli:M.Durand", NOW)
    done = await store.do_not_call.approve_withdrawal(removal.withdrawal_id, "l.petit", NOW + timedelta(hours=1))
    after = await standing(store, lead_id)
    assert (after.opposed, after.version) == ((), before.version + 1)
    assert (done.approved_by, done.is_waiting) == ("l.petit", False)
    (of,) = await store.do_not_call.lists()
    assert (of.withdrawn_at, of.entries) == (NOW + timedelta(hours=1), 2)
    assert list(await store.do_not_call.withdrawals()) == [done]


@pytest.mark.parametrize(("stored", "named"), [(HERE, HERE), (DIGEST, HERE), (DIGEST, DIGEST)])
async def test_one_number_is_removed_and_the_others_of_its_list_stay(store: Store, stored: str, named: str):
    await oppose(store, [stored, OTHER])
    await oppose(store, [HERE], "Beta")
    first = (await store.do_not_call.lists())[0].list_id
    removal = await ask(store, named, first)
    await store.do_not_call.approve_withdrawal(removal.withdrawal_id, "l.petit", NOW)
    assert await store.do_not_call.opposed(HERE, "Example SA") == ()
    assert await store.do_not_call.opposed(OTHER, "Example SA") == ("objections",)
    assert await store.do_not_call.opposed(HERE, "Beta") == ("objections",)
    assert [row.entries for row in await store.do_not_call.lists()] == [1, 1]


async def test_a_digest_finds_no_number_that_was_kept_plain(store: Store):
    await oppose(store, [HERE, OTHER])
    with pytest.raises(NotFoundError, match="is not on do-not-call list"):
        await ask(store, DIGEST)


async def test_leads_that_the_list_had_refused_wait_again_where_it_bound(store: Store):
    campaign, lead_id = await one_lead(store)
    other, elsewhere = await one_lead(store, name="Two", company="Beta")
    await oppose(store, [HERE], "Example SA")
    refusals = [
        Refusal(campaign.campaign_id, lead_id, "opposition_list", "", NOW),
        Refusal(other.campaign_id, elsewhere, "opposition_list", "", NOW),
    ]
    await store.attempts.begin([], refusals)
    assert (await store.leads.get(lead_id)).state is LeadState.REFUSED
    removal = await ask(store, HERE)
    await store.do_not_call.approve_withdrawal(removal.withdrawal_id, "l.petit", NOW)
    lead = await store.leads.get(lead_id)
    assert (lead.state, lead.reason) == (LeadState.WAITING, "")
    assert (await store.leads.get(elsewhere)).state is LeadState.REFUSED
    assert (await store.campaigns.progress(campaign.campaign_id)).waiting == 1


async def test_what_is_not_there_or_asked_twice_is_refused_with_a_sentence(store: Store):
    await oppose(store, [HERE])
    with pytest.raises(NotFoundError, match="no do-not-call list 99"):
        await ask(store, list_id=99)
    with pytest.raises(NotFoundError, match="is not on do-not-call list"):
        await ask(store, OTHER)
    with pytest.raises(NotFoundError):
        await store.do_not_call.approve_withdrawal(99, "l.petit", NOW)
    removal = await ask(store)
    with pytest.raises(ConflictError, match=r"m\.durand has already asked for that"):
        await ask(store)
    await store.do_not_call.drop_withdrawal(removal.withdrawal_id, "m.durand", NOW)
    with pytest.raises(ConflictError):
        await store.do_not_call.approve_withdrawal(removal.withdrawal_id, "l.petit", NOW)
    assert await store.do_not_call.opposed(HERE, "x") == ("objections",)
    again = await ask(store)
    await store.do_not_call.approve_withdrawal(again.withdrawal_id, "l.petit", NOW)
    with pytest.raises(ConflictError, match="already removed"):
        await ask(store)


async def test_who_asked_who_agreed_and_why_stand_in_the_ledger_without_the_number(store: Store):
    await oppose(store, [HERE, OTHER])
    removal = await ask(store, HERE)
    await store.do_not_call.approve_withdrawal(removal.withdrawal_id, "l.petit", NOW)
    given_up = await ask(store)
    await store.do_not_call.drop_withdrawal(given_up.withdrawal_id, "s.martin", NOW)
    notes = [entry.note async for entry in store.ledger.entries() if entry.note.kind.startswith("opposition_with")]
    assert [(note.kind, note.body["by"]) for note in notes] == [
        ("opposition_withdrawal_asked", "m.durand"),
        ("opposition_withdrawn", "l.petit"),
        ("opposition_withdrawal_asked", "m.durand"),
        ("opposition_withdrawal_dropped", "s.martin"),
    ]
    assert {note.body["reason"] for note in notes} == {"loaded by mistake"}
    assert HERE not in str(notes)
