"""What a loop cannot use, a stored row or a value, is an incident, and the loop goes on.

A person chose most of what is stored, or it comes from an older version: whatever a row holds, it is left out, named
once, and takes neither a loop nor a start with it. Leaving the row out is done where it is read.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from telephony.errors import places
from telephony.ports.unreadable import UnreadableRow, UnreadableRows
from telephony.services.evidence.incident_book import IncidentBook

log = structlog.get_logger(__name__)

LOOK_S: Final = 1.0
AGAIN_S: Final = 1.0
"""Seconds before a loop that a value stopped begins again."""
UNREADABLE_ROW: Final = "unreadable_row"
LOOP_STOPPED: Final = "loop_stopped"
BY_A_VALUE: Final = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What a value that nobody expected raises; anything else is a fault of the program, and ends the service."""


class Unreadable:
    """Makes incidents of what cannot be used."""

    def __init__(self, rows: UnreadableRows, incidents: IncidentBook) -> None:
        """Keep the parts."""
        self._rows = rows
        self._incidents = incidents

    async def run(self) -> None:
        """Look for rows that were left out, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Note the rows that were left out since the last look."""
        for row in self._rows.take():
            self._incidents.note(UNREADABLE_ROW, f"{row.table} {row.key}".strip(), _sentence(row))

    async def keep_on(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a loop, again after a value stopped it; until cancelled, or until something else ends it."""
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
        """Note that a value stopped a round of a loop: its kind and where, never the value itself."""
        where = places(error)
        log.error("loop_stopped", loop=name, kind=type(error).__name__, where=where)
        text = (
            f"Loop {name} met a value that it cannot use ({type(error).__name__} in {where}) and began again: what it"
            " does may be late or left out. Report this line; the value stands in the database."
        )
        self._incidents.note(LOOP_STOPPED, name, text)


def _sentence(row: UnreadableRow) -> str:
    return (
        f"Row {row.key or '?'} of table {row.table} cannot be read ({row.why}): it is left out, everything else goes"
        " on. Correct or remove it in the database (docs/storage.md); its incident is opened again at the next start."
    )
