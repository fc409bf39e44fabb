"""The Asterisk Gateway Interface as bytes: the request block, the replies, and the commands we send.

No I/O: ``AgiRequestParser`` reads the block with which Asterisk opens a FastAGI connection, ``AgiReplyParser`` the
replies to commands; both accept any chunking. A ``HANGUP`` line is about the channel and not a reply, so it does not
shift the following replies. ``telephony.asterisk.agi`` does listening, time-outs and routing. The peer's errors are
``PeerProtocolError``, our own are ``ForbiddenTextError``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from telephony.errors import ForbiddenTextError, PeerProtocolError

REQUEST_BYTES: Final = 16 * 1024
"""Maximum size of a request block; Asterisk's has about 700 bytes."""
REQUEST_LINES: Final = 192
"""Maximum number of lines in a request block: about 25 headers and up to 128 arguments."""
REPLY_BYTES: Final = 8 * 1024
"""Maximum size of a reply, all lines together."""
COMMAND_BYTES: Final = 2000
"""Maximum size of a command: Asterisk's buffer has 2,048 bytes (``AGI_BUF_LEN``)."""

_HEADER: Final = re.compile(r"(agi_[a-z0-9_]{1,40}):(?: (.*))?", re.DOTALL)
_UNIQUE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,150}")
_REPLY: Final = re.compile(r"([0-9]{3})( |-|$)(.*)", re.DOTALL)
_RESULT: Final = re.compile(r"result=(-?[0-9]{1,18})?")
_VARIABLE: Final = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]{0,79}")
_FORBIDDEN: Final = re.compile("[\r\n\0]")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._+-]*")
"""Text that is safe inside AGI's quotes and MSet's comma-separated list."""
_SET: Final = re.compile(r'SET VARIABLE ([A-Za-z][A-Za-z0-9_]{0,79}) "([^"\\]*)"')
_SET_ALL: Final = re.compile(r'EXEC MSet "([A-Za-z0-9._+=,-]*)"')


@dataclass(frozen=True, slots=True)
class AgiRequest:
    """The request with which Asterisk opened the connection.

    Attributes:
        route: path of the URL without slashes and query, e.g. ``verdict``.
        unique_id: unique id of the requesting channel: letters, digits, dot, dash, underscore.
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
    """Reads one request block; bytes after it are in ``rest``."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.rest = b""
        """Bytes after the block, for the ``AgiReplyParser``."""

    def feed(self, data: bytes) -> AgiRequest | None:
        """Add received bytes.

        Returns:
            The request when its blank line has arrived, otherwise None.

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
            raise PeerProtocolError("an AGI peer sent a line that is not an agi_ header")
        if match[1] in headers:  # a line break in a caller number (%0A in a SIP URI) forges headers
            raise PeerProtocolError("an AGI peer sent a header twice")
        headers[match[1]] = match[2] or ""
    script, unique_id = headers.get("agi_network_script"), headers.get("agi_uniqueid", "")
    if script is None or _UNIQUE_ID.fullmatch(unique_id) is None:
        raise PeerProtocolError("an AGI peer sent no agi_network_script or no usable agi_uniqueid")
    return AgiRequest(script.partition("?")[0].strip("/"), unique_id, headers)


class AgiReplyParser:
    """Reads replies to commands, one for each command, without provisional ones (100)."""

    def __init__(self, rest: bytes = b"") -> None:
        self._buffer = bytearray(rest)
        self._open: list[str] = []
        self._open_bytes = 0
        self.is_hung_up = False
        """True after a HANGUP line: the channel has ended."""

    def feed(self, data: bytes) -> None:
        """Add received bytes; call ``replies`` after each call."""
        self._buffer += data

    def replies(self) -> Iterator[AgiReply]:
        """Yield the complete replies.

        Raises:
            PeerProtocolError: a line is not a reply, or a reply is too long.
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
            raise PeerProtocolError("an AGI peer sent a line that is not a reply")
        if match[2] == "-":
            self._open, self._open_bytes = [line], len(line.encode()) + 1
            return None
        result = _RESULT.match(match[3])
        return AgiReply(int(match[1]), int(result[1]) if result and result[1] else None, line)


def encode_set_variable(name: str, value: str) -> bytes:
    """Return the command that sets one channel variable.

    Args:
        name: a plain variable name, with up to two leading underscores for inheritance; never a function.
        value: any text without CR, LF and NUL.

    Raises:
        ForbiddenTextError: Asterisk would read the name or the value differently.
    """
    if _VARIABLE.fullmatch(name) is None:
        raise ForbiddenTextError("a channel variable's name may have letters, digits and underscore; nothing was sent")
    if _FORBIDDEN.search(value):
        raise ForbiddenTextError(f"the value of {name} contains CR, LF or NUL; nothing was sent")
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    try:
        command = f'SET VARIABLE {name} "{quoted}"\n'.encode()
    except UnicodeEncodeError as error:
        raise ForbiddenTextError(f"the value of {name} is not text; nothing was sent") from error
    if len(command) > COMMAND_BYTES:
        raise ForbiddenTextError(f"the value of {name} makes a command of more than {COMMAND_BYTES} bytes")
    return command


def encode_variables(variables: Mapping[str, str]) -> list[bytes]:
    """Return the commands that set channel variables, in order.

    Plain values are sent together in one ``EXEC MSet`` (core of Asterisk, no module): one round trip, and the dialplan
    has all of them or none. Other values are sent one by one.

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
    """Return the variables that a command sets, as Asterisk would; empty for other commands.

    Args:
        line: one command with its line end.
    """
    text = line.decode("utf-8", "replace").rstrip("\n")
    if match := _SET.fullmatch(text):
        return {match[1]: match[2]}
    if match := _SET_ALL.fullmatch(text):
        return dict(assignment.split("=", 1) for assignment in match[1].split(",") if "=" in assignment)
    return {}
