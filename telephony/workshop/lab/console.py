"""The consoles of the lab's instances; the talking itself is ``telephony.asterisk.console``."""

from pathlib import Path

from telephony.asterisk.console import console_command
from telephony.errors import LabError, SwitchError


def command(control: Path, text: str, timeout_s: float = 10.0) -> str:
    """Return what the instance behind ``control`` prints for the command ``text``.

    Args:
        control: path of the control socket.
        text: one command, e.g. ``core show channels concise``.
        timeout_s: for everything, in seconds.

    Raises:
        LabError: nobody listens there, no answer in time, or the command holds control characters.
    """
    try:
        return console_command(control, text, timeout_s)
    except SwitchError as error:
        raise LabError(str(error)) from error
