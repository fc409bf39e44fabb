"""The keys of what the application and each request hold for handlers."""

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
"""Set when the server stops; open streams then end at once."""
DESKS: Final = web.AppKey("desks", DeskSockets)
"""The open sockets of the desks."""
BOOT: Final = web.AppKey("boot", str)
"""Random id of this run: versions of different runs are not compared."""

WHO: Final = web.RequestKey("who", SignedIn)
"""Set when the request carries a valid sign-in."""
