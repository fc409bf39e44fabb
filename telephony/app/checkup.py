"""The check-up: is this installation able to run, what is wrong, and how is it mended.

Every look is independent and bounded; each finding names the thing and the mend. Judging a running pbx and gate
module by module is not done here yet: the files are compared with what the settings render.
"""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from telephony.asterisk.diagnostics import asterisk_version
from telephony.asterisk.firewall import render_firewall
from telephony.asterisk.rendering import render_gate, render_pbx
from telephony.errors import StoreError, SwitchError, TelephonyError
from telephony.settings import Settings
from telephony.settings.models import AsteriskSettings
from telephony.storage import open_store

LEAST_ASTERISK: Final = 20
DEADLINE_S: Final = 5.0
FIREWALL_TABLE: Final = "telephony"
"""Name of the nftables table that ``telephony check`` expects; a lab names its own."""


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        what: the thing.
        says: what was found, in a sentence.
        mend: what to do; "" when all is well.
    """

    level: Level
    what: str
    says: str
    mend: str = ""


async def check_up(settings: Settings, firewall_table: str = FIREWALL_TABLE) -> list[Finding]:
    """Look at everything once and return what was found, the order of the call's way."""
    findings = [await _database(settings.database.url)]
    for name, node in (("pbx", settings.pbx), ("gate", settings.gate)):
        findings.append(await asyncio.to_thread(_asterisk, name, node, settings.controller.user_id))
    findings += await asyncio.to_thread(_local, settings, firewall_table)
    return findings


def _local(settings: Settings, table: str) -> list[Finding]:
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _files("pbx", settings.pbx, render_pbx(settings)),
        lambda: _files("gate", settings.gate, render_gate(settings)),
        lambda: _port("FastAGI", str(settings.controller.agi_host), settings.controller.agi_port),
        lambda: _port("pages", str(settings.web.host), settings.web.port),
        lambda: _room(settings),
        lambda: _firewall(settings, table),
    )
    found: list[Finding] = []
    for look in looks:
        try:
            found += look()
        except TelephonyError as error:
            found.append(Finding(Level.FAILURE, "settings", str(error), "correct the settings file"))
        except (OSError, subprocess.SubprocessError) as error:
            says = f"cannot be looked at ({getattr(error, 'filename', None) or ''} {type(error).__name__})"
            found.append(Finding(Level.WARNING, "this machine", says, "run the check as root"))
    return found


async def _database(url: str) -> Finding:
    try:
        opened = await open_store(url)
    except StoreError as error:
        return Finding(Level.FAILURE, "database", str(error), "telephony database upgrade, or start the database")
    await opened.close()
    return Finding(Level.OK, "database", "answers, with this version's schema")


def _asterisk(name: str, node: AsteriskSettings, user_id: int | None) -> Finding:
    what = f"{name}: Asterisk"
    try:
        version = asterisk_version(
            str(node.ami_host), node.ami_port, node.ami_user, node.ami_secret.get_secret_value(), DEADLINE_S
        )
    except SwitchError as error:
        mend = f"start the {name}, or correct {name}.ami_… in the settings"
        if user_id not in (None, os.geteuid()):
            mend += f"; the network rules let only the controller's user {user_id} ask: run the check as it"
        return Finding(Level.FAILURE, what, str(error), mend)
    major = version.split(".", 1)[0]
    if not major.isdecimal() or int(major) < LEAST_ASTERISK:
        return Finding(
            Level.FAILURE, what, f"is version {version}", f"install Asterisk {LEAST_ASTERISK} or newer; 22 is tested"
        )
    return Finding(Level.OK, what, f"{version} answers and knows the controller's account")


def _files(name: str, node: AsteriskSettings, rendered: dict[str, str]) -> Iterator[Finding]:
    what = f"{name}: configuration"
    changed, missing, open_ = [], [], []
    for file, text in rendered.items():
        path = node.etc / file
        try:
            if path.read_text(encoding="utf-8") != text:
                changed.append(file)
            if path.stat().st_mode & 0o007:
                open_.append(file)
        except FileNotFoundError:
            missing.append(file)
        except OSError:
            yield Finding(Level.WARNING, what, f"{path} cannot be read", "run the check as root")
            return
    if missing:
        mend = "render it: telephony configuration write"
        yield Finding(Level.FAILURE, what, f"{node.etc}: {', '.join(missing)} missing", mend)
    if changed:
        mend = "find out who changed it, then render it again: telephony configuration write"
        yield Finding(Level.FAILURE, what, f"{', '.join(changed)} differ from what the settings say", mend)
    if open_:
        mend = f"chmod o-rwx {node.etc}/*"
        yield Finding(Level.FAILURE, what, f"{', '.join(open_)} can be read by every user of the machine", mend)
    if not (missing or changed or open_):
        yield Finding(Level.OK, what, f"{len(rendered)} files as the settings say, closed to other users")


def _port(what: str, host: str, port: int) -> Iterator[Finding]:
    """Tell whether the address is free, or who might hold it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            mend = "fine while telephony serve runs; otherwise end the program that holds it, or change the port"
            says = f"{host}:{port} is taken ({error.strerror})"
            yield Finding(Level.WARNING, f"{what} address", says, mend)
            return
    yield Finding(Level.OK, f"{what} address", f"{host}:{port} is free")


def _room(settings: Settings) -> Iterator[Finding]:
    least = settings.recording.minimum_free_mib
    places = (("gate's spool", settings.gate.spool / "monitor"), ("archive", settings.recording.archive))
    for what, folder in places:
        there = _existing(folder)
        if not os.access(there, os.W_OK if what == "archive" else os.R_OK):
            yield Finding(Level.FAILURE, what, f"{folder} is closed to this user", "run as the controller's user")
            continue
        free = shutil.disk_usage(there).free / 2**20
        if free < least:
            says = f"{free:.0f} MiB free at {folder}, {least} MiB needed"
            yield Finding(Level.FAILURE, what, says, "make room; no call leaves until then")
        else:
            yield Finding(Level.OK, what, f"{free:.0f} MiB free at {folder}")


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _firewall(settings: Settings, table: str) -> Iterator[Finding]:
    what = "network rules"
    left_open = (
        "without them whoever takes over the pbx reaches the carrier directly, and any user reaches the manager ports"
    )
    if os.geteuid() != 0 or shutil.which("nft") is None:
        why = "nft is not installed" if os.geteuid() == 0 else "not root, so they can be neither seen nor set"
        yield Finding(Level.WARNING, what, f"{why}; {left_open}", "run as root with nftables installed")
        return
    listing = subprocess.run(
        ["nft", "list", "table", "inet", table], capture_output=True, text=True, check=False, timeout=DEADLINE_S
    )
    if listing.returncode != 0:
        mend = "telephony configuration write --firewall"
        yield Finding(Level.FAILURE, what, f"the table inet {table} is not loaded; {left_open}", mend)
        return
    wanted = render_firewall(settings, table)
    lines = sum(1 for line in wanted.splitlines() if line.rstrip().endswith("reject"))
    there = listing.stdout.count("reject")
    if there < lines:
        says = f"the table inet {table} holds {there} of {lines} rules; {left_open}"
        yield Finding(Level.FAILURE, what, says, "telephony configuration write --firewall")
    else:
        yield Finding(Level.OK, what, f"table inet {table} is loaded with {there} rules")
