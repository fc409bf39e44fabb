"""The values that describe a lab, and their JSON; ``lifecycle`` starts and ends labs."""

import dataclasses
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from telephony.errors import LabError

LAB_ID: Final = re.compile(r"[a-z][a-z0-9]{0,15}")
INSTANCES: Final = ("world", "gate", "pbx")
"""In the order they are started: the pbx last, so that no call finds its other side missing."""


@dataclass(frozen=True, slots=True)
class LabOptions:
    """What can be chosen about a lab.

    Attributes:
        seats: number of seats, numbered from 1, each with a registered phone.
        carrier: ``HOST:PORT`` of a carrier of your own (SIPp, a socket) instead of world's; None: world's.
        second_carrier: ``HOST:PORT`` of a second trunk named ``second``, or ``world``; None: there is one trunk.
        database: database URL written into the settings; None: SQLite in the lab's folder.
        lab_id: a name of lower-case letters and digits; None: random.
        settings: tables and keys that replace generated settings, e.g. ``{"dialing": {"maximum_call_s": 60}}``.
        calls_per_second: most new calls a second on each trunk.
        is_firewalled: apply the network rules when that is possible.
        has_warden: start the warden, without which a controller dials nothing; off in tests that act as the controller.
    """

    seats: int = 6
    carrier: str | None = None
    second_carrier: str | None = None
    database: str | None = None
    lab_id: str | None = None
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    calls_per_second: float = 20.0
    is_firewalled: bool = True
    has_warden: bool = False


@dataclass(frozen=True, slots=True)
class LabInstance:
    """One Asterisk of the lab.

    Attributes:
        name: ``pbx``, ``gate`` or ``world``.
        pid: process id when it was started.
        user_id: numeric Unix user.
        folder: everything of this instance: etc, lib, spool, run, log.
        control: path of its console's socket.
        addresses: what listens where, e.g. ``{"sip": "127.64.0.2:26060", "ami": "127.64.0.2:26038"}``.
        ami_user: manager account, or "".
        ami_secret: its secret, good in this lab only, or "".
        sip_secret: secret of the link from the pbx to the gate, with the gate; elsewhere "".
    """

    name: str
    pid: int
    user_id: int
    folder: Path
    control: Path
    addresses: Mapping[str, str]
    ami_user: str = ""
    ami_secret: str = ""
    sip_secret: str = ""

    @property
    def log(self) -> Path:
        """Its log of notices, warnings and errors."""
        return self.folder / "log" / "messages"

    @property
    def spool(self) -> Path:
        """Its spool; the gate records below ``monitor``."""
        return self.folder / "spool"

    def address(self, what: str) -> tuple[str, int]:
        """Return host and port of ``what``, e.g. ``sip`` or ``ami``."""
        host, port = self.addresses[what].split(":")
        return host, int(port)


@dataclass(frozen=True, slots=True)
class LabSeat:
    """A seat and its phone's account, good in this lab only."""

    number: int
    user: str
    secret: str


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab that is up.

    Attributes:
        lab_id: its name.
        folder: everything of this lab; gone after ``lab_down``.
        network: its loopback network, e.g. ``127.64.0.0/24``.
        settings: path of the TOML file for ``telephony serve --config``.
        asterisk: version of the Asterisk it runs.
        tree: root of the private Asterisk tree, or "/" for the machine's own.
        controller_host: address the controller's FastAGI and web servers are to listen on.
        trunk: name of the first trunk.
        carrier: ``HOST:PORT`` the gate sends its calls to.
        caller_ids: caller IDs the trunk allows.
        firewall_table: nftables table, or "" when the rules are not applied.
        firewall_note: why they are not, or "".
    """

    lab_id: str
    folder: Path
    network: str
    settings: Path
    asterisk: str
    tree: Path
    controller_host: str
    agi_port: int
    web_port: int
    database: str
    archive: Path
    trunk: str
    carrier: str
    caller_ids: tuple[str, ...]
    pbx: LabInstance
    gate: LabInstance
    world: LabInstance
    seats: tuple[LabSeat, ...]
    firewall_table: str
    firewall_note: str

    @property
    def instances(self) -> tuple[LabInstance, ...]:
        """The three instances, in starting order."""
        return self.world, self.gate, self.pbx

    def instance(self, name: str) -> LabInstance:
        """Return the instance called ``name``.

        Raises:
            LabError: there is none of that name.
        """
        for instance in self.instances:
            if instance.name == name:
                return instance
        raise LabError(f"{name}: a lab has the instances pbx, gate and world")


def lab_json(lab: Lab) -> dict[str, Any]:
    """Return the lab as JSON-ready values; paths as text."""
    value: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(lab), default=str))
    return value


def lab_from_json(value: Mapping[str, Any]) -> Lab:
    """Return the lab that ``lab_json`` described."""
    fields = dict(value)
    for name in INSTANCES:
        instance = dict(fields[name])
        fields[name] = LabInstance(**instance | {key: Path(instance[key]) for key in ("folder", "control")})
    fields["seats"] = tuple(LabSeat(**seat) for seat in fields["seats"])
    fields["caller_ids"] = tuple(fields["caller_ids"])
    return Lab(**fields | {key: Path(fields[key]) for key in ("folder", "settings", "tree", "archive")})


def labs_root() -> Path:
    """Return the folder all labs live in: ``TELEPHONY_LAB_ROOT``, or ``/var/tmp/telephony-labs``."""
    return Path(os.environ.get("TELEPHONY_LAB_ROOT", "/var/tmp/telephony-labs")).absolute()  # noqa: S108 - root's own


def lab_folder(lab_id: str) -> Path:
    """Return the folder of the lab called ``lab_id``.

    Raises:
        LabError: that cannot be a lab's name.
    """
    if LAB_ID.fullmatch(lab_id) is None:
        raise LabError(f"{lab_id!r} cannot name a lab; use a letter and up to 15 lower-case letters or digits")
    return labs_root() / lab_id


def load_lab(lab_id: str) -> Lab:
    """Return the lab called ``lab_id`` that is up.

    Raises:
        LabError: there is none, or it never came up.
    """
    path = lab_folder(lab_id) / "lab.json"
    try:
        return lab_from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LabError(
            f"lab {lab_id} is not up; see telephony lab status, or end it with telephony lab down"
        ) from error
