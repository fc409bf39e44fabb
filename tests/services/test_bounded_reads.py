"""Reads whose size does not grow with the calls made: counted in the database, asked once for a whole page."""

from tests.services.virtual_time import passes, virtual
from tests.services.whole_site import site


@virtual
async def test_the_detectors_estimate_reads_no_call():
    async with site(leads=1, seats=1) as house:
        (campaign_id,) = house.tables.campaigns
        campaign = house.tables.campaigns[campaign_id]
        house.change(campaign_id, detects_machines=True)
        del house.journal[:]
        await passes(70)
        assert campaign.campaign_id == campaign_id
        assert "attempts.machine_counts" in house.journal
        assert "attempts.machines" not in house.journal
