"""The desk's socket: its state as soon as it changes, a frame each second, and the measured round trip.

Frames have ids and small values, never data about a person; the page requests what it draws. Actions are posts: what a
browser sends here is not read. Each frame carries the desk's version, so the page drops frames that come late. Tabs of
one browser share a socket (``static/desk_link.js``); two browsers at one seat are notified of each other.
"""

import asyncio
import contextlib
import json
from typing import Any, Final

from aiohttp import WSMsgType, web

from telephony.domain.accounts import Right, may
from telephony.domain.floor.operator_desk import DeskState
from telephony.errors import InputError, StoreError
from telephony.ids import OperatorId
from telephony.web.http.access import address_of, needs, own_seat, signed_in
from telephony.web.http.app_keys import BOOT, CLOSING, DEPS, DESKS
from telephony.web.http.csrf import FOREIGN, is_foreign
from telephony.web.http.guards import cookie_name
from telephony.web.http.preferences import words_of
from telephony.web.http.responses import problem
from telephony.web.views.desk import lead_text

BEAT_S: Final = 1.0
"""Seconds between pings, and between frames while nothing changes."""
LOOK_S: Final = 0.25
"""Seconds between refreshes of the facts that have no event."""
GONE_S: Final = 3.0
"""Seconds without an answer to a ping after which the socket is closed; the browser reconnects."""
CHECK_S: Final = 2.0
"""Seconds between checks of the sign-in and the seat; signing out ends the socket at once."""
FRAME_BYTES: Final = 256
"""The largest frame from a browser; none is expected."""
ENDED: Final = 4401
"""Close code: the sign-in or the seat has ended; do not reconnect."""


class DeskSocket:
    """The socket of one browser."""

    def __init__(self, request: web.Request, response: web.WebSocketResponse, operator_id: OperatorId) -> None:
        self.operator_id = operator_id
        self.token = request.cookies.get(cookie_name(request), "")
        self._request = request
        self._response = response
        self._feed = request.app[DEPS].desk_feed
        self._desks = request.app[DESKS]
        self._has_ended = False
        self._now = asyncio.get_running_loop().time
        self._ponged_at_s = self._checked_at_s = self._now()
        self._pinged_at_s = float("-inf")
        self._pings: dict[bytes, float] = {}
        self._rtt_ms: int | None = None
        self._sent: dict[str, Any] = {}
        self._sent_at_s = float("-inf")
        self._news = asyncio.Event()

    def end(self) -> None:
        """Send that the sign-in has ended, then close."""
        self._has_ended = True
        self._news.set()

    async def run(self) -> None:
        """Send frames until the browser leaves, the sign-in ends or the server stops."""
        closing = self._request.app[CLOSING]
        with self._feed.following(self.operator_id) as self._news, self._desks.counting(self):
            self._feed.wake(self.operator_id)
            reading = asyncio.create_task(self._read())
            try:
                while not (reading.done() or closing.is_set() or self._is_gone()):
                    if self._has_ended or not await self._holds():
                        await self._say_ended()
                        break
                    await self._tell()
                    await self._wait()
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
        self._feed.wake(self.operator_id)
        await self._response.close(code=ENDED if self._has_ended else 1001)

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S):
                await self._news.wait()
        self._news.clear()

    async def _tell(self) -> None:
        try:
            state = self._feed.state(self.operator_id)
        except InputError:  # the seat was given to another operator
            self.end()
            return
        frame = self._frame(state)
        if frame != self._sent or self._now() - self._sent_at_s >= BEAT_S:
            self._sent, self._sent_at_s = frame, self._now()
            at = round(self._request.app[DEPS].clock.now().timestamp() * 1000)
            await self._response.send_str(json.dumps(frame | {"at": at, "rtt": self._rtt_ms}, separators=(",", ":")))
        if self._now() - self._pinged_at_s >= BEAT_S:
            await self._ping()

    def _frame(self, state: DeskState) -> dict[str, Any]:
        return {
            "boot": self._request.app[BOOT],
            "version": state.version,
            "state": str(state.state),
            "since": round(state.since_at.timestamp() * 1000),
            "lead": lead_text(words_of(self._request), state.lead, state.reason),
            "kind": state.lead,
            "elsewhere": self._desks.browsers(self.operator_id) > 1,
        }

    async def _ping(self) -> None:
        self._pinged_at_s = self._now()
        name = f"{self._pinged_at_s:.6f}".encode()
        self._pings = {key: at for key, at in self._pings.items() if self._pinged_at_s - at < GONE_S} | {
            name: self._pinged_at_s
        }
        await self._response.ping(name)

    def _is_gone(self) -> bool:
        return self._response.closed or self._now() - self._ponged_at_s > GONE_S

    async def _read(self) -> None:
        async for message in self._response:
            if message.type is WSMsgType.PING:
                await self._response.pong(message.data)
            elif message.type is WSMsgType.PONG:
                sent_at_s = self._pings.pop(bytes(message.data), None)
                if sent_at_s is not None:
                    self._ponged_at_s = self._now()
                    self._rtt_ms = round(1000 * (self._ponged_at_s - sent_at_s))

    async def _holds(self) -> bool:
        """Return False once the sign-in, the right or the seat has ended; a database failure ends nothing."""
        if self._now() - self._checked_at_s < CHECK_S:
            return True
        self._checked_at_s = self._now()
        try:
            who = await self._request.app[DEPS].accounts.signed_in(self.token)
        except StoreError:
            return True
        is_own = who is not None and who.operator is not None and who.operator.operator_id == self.operator_id
        return is_own and who is not None and may(who.account.role, Right.WORK_AT_SEAT)

    async def _say_ended(self) -> None:
        self._has_ended = True
        await self._response.send_str('{"ended":true}')


@needs(Right.WORK_AT_SEAT)
async def socket(request: web.Request) -> web.StreamResponse:
    """``GET /desk/socket``: the socket; a page of another site is refused, whatever cookies its browser sends."""
    if is_foreign(request):
        await request.app[DEPS].accounts.refuse(signed_in(request), FOREIGN, address_of(request))
        return problem(request, 403, words_of(request)("problem.forged"), rule=FOREIGN)
    operator_id = own_seat(request)
    response = web.WebSocketResponse(autoping=False, compress=False, max_msg_size=FRAME_BYTES, timeout=1.0)
    if not response.can_prepare(request).ok:
        raise web.HTTPBadRequest
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        await DeskSocket(request, response, operator_id).run()
    return response
