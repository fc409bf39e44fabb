"""Whether a campaign cancels unanswered calls: the effect is shown first, a second step confirms it."""

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.pacing.modes import withdrawing_effect_of
from telephony.errors import InputError
from telephony.web.http.access import needs, signed_in
from telephony.web.http.app_keys import DEPS
from telephony.web.http.path_parameters import campaign_of
from telephony.web.http.preferences import language_of, words_of
from telephony.web.http.requests import count_in
from telephony.web.http.responses import go, page
from telephony.words import say

USUAL_S = 15
"""What the form proposes for a campaign that cancels no calls yet."""


@needs(Right.RUN_CAMPAIGNS)
async def choose(request: web.Request) -> web.StreamResponse:
    """``GET /campaigns/{id}/withdraw-dials``: the current setting, and the choices."""
    campaign = await request.app[DEPS].campaigns.get(campaign_of(request))
    now = say(withdrawing_effect_of(campaign.dialing.withdraw_after_s), language_of(request))
    proposed = campaign.dialing.withdraw_after_s or USUAL_S
    return page(request, "withdrawing.html", campaign=campaign, now=now, proposed=proposed, effect="")


@needs(Right.RUN_CAMPAIGNS)
async def change(request: web.Request) -> web.StreamResponse:
    """``POST /campaigns/{id}/withdraw-dials`` with ``after`` seconds (0: never); applied with ``confirmed``."""
    form, desk, campaign_id = await request.post(), request.app[DEPS].campaigns, campaign_of(request)
    after_s = seconds_of(request, form.get("after"))
    if form.get("confirmed") == "yes":
        await desk.change(campaign_id, {"withdraw_after_s": after_s}, signed_in(request).account.username)
        return go(request, "/floor")
    effect = say(withdrawing_effect_of(after_s), language_of(request))
    campaign = await desk.get(campaign_id)
    return page(request, "withdrawing.html", campaign=campaign, chosen=after_s, effect=effect)


def seconds_of(request: web.Request, text: object) -> int:
    """Return the seconds; InputError when they are no number. The service decides which are possible."""
    seconds = count_in(str(text).strip())
    if seconds is None:
        raise InputError(words_of(request)("withdrawing.unknown"))
    return seconds


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [
        web.get(r"/campaigns/{campaign:[0-9]{1,18}}/withdraw-dials", choose),
        web.post(r"/campaigns/{campaign:[0-9]{1,18}}/withdraw-dials", change),
    ]
