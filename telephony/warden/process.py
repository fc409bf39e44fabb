"""The warden as a process: become the gate's user, run the guard, end on a signal.

Started by root, it gives up root permanently once everything it needs is imported; it may also be started by the gate's
user. The user is the owner of the settings file. ``guard`` has the checks.
"""

import asyncio

# The library imports these late, when the gate's user may have no access to its folder.
import concurrent.futures.thread  # noqa: F401
import encodings.idna  # noqa: F401
import logging
import os
import signal
from pathlib import Path

import structlog

from telephony.errors import SettingsError
from telephony.warden.guard import Guard
from telephony.warden.settings import load_warden_settings


def watch_until_told(path: Path) -> None:
    """Run the guard until SIGTERM or SIGINT.

    Args:
        path: ``warden.toml``.

    Raises:
        SettingsError: the file is not valid, belongs to root, or belongs to another user than this process.
    """
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
    )
    settings = load_warden_settings(path)
    become(settings.user_id)
    asyncio.run(_watch(Guard(settings)))


def become(user_id: int) -> None:
    """Give up root for the gate's user.

    Raises:
        SettingsError: the file belongs to root, or this process cannot change its user.
    """
    if user_id == 0:
        raise SettingsError("warden.toml belongs to root; give it to the gate's user: telephony configuration write")
    if os.geteuid() == user_id:
        return
    if os.geteuid() != 0:
        raise SettingsError("warden.toml belongs to another user; run the warden as the gate's user, or as root")
    os.setgroups([])
    os.setresgid(user_id, user_id, user_id)
    os.setresuid(user_id, user_id, user_id)


async def _watch(guard: Guard) -> None:
    watching = asyncio.create_task(guard.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, watching.cancel)
    try:
        await watching
    except asyncio.CancelledError:
        return
