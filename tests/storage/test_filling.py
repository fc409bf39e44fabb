"""Leads by the million for benchmarks: made by the database, and indistinguishable from loaded ones."""

from telephony.storage import OpenStore
from telephony.storage.leads.filling import begin_list, fill_list, refresh_statistics
from tests.storage.store_rows import NOW, new_campaign


async def test_filled_numbers_are_in_nobodys_country_and_wait_on_their_list(opened: OpenStore):
    store = opened.store
    campaign = await store.campaigns.add(new_campaign(), "bench")
    list_id = await begin_list(opened.database, campaign.campaign_id, "bench 1", NOW)
    for first in (5, 505):
        await fill_list(opened.database, campaign.campaign_id, list_id, first, 500, 5)
    await refresh_statistics(opened.database)
    assert await store.leads.waiting(campaign.campaign_id, 10) == []
    await store.whitelist.approve_list(list_id, "second", NOW)
    leads = await store.leads.waiting(campaign.campaign_id, 2000)
    assert [lead.number for lead in leads] == [f"999{n:09d}" for n in range(5, 1005)]
    (lead_list,) = await store.leads.lists(campaign.campaign_id)
    assert (lead_list.rows_read, lead_list.accepted) == (1000, 1000)
    progress = await store.campaigns.progress(campaign.campaign_id)
    assert (progress.leads, progress.waiting) == (1000, 1000)
