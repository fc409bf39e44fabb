from datetime import timedelta

import pytest

from telephony.domain.security.dtmf import NewDtmfAllowance
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CampaignId
from telephony.ports.store import Store
from tests.storage.store_rows import NOW, new_campaign


async def asked(store: Store) -> NewDtmfAllowance:
    campaign = await store.campaigns.add(new_campaign(), "Mme Campaign")
    return NewDtmfAllowance(campaign.campaign_id, "a switchboard", "cli:m.durand", 3, NOW + timedelta(days=1))


async def test_an_allowance_is_asked_for_approved_and_taken_back_and_all_stands_in_the_ledger(store: Store):
    new = await asked(store)
    allowance = await store.keys.ask(new, NOW)
    assert allowance.request == new
    assert allowance.awaits_approval
    done = await store.keys.approve(new.campaign_id, "l.petit", NOW)
    assert done.is_in_force(NOW)
    assert await store.keys.standing() == [done]
    gone = await store.keys.deny(new.campaign_id, "cli:m.durand", "done", NOW)
    assert (gone.withdrawn_by, gone.withdrawal_reason, gone.is_in_force(NOW)) == ("cli:m.durand", "done", False)
    assert await store.keys.standing() == []
    entries = [entry.note async for entry in store.ledger.entries()][1:]
    assert [(note.kind, note.body["by"]) for note in entries] == [
        ("keys_asked_for", "cli:m.durand"),
        ("keys_allowed", "l.petit"),
        ("keys_denied", "cli:m.durand"),
    ]
    assert {note.subject for note in entries} == {f"campaign {new.campaign_id}"}
    assert (await store.keys.ask(new, NOW)).awaits_approval  # asked for again later: approved again


async def test_nobody_approves_keys_they_asked_for(store: Store):
    new = await asked(store)
    await store.keys.ask(new, NOW)
    with pytest.raises(ConflictError, match="a second person"):
        await store.keys.approve(new.campaign_id, "m.durand", NOW)
    await store.keys.approve(new.campaign_id, "l.petit", NOW)
    with pytest.raises(ConflictError, match=r"approved by l\.petit already"):
        await store.keys.approve(new.campaign_id, "l.petit", NOW)


async def test_a_campaign_has_one_allowance_at_a_time(store: Store):
    new = await asked(store)
    await store.keys.ask(new, NOW)
    with pytest.raises(ConflictError, match="dtmf deny"):
        await store.keys.ask(new, NOW)


async def test_what_was_not_asked_for_is_neither_approved_nor_taken_back(store: Store):
    with pytest.raises(NotFoundError, match="dtmf allow"):
        await store.keys.approve(CampaignId(9), "l.petit", NOW)
    with pytest.raises(NotFoundError):
        await store.keys.deny(CampaignId(9), "l.petit", "x", NOW)
