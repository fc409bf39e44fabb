"""The Asterisk Gateway Interface as bytes: the request block, the replies, the one command we send.

No I/O: ``AgiRequestParser`` reads the block Asterisk opens a FastAGI connection with, ``AgiReplyParser`` the replies
to commands; both take any chunking. A ``HANGUP`` line is news about the channel, not a reply: it never shifts the
replies after it. Listening, deadlines and routing are left to ``telephony.asterisk.agi``. What the peer does wrong
is a ``PeerProtocolError``, what we do wrong a ``ForbiddenTextError``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from telephony.errors import ForbiddenTextError, PeerProtocolError

REQUEST_BYTES: Final = 16 * 1024
"""Longest request block; Asterisk's has about 700 bytes."""
REQUEST_LINES: Final = 192
"""Most lines of a request block: about 25 headers and up to 128 arguments."""
REPLY_BYTES: Final = 8 * 1024
"""Longest reply, all its lines together."""
COMMAND_BYTES: Final = 2000
"""Longest command: Asterisk reads them into 2,048 bytes (``AGI_BUF_LEN``)."""

_HEADER: Final = re.compile(r"(agi_[a-z0-9_]{1,40}):(?: (.*))?", re.DOTALL)
_UNIQUE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,150}")
_REPLY: Final = re.compile(r"([0-9]{3})( |-|$)(.*)", re.DOTALL)
_RESULT: Final = re.compile(r"result=(-?[0-9]{1,18})?")
_VARIABLE: Final = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]{0,79}")
_FORBIDDEN: Final = re.compile("[\r\n\0]")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._+-]*")
"""What neither AGI's quotes nor MSet's commas and equal signs can read as anything else."""
_SET: Final = re.compile(r'SET VARIABLE ([A-Za-z][A-Za-z0-9_]{0,79}) "([^"\\]*)"')
_SET_ALL: Final = re.compile(r'EXEC MSet "([A-Za-z0-9._+=,-]*)"')


@dataclass(frozen=True, slots=True)
class AgiRequest:
    """What Asterisk opened the connection with.

    Attributes:
        route: path of the URL without slashes and query, e.g. ``verdict``.
        unique_id: Asterisk's unique id of the asking channel: letters, digits, dot, dash, underscore.
        headers: every ``agi_…`` header, as sent.
    """

    route: str
    unique_id: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AgiReply:
    """The reply to one command.

    Attributes:
        code: 200 done, 510 unknown command, 511 not on a dead channel, 520 wrong use.
        result: the number after ``result=``, or None.
        text: the whole reply, lines joined by LF.
    """

    code: int
    result: int | None
    text: str


class AgiRequestParser:
    """Reads one request block; what came behind it waits in ``rest``."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.rest = b""
        """Bytes after the block, for the ``AgiReplyParser``."""

    def feed(self, data: bytes) -> AgiRequest | None:
        """Take what the socket gave.

        Returns:
            The request once its blank line has come, else None.

        Raises:
            PeerProtocolError: too long, not headers, or without ``agi_network_script`` or ``agi_uniqueid``.
        """
        seen = max(0, len(self._buffer) - 1)
        self._buffer += data
        end = self._buffer.find(b"\n\n", seen)
        if end > REQUEST_BYTES or (end < 0 and len(self._buffer) > REQUEST_BYTES + 1):
            raise PeerProtocolError(f"an AGI peer sent more than {REQUEST_BYTES} bytes without a blank line")
        if end < 0:
            return None
        self.rest = bytes(self._buffer[end + 2 :])
        return _request(bytes(self._buffer[:end]))


def _request(block: bytes) -> AgiRequest:
    lines = block.decode("utf-8", "replace").split("\n")
    if len(lines) > REQUEST_LINES:
        raise PeerProtocolError(f"an AGI peer sent more than {REQUEST_LINES} lines")
    headers: dict[str, str] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None:
            raise PeerProtocolError("an AGI peer sent a line that is no agi_ header")
        if match[1] in headers:  # a line break in somebody's caller number (%0A in a SIP URI) forges headers
            raise PeerProtocolError("an AGI peer sent a header twice")
        headers[match[1]] = match[2] or ""
    script, unique_id = headers.get("agi_network_script"), headers.get("agi_uniqueid", "")
    if script is None or _UNIQUE_ID.fullmatch(unique_id) is None:
        raise PeerProtocolError("an AGI peer sent no agi_network_script or no usable agi_uniqueid")
    return AgiRequest(script.partition("?")[0].strip("/"), unique_id, headers)


class AgiReplyParser:
    """Reads replies to commands, one for each command, provisional ones (100) left out."""

    def __init__(self, rest: bytes = b"") -> None:
        self._buffer = bytearray(rest)
        self._open: list[str] = []
        self._open_bytes = 0
        self.is_hung_up = False
        """Whether a HANGUP line has come: the channel is gone."""

    def feed(self, data: bytes) -> None:
        """Take what the socket gave; call ``replies`` after each."""
        self._buffer += data

    def replies(self) -> Iterator[AgiReply]:
        """Hand out the replies that are whole by now.

        Raises:
            PeerProtocolError: a line is no reply, or a reply is too long.
        """
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._limit(len(line))
            reply = self._line(line.decode("utf-8", "replace").removesuffix("\r"))
            if reply is not None and reply.code != 100:
                yield reply
        self._limit(len(self._buffer))

    def _limit(self, size: int) -> None:
        if self._open_bytes + size > REPLY_BYTES:
            raise PeerProtocolError(f"an AGI peer sent a reply longer than {REPLY_BYTES} bytes")

    def _line(self, line: str) -> AgiReply | None:
        if line == "HANGUP":
            self.is_hung_up = True
            return None
        match = _REPLY.fullmatch(line)
        if self._open:
            self._open.append(line)
            self._open_bytes += len(line.encode()) + 1
            if match is None or match[2] == "-" or match[1] != self._open[0][:3]:
                return None
            text, self._open, self._open_bytes = "\n".join(self._open), [], 0
            return AgiReply(int(match[1]), None, text)
        if match is None:
            raise PeerProtocolError("an AGI peer sent a line that is no reply")
        if match[2] == "-":
            self._open, self._open_bytes = [line], len(line.encode()) + 1
            return None
        result = _RESULT.match(match[3])
        return AgiReply(int(match[1]), int(result[1]) if result and result[1] else None, line)


def encode_set_variable(name: str, value: str) -> bytes:
    """Make the command that sets one channel variable.

    Args:
        name: a plain variable name, with up to two leading underscores for inheritance; never a function.
        value: any text without CR, LF and NUL.

    Raises:
        ForbiddenTextError: the name or the value would become something else on its way.
    """
    if _VARIABLE.fullmatch(name) is None:
        raise ForbiddenTextError("a channel variable's name is letters, digits and underscore; nothing was sent")
    if _FORBIDDEN.search(value):
        raise ForbiddenTextError(f"the value of {name} holds CR, LF or NUL; nothing was sent")
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    try:
        command = f'SET VARIABLE {name} "{quoted}"\n'.encode()
    except UnicodeEncodeError as error:
        raise ForbiddenTextError(f"the value of {name} is not text; nothing was sent") from error
    if len(command) > COMMAND_BYTES:
        raise ForbiddenTextError(f"the value of {name} makes a command of more than {COMMAND_BYTES} bytes")
    return command


def encode_variables(variables: Mapping[str, str]) -> list[bytes]:
    """Make the commands that set channel variables, in order.

    Plain values go out together, in one ``EXEC MSet`` (core of Asterisk, no module): one round trip instead of one for
    each, and a dialplan has all of them or none. Anything else goes one by one.

    Raises:
        ForbiddenTextError: see ``encode_set_variable``.
    """
    single = [encode_set_variable(name, value) for name, value in variables.items()]
    if len(single) < 2 or not all(_PLAIN.fullmatch(value) for value in variables.values()):
        return single
    together = ",".join(f"{name}={value}" for name, value in variables.items())
    command = f'EXEC MSet "{together}"\n'.encode()
    return [command] if len(command) <= COMMAND_BYTES else single


def read_variables(line: bytes) -> dict[str, str]:
    """Return the variables a command sets, as Asterisk would; empty when it is no such command.

    Args:
        line: one command with its line end.
    """
    text = line.decode("utf-8", "replace").rstrip("\n")
    if match := _SET.fullmatch(text):
        return {match[1]: match[2]}
    if match := _SET_ALL.fullmatch(text):
        return dict(assignment.split("=", 1) for assignment in match[1].split(",") if "=" in assignment)
    return {}
