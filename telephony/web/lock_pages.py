"""Locking the room from the floor, in one action, and unlocking it with a reason.

The lock holds from the moment it is stored; the banner comes with the next picture of the floor. Campaigns and seats
are locked on the command line and unlocked here too.
"""

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.locks import SITE, LockScope
from telephony.errors import InputError
from telephony.web.access import needs, signed_in
from telephony.web.answers import go
from telephony.web.keys import DEPS


@needs(Right.LOCK)
async def lock(request: web.Request) -> web.StreamResponse:
    """``POST /lock``: the whole room, at once; a reason may be said and need not be."""
    reason = str((await request.post()).get("reason", ""))
    by = signed_in(request).account.display_name
    await request.app[DEPS].locks.lock(LockScope.SITE, SITE, by, reason)
    return go(request, "/floor")


@needs(Right.LOCK)
async def unlock(request: web.Request) -> web.StreamResponse:
    """``POST /unlock`` with ``scope``, ``target`` and ``reason``; 409 without a reason."""
    form = await request.post()
    try:
        scope = LockScope(str(form.get("scope", LockScope.SITE)))
    except ValueError as error:
        raise InputError("a lock is of the site, a campaign or a seat") from error
    by = signed_in(request).account.display_name
    await request.app[DEPS].locks.unlock(scope, str(form.get("target", SITE)), by, str(form.get("reason", "")))
    return go(request, "/floor")


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [web.post("/lock", lock), web.post("/unlock", unlock)]
