"""Read an instance's folder and the host's network rules as evidence for an audit. Nothing is checked here.

Included files outside the folder are read too.
"""

import glob
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from telephony.asterisk.audit.conf import included, read_configuration
from telephony.asterisk.audit.evidence import Instance, Role
from telephony.errors import SettingsError

_MOST_FILES: Final = 2000
_MOST_BYTES: Final = 8 * 1024 * 1024
_SUFFIXES: Final = frozenset({".conf", ".ael", ".lua", ".inc", ".toml"})
"""Asterisk's own files, and the settings of a helper that runs beside the gate."""
_DEADLINE_S: Final = 5.0


def read_folder(role: Role, folder: Path, gates: Iterable[str] = ()) -> Instance:
    """Return the files of one instance, with what they include, and who may read them.

    Args:
        role: the instance's role.
        folder: its configuration, e.g. ``/etc/asterisk``.
        gates: ``host:port`` of the gates it may call.

    Raises:
        SettingsError: the folder cannot be read, or contains far more than a configuration.
    """
    files: dict[str, str] = {}
    modes: dict[str, int] = {}
    try:
        modes[""] = folder.stat().st_mode
        os.close(os.open(folder, os.O_RDONLY | os.O_DIRECTORY))  # rglob skips a folder it may not open
        for path in sorted(folder.rglob("*")):
            if path.suffix in _SUFFIXES and path.is_file():
                _take(path, str(path.relative_to(folder)), files, modes)
        _includes(folder, files, modes)
    except OSError as error:
        raise SettingsError(f"{error.filename}: cannot be read ({error.strerror})") from error
    return Instance(role, files, modes, frozenset(gates))


def _take(path: Path, name: str, files: dict[str, str], modes: dict[str, int]) -> None:
    if len(files) >= _MOST_FILES or path.stat().st_size > _MOST_BYTES:
        raise SettingsError(f"{path}: too much for an Asterisk configuration; give the right folder")
    files[name] = path.read_text(encoding="utf-8", errors="replace")
    modes[name] = path.stat().st_mode


def _includes(folder: Path, files: dict[str, str], modes: dict[str, int]) -> None:
    """Read included files that are not read yet; names are relative to the folder."""
    waiting = list(files)
    while waiting:
        for target in included(files[waiting.pop()]):
            for file_name in sorted(glob.glob(str(folder / target))):  # noqa: PTH207 - the pattern may be absolute
                path = Path(file_name)
                # Keep an absolute name: the include line has the same spelling.
                name = file_name if target.startswith("/") else os.path.relpath(file_name, folder)
                if path.is_file() and name not in files:
                    _take(path, name, files, modes)
                    waiting.append(name)


def gate_addresses(gate: Instance) -> frozenset[str]:
    """Return the addresses that a gate listens on according to its files, ``host:port``."""
    transports = [
        section
        for section in read_configuration(gate.files, "pjsip.conf").real()
        if section.value("type") == "transport"
    ]
    binds = [transport.value("bind") for transport in transports]
    return frozenset(bind if ":" in bind else f"{bind}:5060" for bind in binds if bind)


def control_socket(instance: Instance, run: Path) -> Path:
    """Return the path of an instance's control socket below its run folder."""
    section = read_configuration(instance.files, "asterisk.conf").named("files")
    entry = None if section is None else section.last("astctl")
    return run / ("asterisk.ctl" if entry is None else entry.value)


def read_rules(file: Path) -> str | None:
    """Return the network rules that the next boot loads; "" when there is no file, None if it is not readable."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except PermissionError:
        return None
    except OSError:
        return ""


def list_network_rules(table: str) -> str | None:
    """Return the output of ``nft`` for ``inet <table>``; "" when it is not loaded, None if it cannot be listed."""
    if os.geteuid() != 0 or shutil.which("nft") is None:
        return None
    done = subprocess.run(
        ["nft", "-n", "list", "table", "inet", table], capture_output=True, text=True, check=False, timeout=_DEADLINE_S
    )
    return done.stdout if done.returncode == 0 else ""
