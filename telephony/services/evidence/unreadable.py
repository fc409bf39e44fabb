"""Turns a stored row or value that cannot be used into an incident, so that the service's loops go on.

Stored values come from people or from older versions. A row that cannot be used is left out where it is read, and is
reported once; it stops neither a loop nor a start.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from telephony.errors import places
from telephony.ports.unreadable import UnreadableRow, UnreadableRows
from telephony.services.evidence.incident_book import IncidentBook

log = structlog.get_logger(__name__)

POLL_S: Final = 1.0
AGAIN_S: Final = 1.0
"""Seconds before a stopped loop is started again."""
UNREADABLE_ROW: Final = "unreadable_row"
LOOP_STOPPED: Final = "loop_stopped"
BY_A_VALUE: Final = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""Errors that an unexpected value raises; any other error is a fault of the program and ends the service."""


class Unreadable:
    """Opens incidents about unusable rows and stopped loops."""

    def __init__(self, rows: UnreadableRows, incidents: IncidentBook) -> None:
        self._rows = rows
        self._incidents = incidents

    async def run(self) -> None:
        """Report rows that were left out, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(POLL_S)

    def look(self) -> None:
        """Report the rows that were left out since the last poll."""
        for row in self._rows.take():
            self._incidents.note(UNREADABLE_ROW, f"{row.table} {row.key}".strip(), _message(row))

    async def keep_on(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a loop, and start it again after a value stopped it; until cancelled or until another error ends it."""
        while True:
            try:
                return await run()
            except BY_A_VALUE as error:
                self.stopped(name, error)
                await asyncio.sleep(AGAIN_S)
            except BaseExceptionGroup as group:
                by_a_value, others = group.split(BY_A_VALUE)
                if by_a_value is None or others is not None:
                    raise
                self.stopped(name, by_a_value.exceptions[0])
                await asyncio.sleep(AGAIN_S)

    def stopped(self, name: str, error: BaseException) -> None:
        """Report that a value stopped a loop: the kind of the error and its place, never the value itself."""
        where = places(error)
        log.error("loop_stopped", loop=name, kind=type(error).__name__, where=where)
        text = (
            f"Loop {name} met a value that it cannot use ({type(error).__name__} in {where}) and was started again: its"
            " work may be late or incomplete. Report this line; the value is in the database."
        )
        self._incidents.note(LOOP_STOPPED, name, text)


def _message(row: UnreadableRow) -> str:
    return (
        f"Row {row.key or '?'} of table {row.table} cannot be read ({row.why}): it is left out, everything else goes"
        " on. Correct or remove it in the database (docs/storage.md); its incident is opened again at the next start."
    )
