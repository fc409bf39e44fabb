"""Middleware of every request: account, forged posts, error messages, security headers."""

import secrets
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from telephony.domain.calls.operators import IllegalOperatorEventError
from telephony.domain.text.reason import ReasonError
from telephony.errors import (
    ArchiveError,
    ConflictError,
    InputError,
    NotFoundError,
    StoreError,
    StoreUnavailableError,
    TelephonyError,
    UnreadableRowError,
    UnstorableError,
    places,
)
from telephony.services.calls.own_call import NoCallError
from telephony.services.preview.desk import PreviewError
from telephony.services.recordings.playback import ReasonMissingError
from telephony.services.rules.callback_promises import CallbackError
from telephony.web.http.access import address_of
from telephony.web.http.app_keys import DEPS, WHO
from telephony.web.http.csrf import forgery, keep_visitor
from telephony.web.http.preferences import words_of
from telephony.web.http.responses import problem
from telephony.web.i18n.translations import why

log = structlog.get_logger(__name__)

SESSION_COOKIE: Final = "session"
_OPEN: Final = ("/static/", "/healthz")
"""Answered without checking the sign-in."""

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; worker-src 'self'; media-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

STATUS: Final[tuple[tuple[type[TelephonyError], int], ...]] = (
    (ReasonMissingError, 403),
    (NotFoundError, 404),
    (ConflictError, 409),
    (InputError, 409),
    (UnstorableError, 400),
    (UnreadableRowError, 409),
    (StoreError, 503),
    (ArchiveError, 404),
)
"""The status of an error: the first class that matches."""

SENTENCES: Final[tuple[tuple[type[TelephonyError], str], ...]] = (
    (ReasonMissingError, "problem.reason_missing"),
    (IllegalOperatorEventError, "problem.not_now"),
    (PreviewError, "problem.said"),
    (NoCallError, "problem.said"),
    (CallbackError, "problem.said"),
    (NotFoundError, "problem.http_404"),
    (StoreUnavailableError, "problem.store_down"),
)
"""Errors with their own text on pages; for any other the page says that nothing was done, and why."""


_WITH_WHY: Final = frozenset({"problem.refused", "problem.said"})


@web.middleware
async def visitors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give a browser that is not signed in the token its forms must send back."""
    response = await handler(request)
    if not response.prepared:
        keep_visitor(request, response, is_secure=request.app[DEPS].web.secure_cookies)
    return response


@web.middleware
async def sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into messages people can act on."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        key = f"problem.http_{error.status}"
        t = words_of(request)
        return problem(request, error.status, t(key if t.has(key) else "problem.http_400"))
    except TelephonyError as error:
        status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
        key = next((key for kind, key in SENTENCES if isinstance(error, kind)), "problem.refused")
        t = words_of(request)
        more = {"code": error.why.code} if isinstance(error, ReasonError) else {}
        return problem(request, status, t(key, why=why(t, error)) if key in _WITH_WHY else t(key), **more)
    except ConnectionError:
        raise
    except Exception as error:  # noqa: BLE001 - the request's outermost frame: one broken page must not take the others down
        reference = secrets.token_hex(4)
        # Class and frames, never the error's text: it may quote what a person typed.
        log.error(
            "page_failed",
            reference=reference,
            route=_route(request),
            kind=type(error).__name__,
            traceback=places(error, frames=12),
        )
        return problem(request, 500, words_of(request)("problem.http_500", reference=reference))


@web.middleware
async def recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Identify the account, and refuse what another site may have forged."""
    if request.rel_url.path.startswith(_OPEN):
        return await handler(request)
    accounts = request.app[DEPS].accounts
    token = request.cookies.get(cookie_name(request))
    who = await accounts.signed_in(token) if token else None
    if who is not None:
        request[WHO] = who
    broken = await forgery(request)
    if broken is not None:
        await accounts.refuse(who, broken, address_of(request))
        return problem(request, 403, words_of(request)("problem.forged"), rule=broken)
    if who is None or who.operator is None:
        return await handler(request)
    # A seat gets calls while its operator sends requests; an open connection of the desk counts while it is open.
    with request.app[DEPS].desk.connected(who.operator.operator_id):
        return await handler(request)


async def prepare(_request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on every response."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.pop("Server", None)


def cookie_name(request: web.Request) -> str:
    """Return the name of the session cookie; the HTTPS prefix prevents other hosts of the domain from setting it."""
    return f"__Host-{SESSION_COOKIE}" if request.app[DEPS].web.secure_cookies else SESSION_COOKIE


def _route(request: web.Request) -> str:
    """Return the pattern of the route, never the address: a query may contain digits of a telephone number."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""
