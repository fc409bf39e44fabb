"""Asking a running instance over its control socket, without the asterisk program. Blocking, under a deadline.

Only root and the instance's own user may; what the answers mean is left to the rules.
"""

import re
import socket
import time
from pathlib import Path
from typing import Final

from telephony.asterisk.audit.evidence import Running
from telephony.errors import SwitchError, SwitchTimeoutError, SwitchUnavailableError

_LIMIT: Final = 32 * 1024 * 1024
_ENDPOINT: Final = re.compile(r"^ Endpoint:  ([^\s<][^\s/]*)", re.MULTILINE)
_AOR: Final = re.compile(r"^\s+Aor:  ([^\s<]\S*)", re.MULTILINE)
_ACCOUNT: Final = re.compile(r"^username\s*\n-+\n((?:[^\s-]\S*\s*\n)*)", re.MULTILINE)


def ask_console(control: Path, text: str, timeout_s: float = 10.0) -> str:
    """Return what the instance behind a control socket prints for one command.

    Args:
        control: path of the control socket.
        text: one console command.
        timeout_s: for everything, in seconds.

    Raises:
        SwitchUnavailableError: nobody listens there, or this user may not.
        SwitchTimeoutError: no end of the answer in time.
    """
    until_s = time.monotonic() + timeout_s
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(timeout_s)
            link.connect(str(control))
            return _converse(link, text, until_s)
    except TimeoutError as error:
        raise SwitchTimeoutError(f"{control}: no answer to {text!r} in time; is Asterisk stuck?") from error
    except OSError as error:
        raise SwitchUnavailableError(
            f"{control}: the console does not answer ({error.strerror}); start the instance, or run as root"
        ) from error


def _converse(link: socket.socket, text: str, until_s: float) -> str:
    if not link.recv(4096):
        raise SwitchUnavailableError("the console closed at once: Asterisk is stopping")
    link.sendall(f"cli quit after {text}".encode() + b"\0")
    received = bytearray()
    while len(received) < _LIMIT:
        link.settimeout(max(0.001, until_s - time.monotonic()))
        piece = link.recv(65536)
        if not piece:
            # A byte below 32 or 0x7f before a line is its verbosity level, not text.
            return bytes(byte for byte in received if byte == 10 or 32 <= byte != 127).decode(errors="replace")
        received += piece
    raise SwitchError(f"the console's answer to {text!r} does not end")


def look_at(control: Path) -> Running:
    """Ask everything an audit wants to know.

    Raises:
        SwitchError: the console cannot be asked.
    """
    try:
        facts = control.stat()
    except OSError as error:
        raise SwitchUnavailableError(f"{control}: {error.strerror}; start the instance, or run as root") from error
    endpoints = {
        name: ask_console(control, f"pjsip show endpoint {name}")
        for name in _ENDPOINT.findall(ask_console(control, "pjsip show endpoints"))
    }
    aors = sorted({name for text in endpoints.values() for name in _AOR.findall(text)})
    return Running(
        user_id=facts.st_uid,
        socket_mode=facts.st_mode & 0o777,
        modules=ask_console(control, "module show"),
        dialplan=ask_console(control, "dialplan show"),
        globals=ask_console(control, "dialplan show globals"),
        contacts=ask_console(control, "pjsip show contacts"),
        manager=ask_console(control, "manager show settings"),
        http=ask_console(control, "http show status"),
        cdr=ask_console(control, "cdr show status"),
        endpoints=endpoints,
        aors={name: ask_console(control, f"pjsip show aor {name}") for name in aors},
        users={
            name: ask_console(control, f"manager show user {name}")
            for name in account_names(ask_console(control, "manager show users"))
        },
    )


def account_names(text: str) -> list[str]:
    """Return the accounts that ``manager show users`` printed."""
    found = _ACCOUNT.search(text)
    return [] if found is None else found[1].split()
