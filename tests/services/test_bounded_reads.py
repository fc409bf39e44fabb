"""Reads whose size does not grow with the calls made: counted in the database, asked once for a whole page."""

from tests.scenes.controller_on_doubles import controller_on_doubles
from tests.virtual_time import passes, virtual


@virtual
async def test_the_detectors_estimate_reads_no_call():
    async with controller_on_doubles(leads=1, seats=1) as site:
        (campaign_id,) = site.tables.campaigns
        campaign = site.tables.campaigns[campaign_id]
        site.change(campaign_id, detects_machines=True)
        del site.journal[:]
        await passes(70)
        assert campaign.campaign_id == campaign_id
        assert "attempts.machine_counts" in site.journal
        assert "attempts.machines" not in site.journal
