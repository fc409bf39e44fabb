"""Forged requests: every form and every htmx post carries a token that another site cannot know.

After sign-in it is the token of the session; before, it is a random cookie that must come back in the form. The
browser's ``Origin`` must be ours too. Signing in by JSON needs no token: no foreign form can send its content type.
"""

import hmac
import secrets
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from telephony.services.people.accounts import SignedIn
from telephony.web.http.app_keys import WHO

FIELD: Final = "form_token"
HEADER: Final = "X-CSRF-Token"
COOKIE: Final = "visitor"
_VISITOR: Final = web.RequestKey("visitor", str)
FOREIGN: Final = "foreign_origin"
"""The rule that a request from another site's page breaks."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def form_token(request: web.Request) -> str:
    """Return the token that the forms of this response must carry."""
    who: SignedIn | None = request.get(WHO)
    if who is not None:
        return who.session.form_token
    known: str | None = request.cookies.get(COOKIE) or request.get(_VISITOR)
    if known is None or len(known) < 32:
        known = secrets.token_urlsafe(32)
    request[_VISITOR] = known
    return known


def keep_visitor(request: web.Request, response: web.StreamResponse, *, is_secure: bool) -> None:
    """Send the visitor's token if one was made for this response."""
    made = request.get(_VISITOR)
    if made is not None and request.cookies.get(COOKIE) != made:
        response.set_cookie(COOKIE, made, path="/", httponly=True, samesite="Strict", secure=is_secure)


async def forgery(request: web.Request) -> str | None:
    """Return the rule that an unsafe request breaks, or None if it breaks none."""
    if request.method in _SAFE:
        return None
    if is_foreign(request):
        return FOREIGN
    if request.rel_url.path == "/api/v1/sign-in":
        return None if request.content_type == "application/json" else "not_json"
    who = request.get(WHO)
    expected = who.session.form_token if who else request.cookies.get(COOKIE, "")
    given = request.headers.get(HEADER)
    if given is None and request.content_type == "application/x-www-form-urlencoded":
        given = str((await request.post()).get(FIELD, ""))
    if not expected or not hmac.compare_digest(_bytes(given or ""), _bytes(expected)):
        return "form_token"
    return None


def is_foreign(request: web.Request) -> bool:
    """Return True if the browser names another site as the origin; an unreadable origin counts as another site."""
    origin = request.headers.get("Origin")
    try:
        return origin is not None and urlsplit(origin).netloc != request.host
    except ValueError:
        return True


def _bytes(text: str) -> bytes:
    """Return the bytes that were sent: a header may contain bytes that are not text."""
    return text.encode("utf-8", "surrogatepass")
