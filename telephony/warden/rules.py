"""Tests if the lock's network rules are in force; the warden has no right to list them, and needs none.

The rules close the pbx's manager port to every user but the controller's. The warden runs as the gate's user: if it can
connect, the rules are not in force. A port that refuses or does not answer proves nothing about the rules, but then no
pbx is there to dial either.
"""

import asyncio
import contextlib
from typing import Final

TRY_S: Final = 5.0
"""Seconds between two tries."""
_DEADLINE_S: Final = 2.0


async def is_reachable(host: str, port: int) -> bool:
    """Return True if this user can open a TCP connection to ``host:port`` within two seconds."""
    try:
        async with asyncio.timeout(_DEADLINE_S):
            _reader, writer = await asyncio.open_connection(host, port)
    except OSError:  # refused, forbidden, unreachable, or too late
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
