"""Opposition lists: what binds, asking that a list or one number binds no more, agreeing as the second person.

The page and the API do the same by the same rights: whoever may approve may ask, and nobody approves their own wish.
Loading a list is left to the command line. Numbers are never shown whole.
"""

from typing import Any, Final

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.law.do_not_call import DoNotCallList, DoNotCallRemoval
from telephony.domain.rules.whitelist import is_same_person
from telephony.domain.text.visible import says_something
from telephony.errors import ConflictError, InputError, NotFoundError
from telephony.web.http.access import needs, signed_in
from telephony.web.http.app_keys import DEPS
from telephony.web.http.preferences import words_of
from telephony.web.http.requests import json_body
from telephony.web.http.responses import as_json, go, page
from telephony.web.i18n.translations import why

_STATUS: Final[dict[type[Exception], int]] = {NotFoundError: 404, ConflictError: 409}


@needs(Right.SEE_LISTS)
async def do_not_call(request: web.Request) -> web.StreamResponse:
    """``GET /opposition``."""
    return await _page(request)


@needs(Right.APPROVE)
async def withdraw(request: web.Request) -> web.StreamResponse:
    """``POST /opposition/{list}/withdraw`` with ``reason``, and ``entry`` for one number only; 422 without a reason."""
    form = await request.post()
    reason, entry = str(form.get("reason", "")), str(form.get("entry", ""))
    if not says_something(reason):
        return await _page(request, error=words_of(request)("opposition.no_reason"), status=422)
    try:
        await _ask(request, reason, entry)
    except (InputError, NotFoundError, ConflictError) as error:
        return await _page(request, error=why(words_of(request), error), status=_STATUS.get(type(error), 422))
    return go(request, "/opposition")


@needs(Right.APPROVE)
async def approve(request: web.Request) -> web.StreamResponse:
    """``POST /opposition/withdrawals/{withdrawal}/approve``; 409 when it is one's own, or nothing waits."""
    await _approve(request)
    return go(request, "/opposition")


@needs(Right.APPROVE)
async def drop(request: web.Request) -> web.StreamResponse:
    """``POST /opposition/withdrawals/{withdrawal}/drop``; 409 when nothing waits."""
    await _drop(request)
    return go(request, "/opposition")


@needs(Right.SEE_LISTS)
async def api_lists(request: web.Request) -> web.StreamResponse:
    """``GET /api/v1/opposition``: the lists and the withdrawals, oldest first."""
    service = request.app[DEPS].do_not_call
    lists, wishes = await service.all(), await service.withdrawals()
    return as_json({"lists": [_list(one) for one in lists], "withdrawals": [_wish(one) for one in wishes]})


@needs(Right.APPROVE)
async def api_withdraw(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/opposition/{list}/withdraw`` with ``{"reason": …, "entry": ""}``; the list binds on."""
    body = await json_body(request)
    return as_json(_wish(await _ask(request, str(body.get("reason", "")), str(body.get("entry", "")))), status=201)


@needs(Right.APPROVE)
async def api_approve(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/opposition/withdrawals/{withdrawal}/approve``."""
    return as_json(_wish(await _approve(request)))


@needs(Right.APPROVE)
async def api_drop(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/opposition/withdrawals/{withdrawal}/drop``."""
    return as_json(_wish(await _drop(request)))


async def _ask(request: web.Request, reason: str, entry: str) -> DoNotCallRemoval:
    list_id, by = int(request.match_info["list"]), signed_in(request).account.username
    return await request.app[DEPS].do_not_call.ask_withdrawal(list_id, by=by, reason=reason, entry=entry)


async def _approve(request: web.Request) -> DoNotCallRemoval:
    withdrawal_id, who = int(request.match_info["withdrawal"]), signed_in(request).account
    return await request.app[DEPS].do_not_call.approve_withdrawal(withdrawal_id, who)


async def _drop(request: web.Request) -> DoNotCallRemoval:
    withdrawal_id, by = int(request.match_info["withdrawal"]), signed_in(request).account.username
    return await request.app[DEPS].do_not_call.drop_withdrawal(withdrawal_id, by)


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    service, username = request.app[DEPS].do_not_call, signed_in(request).account.username
    lists, wishes = await service.all(), await service.withdrawals()
    return page(
        request,
        "opposition.html",
        status=status,
        lists=lists,
        names={one.list_id: one.name for one in lists},
        waiting=[one for one in wishes if one.is_waiting],
        settled=[one for one in reversed(wishes) if not one.is_waiting],
        is_own=lambda one: is_same_person(one.asked_by, username),
        error=error,
    )


def _list(one: DoNotCallList) -> dict[str, Any]:
    return {
        "list_id": one.list_id,
        "name": one.name,
        "client_company": one.client_company,
        "entries": one.entries,
        "loaded_by": one.loaded_by,
        "loaded_at": one.loaded_at.isoformat(),
        "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
    }


def _wish(one: DoNotCallRemoval) -> dict[str, Any]:
    return {
        "withdrawal_id": one.withdrawal_id,
        "list_id": one.list_id,
        "entry": one.shown,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at.isoformat(),
        "reason": one.reason,
        "approved_by": one.approved_by or "",
        "dropped_by": one.dropped_by or "",
        "is_waiting": one.is_waiting,
    }


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    of_list, of_wish = r"/opposition/{list:[0-9]{1,18}}", r"/opposition/withdrawals/{withdrawal:[0-9]{1,18}}"
    api = "/api/v1"
    return [
        web.get("/opposition", do_not_call),
        web.post(f"{of_list}/withdraw", withdraw),
        web.post(f"{of_wish}/approve", approve),
        web.post(f"{of_wish}/drop", drop),
        web.get(f"{api}/opposition", api_lists),
        web.post(f"{api}{of_list}/withdraw", api_withdraw),
        web.post(f"{api}{of_wish}/approve", api_approve),
        web.post(f"{api}{of_wish}/drop", api_drop),
    ]
