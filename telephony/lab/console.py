"""Asterisk's console over its control socket: one command, its output, no process started.

The socket belongs to the instance and is mode 0600, so only root and the instance's own user can do this.
"""

import socket
import time
from pathlib import Path
from typing import Final

from telephony.errors import LabError

_LIMIT: Final = 4 * 1024 * 1024


def command(control: Path, text: str, timeout_s: float = 10.0) -> str:
    """Return what the instance behind ``control`` prints for the command ``text``.

    Args:
        control: path of the control socket.
        text: one command, e.g. ``core show channels concise``.
        timeout_s: for everything, in seconds.

    Raises:
        LabError: nobody listens there, no answer in time, or the command holds control characters.
    """
    if any(ord(character) < 32 for character in text):
        raise LabError("a console command holds a control character; it was not sent")
    deadline = time.monotonic() + timeout_s
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(timeout_s)
            link.connect(str(control))
            answer = _talk(link, text, deadline)
    except OSError as error:
        raise LabError(f"{control}: the console does not answer ({error}); is the instance up?") from error
    return answer


def _talk(link: socket.socket, text: str, deadline: float) -> str:
    banner = link.recv(4096)
    if not banner:
        raise LabError("the console closed at once; is the instance stopping?")
    link.sendall(f"cli quit after {text}".encode() + b"\0")
    received = bytearray()
    while time.monotonic() < deadline and len(received) < _LIMIT:
        piece = link.recv(65536)
        if not piece:
            break
        received += piece
    else:
        raise LabError("the console did not finish its answer in time")
    # A byte below 32 or 0x7f before a line is its verbosity level, not text.
    kept = bytes(byte for byte in received if byte == 10 or 32 <= byte != 127)
    return kept.decode(errors="replace")
