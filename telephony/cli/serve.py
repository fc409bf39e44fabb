"""``telephony serve``: run the controller in the foreground until it is stopped."""

import asyncio
import contextlib
import logging
import signal
from typing import Annotated

import structlog
import typer

from telephony.app.service import serve_until
from telephony.cli.session import settings


def serve(
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until no other controller runs, instead of failing.")
    ] = False,
) -> None:
    """Run the controller and its web pages until SIGTERM or Ctrl-C.

    Conversations go on; the next start takes them over. Writes the log to standard error, one JSON object per
    line, and "ready: ADDRESS" to standard output.

    Example: telephony --config /etc/telephony/telephony.toml serve
    """
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    chosen = settings()

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        log = structlog.get_logger("serve")
        on_wait = (lambda reason: log.warning("waiting_for_lock", reason=reason)) if wait else None
        began = asyncio.Event()

        def ready(address: str) -> None:
            began.set()
            typer.echo(f"ready: {address}")

        serving = asyncio.create_task(serve_until(chosen, stop, ready, on_wait))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not serving.done() and not began.is_set():
            serving.cancel()  # it waits for another controller, or is still starting
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    asyncio.run(run())
