"""The names under which the application and each request keep what handlers need."""

import asyncio
from typing import Final

from aiohttp import web

from telephony.services.people.accounts import SignedIn
from telephony.web.http.assets import Assets
from telephony.web.http.desk_sockets import DeskSockets
from telephony.web.http.rendering import Pages
from telephony.web.http.services import WebDeps

DEPS: Final = web.AppKey("deps", WebDeps)
PAGES: Final = web.AppKey("pages", Pages)
ASSETS: Final = web.AppKey("assets", Assets)
CLOSING: Final = web.AppKey("closing", asyncio.Event)
"""Set when the server stops, so that open streams end at once."""
DESKS: Final = web.AppKey("desks", DeskSockets)
"""The desks' open sockets."""
BOOT: Final = web.AppKey("boot", str)
"""Random word of this run: versions of another run are not compared with this one's."""

WHO: Final = web.RequestKey("who", SignedIn)
"""Set when the request carries a sign-in that holds."""
