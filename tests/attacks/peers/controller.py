"""A FastAGI server in the controller's place, obedient or hostile, and a manager-interface client that sends anything.

The server consumes a permit when it is asked about it, as the real one does; the real one is used where consuming is
what is attacked.
"""

import asyncio
import contextlib
import re
import secrets
import socket
import struct
import uuid
from collections.abc import AsyncIterator
from typing import Final

from telephony.wire.agi import read_variables
from tests.attacks.peers.message import Address

_TIMEOUT_S: Final = 8.0


class Controller:
    """Answers ``verdict``, ``route`` and ``login``.

    Attributes:
        mode: ``answer``; ``close``, ``reset``, ``garbage``, ``half``, ``half-close``, ``hang``, ``flood``.
        permits: permit id to number.
        seat: the seat ``route`` names, or "".
        asked: route and extension of everything asked.
    """

    def __init__(self, address: Address, caller_id: str, trunk: str) -> None:
        self.address = address
        self.mode = "answer"
        self.permits: dict[str, str] = {}
        self.recordings: dict[str, str] = {}
        self.seat = ""
        self.keys = ""
        self.asked: list[tuple[str, str]] = []
        self._caller_id = caller_id
        self._trunk = trunk
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def allow(self, number: str) -> str:
        """Give a permit for a number; returns its id."""
        permit_id = "p" + "".join(secrets.choice("0123456789") for _ in range(36))
        self.permits[permit_id] = number
        self.recordings[permit_id] = str(uuid.uuid4())
        return permit_id

    def reset(self) -> None:
        """Forget everything, be obedient."""
        self.mode, self.seat, self.keys = "answer", "", ""
        self.permits.clear()
        self.asked.clear()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, *self.address)

    async def stop(self) -> None:
        """End every conversation and stop listening."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    @contextlib.asynccontextmanager
    async def dead(self) -> AsyncIterator[None]:
        """Nobody listens for as long as this lasts."""
        await self.stop()
        try:
            yield
        finally:
            await self.start()

    def end_conversations(self) -> None:
        """Close the connections that hang."""
        for task in list(self._tasks):
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        headers = {}
        while (line := (await reader.readline()).decode().strip()) != "":
            name, _, value = line.partition(": ")
            headers[name] = value
        if not headers:
            return
        self.asked.append((headers["agi_network_script"], headers["agi_extension"]))
        if await self._misbehaves(writer):
            return
        variables = list(self._answer(headers).items())
        for name, value in variables[:-1] if self.mode == "half" else variables:
            writer.write(f'SET VARIABLE {name} "{value}"\n'.encode())
            if not (await reader.readline()).startswith(b"200"):
                return

    async def _misbehaves(self, writer: asyncio.StreamWriter) -> bool:
        if self.mode == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.mode == "garbage":
            writer.write(secrets.token_bytes(4096) + b"\n")
        elif self.mode == "half-close":
            writer.write_eof()
            await asyncio.Event().wait()
        elif self.mode == "hang":
            await asyncio.Event().wait()
        elif self.mode == "flood":
            while True:
                writer.write(b'SET VARIABLE VERDICT "OK"\n' * 200)
                await writer.drain()
                await asyncio.sleep(0.005)  # how fast it floods
        return self.mode in {"close", "reset", "garbage"}

    def _answer(self, headers: dict[str, str]) -> dict[str, str]:
        channel, extension = headers["agi_uniqueid"], headers["agi_extension"]
        if headers["agi_network_script"] == "login":
            seat = re.match(r"PJSIP/seat(\d+)-", headers["agi_channel"])
            name = seat[1] if seat else ""
            return {"SEAT": name, "VERDICT": f"LOGIN-{channel}-{name}"}
        if headers["agi_network_script"] == "route":
            return {"SEAT": self.seat, "VERDICT": f"SEAT-{channel}-{self.seat}"} if self.seat else {}
        number = self.permits.pop(extension, None)
        if number is None:
            return {}
        return {
            "CANON": number,
            "TRUNK": self._trunk,
            "CLI": self._caller_id,
            "RECUUID": self.recordings[extension],
            "RINGS": "15",
            "KEYS": self.keys,
            "VERDICT": f"OK-{channel}-{extension}-{number}",
        }


async def ask_verdict(address: Address, permit_id: str, key: str = "", peer: str = "gate-1.1") -> dict[str, str]:
    """Ask a controller about a permit as a dialplan does; returns the variables it set."""
    headers = {"network": "yes", "network_script": "verdict", "uniqueid": peer, "channel": "PJSIP/pbx-00000001"}
    headers |= {"extension": permit_id, "context": "gate", "priority": "10"} | ({"arg_1": key} if key else {})
    variables: dict[str, str] = {}
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write("".join(f"agi_{name}: {value}\n" for name, value in headers.items()).encode() + b"\n")
        async with asyncio.timeout(_TIMEOUT_S):
            while by_name := read_variables(await reader.readline()):
                variables |= by_name
                writer.write(b"200 result=1\n")
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return variables


class Manager:
    """A session with a manager interface."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._responses: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.events: list[dict[str, str]] = []
        self.raw: list[str] = []
        self._task = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    @contextlib.asynccontextmanager
    async def session(cls, address: Address, user: str, secret: str) -> AsyncIterator["Manager"]:
        """Connect and log in; ``PermissionError`` when refused."""
        reader, writer = await asyncio.open_connection(*address)
        await reader.readline()
        manager = cls(reader, writer)
        try:
            answer = await manager.ask(Action="Login", Username=user, Secret=secret)
            if answer["Response"] != "Success":
                raise PermissionError(answer.get("Message", ""))
            yield manager
        finally:
            manager._task.cancel()
            await asyncio.gather(manager._task, return_exceptions=True)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def ask(self, **fields: str) -> dict[str, str]:
        """Send one action, return its response."""
        lines = [f"{key.rstrip('_')}: {value}" for key, value in fields.items()]
        return await self.send("\r\n".join(lines) + "\r\n\r\n")

    async def send(self, text: str) -> dict[str, str]:
        """Send text as it is, return the next response."""
        self._writer.write(text.encode())
        return await asyncio.wait_for(self._responses.get(), _TIMEOUT_S)

    async def _read(self) -> None:
        while True:
            try:
                text = (await self._reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            message = dict(line.partition(": ")[::2] for line in text.strip().split("\r\n"))
            if "Event" in message:
                self.events.append(message)
                self.raw.append(text.strip())
            else:
                await self._responses.put(message)
