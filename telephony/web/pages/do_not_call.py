"""Do-not-call lists: the lists in force, requests to revoke a list or remove a number, approval by a second person.

The page and the API do the same with the same rights: who may approve may also request, and nobody approves their own
request. Lists are loaded on the command line. Numbers are never shown whole.
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
    """``POST /opposition/withdrawals/{withdrawal}/approve``; 409 for one's own request, or when none waits."""
    await _approve(request)
    return go(request, "/opposition")


@needs(Right.APPROVE)
async def drop(request: web.Request) -> web.StreamResponse:
    """``POST /opposition/withdrawals/{withdrawal}/drop``; 409 when no request waits."""
    await _drop(request)
    return go(request, "/opposition")


@needs(Right.SEE_LISTS)
async def api_lists(request: web.Request) -> web.StreamResponse:
    """``GET /api/v1/opposition``: the lists and the requests, oldest first."""
    service = request.app[DEPS].do_not_call
    lists, wishes = await service.all(), await service.withdrawals()
    return as_json({"lists": [_list(row) for row in lists], "withdrawals": [_wish(removal) for removal in wishes]})


@needs(Right.APPROVE)
async def api_withdraw(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/opposition/{list}/withdraw`` with ``{"reason": …, "entry": ""}``; the list stays in force."""
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
        names={row.list_id: row.name for row in lists},
        waiting=[removal for removal in wishes if removal.is_waiting],
        settled=[removal for removal in reversed(wishes) if not removal.is_waiting],
        is_own=lambda removal: is_same_person(removal.asked_by, username),
        error=error,
    )


def _list(row: DoNotCallList) -> dict[str, Any]:
    return {
        "list_id": row.list_id,
        "name": row.name,
        "client_company": row.client_company,
        "entries": row.entries,
        "loaded_by": row.loaded_by,
        "loaded_at": row.loaded_at.isoformat(),
        "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
    }


def _wish(removal: DoNotCallRemoval) -> dict[str, Any]:
    return {
        "withdrawal_id": removal.withdrawal_id,
        "list_id": removal.list_id,
        "entry": removal.shown,
        "asked_by": removal.asked_by,
        "asked_at": removal.asked_at.isoformat(),
        "reason": removal.reason,
        "approved_by": removal.approved_by or "",
        "dropped_by": removal.dropped_by or "",
        "is_waiting": removal.is_waiting,
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
