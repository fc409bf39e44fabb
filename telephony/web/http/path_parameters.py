"""What the address of a request names; what its form or body asks for is left to each page."""

from aiohttp import web

from telephony.ids import CampaignId


def campaign_of(request: web.Request) -> CampaignId:
    """Return the campaign named; only for routes whose ``campaign`` is digits."""
    return CampaignId(int(request.match_info["campaign"]))
