"""Lists: upload a file, see the outcome of every row, download the rows to fix, approve another person's list.

The upload goes to a private temporary file that is deleted with the response; only the rows that the importer writes
are kept. The importer reads and checks the rows.
"""

import asyncio
import csv
import io
import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import BodyPartReader, web

from telephony.domain.accounts import Right
from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.leads.leads import LeadList
from telephony.domain.rules.whitelist import is_same_person
from telephony.errors import InputError
from telephony.ids import ListId
from telephony.services.lists.faults import said
from telephony.web.http.access import needs, signed_in
from telephony.web.http.app_keys import DEPS
from telephony.web.http.preferences import words_of
from telephony.web.http.responses import NO_STORE, is_fragment, page
from telephony.web.http.services import LoadReport
from telephony.web.i18n.translations import why

FILE_LIMIT: Final = 256 * 2**20
"""Bytes; a million rows of a rich list are about 150 MB."""
SHOWN: Final = 50
"""The most lists on the page."""
_PIECE: Final = 2**18
_FORMULA: Final = ("=", "@", "\t", "\r")


@dataclass(slots=True)
class Upload:
    """A form with its file, received."""

    campaign: str = ""
    name: str = ""
    filename: str = ""
    size: int = 0


@needs(Right.SEE_LISTS)
async def lists(request: web.Request) -> web.StreamResponse:
    """``GET /lists``."""
    return await _page(request)


@needs(Right.LOAD_LISTS)
async def load(request: web.Request) -> web.StreamResponse:
    """``POST /lists``: multipart form of campaign, name and file."""
    if not request.content_type.startswith("multipart/"):
        raise web.HTTPUnsupportedMediaType
    async with _temporary_file() as path:
        upload = await _receive(request, path)
        t = words_of(request)
        campaign = await _campaign(request, upload.campaign)
        problem = _problem(upload, campaign)
        if problem:
            return await _page(request, error=t(problem), status=422)
        assert campaign is not None  # noqa: S101  _problem said so
        name = upload.name.strip() or Path(upload.filename).stem
        by = signed_in(request).account.username
        try:
            report = await request.app[DEPS].lists.load_file(path, campaign=campaign, name=name, by=by)
        except InputError as error:
            sentence = why(t, error).replace(str(path), upload.filename).replace(path.name, upload.filename)
            return await _page(request, error=t("lists.not_loaded", why=sentence), status=422)
    return await _page(request, report=report)


@needs(Right.LOAD_LISTS)
async def rejected(request: web.Request) -> web.StreamResponse:
    """``GET /lists/{list}/rows-to-fix.csv``: every rejected row with its line, reason and cells."""
    list_id = ListId(int(request.match_info["list"]))
    leads, t = request.app[DEPS].leads, words_of(request)
    disposition = f'attachment; filename="list-{list_id}-rows-to-fix.csv"'
    rows = await leads.rejected(list_id)  # before the response begins: a database that is down is an error
    response = web.StreamResponse(
        headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": disposition, **NO_STORE}
    )
    await response.prepare(request)
    header = _as_csv([[t("lists.row"), t("lists.reason"), t("lists.cells")]])
    await response.write(header.encode("utf-8-sig"))
    while rows:
        cells = [[row.row, said(row.text, t.language), *map(_harmless, row.values)] for row in rows]
        await response.write((await asyncio.to_thread(_as_csv, cells)).encode())
        rows = await leads.rejected(list_id, after=rows[-1])
    await response.write_eof()
    return response


@needs(Right.APPROVE)
async def approve(request: web.Request) -> web.StreamResponse:
    """``POST /lists/{list}/approve``: approve a list as the second person."""
    list_id, who, t = ListId(int(request.match_info["list"])), signed_in(request).account, words_of(request)
    loaded = next((row for _, row in await _loaded(request) if row.list_id == list_id), None)
    if loaded is not None and is_same_person(loaded.loaded_by, who.username):
        return await _page(request, error=t("lists.own"), status=409)
    done = await request.app[DEPS].whitelist.approve_list(list_id, who)
    return await _page(request, notice=t("lists.approved_now", name=done.name))


async def _page(
    request: web.Request, *, report: LoadReport | None = None, notice: str = "", error: str = "", status: int = 200
) -> web.Response:
    deps = request.app[DEPS]
    campaigns = await deps.campaigns.all()
    username = signed_in(request).account.username
    return page(
        request,
        "list_results.html" if is_fragment(request) else "lists.html",
        status=status,
        campaigns=[campaign for campaign in campaigns if campaign.state is not CampaignState.STOPPED],
        loaded=(await _loaded(request))[:SHOWN],
        is_own=lambda row: is_same_person(row.loaded_by, username),
        report=report,
        notice=notice,
        error=error,
    )


async def _loaded(request: web.Request) -> list[tuple[Campaign, LeadList]]:
    """Return every list with its campaign: those waiting for approval first, then the newest."""
    deps = request.app[DEPS]
    loaded: list[tuple[Campaign, LeadList]] = []
    for campaign in await deps.campaigns.all():
        loaded.extend((campaign, row) for row in await deps.leads.lists(campaign.campaign_id))
    loaded.sort(key=lambda pair: (pair[1].awaits_approval, pair[1].loaded_at), reverse=True)
    return loaded


async def _campaign(request: web.Request, campaign_id: str) -> Campaign | None:
    return next(
        (campaign for campaign in await request.app[DEPS].campaigns.all() if str(campaign.campaign_id) == campaign_id),
        None,
    )


def _problem(upload: Upload, campaign: Campaign | None) -> str:
    """Return the key of the problem's text, or ""."""
    if campaign is None:
        return "lists.no_campaign"
    if upload.size > FILE_LIMIT:
        return "lists.too_large"
    return "" if upload.filename else "lists.no_file"


async def _receive(request: web.Request, path: Path) -> Upload:
    """Read the form piece by piece; the file goes to ``path`` and is never in memory as a whole."""
    try:
        return await _parts(request, path)
    except (ValueError, LookupError, AssertionError) as error:  # malformed parts or an unknown charset
        raise web.HTTPBadRequest from error


async def _parts(request: web.Request, path: Path) -> Upload:
    upload = Upload()
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file" and part.filename:
            upload.filename = Path(part.filename.replace("\\", "/")).name[:120]
            upload.size = await _save(part, path)
        elif part.name in {"campaign", "name"}:
            text = (await part.read_chunk(1000)).decode("utf-8", "replace")
            setattr(upload, part.name, text)
            await part.release()
    return upload


async def _save(part: BodyPartReader, path: Path) -> int:
    size = 0
    with path.open("wb") as file:
        while piece := await part.read_chunk(_PIECE):
            size += len(piece)
            if size <= FILE_LIMIT:
                await asyncio.to_thread(file.write, piece)
    return size


@asynccontextmanager
async def _temporary_file() -> AsyncIterator[Path]:
    handle, name = tempfile.mkstemp(prefix="list-", suffix=".csv")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _as_csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """Prevent a spreadsheet from running a formula written into a list; numbers with a plus stay as they are."""
    is_signed = cell.startswith(("+", "-")) and not all(c.isdigit() or c in " .-/()+\u00a0\u202f" for c in cell)
    return "'" + cell if is_signed or cell.startswith(_FORMULA) else cell


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [
        web.get("/lists", lists),
        web.post("/lists", load),
        web.get(r"/lists/{list:[0-9]{1,18}}/rows-to-fix.csv", rejected),
        web.post(r"/lists/{list:[0-9]{1,18}}/approve", approve),
    ]
