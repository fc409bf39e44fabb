"""Incidents from code that must not wait: they are held in memory until the database has stored them."""

import asyncio
from collections import deque
from typing import Final

import structlog

from telephony.errors import StoreError
from telephony.ports.clock import Clock
from telephony.ports.evidence.ledger import Incident, LedgerStore

log = structlog.get_logger(__name__)

RETRY_S: Final = 1.0
KEPT: Final = 10_000
"""Most incidents that wait for the database; the log has all of them."""


class IncidentBook:
    """Notes incidents at once; ``run`` writes them in order."""

    def __init__(self, ledger: LedgerStore, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._noted: deque[Incident] = deque(maxlen=KEPT)
        self._wake = asyncio.Event()

    def note(self, kind: str, subject: str, text: str) -> None:
        """Note an incident; while one of the same kind and subject is open, it is the same one.

        Args:
            kind: its code, for example ``trunk_leg_without_permit``.
            subject: the id of the thing it is about.
            text: names the thing, the rule and the fix; no telephone number.
        """
        log.error("incident", kind=kind, subject=subject, text=text)
        self._noted.append(Incident(kind, subject, text, self._clock.now()))
        self._wake.set()

    async def flush(self) -> None:
        """Write the noted incidents.

        Raises:
            StoreError: the database failed; the others stay noted.
        """
        while self._noted:
            await self._ledger.open_incident(self._noted[0])
            self._noted.popleft()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.flush()
            except StoreError as error:
                log.error("incidents_not_written", pending=len(self._noted), reason=str(error))
                await asyncio.sleep(RETRY_S)
                self._wake.set()
