"""One thread of a process, held: what a deadlock looks like from outside, while every other thread goes on.

``ptrace`` stops the one thread that is attached to and interrupted; the kernel lets it go when it is detached, or when
the thread of ours that holds it ends. Every request must come from that same thread of ours.
"""

import contextlib
import ctypes
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

_SEIZE: Final = 0x4206
_INTERRUPT: Final = 0x4207
_DETACH: Final = 17
_WALL: Final = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def threads(pid: int, name: str) -> list[int]:
    """Return the threads of a process that bear a name, oldest first."""
    folder = Path(f"/proc/{pid}/task")
    return sorted(int(path.name) for path in folder.iterdir() if (path / "comm").read_text().strip() == name)


@contextlib.contextmanager
def held(thread: int) -> Iterator[None]:
    """Hold one thread for as long as this lasts."""
    with ThreadPoolExecutor(1) as ours:
        ours.submit(_hold, thread).result()
        try:
            yield
        finally:
            ours.submit(_ask, _DETACH, thread).result()


def _hold(thread: int) -> None:
    _ask(_SEIZE, thread)
    _ask(_INTERRUPT, thread)
    os.waitpid(thread, _WALL)


def _ask(request: int, thread: int) -> None:
    if _libc.ptrace(request, thread, None, None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
