"""What every call needs: links, disk space to record, the database, and no second controller (I2, I3).

Each class is one check with its reason; ``blockers`` makes the checks in order.
"""

import asyncio
from typing import Protocol

import structlog

from telephony.domain.floor.snapshot import LinkView
from telephony.domain.text.reason import Reason
from telephony.errors import ArchiveError, ConflictError, StoreError, UnreadableRowError
from telephony.ports.calls.switch import Watched
from telephony.ports.clock import Clock
from telephony.ports.evidence.archive import Archive
from telephony.ports.evidence.ledger import Incident, LedgerStore

log = structlog.get_logger(__name__)

POLL_S = 2.0
"""Seconds between checks of the disks."""


class Links:
    """The connections to both exchanges."""

    def __init__(self, *links: Watched) -> None:
        self._links = links

    def views(self) -> tuple[LinkView, ...]:
        """Return each connection and whether it is up."""
        return tuple(LinkView(link.node, link.is_connected) for link in self._links)

    def blocking_reason(self) -> Reason | None:
        """Return which link is lost, or None."""
        for link in self._links:
            if not link.is_connected:
                return Reason("blocked.link", node=str(link.node))
        return None


class DatabaseLock(Protocol):
    """The lock of the single controller."""

    @property
    def is_held(self) -> bool:
        """Whether this controller holds it now."""


class SingleController:
    """No call leaves unless this controller is the only one on the database."""

    def __init__(self, lock: DatabaseLock) -> None:
        self._lock = lock

    @property
    def is_single(self) -> bool:
        """Whether this controller is the only one on the database now."""
        return self._lock.is_held

    def blocking_reason(self) -> Reason | None:
        """Return that another controller may run, or None."""
        if self.is_single:
            return None
        return Reason("blocked.not_alone")


class StoreHealth:
    """Whether the database answered the last query for an attempt or a campaign."""

    def __init__(self) -> None:
        self._is_away = False

    def answered(self) -> None:
        """Note that the database answered."""
        self._is_away = False

    def failed(self, error: StoreError) -> None:
        """Record that it refused: one row that cannot be read, or a conflict, is an answer and blocks nobody else."""
        if not isinstance(error, ConflictError | UnreadableRowError):
            self._is_away = True

    def blocking_reason(self) -> Reason | None:
        """Return that the database does not answer, or None."""
        if not self._is_away:
            return None
        return Reason("blocked.database")


class RecordingRoom:
    """Free space on the disks for recordings; it counts as none before the first check."""

    def __init__(self, archive: Archive, ledger: LedgerStore, clock: Clock, minimum_free_mib: int) -> None:
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self._minimum_free_mib = minimum_free_mib
        self._has_room = False
        self._is_reported = False

    def blocking_reason(self) -> Reason | None:
        """Return that nothing can be recorded, or None."""
        if self._has_room:
            return None
        return Reason("blocked.recording")

    async def look(self) -> None:
        """Check the free space on the disks once; too little opens an incident."""
        try:
            spool, archive = await self._archive.free_mib()
        except ArchiveError as error:
            await self._report(str(error))
            return
        if min(spool, archive) < self._minimum_free_mib:
            where = "spool" if spool <= archive else "archive"
            await self._report(
                f"{min(spool, archive):.0f} MiB left on the {where} disk, "
                f"{self._minimum_free_mib} MiB are needed: make room; no call leaves until then"
            )
            return
        self._has_room = True
        self._is_reported = False

    async def _report(self, text: str) -> None:
        self._has_room = False
        log.error("recording_not_possible", reason=text)
        if self._is_reported:
            return
        try:
            await self._ledger.open_incident(Incident("recorder_unusable", "recorder", text, self._clock.now()))
            self._is_reported = True
        except StoreError as error:
            log.error("incident_not_written", reason=str(error))

    async def run(self) -> None:
        """Check the disks until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(POLL_S)
