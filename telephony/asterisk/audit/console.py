"""Query a running instance for an audit over its control socket. Blocking.

Only root and the instance's own user may do this. The rules interpret the answers.
"""

import re
from pathlib import Path
from typing import Final

from telephony.asterisk.audit.evidence import Running
from telephony.asterisk.console import console_command
from telephony.errors import SwitchUnavailableError

_ENDPOINT: Final = re.compile(r"^ Endpoint:  ([^\s<][^\s/]*)", re.MULTILINE)
_AOR: Final = re.compile(r"^\s+Aor:  ([^\s<]\S*)", re.MULTILINE)
_ACCOUNT: Final = re.compile(r"^username\s*\n-+\n((?:[^\s-]\S*\s*\n)*)", re.MULTILINE)


def look_at(control: Path) -> Running:
    """Return the running state that an audit needs.

    Raises:
        SwitchError: the console cannot be queried.
    """
    try:
        facts = control.stat()
    except OSError as error:
        raise SwitchUnavailableError(f"{control}: {error.strerror}; start the instance, or run as root") from error
    endpoints = {
        name: console_command(control, f"pjsip show endpoint {name}")
        for name in _ENDPOINT.findall(console_command(control, "pjsip show endpoints"))
    }
    aors = sorted({name for text in endpoints.values() for name in _AOR.findall(text)})
    return Running(
        user_id=facts.st_uid,
        socket_mode=facts.st_mode & 0o777,
        modules=console_command(control, "module show"),
        dialplan=console_command(control, "dialplan show"),
        globals=console_command(control, "dialplan show globals"),
        contacts=console_command(control, "pjsip show contacts"),
        manager=console_command(control, "manager show settings"),
        http=console_command(control, "http show status"),
        cdr=console_command(control, "cdr show status"),
        endpoints=endpoints,
        aors={name: console_command(control, f"pjsip show aor {name}") for name in aors},
        users={
            name: console_command(control, f"manager show user {name}")
            for name in account_names(console_command(control, "manager show users"))
        },
    )


def account_names(text: str) -> list[str]:
    """Return the account names in the output of ``manager show users``."""
    match = _ACCOUNT.search(text)
    return [] if match is None else match[1].split()
