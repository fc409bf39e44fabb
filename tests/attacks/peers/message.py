"""SIP messages as text: taken apart, put together, and the digest answer to a challenge.

Lenient on purpose: an attacker sends what no decent client would. Sockets, transactions and dialogs are left to
``peer``.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

_COMPACT: Final = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message as it came.

    Attributes:
        text: the whole of it.
        source: who sent it.
    """

    text: str
    source: Address

    @property
    def start(self) -> str:
        """The first line."""
        return self.text.split("\r\n", 1)[0]

    @property
    def status(self) -> int:
        """Status code of a response, 0 of a request."""
        return int(self.start.split(" ")[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        """Method of a request; of a response, the one it answers."""
        return self.header("cseq").rpartition(" ")[2] if self.status else self.start.split(" ")[0]

    @property
    def number(self) -> str:
        """User part of the request URI, without plus."""
        matched = re.match(r"\S+ (?:sips?|tel):\+?([^@;> ]*)", self.start)
        return matched[1] if matched else ""

    @property
    def body(self) -> str:
        """What follows the headers."""
        return self.text.partition("\r\n\r\n")[2]

    def headers(self, name: str) -> list[str]:
        """Return every value of a header, in order."""
        texts = []
        for line in self.text.partition("\r\n\r\n")[0].split("\r\n")[1:]:
            key, _, value = line.partition(":")
            key = key.strip().lower()
            if _COMPACT.get(key, key) == name:
                texts.append(value.strip())
        return texts

    def header(self, name: str) -> str:
        """Return a header's first value, or ""."""
        return (self.headers(name) or [""])[0]

    def tag(self, name: str) -> str:
        """Return the tag of ``from`` or ``to``, or ""."""
        matched = re.search(r";tag=([^;\s>]+)", self.header(name))
        return matched[1] if matched else ""

    @property
    def contact(self) -> str:
        """URI of the Contact, or ""."""
        matched = re.search(r"<([^>]*)>", self.header("contact"))
        return matched[1] if matched else self.header("contact")

    @property
    def audio(self) -> Address | None:
        """Where the body's SDP wants audio, or None."""
        host = re.search(r"^c=IN IP4 (\S+)", self.body, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", self.body, re.MULTILINE)
        return (host[1], int(port[1])) if host and port and int(port[1]) else None


def response(request: Message, status: str, tag: str, headers: list[str] | None = None, body: str = "") -> str:
    """Return the answer ``status`` (code and reason) to a request."""
    lines = [f"SIP/2.0 {status}"]
    lines += [f"Via: {value}" for value in request.headers("via")]
    lines += [f"Record-Route: {value}" for value in request.headers("record-route")]
    to = request.header("to")
    lines += [f"From: {request.header('from')}", f"To: {to}" if ";tag=" in to else f"To: {to};tag={tag}"]
    lines += [f"Call-ID: {request.header('call-id')}", f"CSeq: {request.header('cseq')}"]
    return together(lines + (headers or []), body)


def together(lines: list[str], body: str = "") -> str:
    """Return lines and body as one message; the length is added, and the type when there is a body."""
    lines = [line for line in lines if line]
    if body and not any(line.lower().startswith("content-type:") for line in lines):
        lines.append("Content-Type: application/sdp")
    return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body])


def digest(challenge: str, method: str, uri: str, user: str, secret: str) -> str:
    """Return the value of an Authorization header that answers ``challenge`` (MD5, with or without qop)."""
    fields = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    ha1 = _md5(f"{user}:{fields['realm']}:{secret}")
    ha2 = _md5(f"{method}:{uri}")
    parts = {"username": user, "realm": fields["realm"], "nonce": fields["nonce"], "uri": uri}
    tail = ""
    if "qop" in fields:
        proof = f"{ha1}:{fields['nonce']}:00000001:0a4f113b:auth:{ha2}"
        tail = ', qop=auth, nc=00000001, cnonce="0a4f113b"'
    else:
        proof = f"{ha1}:{fields['nonce']}:{ha2}"
    if "opaque" in fields:
        tail += f', opaque="{fields["opaque"]}"'
    quoted = ", ".join(f'{key}="{value}"' for key, value in parts.items())
    return f'Digest {quoted}, response="{_md5(proof)}", algorithm=MD5{tail}'


def sdp(host: str, port: int, mode: str = "sendrecv") -> str:
    """Return an offer or answer of one A-law stream with telephone events."""
    lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0", f"m=audio {port} RTP/AVP 8 101"]
    lines += ["a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16", f"a={mode}", ""]
    return "\r\n".join(lines)


def fax(host: str, port: int) -> str:
    """Return an offer or answer of one T.38 stream."""
    lines = ["v=0", f"o=- 1 2 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0", f"m=image {port} udptl t38"]
    lines += ["a=T38FaxVersion:0", "a=T38MaxBitRate:14400", "a=T38FaxRateManagement:transferredTCF"]
    lines += ["a=T38FaxMaxBuffer:1400", "a=T38FaxMaxDatagram:400", "a=T38FaxUdpEC:t38UDPRedundancy", ""]
    return "\r\n".join(lines)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
