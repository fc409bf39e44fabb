"""Asterisk's console over its control socket: send one command and return its output, without starting a process.

The socket belongs to the instance and has mode 0600, so only root and the instance's own user can use it. The callers
(lab, warden, audit) interpret the output. It contains phone numbers, so it is never logged.
"""

import socket
import time
from pathlib import Path
from typing import Final

from telephony.errors import ForbiddenTextError, SwitchTimeoutError, SwitchUnavailableError

_LIMIT: Final = 32 * 1024 * 1024


def console_command(control: Path, text: str, timeout_s: float = 10.0) -> str:
    """Return what the instance behind ``control`` prints for the command ``text``.

    Args:
        control: path of the control socket.
        text: one command, e.g. ``core show channels concise``.
        timeout_s: time-out for everything, in seconds.

    Raises:
        ForbiddenTextError: the command contains a control character.
        SwitchUnavailableError: nothing listens there, or the instance is stopping.
        SwitchTimeoutError: no complete answer in time.
    """
    if any(ord(character) < 32 for character in text):
        raise ForbiddenTextError("a console command contains a control character; it was not sent")
    deadline = time.monotonic() + timeout_s
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(timeout_s)
            link.connect(str(control))
            return _talk(link, text, deadline)
    except TimeoutError as error:
        raise SwitchTimeoutError(f"{control}: the console does not answer; is the instance hung?") from error
    except OSError as error:
        raise SwitchUnavailableError(
            f"{control}: the console does not answer ({error}); is the instance up, and is this its own user?"
        ) from error


def _talk(link: socket.socket, text: str, deadline: float) -> str:
    banner = link.recv(4096)
    if not banner:
        raise SwitchUnavailableError("the console closed at once; is the instance stopping?")
    link.sendall(f"cli quit after {text}".encode() + b"\0")
    received = bytearray()
    while time.monotonic() < deadline and len(received) < _LIMIT:
        piece = link.recv(65536)
        if not piece:
            break
        received += piece
    else:
        raise SwitchTimeoutError("the console did not finish its answer in time")
    # A byte below 32 or 0x7f before a line is the verbosity level, not text.
    printable = bytes(byte for byte in received if byte == 10 or 32 <= byte != 127)
    return printable.decode(errors="replace")
