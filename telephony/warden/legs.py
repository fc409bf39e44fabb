"""The gate's channels as its console lists them, and the two commands the warden gives there.

The console's answers contain telephone numbers; only names, unique ids and recording ids leave this module.
Seen on Asterisk 22: ``core show channels concise`` separates fields by ``!``, the fifth is the state, the last the
unique id; ``core show channel`` lists the variables, inherited ones without their underscores.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.asterisk.console import console_command
from telephony.errors import PeerProtocolError

PATIENCE_S: Final = 2.0
"""Seconds for one console command."""
_ANY: Final = re.compile(r"[^\x00-\x1f]*")
_COUNT: Final = re.compile(r"[0-9]+")
_BEFORE: Final = (
    re.compile(r"[A-Za-z0-9][A-Za-z0-9/@._:;+-]{0,199}"),  # name
    _ANY,  # context
    _ANY,  # extension
    re.compile(r"-?[0-9]+"),  # priority
    re.compile(r"Down|Rsrvd|OffHook|Dialing|Ring|Ringing|Up|Busy|Dialing Offhook|Pre-ring|Mute|Unknown"),
    _ANY,  # application; its data follows
)
_AFTER: Final = (
    re.compile(r"[0-9A-Za-z+*#.<>_-]*"),  # caller's number
    _ANY,  # account
    _ANY,  # the other side's account
    _COUNT,  # flags
    _COUNT,  # seconds
    re.compile(r"[0-9A-Za-z-]*"),  # bridge
    re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}"),  # unique id
)
"""The pattern of each field of a channel's line, except the middle one. Strangers choose the caller's number."""
_OWN_ID: Final = re.compile(r"^[ \t]*UniqueID: (\S+)[ \t]*$", re.MULTILINE)
_RECORDING: Final = re.compile(r"^_{0,2}RECUUID=([0-9a-f-]{36})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Leg:
    """One channel at the gate.

    Attributes:
        channel: Asterisk's unique id.
        name: its name, for the console's commands; may contain a number if not a PJSIP channel: never logged.
        is_trunk: True if it is not a leg from the pbx.
        is_up: off hook.
    """

    channel: str
    name: str
    is_trunk: bool
    is_up: bool


class GateConsole:
    """The gate's console. Every method raises a ``SwitchError`` if it does not answer.

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
        return recording_of(self._ask(f"core show channel {leg.name}"), leg)

    def end(self, leg: Leg) -> None:
        """Hang up one channel; no error if it is gone already."""
        self._ask(f"channel request hangup {leg.name}")

    def end_all(self) -> None:
        """Hang up every channel."""
        self._ask("channel request hangup all")

    def _ask(self, text: str) -> str:
        return console_command(self._control, text, PATIENCE_S)


def legs_of(listing: str, pbx: str) -> list[Leg]:
    """Read the console's list of channels.

    Raises:
        PeerProtocolError: a line is not a channel, or a channel is listed twice: a stranger's text broke the list, so
            neither its lines nor its completeness can be trusted.
    """
    legs = [_leg(line.strip(), pbx) for line in listing.split("\n") if line.strip()]
    if len({leg.name for leg in legs}) < len(legs) or len({leg.channel for leg in legs}) < len(legs):
        raise PeerProtocolError("the gate's console lists a channel twice: somebody's number contains line breaks")
    return legs


def _leg(line: str, pbx: str) -> Leg:
    # The application's data may contain a "!": it is in the middle and is not read.
    parts = line.split("!")
    fixed = [*parts[: len(_BEFORE)], *parts[-len(_AFTER) :]]
    fits = len(parts) > len(_BEFORE) + len(_AFTER) and all(
        shape.fullmatch(part) for shape, part in zip((*_BEFORE, *_AFTER), fixed, strict=True)
    )
    if not fits:
        raise PeerProtocolError(
            "the gate's console lists a line that is not a channel: somebody's number contains line breaks, or this "
            "version of Asterisk has another format; run telephony check"
        )
    name, channel = parts[0], parts[-1]
    endpoint = name.removeprefix("PJSIP/").rpartition("-")[0]
    return Leg(channel, name, is_trunk=endpoint != pbx or not name.startswith("PJSIP/"), is_up=parts[4] == "Up")


def recording_of(shown: str, leg: Leg) -> str:
    """Read the id of a leg's recording from the console's channel details; "" if it has none.

    Raises:
        PeerProtocolError: it is another channel, or names two recordings: it contains a stranger's text.
    """
    if not shown.strip() or "is not a known channel" in shown:
        return ""
    owner = _OWN_ID.search(shown)
    if owner is None or owner[1] != leg.channel:
        raise PeerProtocolError("the gate's console shows another channel than its list")
    recordings = {match[1] for match in _RECORDING.finditer(shown)}
    if len(recordings) > 1:
        raise PeerProtocolError("the gate's console shows two recordings of one channel: somebody's text names one")
    return recordings.pop() if recordings else ""
