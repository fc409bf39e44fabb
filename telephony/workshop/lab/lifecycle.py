"""Bringing a lab up, listing labs, stopping and starting an instance, taking a lab down without a trace.

What ``lab_down`` removes is found by name, folder and command line, never by what ``lab_up`` remembered: an
``lab_up`` that was killed half-way is cleaned up as well.
"""

import asyncio
import json
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from telephony.asterisk.firewall import render_firewall
from telephony.asterisk.installation import install_sounds, prepare_folders, write_configuration, write_rules
from telephony.asterisk.rendering import render_gate, render_pbx
from telephony.asterisk.versions import known_versions
from telephony.errors import LabError
from telephony.settings import Settings
from telephony.workshop.lab import launch, netrules, network, warden, world
from telephony.workshop.lab.describe import describe
from telephony.workshop.lab.generate import lab_settings, lab_tables
from telephony.workshop.lab.model import INSTANCES, Lab, LabOptions, lab_folder, lab_json, labs_root, load_lab
from telephony.workshop.lab.network import LabNetwork
from telephony.workshop.lab.tree import AsteriskTree, cache_folder, find_asterisk

_REGISTER_S: Final = 20.0
_LONGEST_SOCKET: Final = 100
"""Characters; Unix sockets take 108 with the closing zero."""


def lab_up(options: LabOptions | None = None, report: Callable[[str], None] = lambda _: None) -> Lab:
    """Bring a lab up and return when its instances have booted and its phones are registered.

    Args:
        options: see ``LabOptions``.
        report: called with each step, as one sentence.

    Raises:
        LabError: it cannot be brought up; nothing of it is left.
        SettingsError: ``options.settings`` holds an unknown or wrong setting.
    """
    options = options or LabOptions()
    if os.geteuid() != 0:
        raise LabError("a lab needs root: each instance runs as a user of its own")
    lab_id = options.lab_id or f"lab{secrets.token_hex(3)}"
    folder = lab_folder(lab_id)
    tree = find_asterisk(report)
    if untested_warning := known_versions().untested_warning(tree.version):
        report(f"warning: Asterisk {untested_warning}")
    _make_folder(folder)
    try:
        return _bring_up(lab_id, folder, tree, options, report)
    except BaseException:
        # Not handled here: whatever ended the start, an interrupt included, nothing of it may remain.
        lab_down(lab_id)
        raise


async def lab_made(options: LabOptions, report: Callable[[str], None]) -> Lab:
    """Bring a lab up in a thread; a caller that is cancelled meanwhile leaves no lab behind."""
    starting = asyncio.ensure_future(asyncio.to_thread(lab_up, options, report))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        made = await starting  # a thread cannot be ended
        await asyncio.to_thread(lab_down, made.lab_id)
        raise


def lab_down(lab_id: str) -> bool:
    """End a lab: processes, network rules, folder, address; returns whether there was anything to end.

    Raises:
        LabError: something of it cannot be removed.
    """
    folder = lab_folder(lab_id)
    was_there = folder.exists() or bool(launch.processes(folder))
    launch.end_users(folder)
    warden.stop_warden(folder)
    launch.end(folder)
    netrules.remove(lab_id)
    if folder.exists():
        shutil.rmtree(folder)
    network.release(folder)
    _forget_mount_point(folder)
    return was_there


def lab_down_all() -> tuple[str, ...]:
    """End every lab below the labs' folder, half-made ones too, and return their names."""
    names = tuple(row["lab_id"] for row in lab_list())
    for name in names:
        lab_down(name)
    return names


def lab_list() -> list[dict[str, str]]:
    """Return what labs there are: ``lab_id``, ``state`` (up, damaged, unfinished), ``running`` and ``folder``."""
    rows = []
    for folder in sorted(labs_root().iterdir()) if labs_root().is_dir() else []:
        if folder.is_dir():
            running = sorted(set(launch.processes(folder).values()))
            state = "unfinished"
            if (folder / "lab.json").exists():
                state = "up" if len(running) == len(INSTANCES) else "damaged"
            rows.append({"lab_id": folder.name, "state": state, "running": " ".join(running), "folder": str(folder)})
    return rows


def stop_instance(lab: Lab, name: str, *, is_killed: bool = False) -> None:
    """End one instance, by request or by kill -9; the rest of the lab goes on."""
    lab.instance(name)
    launch.end(lab.folder, (name,), is_killed=is_killed)


def start_instance(lab: Lab, name: str) -> Lab:
    """Start a stopped instance again and return the lab with its new process id."""
    lab.instance(name)
    if launch.processes(lab.folder, (name,)):
        raise LabError(f"{name} of lab {lab.lab_id} is running")
    log = lab.instance(name).log
    log.unlink(missing_ok=True)
    tree = find_asterisk(lambda _: None)
    pid = launch.start(tree, lab.folder, name, lab.instance(name).user_id)
    launch.await_ready(lab.folder, name, pid)
    value = lab_json(lab)
    value[name]["pid"] = pid
    _write_json(lab.folder, value)
    return load_lab(lab.lab_id)


def _make_folder(folder: Path) -> None:
    """Make the lab's folder where its users can reach it and its sockets' paths are short enough."""
    if len(str(folder / "world" / "run" / "world.ctl")) > _LONGEST_SOCKET:
        raise LabError(f"{folder}: the path is too long for a control socket; set TELEPHONY_LAB_ROOT to a shorter one")
    folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    for parent in folder.parents:
        if not parent.stat().st_mode & 0o001:
            raise LabError(
                f"{parent} is closed to the instances' users (its mode); set TELEPHONY_LAB_ROOT to another folder"
            )
    try:
        folder.mkdir()
    except FileExistsError:
        raise LabError(f"lab {folder.name} exists; end it with telephony lab down {folder.name}") from None
    folder.chmod(0o755)


def _bring_up(lab_id: str, folder: Path, tree: AsteriskTree, options: LabOptions, report: Callable[[str], None]) -> Lab:
    place = network.reserve(folder)
    report(f"lab {lab_id} on {place.name}, Asterisk {tree.version}")
    settings, note = _fenced(lab_tables(options, place, folder), folder / "telephony.toml", options)
    Path(settings.recording.archive).mkdir(mode=0o700, exist_ok=True)
    _install(settings, place, folder)
    users = {"pbx": place.user_id(0), "gate": place.user_id(1), "world": place.user_id(2)}
    report("starting world, gate and pbx")
    pids = {name: launch.start(tree, folder, name, users[name]) for name in INSTANCES}
    for name in INSTANCES:
        launch.await_ready(folder, name, pids[name])
    report(f"waiting for {len(settings.seats)} phones to register")
    control = folder / "world" / "run" / "world.ctl"
    launch.await_fact(
        "every phone registered at the pbx",
        lambda: world.count_registered(control) == len(settings.seats),
        _REGISTER_S,
    )
    firewall = ("" if note else netrules.table_of(lab_id), note)
    lab = describe(folder, tree, options, place, settings, pids, firewall)
    _write_json(folder, lab_json(lab))
    if options.has_warden:
        warden.start_warden(folder)
    return lab


def _fenced(tables: dict[str, Any], path: Path, options: LabOptions) -> tuple[Settings, str]:
    """Load the network rules; return the settings, and "" or why the rules are not in force, so not required."""
    settings = lab_settings(tables, path)
    note = "not asked for"
    if options.is_firewalled:
        write_rules(render_firewall(settings), settings.firewall.file)
        note = netrules.apply(render_firewall(settings))
    if note:
        settings = lab_settings(tables | {"firewall": tables["firewall"] | {"required": False}}, path)
    return settings, note


def _install(settings: Settings, place: LabNetwork, folder: Path) -> None:
    for node, files in ((settings.pbx, render_pbx(settings)), (settings.gate, render_gate(settings))):
        prepare_folders(node)
        write_configuration(files, node.etc, node.user_id)
        shutil.chown(node.etc.parent, node.user_id, node.user_id)
    install_sounds(settings.pbx)
    world.write_world(settings, place, folder / "world", place.user_id(2))


def _write_json(folder: Path, value: dict[str, object]) -> None:
    beside = folder / ".lab.json.new"
    beside.touch(mode=0o600)
    beside.write_text(json.dumps(value, indent=2), encoding="utf-8")
    beside.replace(folder / "lab.json")


def _forget_mount_point(folder: Path) -> None:
    """Remove the empty folder the lab was mounted on inside the private tree, if it is there."""
    point = cache_folder() / "asterisk" / str(folder).lstrip("/")
    if point.is_dir() and not any(point.iterdir()):
        point.rmdir()
