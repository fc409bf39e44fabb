"""What stands in for the controller in the lab's own tests: a FastAGI server and a manager-interface listener.

Both are as small as can be and share no code with the product, so that a mistake there is not repeated here.
"""

import asyncio
import contextlib
import random
import re
import struct
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from telephony.workshop.lab import Lab, LabInstance, LabOptions

LabMaker = Callable[[LabOptions], Lab]


@dataclass
class Asked:
    """One AGI request: its route and headers."""

    route: str
    headers: dict[str, str]

    @property
    def channel(self) -> str:
        return self.headers["agi_uniqueid"]

    @property
    def extension(self) -> str:
        return self.headers["agi_extension"]


@dataclass
class Permit:
    """What the gate learns about one permit."""

    number: str
    caller_id: str
    trunk: str = "carrier"
    rings: str = "15"
    recording: str = field(default_factory=lambda: str(uuid.uuid4()))
    permit_id: str = field(default_factory=lambda: "p" + "".join(random.choices("0123456789", k=36)))


class FastAgiStub:
    """Answers ``verdict``, ``route`` and ``login`` the way the controller does, or misbehaves as scripted.

    ``mode``: answer, close, reset, garbage, half, hang.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.mode = "answer"
        self.permits: dict[str, Permit] = {}
        self.seat: str | None = None
        self.changes: dict[str, str] = {}
        self.asked: list[Asked] = []
        self.released = asyncio.Event()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["FastAgiStub"]:
        server = await asyncio.start_server(self._serve, self.lab.controller_host, self.lab.agi_port)
        try:
            yield self
        finally:
            self.released.set()
            server.close()
            await server.wait_closed()

    def allow(self, number: str, **changes: str) -> Permit:
        permit = Permit(number, self.lab.caller_ids[0], **changes)
        self.permits[permit.permit_id] = permit
        return permit

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            headers = {}
            while (line := (await reader.readline()).decode().strip()) != "":
                name, _, value = line.partition(": ")
                headers[name] = value
            if headers:
                question = Asked(headers["agi_network_script"], headers)
                self.asked.append(question)
                await self._answer(question, reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answer(self, request: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "hang":
            await self.released.wait()
        if self.mode == "reset":
            socket = writer.get_extra_info("socket")
            socket.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER 0: closing sends RST
        if self.mode == "garbage":
            writer.write(bytes(random.randbytes(4096)) + b"\n")
            with contextlib.suppress(ConnectionError):
                await writer.drain()
        if self.mode in {"close", "reset", "garbage", "hang"}:
            return
        variables = list(self._variables(request).items())
        if self.mode == "half":
            variables = variables[:-1]
        for name, value in variables:
            writer.write(f'SET VARIABLE {name} "{value}"\n'.encode())
            reply = await reader.readline()
            if not reply.startswith(b"200"):  # HANGUP: nobody waits for the answer
                return

    def _variables(self, request: Asked) -> dict[str, str]:
        if request.route == "login":
            matched = re.match(r"PJSIP/seat(\d+)-", request.headers["agi_channel"])
            seat = matched[1] if matched else ""
            return {"SEAT": seat, "VERDICT": f"LOGIN-{request.channel}-{seat}"} | self.changes
        if request.route == "route":
            if self.seat is None:
                return {}
            return {"SEAT": self.seat, "VERDICT": f"SEAT-{request.channel}-{self.seat}"} | self.changes
        permit = self.permits.pop(request.extension, None)
        if permit is None:
            return {}
        return {
            "CANON": permit.number,
            "TRUNK": permit.trunk,
            "CLI": permit.caller_id,
            "RECUUID": permit.recording,
            "RINGS": permit.rings,
            "VERDICT": f"OK-{request.channel}-{request.extension}-{permit.number}",
        } | self.changes


class ManagerListener:
    """A manager-interface session that keeps every event, as sent."""

    def __init__(self, instance: LabInstance) -> None:
        self.instance = instance
        self.events: list[dict[str, str]] = []
        self.raw: list[str] = []
        self.responses: list[dict[str, str]] = []
        self._changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator["ManagerListener"]:
        reader, self._writer = await asyncio.open_connection(*self.instance.address("ami"))
        await reader.readline()
        task = asyncio.create_task(self._read(reader))
        try:
            user, secret = self.instance.ami_user, self.instance.ami_secret
            answer = await self.ask(Action="Login", Username=user, Secret=secret)
            assert answer["Response"] == "Success", answer
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def ask(self, **fields: Any) -> dict[str, str]:
        action_id = str(uuid.uuid4())
        lines = [f"{key}: {value}" for key, value in {**fields, "ActionID": action_id}.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self.until(lambda: any(r.get("ActionID") == action_id for r in self.responses))
        return next(r for r in self.responses if r.get("ActionID") == action_id)

    async def until(self, is_true: Callable[[], Any], timeout_s: float = 20) -> None:
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(is_true)

    async def event(self, name: str, timeout_s: float = 20, **fields: str) -> dict[str, str]:
        def found() -> dict[str, str] | None:
            for event in self.events:
                if event["Event"] == name and all(event.get(key) == value for key, value in fields.items()):
                    return event
            return None

        await self.until(found, timeout_s)
        event = found()
        assert event is not None
        return event

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            text = (await reader.readuntil(b"\r\n\r\n")).decode()
            message = dict(line.partition(": ")[::2] for line in text.strip().split("\r\n"))
            async with self._changed:
                if "Event" in message:
                    self.events.append(message)
                    self.raw.append(text)
                else:
                    self.responses.append(message)
                self._changed.notify_all()


async def originate(pbx: ManagerListener, permit_id: str, attempt_id: str | None = None, timeout_s: int = 25) -> str:
    """Ask the pbx for one call as the controller does; returns the attempt id."""
    attempt_id = attempt_id or str(uuid.uuid4())
    answer = await pbx.ask(
        Action="Originate",
        Channel=f"PJSIP/{permit_id}@gate",
        Context="answered",
        Exten="conf",
        Priority="1",
        Timeout=str(timeout_s * 1000),
        ChannelId=attempt_id,
        Async="true",
    )
    assert answer["Response"] == "Success", answer
    return attempt_id


def is_finished(path: Path) -> bool:
    """Return True if a recording's header is complete: its length is the file's."""
    head = path.read_bytes()[:8]
    return head[:4] == b"RIFF" and int.from_bytes(head[4:], "little") + 8 == path.stat().st_size
