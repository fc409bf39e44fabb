"""Parameters in the address of a request; each page reads its own form or body."""

from aiohttp import web

from telephony.ids import CampaignId


def campaign_of(request: web.Request) -> CampaignId:
    """Return the campaign's id; only for routes whose ``campaign`` is digits."""
    return CampaignId(int(request.match_info["campaign"]))
