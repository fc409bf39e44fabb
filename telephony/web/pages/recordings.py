"""One recording: the reason to listen, the player, who listened, and the audio in byte ranges.

Without a valid stated reason there is no audio, no waveform and no audio address; refusals are entered beside the
recording. The rules are in ``telephony.services.recordings.playback``.
"""

from typing import Final

from aiohttp import web

from telephony.domain.accounts import Right
from telephony.domain.evidence.recordings import ListeningReason, Recording
from telephony.errors import ConflictError, InputError, NotFoundError
from telephony.ids import RecordingId
from telephony.services.people.accounts import SignedIn
from telephony.services.recordings.playback import StatedReason
from telephony.web.http.access import address_of, needs, signed_in
from telephony.web.http.app_keys import DEPS
from telephony.web.http.preferences import words_of
from telephony.web.http.responses import NO_STORE, go, is_fragment, page
from telephony.web.pages.recording_search import recordings
from telephony.web.views.waveform import lane_path

POINTS: Final = 600
"""Levels drawn per track: one for every two or three pixels of a full-width player."""


async def _refused(request: web.Request, who: SignedIn | None) -> None:
    """Enter beside the recording that a role without the right, or nobody signed in, requested it."""
    listening = request.app[DEPS].listening
    try:
        await listening.refuse(
            _id(request), who.account.account_id if who else None, "right" if who else "sign_in", address_of(request)
        )
    except (
        NotFoundError,
        ConflictError,
    ):  # there is no such recording to enter it beside; the page's refusal is entered
        return


@needs(Right.LISTEN, _refused)
async def recording(request: web.Request) -> web.StreamResponse:
    """``GET /recordings/{id}``: the facts, then the reason form or the player."""
    return await _page(request)


@needs(Right.LISTEN, _refused)
async def reason(request: web.Request) -> web.StreamResponse:
    """``POST /recordings/{id}/reason``: state the reason; opens the player for this account."""
    form = await request.post()
    said = {name: str(form.get(name, "")) for name in ("reason", "reference", "note")}
    t = words_of(request)
    try:
        stated = StatedReason(ListeningReason(said["reason"]), said["reference"], said["note"])
    except ValueError:
        return await _page(request, error=t("reason.choose"), error_field="reason-complaint", said=said, status=422)
    try:
        await request.app[DEPS].listening.state_reason(
            _id(request), signed_in(request).account.account_id, stated, address_of(request)
        )
    except InputError:
        return await _page(request, error=t("reason.say_more"), error_field="note", said=said, status=422)
    return await _page(request) if is_fragment(request) else go(request, f"/recordings/{_id(request)}")


@needs(Right.LISTEN, _refused)
async def audio(request: web.Request) -> web.StreamResponse:
    """``GET /recordings/{id}/audio?play=…``: the FLAC, in ranges on request; 403 without a valid reason."""
    recording_id = _id(request)
    path = await request.app[DEPS].listening.listen(
        recording_id,
        signed_in(request).account.account_id,
        request.query.get("play", "")[:64],
        address_of(request),
    )
    headers = {
        "Content-Type": "audio/flac",
        "Content-Disposition": f'inline; filename="{recording_id}.flac"',
        **NO_STORE,
    }
    return web.FileResponse(path, headers=headers)


@needs(Right.LISTEN, _refused)
async def report(request: web.Request) -> web.StreamResponse:
    """``POST /recordings/{id}/incident``: open an incident for an altered file; 409 when it is intact."""
    deps, recording_id = request.app[DEPS], _id(request)
    if await deps.listening.is_intact(recording_id):
        raise InputError(words_of(request)("player.intact"))
    await deps.incidents.report_recording(recording_id, signed_in(request).account)
    return go(request, "/incidents")


@needs(Right.LISTEN, _refused)
async def listeners(request: web.Request) -> web.StreamResponse:
    """``GET /recordings/{id}/listeners``: who listened, as a fragment."""
    rows = await request.app[DEPS].listening.listeners(_id(request))
    return page(request, "listeners.html", listeners=rows, recording_id=_id(request))


async def _page(
    request: web.Request,
    *,
    error: str = "",
    error_field: str = "",
    said: dict[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    listening, recording_id = request.app[DEPS].listening, _id(request)
    shown = await listening.get(recording_id)
    stated = await listening.reason_of(recording_id, signed_in(request).account.account_id)
    is_open = stated is not None and shown.file is not None and not error
    is_intact = await listening.is_intact(recording_id) if is_open else True
    return page(
        request,
        "listening.html" if is_fragment(request) else "recording.html",
        status=status,
        recording=shown,
        recording_id=recording_id,
        stated=stated if is_open else None,
        lanes=await _lanes(request, recording_id, is_intact=is_intact) if is_open else (),
        is_intact=is_intact,
        answered_s=_answered_s(shown),
        reasons=list(ListeningReason),
        listeners=await listening.listeners(recording_id),
        error=error,
        error_field=error_field,
        said=said or {"reason": "", "reference": "", "note": ""},
    )


async def _lanes(request: web.Request, recording_id: RecordingId, *, is_intact: bool) -> tuple[str, str]:
    """Draw both tracks; nothing of an altered file is drawn: it may not even be audio."""
    if not is_intact:
        return lane_path([0.0] * POINTS), lane_path([0.0] * POINTS)
    operator, called = await request.app[DEPS].listening.peaks(recording_id, POINTS)
    return lane_path(operator), lane_path(called)


def _answered_s(shown: Recording) -> float | None:
    """Return the second of the audio at which the call was answered, None when it was not."""
    if shown.file is None or shown.tag.answered_at is None:
        return None
    return min(shown.file.before_answer_s, shown.file.length_s)


def _id(request: web.Request) -> RecordingId:
    return RecordingId(request.match_info["recording"])


def routes() -> list[web.RouteDef]:
    """Return the routes of recordings, including the search."""
    address = r"/recordings/{recording:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"
    return [
        web.get("/recordings", recordings),
        web.get(address, recording),
        web.post(f"{address}/reason", reason),
        web.get(f"{address}/audio", audio, allow_head=False),
        web.post(f"{address}/incident", report),
        web.get(f"{address}/listeners", listeners),
    ]
