"""The Asterisk Manager Interface as bytes: incoming messages, outgoing actions.

No I/O: ``AmiParser`` accepts received bytes in any chunking and returns complete messages; ``encode_action`` returns
the bytes of one action and refuses any text that could become a second one. ``telephony.asterisk.ami`` does sockets,
logins, time-outs and the pairing of answers with actions. The peer's errors are ``PeerProtocolError``, our own are
``ForbiddenTextError``.

Source of the limits: Asterisk's manager.c reads actions with up to 1,025 bytes a line and 128 headers; it sends longer
messages, so the limits on incoming messages are our own.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from telephony.errors import ForbiddenTextError, PeerProtocolError

BANNER: Final = b"Asterisk Call Manager/"
BANNER_BYTES: Final = 128
"""Maximum size of the greeting line; Asterisk's has about 30 bytes."""
LINE_BYTES: Final = 16 * 1024
"""Maximum size of an incoming header line."""
MESSAGE_BYTES: Final = 128 * 1024
"""Maximum size of an incoming message; the longest seen with all events on has 3 kB."""
MESSAGE_LINES: Final = 1024
"""Maximum number of headers in an incoming message."""
ACTION_LINE_BYTES: Final = 1000
"""Maximum line of an action: Asterisk drops a line that does not fit in 1,024 bytes with its line end."""
ACTION_LINES: Final = 128
"""Maximum number of headers in an action (``AST_MAX_MANHEADERS``)."""

_BLANK: Final = b"\r\n\r\n"
_HEAD: Final = re.compile(rb"Event: [A-Za-z]+\r\nPrivilege: [a-z]+,all\r\nTimestamp: [0-9]{9,}\.[0-9]{6}(?:\r\n|\Z)")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_FUNCTION: Final = re.compile(r"PJSIP_(?:AOR|CONTACT)\([A-Za-z0-9@:;._-]{1,200},[a-z_]{1,40}\)")
"""The only functions that ``Getvar`` may read: data about a contact."""
_VARIABLE: Final = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]{0,79}=[^,]*")
_STRANGER: Final = (
    "somebody's name or number contains line breaks; write this gate's or pbx's configuration again "
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
"""All headers that are read. Asterisk sends each once per message. A repeated one was forged with ``%0D%0A`` in a name
sent by a carrier or a phone, and its first value would be taken for Asterisk's."""
_ONCE: Final = frozenset(name.lower() for name in ONCE)


@dataclass(frozen=True, slots=True)
class AmiMessage:
    """One event or response.

    Attributes:
        event: the event's name, or "" for a response.
        fields: every header as sent; of a repeated one the first value.
        repeated: all values of the headers that came more than once, in order.
        is_stamped: True if it begins like every event that Asterisk sends by itself (timestampevents on). A caller's
            number may contain line breaks (``%0D%0A`` in a SIP URI), which Asterisk passes on; an event forged in its
            79 characters has no room for this beginning.
    """

    event: str
    fields: Mapping[str, str]
    repeated: Mapping[str, list[str]] = field(default_factory=dict)
    is_stamped: bool = True

    def get(self, key: str) -> str:
        """Return the value of a header, or "" when it is absent."""
        return self.fields.get(key, "")

    def every(self, key: str) -> list[str]:
        """Return all values of a header that may be repeated, in order."""
        if key in self.repeated:
            return self.repeated[key]
        return [self.fields[key]] if key in self.fields else []

    @property
    def is_error(self) -> bool:
        """True if this is a response that refuses."""
        return not self.event and self.get("Response").lower() not in {"success", "follows", "goodbye", "pong"}


class AmiParser:
    """Parses bytes into complete messages.

    Args:
        event_names: names of the events to parse; others are skipped at their first line. None: all.
    """

    def __init__(self, event_names: Collection[str] | None = None) -> None:
        self._event_names = None if event_names is None else frozenset(name.encode() for name in event_names)
        self._buffer = bytearray()
        self._scanned = 0
        self.version: str | None = None
        """The protocol version in the greeting, None until it has arrived."""

    @property
    def unfinished(self) -> int:
        """The number of bytes that wait for the rest of their message."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Add received bytes; call ``messages`` after each call."""
        self._buffer += data

    def messages(self) -> Iterator[AmiMessage]:
        """Yield the complete messages, in order; iteration may be stopped and started again.

        Raises:
            PeerProtocolError: the greeting is not Asterisk's, a limit is exceeded, or a message repeats a header of
                ``ONCE`` or has a line that is not a header; nothing can be read after it.
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
            raise PeerProtocolError(f"the manager peer sent a greeting of more than {BANNER_BYTES} bytes")
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
        raise PeerProtocolError(f"the manager peer sent an event with a line that is not a header: {_STRANGER}")
    return AmiMessage(fields.get("Event", ""), fields, repeated, is_stamped)


def encode_action(fields: Iterable[tuple[str, str]]) -> bytes:
    r"""Return the bytes of one action.

    Args:
        fields: header and value in the order to send them, ``Action`` first; a header may come twice.

    Returns:
        The lines and the blank line that ends them, UTF-8.

    Raises:
        ForbiddenTextError: a header name is not valid; a value contains CR, LF or NUL (a second action), is too long
            or not text; ``Variable`` is not one ``name=value`` (a comma would begin a second one), or in ``Getvar``
            not one of the allowed functions.
    """
    fields = [*fields]
    is_question = fields[:1] == [("Action", "Getvar")]
    lines = [_line(key, value, is_question=is_question) for key, value in fields]
    if not lines or len(lines) > ACTION_LINES:
        raise ForbiddenTextError(f"an action has 1 to {ACTION_LINES} headers, not {len(lines)}")
    return b"".join(lines) + b"\r\n"


def _line(key: str, value: str, *, is_question: bool = False) -> bytes:
    if _KEY.fullmatch(key) is None:
        raise ForbiddenTextError("a manager header may have letters, digits, dash and underscore; nothing was sent")
    if _FORBIDDEN.search(value):
        raise ForbiddenTextError(f"the value of {key} contains CR, LF or NUL; nothing was sent")
    if key.lower() == "variable" and (_FUNCTION if is_question else _VARIABLE).fullmatch(value) is None:
        raise ForbiddenTextError("Variable must be one name=value without comma; nothing was sent")
    try:
        line = f"{key}: {value}\r\n".encode()
    except UnicodeEncodeError as error:
        raise ForbiddenTextError(f"the value of {key} is not text; nothing was sent") from error
    if len(line) > ACTION_LINE_BYTES:
        raise ForbiddenTextError(f"{key} is longer than {ACTION_LINE_BYTES} bytes; nothing was sent")
    return line
