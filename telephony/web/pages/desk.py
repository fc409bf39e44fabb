"""The operator's own page: state, lead to call, result, pause. Never a telephone number, full or partial (I8)."""

import hashlib
from datetime import timedelta

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.refusals import blocked_days
from telephony.domain.leads.callbacks import Later
from telephony.domain.leads.preview import SkipReason
from telephony.errors import InputError
from telephony.ids import PreviewId
from telephony.web.http.access import needs, own_seat, signed_in
from telephony.web.http.app_keys import BOOT, DEPS
from telephony.web.http.preferences import formats_of, words_of
from telephony.web.http.requests import count_in
from telephony.web.http.responses import NO_STORE, go, is_fragment, page
from telephony.web.pages.desk_socket import socket
from telephony.web.views.desk import lead_text
from telephony.web.views.floor import show_seat


@needs(Right.WORK_AT_SEAT)
async def desk(request: web.Request) -> web.StreamResponse:
    """``GET /desk``; with ``seen``, 204 while nothing has changed, so that a choice under way is not lost."""
    deps, operator_id = request.app[DEPS], own_seat(request)
    state = deps.desk_feed.state(operator_id)
    if is_fragment(request) and request.query.get("seen") == state.mark:
        return web.Response(status=204, headers=NO_STORE)
    seat, preview = deps.desk.seat_of(operator_id), deps.desk.preview_of(operator_id)
    return page(
        request,
        "desk_seat.html" if is_fragment(request) else "desk.html",
        seat=show_seat(seat, formats_of(request)),
        preview=preview,
        talk=await deps.own_call.talk(operator_id),
        reasons=list(SkipReason),
        state=state,
        lead=lead_text(words_of(request), state.lead, state.reason),
        boot=request.app[BOOT],
        link=_link_name(request),
        states=OperatorState,
        results=list(Result),
        effects=effects_of(request),
        ends_ms=round(preview.ends_at.timestamp() * 1000) if preview is not None else 0,
        now_ms=round(deps.clock.now().timestamp() * 1000),
    )


def effects_of(request: web.Request) -> dict[Result, str]:
    """Return the effect of each result beyond this call; the operator reads it before choosing."""
    words, formats = words_of(request), formats_of(request)
    today = formats.local(request.app[DEPS].clock.now()).date()
    days = blocked_days(CampaignKind.CONSUMER, None, today) or 0
    until = formats.date(today + timedelta(days=days))
    return {
        Result.NOT_TODAY: words("result_effect.not_today", date=until),
        Result.NO_MORE_CALLS: words("result_effect.no_more_calls"),
    }


def _link_name(request: web.Request) -> str:
    """Return the key by which tabs share a socket: a digest of the sign-in, and the language."""
    secret = signed_in(request).session.form_token.encode()
    return f"{hashlib.sha256(secret).hexdigest()[:12]}-{words_of(request).language}"


@needs(Right.WORK_AT_SEAT)
async def result(request: web.Request) -> web.StreamResponse:
    """``POST /desk/result``: the result of the call that ended."""
    form = await request.post()
    try:
        chosen = Result(str(form.get("result", "")))
    except ValueError:
        raise InputError(words_of(request)("desk.choose")) from None
    moment = str(form.get("callback_at", "")).strip()
    later = Later(moment, is_anyone="callback_anyone" in form) if moment else None
    await request.app[DEPS].desk.choose_result(own_seat(request), chosen, later)
    return await desk(request) if is_fragment(request) else go(request, "/desk")


@needs(Right.WORK_AT_SEAT)
async def call(request: web.Request) -> web.StreamResponse:
    """``POST /desk/call`` with ``preview``, the offer that was read: call that lead, never another."""
    read = preview_read(request, (await request.post()).get("preview"))
    await request.app[DEPS].desk.call(own_seat(request), read)
    return await desk(request) if is_fragment(request) else go(request, "/desk")


@needs(Right.WORK_AT_SEAT)
async def skip(request: web.Request) -> web.StreamResponse:
    """``POST /desk/skip`` with ``preview``, the offer that was read: skip that lead, with a reason."""
    form = await request.post()
    read, reason = preview_read(request, form.get("preview")), skip_reason(request, form.get("reason"))
    await request.app[DEPS].desk.skip(own_seat(request), read, reason)
    return await desk(request) if is_fragment(request) else go(request, "/desk")


def preview_read(request: web.Request, given: object) -> PreviewId:
    """Return the offer the operator had read; InputError when the request names none."""
    try:
        return PreviewId(int(str(given)))
    except ValueError:
        raise InputError(words_of(request)("desk.no_preview")) from None


def skip_reason(request: web.Request, text: object) -> SkipReason:
    """Return the reason; InputError when the request names none."""
    try:
        return SkipReason(str(text))
    except ValueError:
        raise InputError(words_of(request)("desk.skip_why")) from None


@needs(Right.WORK_AT_SEAT)
async def end(request: web.Request) -> web.StreamResponse:
    """``POST /desk/end`` with ``since``, the begin of the conversation shown: end it, never another."""
    given = str((await request.post()).get("since", ""))
    since = count_in(given)
    if given and since is None:  # it is not known which call was meant: end none
        raise web.HTTPBadRequest
    request.app[DEPS].own_call.end(own_seat(request), since)
    return await desk(request) if is_fragment(request) else go(request, "/desk")


@needs(Right.WORK_AT_SEAT)
async def move(request: web.Request) -> web.StreamResponse:
    """``POST /desk/{pause|ready}``."""
    service = request.app[DEPS].desk
    act = service.pause if request.match_info["move"] == "pause" else service.ready
    await act(own_seat(request))
    return await desk(request) if is_fragment(request) else go(request, "/desk")


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [
        web.get("/desk", desk),
        web.post("/desk/result", result),
        web.post("/desk/call", call),
        web.post("/desk/skip", skip),
        web.get("/desk/socket", socket),
        web.post("/desk/end", end),
        web.post("/desk/{move:pause|ready}", move),
    ]
