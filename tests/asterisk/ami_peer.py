"""A scripted manager peer: speaks AMI as scripted, well or badly, on a loopback port of its own.

By default it greets, checks the secret, answers Ping, takes originates and hang-ups and lists ``channels``. A test
changes ``answers`` for one action, or speaks raw bytes with ``say``.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from telephony.asterisk.ami import AmiTiming

SECRET = "a-secret-of-the-test"
GREETING = b"Asterisk Call Manager/11.0.0\r\n"
QUICK = AmiTiming(
    action=timedelta(seconds=0.3),
    connect=timedelta(seconds=0.5),
    ping_every=timedelta(seconds=0.1),
    first_retry=timedelta(seconds=0.01),
    last_retry=timedelta(seconds=0.05),
)

Action = dict[str, str]


@dataclass
class AmiPeer:
    """The server and what it saw."""

    port: int = 0
    greeting: bytes = GREETING
    has_booted: bool = True
    channels: list[Action] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    answers: dict[str, Callable[[Action], str | bytes | None]] = field(default_factory=dict)
    """By action: the raw answer, or None for silence."""
    _server: asyncio.Server | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in list(self.tasks):
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    def cut(self) -> None:
        """Reset every connection."""
        for writer in self.writers:
            writer.transport.abort()

    def say(self, text: str | bytes) -> None:
        """Speak on the newest connection; text lines end in CRLF."""
        self.writers[-1].write(text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode())

    def event(self, name: str, **fields: str) -> None:
        """Send one event."""
        self.say(head(name) + "".join(f"{key}: {value}\n" for key, value in fields.items()) + "\n")

    def named(self, name: str) -> list[Action]:
        """The actions of this name that came, in order."""
        return [action for action in self.actions if action.get("Action") == name]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        self.writers.append(writer)
        writer.write(self.greeting)
        try:
            while block := await reader.readuntil(b"\r\n\r\n"):
                pairs = (line.partition(": ") for line in block.decode().strip().split("\r\n"))
                action = {key: value for key, _, value in pairs}
                self.actions.append(action)
                answer = self.answers.get(action["Action"], self._answer)(action)
                if answer is not None and not writer.is_closing():
                    writer.write(answer if isinstance(answer, bytes) else answer.replace("\n", "\r\n").encode())
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.transport.abort()

    def _answer(self, action: Action) -> str:
        match action["Action"]:
            case "Login" if action.get("Secret") != SECRET:
                return response(action, "Error", "Authentication failed")
            case "Login" if self.has_booted:
                return response(action) + "Event: FullyBooted\nPrivilege: system,all\n\n"
            case "CoreShowChannels":
                return self.listing(action)
            case "Hangup" if not any(action["Channel"] == item["Uniqueid"] for item in self.channels):
                return response(action, "Error", "No such channel")
        return response(action)

    def listing(self, action: Action) -> str:
        """The whole answer to CoreShowChannels."""
        items = [
            f"Event: CoreShowChannel\nActionID: {action['ActionID']}\n"
            + "".join(f"{key}: {value}\n" for key, value in channel.items())
            for channel in self.channels
        ]
        head = response(action, "Success", "Channels will follow\nEventList: start")
        end = f"Event: CoreShowChannelsComplete\nActionID: {action['ActionID']}\nListItems: {len(items)}\n\n"
        return head + "".join(item + "\n" for item in items) + end


def head(event: str) -> str:
    """The lines every event begins with."""
    return f"Event: {event}\nPrivilege: call,all\nTimestamp: 1795371518.543880\n"


def response(action: Action, word: str = "Success", message: str = "done") -> str:
    """One response."""
    return f"Response: {word}\nActionID: {action.get('ActionID', '')}\nMessage: {message}\n\n"


def silence(action: Action) -> None:
    """Answer nothing."""


def channel(unique_id: str, name: str, **fields: str) -> Action:
    """One channel for the list."""
    return {"Channel": name, "Uniqueid": unique_id, "Linkedid": unique_id, "ChannelState": "6", "Exten": "", **fields}
