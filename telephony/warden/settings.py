"""The warden's settings: ``warden.toml`` beside the gate's configuration, rendered from the site's settings.

It holds no secret but the key shared with the controller, and belongs to the gate's user, whom the warden becomes.
"""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from telephony.errors import SettingsError


@dataclass(frozen=True, slots=True)
class WardenSettings:
    """What the warden is told.

    Attributes:
        control: the gate's control socket.
        monitor: folder the gate records into.
        pbx: endpoint of the pbx at the gate; every other channel is a trunk leg.
        agi_host: address of the controller's FastAGI server.
        agi_port: TCP port of it.
        key: shared with the controller.
        controller_gone_s: seconds without an answer after which every channel is ended.
        stall_s: seconds a recording may stand still.
        rules_required: whether no call may leave without the network rules.
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
        SettingsError: it is missing, cannot be read, is open to other users, or holds something else.
    """
    mend = "render it: telephony configuration write"
    try:
        facts = path.stat()
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # a figure without end is a bare ValueError
        raise SettingsError(f"{path}: cannot be read ({type(error).__name__}); {mend}") from error
    if facts.st_mode & 0o077:
        raise SettingsError(f"{path}: other users may read it, and it holds a key; chmod 600 {path}")
    keys = {field.name for field in fields(WardenSettings)} - {"user_id"}
    if set(values) != keys:
        odd = ", ".join(sorted(set(values) ^ keys))
        raise SettingsError(f"{path}: {odd}: unknown or missing; {mend}")
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
        raise SettingsError(f"{path}: a value is not of its kind; {mend}") from error


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value
