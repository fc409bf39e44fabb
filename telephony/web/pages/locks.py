"""Locking the room from the floor, in one action; ending the calls under way, in a second; unlocking with a reason.

The lock holds from the moment it is stored; the banner comes with the next picture of the floor. Campaigns and seats
are locked on the command line; their calls are ended and they are unlocked here too.
"""

from collections.abc import Mapping

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.security.locks import SITE, LockScope
from telephony.errors import InputError
from telephony.web.http.access import needs, signed_in
from telephony.web.http.app_keys import DEPS
from telephony.web.http.responses import go


@needs(Right.LOCK)
async def lock(request: web.Request) -> web.StreamResponse:
    """``POST /lock``: the whole room, at once; a reason may be said and need not be. Calls under way finish."""
    reason = str((await request.post()).get("reason", ""))
    by = signed_in(request).account.display_name
    await request.app[DEPS].locks.lock(LockScope.SITE, SITE, by, reason)
    return go(request, "/floor")


@needs(Right.LOCK)
async def end_calls(request: web.Request) -> web.StreamResponse:
    """``POST /lock/calls`` with ``scope`` and ``target`` of a lock in force: the second act, its calls end too."""
    form = await request.post()
    by = signed_in(request).account.display_name
    await request.app[DEPS].locks.end_calls(_scope(form), str(form.get("target", SITE)), by)
    return go(request, "/floor")


@needs(Right.LOCK)
async def unlock(request: web.Request) -> web.StreamResponse:
    """``POST /unlock`` with ``scope``, ``target`` and ``reason``; 409 without a reason."""
    form = await request.post()
    by = signed_in(request).account.display_name
    await request.app[DEPS].locks.unlock(_scope(form), str(form.get("target", SITE)), by, str(form.get("reason", "")))
    return go(request, "/floor")


def _scope(form: Mapping[str, object]) -> LockScope:
    try:
        return LockScope(str(form.get("scope", LockScope.SITE)))
    except ValueError as error:
        raise InputError("a lock is of the site, a campaign or a seat") from error


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [web.post("/lock", lock), web.post("/lock/calls", end_calls), web.post("/unlock", unlock)]
