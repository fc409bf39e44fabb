"""Render the configuration of pbx and gate from settings and the templates in ``dialplan/``.

Pure text: settings in, one text per file name out. Every value is checked a last time before it reaches a file, because
a stray comma, semicolon or line break is a hole in Asterisk's formats. ``installation`` writes the files, ``firewall``
renders the network rules, ``telephony check`` verifies both.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import jinja2

from telephony.errors import SettingsError
from telephony.settings import Settings
from telephony.settings.models import AsteriskSettings
from telephony.shipped import shipped
from telephony.wire.verdict_key import verdict_key
from telephony.wire.watch import key_of

AMI_EVENTS: Final = (
    "FullyBooted",
    "OriginateResponse",
    "Newchannel",
    "Newstate",
    "DialBegin",
    "DialState",
    "DialEnd",
    "BridgeEnter",
    "BridgeLeave",
    "Hangup",
)
"""The only events sent to the controller's accounts: 6-16 per call instead of 27-98."""

PBX_EVENTS: Final = ("DTMFBegin", "DTMFEnd")
"""A key pressed on an operator's phone; class dtmf, only on the pbx."""
GATE_EVENTS: Final = ("NewCallerid",)
"""The carrier reports another party than the one called."""

EMPTY_FILES: Final = ("acl.conf", "ccss.conf", "pjproject.conf", "udptl.conf")
SHARED_FILES: Final = (
    "asterisk.conf",
    "cdr.conf",
    "cdr_manager.conf",
    "cel.conf",
    "features.conf",
    "logger.conf",
    "manager.conf",
    "rtp.conf",
)
PBX_FILES: Final = ("amd.conf", "confbridge.conf", "extensions.conf", "modules.conf", "pjsip.conf")
GATE_FILES: Final = ("extensions.conf", "modules.conf", "pjsip.conf", "warden.toml")
"""The last file is not Asterisk's: the warden runs as the same user and reads it (docs/watch.md)."""

_SAFE: Final = re.compile(r"[A-Za-z0-9_./:@+~-]*")
_RESERVED_TRUNKS: Final = frozenset({"pbx", "gate", "global", "system", "inside", "outside", "general", "alive"})


def render_pbx(settings: Settings) -> dict[str, str]:
    """Return the pbx's configuration: file name to text.

    Raises:
        SettingsError: a value cannot stand in Asterisk's configuration; the message names the setting.
    """
    bound = settings.dialing.route_wait_s + 0.5
    files = _render("pbx", PBX_FILES, settings.pbx, settings, route_bound=f"{bound:.1f}")
    return files | {"musiconhold.conf": files["acl.conf"]}


def render_gate(settings: Settings) -> dict[str, str]:
    """Return the gate's configuration: file name to text.

    Raises:
        SettingsError: a value cannot stand in Asterisk's configuration; the message names the setting.
    """
    for trunk in settings.trunks:
        if trunk.name in _RESERVED_TRUNKS:
            raise SettingsError(f"trunks.{trunk.name}: this name is the gate's own; choose another")
        if (trunk.username is None) != (trunk.secret is None):
            raise SettingsError(f"trunks.{trunk.name}: username and secret go together; give both or none")
    return _render(
        "gate",
        GATE_FILES,
        settings.gate,
        settings,
        monitor=str(settings.gate.spool / "monitor"),
        verdict_key=verdict_key(settings.gate.ami_secret.get_secret_value()),
        warden_key=key_of(settings.gate.ami_secret.get_secret_value()),
        rules_required="true" if settings.firewall.required else "false",
        manager_host=str(settings.pbx.ami_host),
        manager_port=str(settings.pbx.ami_port),
    )


def render_templates(folder: Path, files: Sequence[str], values: dict[str, Any]) -> dict[str, str]:
    """Render ``files`` (names without ``.j2``) from ``folder``, or from the shared templates.

    Args:
        folder: searched first; ``dialplan/`` itself is searched for shared templates.
        files: names of the configuration files.
        values: variables of the templates; an unknown name or an unsafe value is an error.

    Raises:
        SettingsError: a value contains a character with a meaning in Asterisk's configuration.
    """
    environment = jinja2.Environment(  # noqa: S701 - configuration files, not HTML; _safe is the escaping
        loader=jinja2.FileSystemLoader([folder, shipped("dialplan"), shipped("dialplan") / "both"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        finalize=_safe,
    )
    return {name: environment.get_template(f"{name}.j2").render(values) for name in files}


def _render(name: str, files: Sequence[str], node: AsteriskSettings, settings: Settings, **more: str) -> dict[str, str]:
    controller = settings.controller
    values: dict[str, Any] = {
        "name": name,
        "node": node,
        "pbx": settings.pbx,
        "gate": settings.gate,
        "trunks": settings.trunks,
        "seats": settings.seats,
        "events": (*AMI_EVENTS, *(PBX_EVENTS if name == "pbx" else GATE_EVENTS)),
        "controller": controller,
        "watch": settings.watch,
        "agi": f"agi://{controller.agi_host}:{controller.agi_port}",
        "ami_permit": "127.0.0.0/8" if node.ami_host.is_loopback else f"{controller.agi_host}/32",
        "phones": settings.pbx.phones,
        "link_rtp_timeout": max(trunk.rtp_timeout_s for trunk in settings.trunks),
        "sounds": str(settings.pbx.lib / "sounds"),
        "language": settings.site.language,
        "maximum_call_s": settings.dialing.maximum_call_s,
        **more,
    }
    rendered = render_templates(shipped("dialplan") / name, (*SHARED_FILES, *files), values)
    empty = render_templates(shipped("dialplan") / "both", ("empty.conf",), {})["empty.conf"]
    return rendered | dict.fromkeys(EMPTY_FILES, empty)


def _safe(value: object) -> object:
    """Return a value that is safe in a configuration file; the error does not repeat it, as it may be a secret."""
    text = str(value)
    if _SAFE.fullmatch(text) is None:
        raise SettingsError(
            "a setting meant for Asterisk's configuration (a secret, path, user or name) holds a character with a"
            " meaning there; use letters, digits and _ . / : @ + ~ - only"
        )
    return value
