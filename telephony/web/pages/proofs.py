"""Proofs: the proved days, one proof with its gaps first, its document, and a proof on demand."""

from datetime import date

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.evidence.proof_document import ALL_MATCH
from telephony.errors import InputError, NotFoundError
from telephony.services.evidence.proofs import Shown, file_name
from telephony.web.http.access import needs, signed_in
from telephony.web.http.app_keys import DEPS
from telephony.web.http.preferences import words_of
from telephony.web.http.responses import NO_STORE, go, page
from telephony.web.i18n.translations import gap, gap_label, plain, why


@needs(Right.PROVE)
async def proofs(request: web.Request) -> web.StreamResponse:
    """``GET /proofs``: the newest proof of each day."""
    return await _page(request)


@needs(Right.PROVE)
async def prove(request: web.Request) -> web.StreamResponse:
    """``POST /proofs`` with ``day``: prove it now, then show it; 422 when it is not a day that has begun."""
    day = str((await request.post()).get("day", ""))
    try:
        signed = await request.app[DEPS].proofs.prove(day, signed_in(request).account.username)
    except InputError as error:
        return await _page(request, error=why(words_of(request), error), status=422)
    return go(request, f"/proofs/{signed.proof['day']}/{signed.sha256}")


@needs(Right.PROVE)
async def show(request: web.Request) -> web.StreamResponse:
    """``GET /proofs/{day}/{sha256}``."""
    shown = await _shown(request)
    day, t = date.fromisoformat(shown.row.day), words_of(request)
    return page(
        request,
        "proof.html",
        shown=shown,
        row=shown.row,
        day=day,
        matches=shown.row.verdict == ALL_MATCH,
        problem=plain(t, shown.problem) if shown.problem else "",
        say_gap=lambda row: gap(t, row["kind"], row["subject"], row["text"]),
        label=lambda kind: gap_label(t, kind),
    )


@needs(Right.PROVE)
async def document(request: web.Request) -> web.StreamResponse:
    """``GET /proofs/{day}/{sha256}/document``: the signed file, byte for byte; 404 when it is not intact."""
    shown = await _shown(request)
    if shown.signed is None or shown.problem:
        raise NotFoundError(f"the document of {shown.row.day} is not intact: {shown.problem}")
    disposition = f'attachment; filename="{file_name(shown.row.day, shown.row.sha256)}"'
    headers = {"Content-Type": "application/json", "Content-Disposition": disposition, **NO_STORE}
    return web.Response(body=shown.signed.text.encode(), headers=headers)


async def _shown(request: web.Request) -> Shown:
    return await request.app[DEPS].proofs.show(request.match_info["day"], request.match_info["sha256"])


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    days = [(date.fromisoformat(row.day), row) for row in await request.app[DEPS].proofs.days()]
    return page(request, "proofs.html", status=status, days=days, error=error, all_match=ALL_MATCH)


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    proof = r"/proofs/{day:\d{4}-\d{2}-\d{2}}/{sha256:[0-9a-f]{64}}"
    return [
        web.get("/proofs", proofs),
        web.post("/proofs", prove),
        web.get(proof, show),
        web.get(f"{proof}/document", document),
    ]
