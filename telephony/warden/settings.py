"""The warden's settings: ``warden.toml`` beside the gate's configuration, rendered from the site's settings.

Its only secret is the key shared with the controller. It belongs to the gate's user, which the warden becomes.
"""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from telephony.errors import SettingsError


@dataclass(frozen=True, slots=True)
class WardenSettings:
    """The warden's settings.

    Attributes:
        control: the gate's control socket.
        monitor: folder the gate records into.
        pbx: endpoint of the pbx at the gate; every other channel is a trunk leg.
        agi_host: address of the controller's FastAGI server.
        agi_port: TCP port of it.
        key: the key shared with the controller.
        controller_gone_s: seconds without an answer after which every channel is ended.
        stall_s: seconds a recording may stop growing.
        rules_required: True if no call may leave without the network rules.
        manager_host: address of the pbx's manager interface, which the rules close to the gate's user.
        manager_port: TCP port of it.
        user_id: numeric Unix user the file belongs to: the gate's.
    """

    control: Path
    monitor: Path
    pbx: str
    agi_host: str
    agi_port: int
    key: str
    controller_gone_s: float
    stall_s: float
    rules_required: bool
    manager_host: str
    manager_port: int
    user_id: int


def load_warden_settings(path: Path) -> WardenSettings:
    """Read ``warden.toml``.

    Raises:
        SettingsError: it is missing, cannot be read, is readable by other users, or has other keys or values.
    """
    fix = "render it: telephony configuration write"
    try:
        facts = path.stat()
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # an endless number is a bare ValueError
        raise SettingsError(f"{path}: cannot be read ({type(error).__name__}); {fix}") from error
    if facts.st_mode & 0o077:
        raise SettingsError(f"{path}: other users may read it, and it contains a key; chmod 600 {path}")
    keys = {field.name for field in fields(WardenSettings)} - {"user_id"}
    if set(values) != keys:
        wrong = ", ".join(sorted(set(values) ^ keys))
        raise SettingsError(f"{path}: {wrong}: unknown or missing; {fix}")
    try:
        return WardenSettings(
            control=Path(values["control"]),
            monitor=Path(values["monitor"]),
            pbx=str(values["pbx"]),
            agi_host=str(values["agi_host"]),
            agi_port=int(values["agi_port"]),
            key=str(values["key"]),
            controller_gone_s=float(values["controller_gone_s"]),
            stall_s=float(values["stall_s"]),
            rules_required=_flag(values["rules_required"]),
            manager_host=str(values["manager_host"]),
            manager_port=int(values["manager_port"]),
            user_id=facts.st_uid,
        )
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{path}: a value has the wrong type; {fix}") from error


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value
