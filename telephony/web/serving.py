"""Serving the application on an address, and an orderly end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from telephony.errors import ServingError, cannot_listen
from telephony.web.application import make_app
from telephony.web.http.services import WebDeps

CLOSE_S: Final = 2.0
"""Seconds that open streams get to end."""


@contextlib.asynccontextmanager
async def served(deps: WebDeps) -> AsyncIterator[str]:
    """Serve the pages while the context is open, and yield their address.

    Raises:
        ServingError: the address is taken or not on this machine.
    """
    runner = web.AppRunner(make_app(deps), access_log=None, shutdown_timeout=CLOSE_S)
    await runner.setup()
    host, port = str(deps.web.host), deps.web.port
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise ServingError(
                f"the pages cannot be served at {host}:{port}: {cannot_listen(error)}, or change web.host and web.port"
            ) from error
        yield f"http://{host}:{port}"
    finally:
        with contextlib.suppress(asyncio.CancelledError):
            await runner.cleanup()
