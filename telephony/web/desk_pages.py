"""The operator's own page: state, the result to choose, pause. Never a number, full or partial (I8)."""

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.attempts import Result
from telephony.domain.callbacks import Later
from telephony.domain.operators import OperatorState
from telephony.errors import InputError
from telephony.ids import OperatorId
from telephony.web.access import needs, signed_in
from telephony.web.answers import NO_STORE, go, is_fragment, page
from telephony.web.floor_display import show_seat
from telephony.web.keys import DEPS
from telephony.web.preferences import formats_of, words_of


def own_seat(request: web.Request) -> OperatorId:
    """Return the operator who asks; InputError when the account was given no seat."""
    operator = signed_in(request).operator
    if operator is None:
        raise InputError(words_of(request)("desk.no_seat"))
    return operator.operator_id


@needs(Right.WORK_AT_SEAT)
async def desk(request: web.Request) -> web.StreamResponse:
    """``GET /desk``; with ``seen``, 204 while nothing changed since, so that no half-made choice is wiped away."""
    seat = request.app[DEPS].desk.seat_of(own_seat(request))
    seen = f"{seat.state}-{seat.since_at.timestamp():.3f}"
    if is_fragment(request) and request.query.get("seen") == seen:
        return web.Response(status=204, headers=NO_STORE)
    return page(
        request,
        "desk_seat.html" if is_fragment(request) else "desk.html",
        seat=show_seat(seat, formats_of(request)),
        seen=seen,
        states=OperatorState,
        results=list(Result),
        now_ms=round(request.app[DEPS].clock.now().timestamp() * 1000),
    )


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
        web.post("/desk/{move:pause|ready}", move),
    ]
