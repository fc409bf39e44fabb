"""Making answers: a page with what every page is told, a fragment for htmx, a redirection, JSON.

An error answer is never content: whatever htmx asked, it gets the sentence alone, marked as ours, which the page says
beside what was asked (``static/answers.js``); the page itself stays as it is.
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
"""Characters of an address a browser is sent to; clients and proxies refuse headers of eight thousand."""
NO_STORE: Final = {"Cache-Control": "no-store"}
OURS: Final = "X-Problem"
"""Header of a sentence of ours; what a proxy says in our place is not repeated."""
FIELD: Final = "X-Problem-Field"
"""Header that names the field of the form a sentence is about."""


def page(request: web.Request, name: str, *, status: int = 200, **context: object) -> web.Response:
    """Render the template ``name`` for whoever asks.

    Every template is told: ``t`` (words), ``f`` (formats), ``who``, ``may`` (does the account hold a right),
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
    """Return True if htmx asks, for a part of a page or, from a form that stands in no fragment, for a whole one."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def is_fragment(request: web.Request) -> bool:
    """Return True if htmx asks for a part of a page, not the whole."""
    return is_htmx(request) and "HX-Boosted" not in request.headers


def is_api(request: web.Request) -> bool:
    """Tell whether a program asks, so that the answer is JSON."""
    return request.rel_url.path.startswith("/api/")


def go(request: web.Request, address: str) -> web.Response:
    """Send the browser to another page of ours."""
    if is_htmx(request):
        return web.Response(status=204, headers={"HX-Redirect": address, **NO_STORE})
    return web.Response(status=303, headers={"Location": address, **NO_STORE})


def local_address(text: str | None) -> str:
    """Return ``text`` when it is an address of this site, else the first page: no open redirection."""
    if text is None or len(text) > LONGEST_ADDRESS or not text.isprintable():
        return "/"
    return text if text.startswith("/") and not text.startswith(("//", "/\\")) else "/"


def as_json(value: Mapping[str, object], *, status: int = 200) -> web.Response:
    """Return JSON that people can read as well: letters stay letters."""
    text = json.dumps(value, ensure_ascii=False)
    return web.json_response(text=text, status=status, headers=NO_STORE)


def problem(request: web.Request, status: int, sentence: str, field: str = "", **more: object) -> web.Response:
    """Say no in a sentence: a page, a fragment or JSON, as it was asked.

    Args:
        request: what was asked.
        status: 400 or more.
        sentence: what, why, and what to do.
        field: id of the form's field it is about, "" when it is about none.
        more: further values for a program, or the page.
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
