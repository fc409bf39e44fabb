"""The event stream of the floor: everything once, then each change, and a beat when nothing changes.

One stream per browser. Events are numbered ``<run>-<version>``; a browser that reconnects with the number of the
current snapshot gets only what follows, any other gets everything. A stream ends with its sign-in.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from telephony.domain.floor.snapshot import FloorView
from telephony.web.http.app_keys import BOOT, CLOSING, DEPS
from telephony.web.http.guards import cookie_name
from telephony.web.http.preferences import formats_of
from telephony.web.views.floor import Shown, difference, show_floor

BEAT_S: Final = 3.0
"""Seconds between beats; the page turns grey after ten seconds without one."""
LOOK_S: Final = 0.2
"""The least seconds between snapshots: people read no faster, and a busy floor must not overload the browser."""
BEATS_PER_CHECK: Final = 5
"""Beats between checks that the sign-in is still valid."""


class FloorStream:
    """The stream of one browser."""

    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        self._request = request
        self._response = response
        self._boot = request.app[BOOT]
        self._drawn: Shown | None = None

    async def run(self) -> None:
        """Send snapshots until the browser leaves, the sign-in ends or the server stops."""
        floor = self._request.app[DEPS].floor
        view = floor.view()
        if self._request.headers.get("Last-Event-ID") == self._number(view.version):
            self._drawn = show_floor(view, formats_of(self._request))
            await self._send("beat", {"at": self._drawn["at"]}, view.version)
        else:
            await self._draw(view)
        changes = floor.changes(view.version)
        try:
            await self._follow(changes)
        finally:
            close = getattr(changes, "aclose", None)
            if close is not None:
                await close()

    async def _follow(self, changes: AsyncIterator[FloorView]) -> None:
        closing = asyncio.create_task(self._request.app[CLOSING].wait())
        following = asyncio.ensure_future(anext(changes))
        try:
            while not closing.done():
                await asyncio.wait({following, closing}, timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED)
                if closing.done() or not await self._still_signed_in():
                    break
                if following.done():
                    await self._draw(following.result())
                    await asyncio.wait({closing}, timeout=LOOK_S)
                    following = asyncio.ensure_future(anext(changes))
                else:
                    await self._beat()
        except StopAsyncIteration:
            pass
        finally:
            for task in (closing, following):
                task.cancel()
            await asyncio.gather(closing, following, return_exceptions=True)

    async def _draw(self, view: FloorView) -> None:
        after = show_floor(view, formats_of(self._request))
        changed = difference(self._drawn, after) if self._drawn else None
        self._drawn = after
        await self._send("floor" if changed is None else "change", changed or after, view.version)

    async def _beat(self) -> None:
        now = self._request.app[DEPS].clock.now()
        await self._response.write(b": beat\n")
        await self._send("beat", {"at": round(now.timestamp() * 1000)}, None)

    async def _send(self, event: str, data: Shown, version: int | None) -> None:
        number = "" if version is None else f"id: {self._number(version)}\n"
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        await self._response.write(f"{number}event: {event}\ndata: {text}\n\n".encode())

    async def _still_signed_in(self) -> bool:
        loop = asyncio.get_running_loop()
        due = getattr(self, "_check_at", None)
        if due is None or loop.time() >= due:
            self._check_at = loop.time() + BEAT_S * BEATS_PER_CHECK
            token = self._request.cookies.get(cookie_name(self._request), "")
            if await self._request.app[DEPS].accounts.signed_in(token) is None:
                await self._send("ended", {}, None)
                return False
        return True

    def _number(self, version: int) -> str:
        return f"{self._boot}-{version}"


async def stream(request: web.Request) -> web.StreamResponse:
    """``GET /floor/events``: the stream, guarded by its route."""
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        await FloorStream(request, response).run()
    return response
