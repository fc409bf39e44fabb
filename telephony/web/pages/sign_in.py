"""Signing in and out, the home page of each role, language and display."""

from typing import Final

from aiohttp import web

from telephony.domain.accounts import Role
from telephony.services.people.accounts import SignIn, SignInRefusedError
from telephony.services.people.sign_in_limits import TooManyTriesError
from telephony.web.http.access import address_of, ask_to_sign_in
from telephony.web.http.app_keys import DEPS, DESKS, WHO
from telephony.web.http.guards import cookie_name
from telephony.web.http.preferences import remember, words_of
from telephony.web.http.responses import go, local_address, page

HOME: Final = {
    Role.OPERATOR: "/desk",
    Role.SUPERVISOR: "/floor",
    Role.CAMPAIGN_MANAGER: "/floor",
    Role.COMPLIANCE: "/recordings",
    Role.ADMINISTRATOR: "/floor",
}
"""The home page of each role."""


async def home(request: web.Request) -> web.StreamResponse:
    """``/``: redirect to the home page of the role."""
    who = request.get(WHO)
    return go(request, HOME[who.account.role]) if who else ask_to_sign_in(request)


async def show(request: web.Request) -> web.StreamResponse:
    """``GET /sign-in``."""
    if WHO in request:
        return go(request, "/")
    return page(request, "sign_in.html", error="", username="", next=local_address(request.query.get("next")))


async def sign_in(request: web.Request) -> web.StreamResponse:
    """``POST /sign-in``: username, password, where to go next."""
    form = await request.post()
    username, following = str(form.get("username", "")), local_address(str(form.get("next", "/")))
    try:
        fresh = await open_session(request, username, str(form.get("password", "")))
    except (SignInRefusedError, TooManyTriesError) as error:
        status, sentence = refusal(request, error)
        return page(request, "sign_in.html", status=status, error=sentence, username=username[:64], next=following)
    response = go(request, following)
    keep_session(request, response, fresh)
    return response


async def open_session(request: web.Request, username: str, password: str) -> SignIn:
    """Check the password; an earlier session of this browser is closed."""
    deps = request.app[DEPS]
    fresh = await deps.accounts.sign_in(username, password, address_of(request))
    if former := request.cookies.get(cookie_name(request)):
        await deps.accounts.sign_out(former)
        request.app[DESKS].end(former)
    if fresh.who.operator is not None:
        deps.desk.seen(fresh.who.operator.operator_id)
    return fresh


def refusal(request: web.Request, error: SignInRefusedError | TooManyTriesError) -> tuple[int, str]:
    """Return the status and the message of a refused sign-in."""
    t = words_of(request)
    if isinstance(error, TooManyTriesError):
        minutes = max(1, -(-int(error.wait.total_seconds()) // 60))
        return 429, t.count("sign_in.wait", minutes)
    return 401, t("sign_in.refused")


def keep_session(request: web.Request, response: web.StreamResponse, fresh: SignIn) -> None:
    """Store the session in a cookie that no script can read and no other site can send."""
    web_settings = request.app[DEPS].web
    response.set_cookie(
        cookie_name(request),
        fresh.token,
        path="/",
        max_age=web_settings.session_hours * 3600,
        httponly=True,
        samesite="Strict",
        secure=web_settings.secure_cookies,
    )


async def sign_out(request: web.Request) -> web.StreamResponse:
    """``POST /sign-out``: the session is revoked on the server."""
    if token := request.cookies.get(cookie_name(request)):
        await request.app[DEPS].accounts.sign_out(token)
        request.app[DESKS].end(token)
    who = request.get(WHO)
    if who is not None and who.operator is not None:
        request.app[DEPS].desk.left(who.operator.operator_id)
    response = go(request, "/sign-in")
    response.del_cookie(
        cookie_name(request), path="/", httponly=True, samesite="Strict", secure=request.app[DEPS].web.secure_cookies
    )
    return response


async def preferences(request: web.Request) -> web.StreamResponse:
    """``POST /preferences``: language or display, then back to the page it was chosen on."""
    form = await request.post()
    response = go(request, local_address(str(form.get("back", "/"))))
    language, theme = form.get("language"), form.get("theme")
    remember(
        response,
        language=str(language) if language else None,
        theme=str(theme) if theme else None,
        is_secure=request.app[DEPS].web.secure_cookies,
    )
    return response
