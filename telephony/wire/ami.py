"""The Asterisk Manager Interface as bytes: incoming messages, outgoing actions.

No I/O: ``AmiParser`` is fed what the socket gave, in any chunking, and hands out whole messages; ``encode_action``
makes the bytes of one action and refuses any text that could become a second one. Sockets, logins, time-outs and
the pairing of answers with actions are left to ``telephony.asterisk.ami``. What the peer does wrong is a
``PeerProtocolError``, what we do wrong a ``ForbiddenTextError``.

Source of the limits: Asterisk's manager.c reads actions into 1,025 bytes a line and 128 headers; what it sends is
longer, so the limits on incoming messages are ours.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from telephony.errors import ForbiddenTextError, PeerProtocolError

BANNER: Final = b"Asterisk Call Manager/"
BANNER_BYTES: Final = 128
"""Longest greeting line; Asterisk's has about 30 bytes."""
LINE_BYTES: Final = 16 * 1024
"""Longest incoming header line."""
MESSAGE_BYTES: Final = 128 * 1024
"""Longest incoming message; the longest seen with every event on has 3 kB."""
MESSAGE_LINES: Final = 1024
"""Most headers in an incoming message."""
ACTION_LINE_BYTES: Final = 1000
"""Longest line of an action: Asterisk drops one that does not fit in 1,024 bytes with its end."""
ACTION_LINES: Final = 128
"""Most headers in an action (``AST_MAX_MANHEADERS``)."""

_BLANK: Final = b"\r\n\r\n"
_HEAD: Final = re.compile(rb"Event: [A-Za-z]+\r\nPrivilege: [a-z]+,all\r\nTimestamp: [0-9]{9,}\.[0-9]{6}(?:\r\n|\Z)")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_FUNCTION: Final = re.compile(r"PJSIP_(?:AOR|CONTACT)\([A-Za-z0-9@:;._-]{1,200},[a-z_]{1,40}\)")
"""The only functions that are read: what Asterisk knows of a contact."""
_VARIABLE: Final = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]{0,79}=[^,]*")
_STRANGER: Final = (
    "somebody's name or number holds line breaks; write this gate's or pbx's configuration anew "
    "(telephony configuration write), which lets no such text in"
)
_FORBIDDEN: Final = re.compile("[\r\n\0]")
ONCE: Final = frozenset(
    {
        "ActionID",
        "AsteriskVersion",
        "BridgeId",
        "BridgeUniqueid",
        "CallerIDNum",
        "Cause",
        "Channel",
        "ChannelState",
        "DestChannel",
        "DestUniqueid",
        "DialStatus",
        "DialString",
        "Digit",
        "Direction",
        "Event",
        "EventList",
        "Exten",
        "Linkedid",
        "ListItems",
        "Message",
        "Privilege",
        "Response",
        "TechCause",
        "Timestamp",
        "Uniqueid",
        "Value",
    }
)
"""Every header that is read. Asterisk sends each once in a message; one that comes twice was written by a stranger:
a carrier's or a phone's name holds ``%0D%0A``, and its first value would be believed to be Asterisk's."""
_ONCE: Final = frozenset(name.lower() for name in ONCE)


@dataclass(frozen=True, slots=True)
class AmiMessage:
    """One event or response.

    Attributes:
        event: the event's name, or "" for a response.
        fields: every header as sent; of a repeated one the first value.
        repeated: all values of the headers that came more than once, in order.
        is_stamped: whether it begins as every event does that Asterisk sends of its own accord (timestampevents on).
            A caller's number may hold line breaks (``%0D%0A`` in a SIP URI) and Asterisk passes them on; an event made
            of its 79 characters has no room for this head.
    """

    event: str
    fields: Mapping[str, str]
    repeated: Mapping[str, list[str]] = field(default_factory=dict)
    is_stamped: bool = True

    def get(self, key: str) -> str:
        """Value of a header, or "" when it is absent."""
        return self.fields.get(key, "")

    def every(self, key: str) -> list[str]:
        """All values of a header that may be repeated, in order."""
        if key in self.repeated:
            return self.repeated[key]
        return [self.fields[key]] if key in self.fields else []

    @property
    def is_error(self) -> bool:
        """Whether this is a response that refuses."""
        return not self.event and self.get("Response").lower() not in {"success", "follows", "goodbye", "pong"}


class AmiParser:
    """Bytes in, whole messages out.

    Args:
        event_names: names of the events to parse; the others are skipped by their first line. None: all.
    """

    def __init__(self, event_names: Collection[str] | None = None) -> None:
        self._event_names = None if event_names is None else frozenset(name.encode() for name in event_names)
        self._buffer = bytearray()
        self._scanned = 0
        self.version: str | None = None
        """The protocol version of the greeting, None until it has come."""

    @property
    def unfinished(self) -> int:
        """How many bytes wait for the rest of their message."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take what the socket gave; call ``messages`` after each."""
        self._buffer += data

    def messages(self) -> Iterator[AmiMessage]:
        """Hand out the messages that are whole by now, in order; the generator may be left and entered again.

        Raises:
            PeerProtocolError: the peer does not greet as Asterisk does, a limit is passed, or a message holds a
                header twice that is read, or a torn line; nothing can be read after it.
        """
        if self.version is None and not self._read_banner():
            return
        while (end := self._buffer.find(_BLANK, self._scanned)) >= 0:
            block = bytes(self._buffer[:end])
            del self._buffer[: end + 4]
            self._scanned = 0
            if len(block) > MESSAGE_BYTES:
                raise PeerProtocolError(f"the manager peer sent a message longer than {MESSAGE_BYTES} bytes")
            message = self._parse(block)
            if message is not None:
                yield message
        self._scanned = max(0, len(self._buffer) - 3)
        if self._scanned > MESSAGE_BYTES:
            raise PeerProtocolError(f"the manager peer sent more than {MESSAGE_BYTES} bytes without ending a message")

    def _read_banner(self) -> bool:
        end = self._buffer.find(b"\r\n")
        greeting = bytes(self._buffer[: len(BANNER)])
        if greeting != BANNER[: len(greeting)]:
            raise PeerProtocolError("the peer does not greet as an Asterisk manager; check host and port")
        if end > BANNER_BYTES or (end < 0 and len(self._buffer) > BANNER_BYTES + 1):
            raise PeerProtocolError(f"the manager peer greets with more than {BANNER_BYTES} bytes")
        if end < 0:
            return False
        self.version = self._buffer[len(BANNER) : end].decode("utf-8", "replace").strip()
        del self._buffer[: end + 2]
        return True

    def _parse(self, block: bytes) -> AmiMessage | None:
        block = block.lstrip(b"\r\n")
        if not block:
            return None
        if self._event_names is not None and block.startswith(b"Event: "):
            end = block.find(b"\r\n")
            if (block[7:end] if end >= 0 else block[7:]) not in self._event_names:
                return None
        if len(block) > LINE_BYTES and any(len(line) > LINE_BYTES for line in block.split(b"\r\n")):
            raise PeerProtocolError(f"the manager peer sent a line longer than {LINE_BYTES} bytes")
        return _message(block.decode("utf-8", "replace"), is_stamped=_HEAD.match(block) is not None)


def _message(text: str, *, is_stamped: bool) -> AmiMessage:
    lines = text.split("\r\n")
    if len(lines) > MESSAGE_LINES:
        raise PeerProtocolError(f"the manager peer sent a message of more than {MESSAGE_LINES} lines")
    fields: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    seen: set[str] = set()
    is_torn = False
    for line in lines:
        key, colon, value = line.partition(": ")
        if not colon:
            key, colon, value = line.partition(":")
            if not colon:
                is_torn = True
                continue
        if key.lower() in _ONCE:
            if key.lower() in seen:
                raise PeerProtocolError(f"the manager peer sent {key} twice in one message: {_STRANGER}")
            seen.add(key.lower())
        if key in fields:
            repeated.setdefault(key, [fields[key]]).append(value)
        else:
            fields[key] = value
    if "Event" not in fields and "Response" not in fields:
        raise PeerProtocolError("the manager peer sent a message that is neither event nor response")
    if is_torn and "Event" in fields:
        raise PeerProtocolError(f"the manager peer sent an event with a line that is no header: {_STRANGER}")
    return AmiMessage(fields.get("Event", ""), fields, repeated, is_stamped)


def encode_action(fields: Iterable[tuple[str, str]]) -> bytes:
    r"""Make the bytes of one action.

    Args:
        fields: header and value in the order to send them, ``Action`` first; a header may come twice.

    Returns:
        The lines and the blank line that ends them, UTF-8.

    Raises:
        ForbiddenTextError: a header is no header name; a value holds CR, LF or NUL (a second action), is too long
            or not text; ``Variable`` is not one ``name=value`` (a comma would begin a second one), or in ``Getvar``
            not what a contact is asked.
    """
    fields = [*fields]
    is_question = fields[:1] == [("Action", "Getvar")]
    lines = [_line(key, value, is_question=is_question) for key, value in fields]
    if not lines or len(lines) > ACTION_LINES:
        raise ForbiddenTextError(f"an action has 1 to {ACTION_LINES} headers, not {len(lines)}")
    return b"".join(lines) + b"\r\n"


def _line(key: str, value: str, *, is_question: bool = False) -> bytes:
    if _KEY.fullmatch(key) is None:
        raise ForbiddenTextError("a manager header's name is letters, digits, dash and underscore; nothing was sent")
    if _FORBIDDEN.search(value):
        raise ForbiddenTextError(f"the value of {key} holds CR, LF or NUL; nothing was sent")
    if key.lower() == "variable" and (_FUNCTION if is_question else _VARIABLE).fullmatch(value) is None:
        raise ForbiddenTextError("Variable is one name=value without comma; nothing was sent")
    try:
        line = f"{key}: {value}\r\n".encode()
    except UnicodeEncodeError as error:
        raise ForbiddenTextError(f"the value of {key} is not text; nothing was sent") from error
    if len(line) > ACTION_LINE_BYTES:
        raise ForbiddenTextError(f"{key} is longer than {ACTION_LINE_BYTES} bytes; nothing was sent")
    return line
