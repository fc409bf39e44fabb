"""Incidents: open and closed; one person states the cause, a second person approves it and closes the incident."""

from datetime import datetime

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.rules.whitelist import is_same_person
from telephony.domain.text.visible import says_something
from telephony.errors import InputError
from telephony.web.http.access import needs, signed_in
from telephony.web.http.app_keys import DEPS
from telephony.web.http.preferences import words_of
from telephony.web.http.responses import go, page
from telephony.web.i18n.translations import incident, why


@needs(Right.SEE_FLOOR)
async def incidents(request: web.Request) -> web.StreamResponse:
    """``GET /incidents``: open ones first."""
    return await _page(request)


@needs(Right.CLOSE_INCIDENTS)
async def close(request: web.Request) -> web.StreamResponse:
    """``POST /incidents/{id}/close`` with ``reason``, which a second person must approve; 422 without one."""
    incident_id, form = int(request.match_info["incident"]), await request.post()
    reason = str(form.get("reason", ""))
    if not says_something(reason):
        return await _page(request, error=words_of(request)("incidents.no_reason"), status=422)
    try:
        await request.app[DEPS].incidents.explain(incident_id, signed_in(request).account, reason)
    except InputError as error:
        if type(error) is not InputError:
            raise
        return await _page(request, error=why(words_of(request), error), status=422)
    return go(request, "/incidents")


@needs(Right.CLOSE_INCIDENTS)
async def approve(request: web.Request) -> web.StreamResponse:
    """``POST /incidents/{id}/approve`` with ``cause``, the time of the cause that was read; 409 for who stated it."""
    incident_id, read = int(request.match_info["incident"]), _moment((await request.post()).get("cause"))
    await request.app[DEPS].incidents.close(incident_id, signed_in(request).account, read)
    return go(request, "/incidents")


def _moment(given: object) -> datetime | None:
    """Return the time in a form; None, which matches no cause, when there is none."""
    try:
        return datetime.fromisoformat(str(given))
    except ValueError:
        return None


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    rows = await request.app[DEPS].incidents.recent()
    is_open = [row for row in rows if row.is_open]
    closed = [row for row in rows if not row.is_open]
    me, t = signed_in(request).account.username, words_of(request)
    return page(
        request,
        "incidents.html",
        status=status,
        is_open=is_open,
        closed=closed,
        is_own=lambda row: any(is_same_person(first, me) for first in (row.explained_by, row.typed_by)),
        say=lambda row: incident(t, row),
        error=error,
    )


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [
        web.get("/incidents", incidents),
        web.post(r"/incidents/{incident:[0-9]{1,18}}/close", close),
        web.post(r"/incidents/{incident:[0-9]{1,18}}/approve", approve),
    ]
