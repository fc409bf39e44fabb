"""The check-up: can this installation run, what is wrong, and how is it fixed.

The checks are independent and limited in time; each finding names the thing and the fix. ``inspection`` checks what
somebody can do through the pbx and the gate.
"""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from telephony.app.check.findings import Finding, Level
from telephony.app.check.inspection import inspect_site
from telephony.app.wiring.adapters import ami_of
from telephony.asterisk.diagnostics import asterisk_version
from telephony.asterisk.versions import known_versions
from telephony.errors import StoreError, SwitchError, TelephonyError
from telephony.settings import Settings
from telephony.settings.models import AsteriskSettings
from telephony.storage import open_store

LEAST_ASTERISK: Final = 20
DEADLINE_S: Final = 5.0


async def check_up(settings: Settings) -> list[Finding]:
    """Check everything once and return the findings, in the order of a call's path."""
    findings = [await _database(settings.database.url)]
    for name, node in (("pbx", settings.pbx), ("gate", settings.gate)):
        findings.append(await asyncio.to_thread(_asterisk, name, node, settings.controller.user_id))
    findings += await asyncio.to_thread(_local, settings)
    return findings


def _local(settings: Settings) -> list[Finding]:
    checks: tuple[Callable[[], Iterable[Finding]], ...] = (
        lambda: _port("FastAGI", str(settings.controller.agi_host), settings.controller.agi_port),
        lambda: _port("pages", str(settings.web.host), settings.web.port),
        lambda: _room(settings),
        lambda: inspect_site(settings),
    )
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check()
        except TelephonyError as error:
            findings.append(Finding(Level.FAILURE, "settings", str(error), "correct the settings file"))
        except (OSError, subprocess.SubprocessError) as error:
            says = f"cannot be checked ({getattr(error, 'filename', None) or ''} {type(error).__name__})"
            findings.append(Finding(Level.WARNING, "this host", says, "run the check as root"))
    return findings


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
        version = asterisk_version(*ami_of(node), DEADLINE_S)
    except SwitchError as error:
        fix = f"start the {name}, or correct {name}.ami_… in the settings"
        if user_id not in (None, os.geteuid()):
            fix += f"; the network rules admit only the controller's user {user_id}: run the check as this user"
        return Finding(Level.FAILURE, what, str(error), fix)
    major = version.split(".", 1)[0]
    if not major.isdecimal() or int(major) < LEAST_ASTERISK:
        return Finding(
            Level.FAILURE, what, f"is version {version}", f"install Asterisk {LEAST_ASTERISK} or newer; 22 is tested"
        )
    if untested_warning := known_versions().untested_warning(version):
        fix = "install a tested version (config/asterisk-versions.toml), or test this one: make long"
        return Finding(Level.WARNING, what, untested_warning, fix)
    return Finding(Level.OK, what, f"{version} answers and knows the controller's account")


def _port(what: str, host: str, port: int) -> Iterator[Finding]:
    """Check that the address is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fix = "normal while telephony serve runs; otherwise end the program that uses it, or change the port"
            says = f"{host}:{port} is taken ({error.strerror})"
            yield Finding(Level.WARNING, f"{what} address", says, fix)
            return
    yield Finding(Level.OK, f"{what} address", f"{host}:{port} is free")


def _room(settings: Settings) -> Iterator[Finding]:
    least = settings.recording.minimum_free_mib
    places = (("gate's spool", settings.gate.spool / "monitor"), ("archive", settings.recording.archive))
    for what, folder in places:
        there = _existing(folder)
        if not os.access(there, os.W_OK if what == "archive" else os.R_OK):
            yield Finding(
                Level.FAILURE, what, f"{folder} is not accessible to this user", "run as the controller's user"
            )
            continue
        free = shutil.disk_usage(there).free / 2**20
        if free < least:
            says = f"{free:.0f} MiB free at {folder}, {least} MiB needed"
            yield Finding(Level.FAILURE, what, says, "free some space; no call leaves until then")
        else:
            yield Finding(Level.OK, what, f"{free:.0f} MiB free at {folder}")


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
