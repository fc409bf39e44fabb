"""The settings of a lab, as a TOML file ``telephony serve --config`` takes, with fresh secrets and fiction numbers."""

import json
import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from telephony.errors import LabError
from telephony.settings import Settings, settings_from
from telephony.workshop.lab.model import LabOptions
from telephony.workshop.lab.netrules import table_of
from telephony.workshop.lab.network import LabNetwork

TRUNK: Final = "carrier"
SECOND: Final = "second"
WORLD: Final = "world"
CALLER_IDS: Final = ("33199000000", "33199000001", "33261910000")
"""Numbers reserved for fiction."""


def carrier_of(options: LabOptions, network: LabNetwork) -> tuple[str, int]:
    """Return host and port of the first carrier: the option's, or world's.

    Raises:
        LabError: the option is not ``HOST:PORT``.
    """
    return _place(options.carrier or WORLD, "--carrier", network)


def _place(text: str, option: str, network: LabNetwork) -> tuple[str, int]:
    if text == WORLD:
        return network.carrier, network.CARRIER_SIP
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise LabError(f"{option} {text}: write HOST:PORT, e.g. 127.0.0.1:5099, or world")
    return host, int(port)


def _trunks(options: LabOptions, network: LabNetwork) -> list[dict[str, Any]]:
    """Return the one trunk, or two; the second one's caller IDs begin with another."""
    places = [(TRUNK, carrier_of(options, network), CALLER_IDS)]
    if options.second_carrier is not None:
        places.append((SECOND, _place(options.second_carrier, "--second-carrier", network), CALLER_IDS[::-1]))
    return [
        {
            "name": name,
            "host": host,
            "port": port,
            "caller_ids": list(caller_ids),
            "channels": 200,
            "calls_per_second": options.calls_per_second,
        }
        for name, (host, port), caller_ids in places
    ]


def lab_tables(options: LabOptions, network: LabNetwork, folder: Path) -> dict[str, Any]:
    """Return the settings as TOML tables."""
    tables: dict[str, Any] = {
        "site": {"code": "LAB", "language": "fr"},
        "database": {"url": options.database or f"sqlite:///{folder / 'telephony.db'}"},
        "controller": {"agi_host": network.controller, "agi_port": network.AGI, "user_id": os.getuid()},
        "web": {"host": network.controller, "port": network.WEB},
        "pbx": _asterisk(folder, "pbx", network.user_id(0), network.pbx, network.PBX_AMI, (10_000, 13_999))
        | {"sip_host": network.pbx, "sip_port": network.PBX_SIP, "phones": network.name},
        "gate": _asterisk(folder, "gate", network.user_id(1), network.gate, network.GATE_AMI, (14_000, 19_999))
        | {
            "sip_host": network.gate,
            "sip_port": network.GATE_SIP,
            "sip_secret": secrets.token_urlsafe(24),
            "trunk_host": network.trunk,
            "trunk_port": network.TRUNK_SIP,
        },
        "recording": {"archive": str(folder / "archive"), "minimum_free_mib": 16},
        "dialing": {"ring_timeout_s": 15},
        "firewall": {"table": table_of(folder.name), "file": str(folder / "firewall.nft"), "required": True},
        "proof": {
            "key": str(folder / "proof.key"),
            "head": str(folder / "ledger_head.json"),
            "folder": str(folder / "proofs"),
        },
        "trunks": _trunks(options, network),
        "seats": [{"number": n, "secret": secrets.token_urlsafe(24)} for n in range(1, options.seats + 1)],
    }
    for name, values in options.settings.items():
        tables[name] = {**tables.get(name, {}), **values}
    return tables


def lab_settings(tables: Mapping[str, Any], path: Path) -> Settings:
    """Write the tables to ``path`` (mode 0600) and return them as settings, read back from the file."""
    path.touch(mode=0o600)
    path.write_text(_toml(tables), encoding="utf-8")
    return settings_from(tomllib.loads(path.read_text(encoding="utf-8")), source=str(path))


def _asterisk(folder: Path, name: str, user_id: int, host: str, port: int, rtp: tuple[int, int]) -> dict[str, Any]:
    own = folder / name
    return {part: str(own / part) for part in ("etc", "lib", "spool", "run", "log")} | {
        "user_id": user_id,
        "ami_host": host,
        "ami_port": port,
        "ami_user": "controller",
        "ami_secret": secrets.token_urlsafe(24),
        "rtp_start": rtp[0],
        "rtp_end": rtp[1],
    }


def _toml(tables: Mapping[str, Any]) -> str:
    lines = ["# Settings of a lab: good on this machine, until the lab is ended."]
    for name, table in tables.items():
        for header, row in (
            [(f"[[{name}]]", row) for row in table] if isinstance(table, list) else [(f"[{name}]", table)]
        ):
            lines += ["", header]
            # A JSON string, number, boolean or list of them is TOML too.
            lines += [f"{key} = {json.dumps(value)}" for key, value in row.items()]
    return "\n".join(lines) + "\n"
