"""The gate's channels as its console lists them, and the two orders the warden gives there.

The console's answers hold telephone numbers; of them only names, unique ids and recording ids leave this module.
Seen on Asterisk 22: ``core show channels concise`` separates fields by ``!``, the fifth is the state, the last the
unique id; ``core show channel`` lists the variables, inherited ones without their underscores.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.asterisk.console import console_command

PATIENCE_S: Final = 2.0
"""Seconds for one console command."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9/@._:;+-]{0,199}")
_UNIQUE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")
_RECORDING: Final = re.compile(r"^_{0,2}RECUUID=([0-9a-f-]{36})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Leg:
    """One channel at the gate.

    Attributes:
        channel: Asterisk's unique id.
        name: its name, which the console's orders take; may hold a number when it is not a PJSIP channel: not logged.
        is_trunk: it is not a leg from the pbx.
        is_up: off hook.
    """

    channel: str
    name: str
    is_trunk: bool
    is_up: bool


class GateConsole:
    """The gate's console. Everything raises the ``SwitchError`` family when it does not answer.

    Args:
        control: its control socket.
        pbx: endpoint of the pbx at the gate.
    """

    def __init__(self, control: Path, pbx: str) -> None:
        self._control = control
        self._pbx = pbx

    def legs(self) -> list[Leg]:
        """List every channel that exists now."""
        return legs_of(self._ask("core show channels concise"), self._pbx)

    def recording(self, leg: Leg) -> str:
        """Return the id of the leg's recording, or ""."""
        found = _RECORDING.search(self._ask(f"core show channel {leg.name}"))
        return found[1] if found else ""

    def end(self, leg: Leg) -> None:
        """Ask for one channel's end; one that is gone already is fine."""
        self._ask(f"channel request hangup {leg.name}")

    def end_all(self) -> None:
        """Ask for every channel's end."""
        self._ask("channel request hangup all")

    def _ask(self, text: str) -> str:
        return console_command(self._control, text, PATIENCE_S)


def legs_of(listing: str, pbx: str) -> list[Leg]:
    """Read the console's list of channels; a line that is none is left out."""
    return list(_legs(listing.splitlines(), pbx))


def _legs(lines: Iterable[str], pbx: str) -> Iterable[Leg]:
    for line in lines:
        parts = line.strip().split("!")
        # A field may hold a "!" of its own; the first ones and the last are what is read.
        if len(parts) < 14:
            continue
        name, channel = parts[0], parts[-1]
        if _NAME.fullmatch(name) is None or _UNIQUE_ID.fullmatch(channel) is None:
            continue
        endpoint = name.removeprefix("PJSIP/").rpartition("-")[0]
        yield Leg(channel, name, is_trunk=endpoint != pbx or not name.startswith("PJSIP/"), is_up=parts[4] == "Up")
