"""The web application: routes, middleware, and an orderly end of open streams."""

import asyncio
import secrets
from typing import Final

from aiohttp import web

from telephony.web.api import v1 as api
from telephony.web.http.app_keys import ASSETS, BOOT, CLOSING, DEPS, DESKS, PAGES
from telephony.web.http.assets import shipped_assets
from telephony.web.http.desk_sockets import DeskSockets
from telephony.web.http.guards import prepare, recognise, sentences, visitors
from telephony.web.http.rendering import make_pages
from telephony.web.http.requests import well_formed
from telephony.web.http.services import WebDeps
from telephony.web.i18n.messages import words
from telephony.web.pages import desk as desk_pages
from telephony.web.pages import do_not_call as opposition_pages
from telephony.web.pages import floor as floor_pages
from telephony.web.pages import incidents as incident_pages
from telephony.web.pages import lists as list_pages
from telephony.web.pages import locks as lock_pages
from telephony.web.pages import modes as mode_pages
from telephony.web.pages import proofs as proof_pages
from telephony.web.pages import recordings as recording_pages
from telephony.web.pages import results as result_pages
from telephony.web.pages import ring_limits as withdrawing_pages
from telephony.web.pages import sign_in
from telephony.words import LANGUAGES, english

BODY_LIMIT: Final = 64 * 1024
"""Bytes of a form or a JSON body; list files are read piece by piece and have their own limit."""
_FOR_EVER: Final = "public, max-age=31536000, immutable"


def make_app(deps: WebDeps) -> web.Application:
    """Return the application; the caller runs it.

    Args:
        deps: every service the pages use.
    """
    for language in LANGUAGES:
        words(language)
    app = web.Application(middlewares=[visitors, sentences, recognise, well_formed], client_max_size=BODY_LIMIT)
    app[DEPS] = deps
    app[ASSETS] = shipped_assets()
    app[PAGES] = make_pages()
    app[CLOSING] = asyncio.Event()
    app[DESKS] = DeskSockets()
    app[BOOT] = secrets.token_hex(4)
    app.on_response_prepare.append(prepare)
    app.on_shutdown.append(_close_streams)
    app.add_routes(
        [
            web.get("/", sign_in.home),
            web.get("/sign-in", sign_in.show),
            web.post("/sign-in", sign_in.sign_in),
            web.post("/sign-out", sign_in.sign_out),
            web.post("/preferences", sign_in.preferences),
            web.get("/healthz", health),
            web.get("/static/{name:.+}", static),
        ]
    )
    for part in (
        floor_pages,
        mode_pages,
        withdrawing_pages,
        lock_pages,
        incident_pages,
        list_pages,
        opposition_pages,
        proof_pages,
        recording_pages,
        result_pages,
        desk_pages,
        api,
    ):
        app.add_routes(part.routes())
    return app


async def health(request: web.Request) -> web.StreamResponse:
    """``GET /healthz``: 200 while pages are served; ``degraded``, with the reason, while calls are blocked."""
    view = request.app[DEPS].floor.view()
    links = {link.node: "up" if link.is_connected else "down" for link in view.links}
    blocked = None if view.blocked is None else english(view.blocked)
    is_ok = blocked is None and all(link == "up" for link in links.values())
    return web.json_response({"status": "ok" if is_ok else "degraded", "links": links, "blocked": blocked})


async def static(request: web.Request) -> web.StreamResponse:
    """``GET /static/…``: a file looked up by name among those read at start."""
    asset = request.app[ASSETS].get(request.match_info["name"])
    if asset is None:
        raise web.HTTPNotFound
    is_current = str(request.rel_url) == asset.address
    headers = {"Content-Type": asset.kind, "Cache-Control": _FOR_EVER if is_current else "no-cache"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(
            body=asset.gzipped, headers={**headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        )
    return web.Response(body=asset.body, headers={**headers, "Vary": "Accept-Encoding"})


async def _close_streams(app: web.Application) -> None:
    app[CLOSING].set()
