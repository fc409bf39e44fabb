"""Results nobody gave: conversations whose operator could not say what came of them; somebody else does."""

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.calls.attempts import Result
from telephony.ids import AttemptId
from telephony.web.http.access import needs, signed_in
from telephony.web.http.app_keys import DEPS
from telephony.web.http.preferences import words_of
from telephony.web.http.responses import go, page


@needs(Right.GIVE_RESULTS)
async def results(request: web.Request) -> web.StreamResponse:
    """``GET /results``: ended conversations without a result, newest first."""
    return await _page(request)


@needs(Right.GIVE_RESULTS)
async def give(request: web.Request) -> web.StreamResponse:
    """``POST /results/{attempt}`` with ``result``; 409 when it has one already, 422 for no result there is."""
    chosen = str((await request.post()).get("result", ""))
    try:
        result = Result(chosen)
    except ValueError:
        return await _page(request, error=words_of(request)("results_due.choose"), status=422)
    attempt_id = AttemptId(request.match_info["attempt"])
    await request.app[DEPS].results.give(attempt_id, result, signed_in(request).account.username)
    return go(request, "/results")


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    deps = request.app[DEPS]
    missing = await deps.results.missing()
    names = {one.campaign_id: one.name for one in await deps.campaigns.all()} if missing else {}
    people = {one.operator_id: one.operator for one in deps.floor.view().seats}
    rows = [
        {
            "id": one.attempt_id,
            "at": one.ended_at or one.started_at,
            "seat": one.seat,
            "operator": people.get(one.operator_id, ""),
            "campaign": names.get(one.campaign_id, ""),
            "talked_s": ((one.ended_at or one.started_at) - (one.connected_at or one.started_at)).total_seconds(),
        }
        for one in missing
    ]
    return page(request, "results_due.html", status=status, rows=rows, results=list(Result), error=error)


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [
        web.get("/results", results),
        web.post(r"/results/{attempt:[0-9a-f-]{36}}", give),
    ]
