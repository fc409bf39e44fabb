"""Missing results: conversations whose operator gave no result; another person gives it."""

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
    """``POST /results/{attempt}`` with ``result``; 409 when there is one already, 422 for an unknown result."""
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
    names = {campaign.campaign_id: campaign.name for campaign in await deps.campaigns.all()} if missing else {}
    people = {seat.operator_id: seat.operator for seat in deps.floor.view().seats}
    rows = [
        {
            "id": attempt.attempt_id,
            "at": attempt.ended_at or attempt.started_at,
            "seat": attempt.seat,
            "operator": people.get(attempt.operator_id, ""),
            "campaign": names.get(attempt.campaign_id, ""),
            "talked_s": (
                (attempt.ended_at or attempt.started_at) - (attempt.connected_at or attempt.started_at)
            ).total_seconds(),
        }
        for attempt in missing
    ]
    return page(request, "results_due.html", status=status, rows=rows, results=list(Result), error=error)


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [
        web.get("/results", results),
        web.post(r"/results/{attempt:[0-9a-f-]{36}}", give),
    ]
