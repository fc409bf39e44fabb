"""Locking the floor in one action; terminating the calls in progress in a second one; unlocking with a reason.

The lock is in force as soon as it is stored; the banner comes with the next snapshot of the floor. Campaigns and seats
are locked on the command line; their calls can be terminated, and they can be unlocked, here too.
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
    """``POST /lock``: lock the whole floor at once; a reason is optional. Calls in progress finish."""
    reason = str((await request.post()).get("reason", ""))
    by = signed_in(request).account.display_name
    await request.app[DEPS].locks.lock(LockScope.SITE, SITE, by, reason)
    return go(request, "/floor")


@needs(Right.LOCK)
async def end_calls(request: web.Request) -> web.StreamResponse:
    """``POST /lock/calls`` with ``scope`` and ``target`` of a lock in force: terminate its calls too."""
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
        raise InputError("unknown scope of a lock; choose site, campaign or seat") from error


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [web.post("/lock", lock), web.post("/lock/calls", end_calls), web.post("/unlock", unlock)]
