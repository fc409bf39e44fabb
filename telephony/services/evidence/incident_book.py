"""Incidents noted where nothing may wait: kept in memory until the database has taken them, then shown on the floor."""

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
"""Most incidents that wait for the database; the log has them all."""


class IncidentBook:
    """Notes incidents at once and writes them down in order."""

    def __init__(self, ledger: LedgerStore, clock: Clock) -> None:
        """Begin with nothing noted; ``run`` writes."""
        self._ledger = ledger
        self._clock = clock
        self._noted: deque[Incident] = deque(maxlen=KEPT)
        self._news = asyncio.Event()

    def note(self, kind: str, subject: str, text: str) -> None:
        """Note one; while one of the same kind and subject is open, it is the same incident.

        Args:
            kind: past-tense word, e.g. ``trunk_leg_without_permit``.
            subject: the id of the thing it is about.
            text: names the thing, the rule and the mend; no number.
        """
        log.error("incident", kind=kind, subject=subject, text=text)
        self._noted.append(Incident(kind, subject, text, self._clock.now()))
        self._news.set()

    async def flush(self) -> None:
        """Write what is noted.

        Raises:
            StoreError: the database refused; what is left is kept.
        """
        while self._noted:
            await self._ledger.open_incident(self._noted[0])
            self._noted.popleft()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self.flush()
            except StoreError as error:
                log.error("incidents_wait", pending=len(self._noted), reason=str(error))
                await asyncio.sleep(RETRY_S)
                self._news.set()
