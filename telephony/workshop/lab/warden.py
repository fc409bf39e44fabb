"""The lab's warden: the same process as a real installation's, recognised by its command line like the instances."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from telephony.errors import LabError
from telephony.workshop.lab.launch import await_fact, is_running
from telephony.workshop.lab.model import Lab

_END_S: Final = 5.0


def start_warden(folder: Path) -> int:
    """Start the warden of the lab in ``folder`` and return its process id.

    Raises:
        LabError: it ended at once; the message quotes its last line of log.
    """
    log = folder / "gate" / "log" / "warden"
    command = [sys.executable, "-m", "telephony.warden", str(_file(folder))]
    # The shell leaves at once: the warden is nobody's child, and outlives the caller.
    detach = ["sh", "-c", 'cd / && setsid "$@" </dev/null >>"$0" 2>&1 & echo $!', str(log), *command]
    done = subprocess.run(detach, capture_output=True, text=True, timeout=20, check=True)
    pid = int(done.stdout)
    try:
        await_fact("the warden watches", lambda: pid in warden_pids(folder), 5)
    except LabError as error:
        words = log.read_text(encoding="utf-8", errors="replace").splitlines()
        raise LabError(f"the warden ended: {words[-1][:300] if words else 'it logged nothing'}") from error
    return pid


def stop_warden(lab: Lab | Path, *, is_killed: bool = False) -> None:
    """End the lab's warden, by request or by kill -9, and return when it is gone; none is fine.

    Raises:
        LabError: it does not end even when killed.
    """
    folder = lab if isinstance(lab, Path) else lab.folder
    began = time.monotonic()
    is_hard = is_killed
    while pids := warden_pids(folder):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if is_hard else signal.SIGTERM)
        if time.monotonic() - began > 2 * _END_S:
            raise LabError(f"the warden of {folder} does not end")
        is_hard = is_hard or time.monotonic() - began > _END_S
        time.sleep(0.05)


def warden_pids(folder: Path) -> list[int]:
    """Return the warden processes of the lab in ``folder``, found by their command line."""
    configuration = str(_file(folder)).encode()
    pids = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if configuration in arguments and b"telephony.warden" in arguments and is_running(int(entry.name)):
                pids.append(int(entry.name))
    return pids


def _file(folder: Path) -> Path:
    return folder / "gate" / "etc" / "warden.toml"
