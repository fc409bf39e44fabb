"""What a request may contain: valid text, figures of a sensible size, a body of the type it claims.

Anything else is refused with 400 and a message before a page sees it. What a field means, and which values it may
have, each page decides.
"""

import json
import math
from collections.abc import Iterable
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

LARGEST: Final = 2**63 - 1
"""The largest figure that is accepted: a database holds nothing larger."""
DEEPEST: Final = 20
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_BROKEN: Final = (ValueError, LookupError, RuntimeError, AssertionError)
"""What reading a malformed body raises: an unknown charset, parts without an end."""


def is_text(text: str) -> bool:
    """Return True if every database and page can hold the text: no NUL, no half character."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


@web.middleware
async def well_formed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what cannot be read; a form is read here once, so pages can rely on it."""
    address = (request.rel_url.path, *request.match_info.values())
    _refuse_unless(are_texts(address) and are_texts(request.query) and are_texts(request.query.values()))
    if request.method == "POST" and request.content_type in _FORMS and request.rel_url.path != "/lists":
        try:
            form = await request.post()
        except _BROKEN as error:
            raise web.HTTPBadRequest from error
        _refuse_unless(are_texts(form) and are_texts(value for value in form.values() if isinstance(value, str)))
    return await handler(request)


async def json_body(request: web.Request) -> dict[str, Any]:
    """Return the JSON object of a request; 400 when there is none or it is not usable."""
    try:
        body = json.loads(await request.text())
    except (*_BROKEN, RecursionError) as error:
        raise web.HTTPBadRequest from error
    _refuse_unless(isinstance(body, dict) and is_usable(body))
    return dict(body)


def is_usable(value: Any, depth: int = 0) -> bool:
    """Return True if a JSON value has only texts, figures of a sensible size, and not too many levels."""
    if depth > DEEPEST:
        return False
    match value:
        case str():
            return is_text(value)
        case bool() | None:
            return True
        case int():
            return abs(value) <= LARGEST
        case float():
            return math.isfinite(value) and abs(value) <= LARGEST
        case list():
            return all(is_usable(item, depth + 1) for item in value)
        case _:
            return all(is_text(key) and is_usable(item, depth + 1) for key, item in value.items())


def count_in(text: str) -> int | None:
    """Return the count written in decimal digits 0 to 9, None for anything else."""
    is_count = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST)) and int(text) <= LARGEST
    return int(text) if is_count else None


def are_texts(texts: Iterable[str]) -> bool:
    """Return True if each is valid text."""
    return all(is_text(text) for text in texts)


def _refuse_unless(is_so: bool) -> None:
    if not is_so:
        raise web.HTTPBadRequest
