"""A SIP peer on one UDP socket that can be anyone: a phone, a stolen pbx, the carrier, a stranger.

It answers and makes calls, proves itself when it has a secret, and keeps every message it got. What it is
used for is left to the tests.
"""

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.attacks.peers.audio import Audio
from tests.attacks.peers.machines import entered
from tests.attacks.peers.message import Address, Message, digest, fax, response, together

_TIMEOUT_S: Final = 6.0
_AGAIN_S: Final = 0.5
_SILENCE_S: Final = 1.5

Behaviour = Callable[["SipPeer", Message, "Call"], Awaitable[None]]
"""What a called peer does with an INVITE."""


@dataclass
class Call:
    """One dialog, made or received.

    Attributes:
        audio: this side's RTP socket.
        invite: the INVITE received, None on calls made.
        final: the final response to the INVITE, None while there is none.
        heard: every provisional and final response to the INVITE.
        is_ended: a BYE or CANCEL came.
    """

    peer: "SipPeer"
    to: Address
    audio: Audio
    call_id: str
    local: str
    remote: str
    target: str
    local_tag: str = field(default_factory=lambda: secrets.token_hex(6))
    remote_tag: str = ""
    cseq: int = 100
    invite: Message | None = None
    final: Message | None = None
    heard: list[Message] = field(default_factory=list)
    is_ended: bool = False
    auth: tuple[str, str] | None = None
    uri: str = ""

    @property
    def status(self) -> int:
        """Status of the final response, 0 while there is none."""
        return self.final.status if self.final else 0

    @property
    def replaces(self) -> str:
        """Return the Replaces header that takes over the *other* end's dialog."""
        return f"{self.call_id};to-tag={self.remote_tag};from-tag={self.local_tag}"

    async def request(self, method: str, headers: list[str] | None = None, body: str = "") -> Message:
        """Send a request inside the dialog; returns its final response."""
        return await self.peer.request(
            method,
            self.target,
            self.to,
            sender=f"{self.local};tag={self.local_tag}",
            receiver=f"{self.remote};tag={self.remote_tag}",
            call_id=self.call_id,
            headers=headers,
            body=body,
            auth=self.auth,
        )

    async def try_request(self, method: str, headers: list[str] | None = None, body: str = "") -> Message | None:
        """Like ``request``, but silence is an answer too: None."""
        try:
            async with asyncio.timeout(_SILENCE_S):
                return await self.request(method, headers, body)
        except TimeoutError:
            return None

    async def hang_up(self) -> None:
        """End it, whatever its state."""
        if self.audio:
            self.audio.hush()
        if not self.is_ended and self.remote_tag and (self.invite is not None or self.status // 100 == 2):
            self.is_ended = True
            with contextlib.suppress(TimeoutError):
                await self.request("BYE")


class SipPeer(asyncio.DatagramProtocol):
    """See the module.

    Attributes:
        requests: every request that came in, re-sent ones once.
        behaviours: what is done with an INVITE, by number; ``answer`` for the others.
        calls: the calls received.
    """

    def __init__(self) -> None:
        self.address: Address = ("", 0)
        self.requests: list[Message] = []
        self.behaviours: dict[str, Behaviour] = {}
        self.default: Behaviour = answer
        self.calls: list[Call] = []
        self._seen: set[tuple[str, str, str]] = set()
        self._waiting: dict[str, asyncio.Queue[Message]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self._audios: list[Audio] = []
        self._namespace = ""
        self._count = itertools.count(1)

    @classmethod
    async def open(cls, host: str, port: int = 0, namespace: str = "") -> "SipPeer":
        """Bind a peer, on this host or in a network namespace."""
        with entered(namespace):
            transport, peer = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=(host, port))
        peer._transport, peer._namespace = transport, namespace
        peer.address = transport.get_extra_info("sockname")[:2]
        return peer

    def close(self) -> None:
        """Close the socket and free the ports."""
        for task in self._tasks:
            task.cancel()
        for audio in self._audios:
            audio.close()
        if self._transport is not None:
            self._transport.close()

    def forget(self) -> None:
        """Forget calls, requests and behaviours, close the audio; the socket stays."""
        for audio in self._audios:
            audio.close()
        for gone in (self._audios, self.calls, self.requests):
            gone.clear()
        self.behaviours.clear()
        self.default = answer

    async def new_audio(self) -> Audio:
        """Open an RTP socket that ends with the peer."""
        with entered(self._namespace):
            self._audios.append(await Audio.open(self.address[0]))
        return self._audios[-1]

    # ---- incoming

    def error_received(self, exc: Exception) -> None:
        """Nothing listens there: the time-out of the request tells."""

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Sort what came in: an answer to its waiter, a request to its handler."""
        message = Message(data.decode(errors="surrogateescape"), addr[:2])
        if not message.text.strip():
            return
        if message.status:
            queue = self._waiting.get(_branch(message))
            if queue is not None:
                queue.put_nowait(message)
            return
        key = (message.header("call-id"), message.header("cseq"), _branch(message))
        if key in self._seen:
            return
        self._seen.add(key)
        self.requests.append(message)
        task = asyncio.get_running_loop().create_task(self._handle(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, message: Message) -> None:
        call = self._call_of(message)
        if message.method == "INVITE" and not message.tag("to"):
            call = await self._received(message)
            await self.behaviours.get(message.number, self.default)(self, message, call)
        elif message.method == "INVITE" and call is not None:
            is_fax = "m=image" in message.body
            self.respond(message, call, "200 OK", body=fax(*call.audio.address) if is_fax else call.audio.offer)
            call.audio.target = message.audio or call.audio.target
        elif message.method == "CANCEL" and call is not None and call.invite is not None:
            call.is_ended = True
            self.respond(message, call, "200 OK")
            self.respond(call.invite, call, "487 Request Terminated")
        elif message.method != "ACK":
            if call is not None and message.method == "BYE":
                call.is_ended = True
                call.audio.hush()
            # A phone that takes a REFER must report on it; one that declines ends the matter.
            status = "603 Decline" if message.method == "REFER" else "200 OK"
            self.send(response(message, status, "t"), message.source)

    def _call_of(self, message: Message) -> Call | None:
        return next((call for call in self.calls if call.call_id == message.header("call-id")), None)

    async def _received(self, message: Message) -> Call:
        call = Call(
            peer=self,
            to=message.source,
            audio=await self.new_audio(),
            call_id=message.header("call-id"),
            local=message.header("to"),
            remote=message.header("from").split(";tag=")[0],
            target=message.contact,
            remote_tag=message.tag("from"),
            invite=message,
        )
        call.audio.target = message.audio
        self.calls.append(call)
        return call

    def respond(
        self, request: Message, call: Call, status: str, headers: list[str] | None = None, body: str = ""
    ) -> None:
        """Answer a request of a call."""
        own = [f"Contact: <sip:{request.number or 'x'}@{self.address[0]}:{self.address[1]}>", *(headers or [])]
        if headers and any(line.startswith("Contact:") for line in headers):
            own = headers
        self.send(response(request, status, call.local_tag, own, body), request.source)

    # ---- outgoing

    def send(self, text: str, to: Address) -> None:
        """Send text as it is."""
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.sendto(text.encode(errors="surrogateescape"), to)

    async def request(
        self,
        method: str,
        uri: str,
        to: Address,
        *,
        sender: str = "",
        receiver: str = "",
        call_id: str = "",
        headers: list[str] | None = None,
        body: str = "",
        auth: tuple[str, str] | None = None,
        on_response: Callable[[Message], None] | None = None,
    ) -> Message:
        """Send a request and return its final response; a challenge is answered when there is ``auth``.

        Raises:
            TimeoutError: none came.
        """
        own = f"{self.address[0]}:{self.address[1]}"
        user = auth[0] if auth else "stranger"
        sender = sender or f"<sip:{user}@{own}>;tag={secrets.token_hex(6)}"
        lines = [f"{method} {uri} SIP/2.0", "", f"From: {sender}", f"To: {receiver or f'<{uri}>'}"]
        lines += [f"Call-ID: {call_id or secrets.token_hex(10)}", "", "Max-Forwards: 70"]
        headers = headers or []
        if not any(line.startswith("Contact:") for line in headers):
            lines.append(f"Contact: <sip:{user}@{own}>")
        lines += headers
        proof = ""
        for _ in (1, 2):
            lines[5] = f"CSeq: {100 + next(self._count)} {method}"
            final = await self._transact(lines, proof, body, to, on_response)
            name = {401: "www-authenticate", 407: "proxy-authenticate"}.get(final.status)
            if name is None or auth is None or proof:
                return final
            kind = "Authorization" if final.status == 401 else "Proxy-Authorization"
            proof = f"{kind}: {digest(final.header(name), method, uri, *auth)}"
        return final

    async def try_request(self, method: str, uri: str, to: Address, **more: Any) -> Message | None:
        """Like ``request``, but silence is an answer too: None."""
        try:
            async with asyncio.timeout(_SILENCE_S):
                return await self.request(method, uri, to, **more)
        except TimeoutError:
            return None

    async def _transact(
        self,
        lines: list[str],
        proof: str,
        body: str,
        to: Address,
        on_response: Callable[[Message], None] | None,
    ) -> Message:
        branch = f"z9hG4bK{secrets.token_hex(8)}"
        queue = self._waiting.setdefault(branch, asyncio.Queue())
        lines = [*lines]
        lines[1] = f"Via: SIP/2.0/UDP {self.address[0]}:{self.address[1]};rport;branch={branch}"
        text = together([*lines, proof], body)
        self.send(text, to)
        got = None
        async with asyncio.timeout(_TIMEOUT_S * (5 if lines[0].startswith("INVITE") else 1)):
            while got is None or got.status < 200:
                try:
                    got = await asyncio.wait_for(queue.get(), _AGAIN_S if got is None else None)
                except TimeoutError:
                    self.send(text, to)
                    continue
                if on_response is not None and got.status not in {401, 407}:
                    on_response(got)
        if lines[0].startswith("INVITE"):
            self._acknowledge(lines, got, to)
        return got

    def _acknowledge(self, lines: list[str], final: Message, to: Address) -> None:
        uri = lines[0].split(" ")[1]
        via = lines[1]
        if final.status // 100 == 2:
            uri = final.contact or uri
            via = f"Via: SIP/2.0/UDP {self.address[0]}:{self.address[1]};rport;branch=z9hG4bK{secrets.token_hex(8)}"
        cseq = final.header("cseq").split(" ")[0]
        ack = [f"ACK {uri} SIP/2.0", via, lines[2], f"To: {final.header('to')}", lines[4], f"CSeq: {cseq} ACK"]
        self.send(together([*ack, "Max-Forwards: 70"]), to)

    async def register(self, to: Address, auth: tuple[str, str], contact: str = "", expires: int = 60) -> Message:
        """Register ``auth``'s account; ``contact`` overrides the URI registered."""
        user = auth[0]
        contact = contact or f"sip:{user}@{self.address[0]}:{self.address[1]}"
        headers = [f"Contact: <{contact}>", f"Expires: {expires}"]
        who = f"<sip:{user}@{to[0]}>"
        return await self.request(
            "REGISTER", f"sip:{to[0]}:{to[1]}", to, sender=f"{who};tag=r{secrets.token_hex(4)}", receiver=who,
            headers=headers, auth=auth,
        )  # fmt: skip

    def start_call(
        self,
        uri: str,
        to: Address,
        audio: Audio,
        *,
        auth: tuple[str, str] | None = None,
        headers: list[str] | None = None,
        sender: str = "",
        body: str | None = None,
    ) -> tuple[Call, asyncio.Task[None]]:
        """Start a call; the task ends with the final response."""
        user = auth[0] if auth else "stranger"
        own = f"{self.address[0]}:{self.address[1]}"
        call = Call(self, to, audio, secrets.token_hex(10), sender or f"<sip:{user}@{own}>", f"<{uri}>", uri, auth=auth)
        call.uri = uri
        self.calls.append(call)

        def heard(message: Message) -> None:
            call.heard.append(message)
            call.remote_tag = message.tag("to") or call.remote_tag
            call.audio.target = message.audio or call.audio.target

        async def run() -> None:
            call.final = await self.request(
                "INVITE", uri, to, sender=f"{call.local};tag={call.local_tag}", call_id=call.call_id, headers=headers,
                body=audio.offer if body is None else body, auth=auth, on_response=heard,
            )  # fmt: skip
            call.remote_tag = call.final.tag("to")
            call.target = call.final.contact or uri

        task = asyncio.get_running_loop().create_task(run())
        # A task that waits for it gets the error of an unanswered call; of a thousand calls, most have no such task.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return call, task


async def answer(peer: SipPeer, invite: Message, call: Call) -> None:
    """Pick up at once."""
    peer.respond(invite, call, "200 OK", body=call.audio.offer)


async def ring(peer: SipPeer, invite: Message, call: Call) -> None:
    """Ring for ever."""
    peer.respond(invite, call, "180 Ringing")


async def refuse(peer: SipPeer, invite: Message, call: Call) -> None:
    """Answer busy."""
    peer.respond(invite, call, "486 Busy Here")


async def early(peer: SipPeer, invite: Message, call: Call) -> None:
    """Open the audio without answering."""
    peer.respond(invite, call, "183 Session Progress", body=call.audio.offer)


def redirect(*contacts: str) -> Behaviour:
    """Return a behaviour that answers 302 with these contact URIs."""

    async def behave(peer: SipPeer, invite: Message, call: Call) -> None:
        peer.respond(invite, call, "302 Moved Temporarily", ["Contact: " + ", ".join(f"<{uri}>" for uri in contacts)])

    return behave


def _branch(message: Message) -> str:
    via = message.header("via")
    return via.partition("branch=")[2].split(";")[0].split(",")[0]
