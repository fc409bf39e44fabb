"""The floor page, and starting, pausing and stopping campaigns from it."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.campaigns.campaigns import Campaign
from telephony.ids import CampaignId
from telephony.web.http.access import needs, signed_in
from telephony.web.http.app_keys import BOOT, DEPS
from telephony.web.http.path_parameters import campaign_of
from telephony.web.http.preferences import formats_of, words_of
from telephony.web.http.responses import go, is_fragment, page
from telephony.web.pages.floor_stream import stream
from telephony.web.views.floor import show_floor

_Move = Callable[[CampaignId, str], Awaitable[Campaign]]


@needs(Right.SEE_FLOOR)
async def floor(request: web.Request) -> web.StreamResponse:
    """``GET /floor``."""
    view = request.app[DEPS].floor.view()
    shown = show_floor(view, formats_of(request))
    return page(request, "floor.html", floor=shown, number=f"{request.app[BOOT]}-{view.version}")


@needs(Right.SEE_FLOOR)
async def events(request: web.Request) -> web.StreamResponse:
    """``GET /floor/events``."""
    return await stream(request)


@needs(Right.RUN_CAMPAIGNS)
async def move(request: web.Request) -> web.StreamResponse:
    """``POST /campaigns/{id}/{start|pause|stop}``: htmx gets a sentence, a plain form returns to the floor."""
    desk, name = request.app[DEPS].campaigns, request.match_info["move"]
    moves: dict[str, _Move] = {"start": desk.start, "pause": desk.pause, "stop": desk.stop}
    campaign = await moves[name](campaign_of(request), signed_in(request).account.username)
    if not is_fragment(request):
        return go(request, "/floor")
    t = words_of(request)
    return page(request, "notice_fragment.html", sentence=t(f"campaign.moved.{name}", name=campaign.name))


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [
        web.get("/floor", floor),
        web.get("/floor/events", events, allow_head=False),
        web.post(r"/campaigns/{campaign:[0-9]{1,18}}/{move:start|pause|stop}", move),
    ]
