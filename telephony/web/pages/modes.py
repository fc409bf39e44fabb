"""The dialing mode of a campaign, also while it runs: the effect is shown first, a second step confirms it."""

from typing import Final

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.campaigns.dialing_options import USUAL_POWER, DialMode
from telephony.domain.pacing.modes import effect_of
from telephony.errors import InputError
from telephony.web.http.access import needs, signed_in
from telephony.web.http.app_keys import DEPS
from telephony.web.http.path_parameters import campaign_of
from telephony.web.http.preferences import formats_of, language_of, words_of
from telephony.web.http.responses import go, page
from telephony.web.views.floor import show_mode
from telephony.web.views.options import option_rows
from telephony.words import say

_LARGEST_RATIO: Final = 1000.0


@needs(Right.RUN_CAMPAIGNS)
async def choose(request: web.Request) -> web.StreamResponse:
    """``GET /campaigns/{id}/mode``: the four modes with their effects, and the campaign's options."""
    f = formats_of(request)
    campaign = await request.app[DEPS].campaigns.get(campaign_of(request))
    dialing = campaign.dialing
    modes = []
    for mode in DialMode:
        effect = say(effect_of(mode, dialing.power_tenths, dialing.abandon_cap), language_of(request))
        modes.append({"mode": mode, "name": show_mode(mode, dialing.power_tenths, f), "effect": effect})
    ratio = f"{dialing.power_tenths / 10:.1f}"
    options = option_rows(dialing, f)
    return page(request, "mode.html", campaign=campaign, modes=modes, ratio=ratio, options=options, effect="")


@needs(Right.RUN_CAMPAIGNS)
async def change(request: web.Request) -> web.StreamResponse:
    """``POST /campaigns/{id}/mode``: show the exact effect; with ``confirmed``, apply it."""
    form, desk, campaign_id = await request.post(), request.app[DEPS].campaigns, campaign_of(request)
    chosen = mode_of(request, form.get("mode"), form.get("ratio"))
    if form.get("confirmed") == "yes":
        await desk.change(campaign_id, chosen, signed_in(request).account.username)
        return go(request, "/floor")
    (effect,) = await desk.effects_of(campaign_id, chosen)
    campaign = await desk.get(campaign_id)
    dialing = campaign.dialing.having(chosen)
    name = show_mode(dialing.mode, dialing.power_tenths, formats_of(request))
    return page(
        request,
        "mode.html",
        campaign=campaign,
        chosen=dialing.mode,
        chosen_name=name,
        effect=say(effect, language_of(request)),
        ratio=f"{dialing.power_tenths / 10:.1f}",
    )


def mode_of(request: web.Request, mode: object, ratio: object) -> dict[str, object]:
    """Return the options by key; InputError when the mode is unknown or the ratio is no number."""
    try:
        chosen = DialMode(str(mode))
        given = str(ratio if ratio is not None else "").strip().replace(",", ".")
        return {"mode": chosen} | ({"ratio": _ratio(given)} if given and chosen is DialMode.POWER else {})
    except ValueError:
        names = (show_mode(known, USUAL_POWER, formats_of(request)) for known in DialMode)
        raise InputError(words_of(request)("mode.unknown", modes=", ".join(names))) from None


def _ratio(text: str) -> float:
    """Return the ratio as a number; the service decides which are possible."""
    ratio = float(text)
    if not abs(ratio) <= _LARGEST_RATIO:  # NaN neither
        raise ValueError("no figure for a ratio")
    return ratio


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [
        web.get(r"/campaigns/{campaign:[0-9]{1,18}}/mode", choose),
        web.post(r"/campaigns/{campaign:[0-9]{1,18}}/mode", change),
    ]
