"""How a campaign is paced, changed while it runs: what it will do is said first, a second step confirms it."""

from typing import Final

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.campaigns import USUAL_POWER, DialMode
from telephony.domain.modes import effect_of
from telephony.errors import InputError
from telephony.web.access import needs, signed_in
from telephony.web.answers import go, page
from telephony.web.asked import campaign_of
from telephony.web.floor_display import show_mode
from telephony.web.keys import DEPS
from telephony.web.preferences import formats_of, language_of, words_of

_LARGEST_RATIO: Final = 1000.0


@needs(Right.RUN_CAMPAIGNS)
async def choose(request: web.Request) -> web.StreamResponse:
    """``GET /campaigns/{id}/mode``: the four modes, each with what it does."""
    f = formats_of(request)
    campaign = await request.app[DEPS].campaigns.get(campaign_of(request))
    modes = []
    for mode in DialMode:
        effect = effect_of(mode, campaign.power_tenths, campaign.abandon_cap).of(language_of(request))
        modes.append({"mode": mode, "name": show_mode(mode, campaign.power_tenths, f), "effect": effect})
    ratio = f"{campaign.power_tenths / 10:.1f}"
    return page(request, "mode.html", campaign=campaign, modes=modes, ratio=ratio, effect="")


@needs(Right.RUN_CAMPAIGNS)
async def change(request: web.Request) -> web.StreamResponse:
    """``POST /campaigns/{id}/mode``: says what exactly will happen; with ``confirmed``, does it."""
    form, desk, campaign_id = await request.post(), request.app[DEPS].campaigns, campaign_of(request)
    mode, ratio = mode_of(request, form.get("mode"), form.get("ratio"))
    if form.get("confirmed") == "yes":
        await desk.set_mode(campaign_id, mode, signed_in(request).account.username, ratio)
        return go(request, "/floor")
    effect = (await desk.effect_of(campaign_id, mode, ratio)).of(language_of(request))
    campaign = await desk.get(campaign_id)
    tenths = round(ratio * 10) if ratio is not None else campaign.power_tenths
    name = show_mode(mode, tenths, formats_of(request))
    return page(
        request,
        "mode.html",
        campaign=campaign,
        chosen=mode,
        chosen_name=name,
        effect=effect,
        ratio=f"{tenths / 10:.1f}",
    )


def mode_of(request: web.Request, mode: object, ratio: object) -> tuple[DialMode, float | None]:
    """Return what was asked for; InputError when it is none of the modes, or the ratio no number."""
    try:
        chosen = DialMode(str(mode))
        given = str(ratio if ratio is not None else "").strip().replace(",", ".")
        return chosen, _ratio(given) if given and chosen is DialMode.POWER else None
    except ValueError:
        names = (show_mode(one, USUAL_POWER, formats_of(request)) for one in DialMode)
        raise InputError(words_of(request)("mode.unknown", modes=", ".join(names))) from None


def _ratio(text: str) -> float:
    """Return a figure that can be counted with; which are possible is the service's to say."""
    ratio = float(text)
    if not abs(ratio) <= _LARGEST_RATIO:  # not a number neither
        raise ValueError("no figure for a ratio")
    return ratio


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [
        web.get(r"/campaigns/{campaign:[0-9]{1,18}}/mode", choose),
        web.post(r"/campaigns/{campaign:[0-9]{1,18}}/mode", change),
    ]
