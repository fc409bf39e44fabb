"""The FastAGI server: the dialplan asks, a route answers with channel variables, or the call is refused.

Everything fails closed. If the peer is not allowed, the request is not complete in time, the route is unknown, fails or
is late, a reply is not 200, or the channel hangs up, the connection ends without the remaining variables, and the
dialplan refuses because its verdict is missing. Services decide in the routes; ``telephony.wire.agi`` handles bytes.

It uses panoramisk's ``Application`` and ``Request`` and works around their bugs: the handler spins the event loop when
a peer closes before the blank line, takes a HANGUP line for a reply, and finds no route for a URL with a query string.
"""

import asyncio
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Final

import structlog
from panoramisk.fast_agi import Application, Request

from telephony.asterisk.faults import described
from telephony.errors import PeerProtocolError, SwitchError, cannot_listen
from telephony.ids import ChannelId
from telephony.ports.calls.switch import AgiCall, AgiRoute
from telephony.wire.agi import AgiReply, AgiReplyParser, AgiRequest, AgiRequestParser, encode_variables

log = structlog.get_logger(__name__)

READ_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class AgiLimits:
    """Time-outs and limits of one server.

    Attributes:
        header: for the whole request block to arrive.
        route: for a route's answer; shorter than the dialplan's own time-out of 3 s.
        reply: for Asterisk's replies to all variables together, and for closing the connection.
        connections: maximum at once; further ones are closed without an answer.
    """

    header: timedelta = timedelta(seconds=2)
    route: timedelta = timedelta(seconds=2.8)
    reply: timedelta = timedelta(seconds=1)
    connections: int = 500


class _Conversation(Request):
    """One request and the commands sent back on it."""

    def __init__(
        self,
        app: "_Application",
        request: AgiRequest,
        replies: AgiReplyParser,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        super().__init__(app, request.headers, reader, writer)  # type: ignore[no-untyped-call]
        self._replies = replies

    async def send_command(self, command: bytes) -> AgiReply:
        """Send one encoded command and wait for its own reply.

        Raises:
            PeerProtocolError: the peer closed, hung up, or sent something that is not a reply.
        """
        self.writer.write(command)
        await self.writer.drain()
        while True:
            reply = next(self._replies.replies(), None)
            if self._replies.is_hung_up:
                raise PeerProtocolError("the channel hung up before its variables were set")
            if reply is not None:
                return reply
            data: bytes = await self.reader.read(READ_BYTES)
            if not data:
                raise PeerProtocolError("the AGI peer closed before its variables were set")
            self._replies.feed(data)


class _Application(Application):
    """panoramisk's application with a handler that always ends, whatever the peer does."""

    def __init__(self, peers: Collection[str], limits: AgiLimits, keys: Mapping[str, str]) -> None:
        super().__init__(loop=asyncio.get_running_loop())  # type: ignore[no-untyped-call]
        self._peers = frozenset(peers)
        self._keys = keys
        self._limits = limits
        self._busy: set[asyncio.Task[None]] = set()

    async def handler(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one connection."""
        task = asyncio.current_task()
        peer = str((writer.get_extra_info("peername") or ("?",))[0])
        try:
            if self._may_enter(peer) and task is not None:
                self._busy.add(task)
                await self._serve(peer, reader, writer)
        except TimeoutError:
            log.warning("agi_ended", peer=peer, reason="the peer was too slow")
        except asyncio.CancelledError:
            # only from ``end``; asyncio's streams of Python 3.11 report a cancelled connection as an error
            log.info("agi_ended", peer=peer, reason="the controller is stopping")
        except (SwitchError, OSError) as error:
            log.warning("agi_ended", peer=peer, reason=str(error))
        except Exception as error:  # noqa: BLE001 - outermost frame of the connection's task: the server continues
            log.error("agi_ended", peer=peer, fault=described(error))
        finally:
            await self._close(writer)
            if task is not None:
                self._busy.discard(task)

    def _may_enter(self, peer: str) -> bool:
        if peer not in self._peers:
            log.warning("agi_refused", peer=peer, reason="not an allowed address")
            return False
        if len(self._busy) >= self._limits.connections:
            log.error("agi_refused", peer=peer, reason="too many connections", open=len(self._busy))
            return False
        return True

    async def _serve(self, peer: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(self._limits.header.total_seconds()):
            request, replies = await _read_request(reader)
        variables = await self._answer(peer, request)
        commands = encode_variables(variables)
        conversation = _Conversation(self, request, replies, reader, writer)
        async with asyncio.timeout(self._limits.reply.total_seconds()):
            for command in commands:
                reply = await conversation.send_command(command)
                # EXEC answers 200 with a result below 0 when there is no such application, or the channel hung up.
                if reply.code != 200 or (reply.result or 0) < 0:
                    raise PeerProtocolError(f"Asterisk answered {reply.code} for channel {request.unique_id}")

    async def _answer(self, peer: str, request: AgiRequest) -> Mapping[str, str]:
        route: AgiRoute | None = self._route.get(request.route)
        if route is None:
            log.error("agi_no_such_route", peer=peer, channel=request.unique_id)
            return {}
        if not self._proves_itself(request):
            log.error("agi_without_key", peer=peer, route=request.route, channel=request.unique_id)
            return {}
        call = AgiCall(
            route=request.route,
            peer=peer,
            channel=ChannelId(request.unique_id),
            name=request.headers.get("agi_channel", ""),
            extension=request.headers.get("agi_extension", ""),
            headers=request.headers,
        )
        try:
            async with asyncio.timeout(self._limits.route.total_seconds()):
                return await route(call)
        except TimeoutError:
            log.error("agi_route_late", route=call.route, channel=call.channel)
            return {}
        except Exception as error:  # noqa: BLE001 - on any error in a route the call is refused and the server continues
            log.error("agi_route_failed", route=call.route, channel=call.channel, fault=described(error))
            return {}

    def _proves_itself(self, request: AgiRequest) -> bool:
        """Return True if a route with a key was called with it: all users of a host share its addresses."""
        key = self._keys.get(request.route)
        return key is None or hmac.compare_digest(request.headers.get("agi_arg_1", "").encode(), key.encode())

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        try:
            async with asyncio.timeout(self._limits.reply.total_seconds()):
                await writer.wait_closed()
        except (OSError, TimeoutError):
            writer.transport.abort()

    async def end(self) -> None:
        """End every connection; calls in progress get no further variables."""
        for task in self._busy:
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy)


def _awaited(route: AgiRoute) -> AgiRoute:
    async def endpoint(call: AgiCall) -> Mapping[str, str]:  # panoramisk takes plain coroutine functions only
        return await route(call)

    return endpoint


async def _read_request(reader: asyncio.StreamReader) -> tuple[AgiRequest, AgiReplyParser]:
    parser = AgiRequestParser()
    while True:
        data = await reader.read(READ_BYTES)
        if not data:
            raise PeerProtocolError("an AGI peer closed the connection before the end of its request")
        request = parser.feed(data)
        if request is not None:
            return request, AgiReplyParser(parser.rest)


class FastAgiServer:
    """Implements the port ``AgiServer`` with FastAGI.

    Args:
        host: IP address to listen on.
        port: TCP port; 0 chooses a free one, see ``port``.
        allowed_peers: addresses that may connect: the pbx's and the gate's; on a loopback address 127.0.0.1 too.
        limits: time-outs and the maximum number of connections.
        keys: route to the first argument it requires; routes without a key answer every allowed peer.
    """

    def __init__(
        self,
        host: str,
        port: int,
        allowed_peers: Collection[str],
        limits: AgiLimits | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        self._host = host
        self._port = port
        # The kernel uses this source address to any loopback address, whatever addresses the instance has.
        nearby = {"127.0.0.1"} if ip_address(host).is_loopback else set()
        self._peers = frozenset(allowed_peers) | nearby
        self._limits = limits or AgiLimits()
        self._keys = dict(keys or {})
        self._server: asyncio.Server | None = None
        self._application: _Application | None = None

    @property
    def port(self) -> int:
        """The TCP port the server listens on."""
        if self._server is None or not self._server.sockets:
            return self._port
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self, routes: Mapping[str, AgiRoute]) -> None:
        """Listen.

        Args:
            routes: path of the AGI URL without slashes, and its handler.

        Raises:
            SwitchError: the address is in use or not on this host.
        """
        application = _Application(self._peers, self._limits, self._keys)
        for path, route in routes.items():
            application.add_route(path, _awaited(route))  # type: ignore[no-untyped-call]
        try:
            self._server = await asyncio.start_server(application.handler, self._host, self._port, backlog=512)
        except OSError as error:
            raise SwitchError(
                f"FastAGI cannot listen on {self._host}:{self._port}: {cannot_listen(error)}, or change "
                "controller.agi_host and controller.agi_port"
            ) from error
        self._application = application

    async def stop(self) -> None:
        """Stop listening and close the connections."""
        server, self._server = self._server, None
        application, self._application = self._application, None
        if server is not None:
            server.close()
        if application is not None:
            await application.end()
        if server is not None:
            await server.wait_closed()
