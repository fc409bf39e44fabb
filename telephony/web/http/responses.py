"""Responses: a page with the values every page gets, a fragment for htmx, a redirect, JSON.

An error is never content: htmx gets only the message, marked as ours. The page shows it beside the form or part that
asked (``static/answers.js``) and stays as it is.
"""

import json
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from telephony.domain.accounts import Right, may
from telephony.web.http.app_keys import PAGES, WHO
from telephony.web.http.csrf import form_token
from telephony.web.http.preferences import formats_of, language_of, theme_of, words_of

_HTML: Final = "text/html"
LONGEST_ADDRESS: Final = 2000
"""The most characters of an address to redirect to; clients and proxies refuse headers of eight thousand."""
NO_STORE: Final = {"Cache-Control": "no-store"}
OURS: Final = "X-Problem"
"""Header that marks our own message; the page of a proxy is not shown."""
FIELD: Final = "X-Problem-Field"
"""Header that names the form's field a message is about."""


def page(request: web.Request, name: str, *, status: int = 200, **context: object) -> web.Response:
    """Render the template ``name`` for the account of the request.

    Every template gets ``t`` (words), ``f`` (formats), ``who``, ``may`` (True if the account has a right),
    ``language``, ``theme``, ``form_token`` and ``path``.
    """
    if status >= 400 and is_htmx(request):
        return problem(request, status, str(context.get("error", "")), str(context.get("error_field", "")))
    return _rendered(request, name, status, context)


def _rendered(request: web.Request, name: str, status: int, context: Mapping[str, object]) -> web.Response:
    who = request.get(WHO)
    known: dict[str, object] = {
        "t": words_of(request),
        "f": formats_of(request),
        "who": who,
        "may": lambda right: who is not None and may(who.account.role, Right(right)),
        "language": language_of(request),
        "theme": theme_of(request),
        "form_token": form_token(request),
        "path": request.rel_url.path,
        "address": str(request.rel_url) if request.method == "GET" else "/",
    }
    text = request.app[PAGES].text(name, {**known, **context})
    return web.Response(text=text, status=status, content_type=_HTML, headers=NO_STORE)


def is_htmx(request: web.Request) -> bool:
    """Return True if htmx sent the request, for part of a page or, from a boosted form, for a whole page."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def is_fragment(request: web.Request) -> bool:
    """Return True if htmx asks for part of a page, not for a whole page."""
    return is_htmx(request) and "HX-Boosted" not in request.headers


def is_api(request: web.Request) -> bool:
    """Return True if a program asks and the answer is JSON."""
    return request.rel_url.path.startswith("/api/")


def go(request: web.Request, address: str) -> web.Response:
    """Redirect the browser to another page of this site."""
    if is_htmx(request):
        return web.Response(status=204, headers={"HX-Redirect": address, **NO_STORE})
    return web.Response(status=303, headers={"Location": address, **NO_STORE})


def local_address(text: str | None) -> str:
    """Return ``text`` if it is an address of this site, else the home page: no open redirect."""
    if text is None or len(text) > LONGEST_ADDRESS or not text.isprintable():
        return "/"
    return text if text.startswith("/") and not text.startswith(("//", "/\\")) else "/"


def as_json(value: Mapping[str, object], *, status: int = 200) -> web.Response:
    """Return a JSON response that people can read too: accented letters are not escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return web.json_response(text=text, status=status, headers=NO_STORE)


def problem(request: web.Request, status: int, sentence: str, field: str = "", **more: object) -> web.Response:
    """Return an error with a message: as a page, a fragment or JSON, whichever was requested.

    Args:
        request: the request that failed.
        status: 400 or more.
        sentence: what failed, why, and what to do.
        field: id of the form's field it is about, "" for none.
        more: further values for a program, or for the page.
    """
    if is_api(request):
        return as_json({"error": sentence, **more}, status=status)
    context = {"sentence": sentence, "status_code": status, **more}
    if not is_htmx(request):
        return _rendered(request, "problem.html", status, context)
    response = _rendered(request, "problem_fragment.html", status, context)
    response.headers[OURS] = "said"
    if field:
        response.headers[FIELD] = field
    return response
