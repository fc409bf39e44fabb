"""World: the lab's carrier with its called people, and the operators' phones, driven over its console."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from telephony.asterisk.installation import write_configuration
from telephony.asterisk.rendering import EMPTY_FILES, render_templates
from telephony.errors import LabError
from telephony.settings import Settings
from telephony.workshop.lab.console import command
from telephony.workshop.lab.launch import await_fact
from telephony.workshop.lab.model import Lab
from telephony.workshop.lab.network import LabNetwork

_PACKAGE: Final = Path(__file__).resolve().parent
_SHARED: Final = (
    "asterisk.conf",
    "cdr.conf",
    "cdr_manager.conf",
    "cel.conf",
    "features.conf",
    "logger.conf",
    "rtp.conf",
)
_OWN: Final = ("extensions.conf", "modules.conf", "pjsip.conf")
_INVITE: Final = re.compile(
    r"\[(?P<at>[^]]+)\] NOTICE.* INVITE number=(?P<number>\S*) caller=(?P<caller>\S*) from=(?P<source>\S*)(?P<rest>.*)"
)


@dataclass(frozen=True, slots=True)
class CarrierInvite:
    """One INVITE that reached the carrier.

    Attributes:
        number: what was dialled.
        caller_id: caller ID shown.
        source: ``HOST:PORT`` it came from.
        is_stranger: it came from another address than the gate's outer side.
        at: world's log time, machine-local, ``YYYY-MM-DD HH:MM:SS.mmm``.
    """

    number: str
    caller_id: str
    source: str
    is_stranger: bool
    at: str


def write_world(settings: Settings, network: LabNetwork, folder: Path, user_id: int) -> None:
    """Make world's folders, configuration and voices below ``folder``."""
    for part in ("", "etc", "lib", "lib/sounds", "spool", "run", "log", "log/cdr-csv"):
        (folder / part).mkdir(exist_ok=True)
        (folder / part).chmod(0o750)
    sounds = folder / "lib" / "sounds"
    for source in (_PACKAGE / "sounds").glob("*.alaw"):
        shutil.copyfile(source, sounds / source.name)
    node: dict[str, Any] = {part: folder / part for part in ("etc", "lib", "spool", "run", "log")}
    values = {
        "name": "world",
        "node": node | {"rtp_start": 20_000, "rtp_end": 29_999},
        "pbx": settings.pbx,
        "gate": settings.gate,
        "seats": settings.seats,
        "sounds": str(sounds),
        "carrier_host": network.carrier,
        "carrier_port": network.CARRIER_SIP,
        "phones_host": network.phones,
        "phones_port": network.PHONES_SIP,
    }
    files = render_templates(_PACKAGE / "templates", (*_SHARED, *_OWN, "empty.conf"), values)
    files |= dict.fromkeys((*EMPTY_FILES, "musiconhold.conf", "manager.conf"), files.pop("empty.conf"))
    write_configuration(files, folder / "etc", user_id)
    shutil.chown(folder, user_id, user_id)
    for path in folder.rglob("*"):
        shutil.chown(path, user_id, user_id)


def carrier_invites(lab: Lab) -> tuple[CarrierInvite, ...]:
    """Return every INVITE that world's carrier got since the lab came up, oldest first; re-sent ones count once."""
    text = lab.world.log.read_text(encoding="utf-8", errors="replace") if lab.world.log.exists() else ""
    return tuple(
        CarrierInvite(invite["number"], invite["caller"], invite["source"], "stranger" in invite["rest"], invite["at"])
        for invite in _INVITE.finditer(text)
    )


def phones_registered(lab: Lab) -> int:
    """Return how many of the lab's phones are registered at the pbx now."""
    return count_registered(lab.world.control)


def count_registered(control: Path) -> int:
    """Return how many phones behind world's console are registered now."""
    lines = command(control, "pjsip show registrations").splitlines()
    return sum(1 for line in lines if "register-seat" in line and " Registered" in line)


def phone_login(lab: Lab, seat: int) -> None:
    """Make the phone of ``seat`` call ``login``; once logged in, its robot operator speaks while the line is up."""
    _call(lab, seat, "login", "s@operator")


def phone_dial(lab: Lab, seat: int, text: str) -> None:
    """Make the phone of ``seat`` dial ``text``, any text; returns when the phone has begun."""
    if not text or re.search(r"[\s\x00-\x1f\"]", text):
        raise LabError("what a phone dials has no spaces, quotes or control characters")
    _call(lab, seat, text, "s@silence")


def phone_hang_up(lab: Lab, seat: int) -> None:
    """End every call of the phone of ``seat`` and return when they are gone; none is fine."""
    for channel in phone_channels(lab, seat):
        command(lab.world.control, f"channel request hangup {channel}")
    await_fact(f"seat{seat} on hook", lambda: not phone_channels(lab, seat), 5)


def phone_channels(lab: Lab, seat: int) -> tuple[str, ...]:
    """Return the channels the phone of ``seat`` has now (world's names)."""
    lines = command(lab.world.control, "core show channels concise").splitlines()
    return tuple(name for line in lines if (name := line.split("!")[0]).startswith(f"PJSIP/seat{seat}-"))


def _call(lab: Lab, seat: int, text: str, then: str) -> None:
    if seat not in {own.number for own in lab.seats}:
        raise LabError(f"seat {seat}: this lab has the seats 1 to {len(lab.seats)}")
    command(lab.world.control, f"channel originate PJSIP/{text}@seat{seat} extension {then}")
