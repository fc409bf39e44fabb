"""``telephony serve``: run the controller in the foreground until it is told to stop."""

import asyncio
import logging
import signal

import structlog
import typer

from telephony.app.service import serve_until
from telephony.cli.session import settings


def serve() -> None:
    """Run the controller and its pages until SIGTERM or Ctrl-C; conversations go on and are taken over next time.

    The log goes to standard error, one JSON object a line; "ready: ADDRESS" to standard output.

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
        await serve_until(chosen, stop, lambda address: typer.echo(f"ready: {address}"))

    asyncio.run(run())
