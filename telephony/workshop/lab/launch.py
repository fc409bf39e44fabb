"""Starting, watching and ending the processes of a lab.

An instance runs as its own numeric user in a private mount namespace, so that no mount is left on the machine
whatever dies. Its processes are recognised by their command line, which contains the path of its configuration.
So they are found even when the process that started them is gone.
"""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from telephony.errors import LabError
from telephony.workshop.lab.console import command
from telephony.workshop.lab.model import INSTANCES
from telephony.workshop.lab.tree import AsteriskTree

_READY_S: Final = 30.0
_END_S: Final = 5.0

# $1 configuration, $2 program, $3 user, $4 tree, $5 the lab's folder
# In a chroot "/" is no mount point and cannot be made private; what is mounted there is private already.
_PRIVATE: Final = """set -e
mount --make-rprivate / 2>/dev/null || true
mkdir -p "$4$5"
mount --bind "$5" "$4$5"
mount --rbind /dev "$4/dev"
mount --bind /proc "$4/proc"
cd /
umask 027
exec chroot --userspec="+$3:+$3" --groups= "$4" "$2" -f -C "$1"
"""
_NATIVE: Final = """umask 027
exec setpriv --reuid="$3" --regid="$3" --clear-groups "$2" -f -C "$1" """
_LIMITS: Final = "umask 022; ulimit -c 0; ulimit -n 20000 || true; "

_FATAL: Final = re.compile(r"Failed to resolve dependencies|declined to load|\] ERROR\[")


def start(tree: AsteriskTree, folder: Path, name: str, user_id: int) -> int:
    """Start the instance ``name`` of the lab in ``folder`` and return its process id; it may not be ready yet."""
    configuration = folder / name / "etc" / "asterisk.conf"
    script = _LIMITS + (_PRIVATE if tree.is_private else _NATIVE)
    inner = ["sh", "-c", script, "sh", str(configuration), tree.program, str(user_id), str(tree.root), str(folder)]
    if tree.is_private:
        inner = ["unshare", "--mount", "--propagation", "unchanged", "--", *inner]
    # The shell leaves at once: the instance is nobody's child, and outlives the caller.
    detach = [
        "sh",
        "-c",
        'setsid "$@" </dev/null >>"$0" 2>&1 & echo $!',
        str(folder / name / "log" / "console"),
        *inner,
    ]
    done = subprocess.run(detach, capture_output=True, text=True, timeout=20, check=True)
    return int(done.stdout)


def await_ready(folder: Path, name: str, pid: int) -> None:
    """Return when the instance has booted and its log contains no error.

    Raises:
        LabError: it ended, did not boot in time, or logged an error.
    """
    control = folder / name / "run" / f"{name}.ctl"
    deadline = time.monotonic() + _READY_S
    while True:
        if not is_running(pid):
            raise LabError(f"{name} ended while it was starting: {_last_words(folder, name)}")
        with contextlib.suppress(LabError):
            if control.exists() and "fully booted" in command(control, "core waitfullybooted", 10):
                break
        if time.monotonic() > deadline:
            raise LabError(f"{name} has not booted after {_READY_S:.0f} s: {_last_words(folder, name)}")
        time.sleep(0.05)
    if faults := log_faults(folder / name / "log" / "messages"):
        raise LabError(f"{name} logged an error: {faults[0]} ({len(faults)} such lines in {folder / name / 'log'})")


def await_fact(what: str, is_true: Callable[[], bool], timeout_s: float) -> None:
    """Return as soon as ``is_true()``; raises LabError naming ``what`` when it is not in time."""
    deadline = time.monotonic() + timeout_s
    while not is_true():
        if time.monotonic() > deadline:
            raise LabError(f"{what}: not true after {timeout_s:.0f} s")
        time.sleep(0.05)


def log_faults(log: Path) -> list[str]:
    """Return the lines of an instance's log that mean something of it failed to load."""
    if not log.exists():
        return []
    return [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if _FATAL.search(line)]


def processes(folder: Path, names: Iterable[str] = INSTANCES) -> dict[int, str]:
    """Return the processes of the lab in ``folder``: process id to instance name, starting shells included."""
    configurations = {str(folder / name / "etc" / "asterisk.conf").encode(): name for name in names}
    pids = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        # The path stands alone or after -C; a person's editor on the file must not be ended, so look at the program.
        program = arguments[0].rpartition(b"/")[2]
        if program in {b"asterisk", b"sh", b"unshare", b"chroot", b"setsid", b"setpriv"}:
            for argument in arguments[1:]:
                if argument in configurations:
                    pids[int(entry.name)] = configurations[argument]
    return pids


def end(folder: Path, names: Iterable[str] = INSTANCES, *, is_killed: bool = False) -> None:
    """End the instances ``names`` of the lab in ``folder``: by request, killed after some seconds, or killed at once.

    Raises:
        LabError: a process survives even that.
    """
    names = tuple(names)
    deadline = time.monotonic() + (0 if is_killed else _END_S)
    _signal(processes(folder, names), signal.SIGKILL if is_killed else signal.SIGTERM)
    while left := processes(folder, names):
        if time.monotonic() > deadline + _END_S:
            raise LabError(f"processes {sorted(left)} of {folder} do not end")
        if time.monotonic() > deadline:
            _signal(left, signal.SIGKILL)
        time.sleep(0.02)


def end_users(folder: Path) -> None:
    """End the controllers and other programs of this package that were started on this lab's settings."""
    settings_path = str(folder / "telephony.toml").encode()
    deadline = time.monotonic() + _END_S
    _signal(_naming(settings_path), signal.SIGTERM)
    while left := _naming(settings_path):
        if time.monotonic() > deadline:
            _signal(left, signal.SIGKILL)
        time.sleep(0.05)


def _naming(argument: bytes) -> list[int]:
    """Return the ``telephony serve`` and ``telephony warden`` processes that name ``argument``, never the caller."""
    pids = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
                if argument in arguments and {b"serve", b"warden"} & set(arguments):
                    pids.append(int(entry.name))
    return pids


def is_running(pid: int) -> bool:
    """Return True if the process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _last_words(folder: Path, name: str) -> str:
    console = folder / name / "log" / "console"
    lines = console.read_text(encoding="utf-8", errors="replace").splitlines() if console.exists() else []
    return lines[-1][:300] if lines else "it said nothing"
