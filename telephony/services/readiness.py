"""Readiness: may anything be dialled at all now? Links, recorder and room, each with its sentence (I2, I3)."""

import asyncio
from collections.abc import Callable

import structlog

from telephony.domain.floor import LinkView, PaceReason
from telephony.errors import ArchiveError, StoreError
from telephony.ports.archive import Archive
from telephony.ports.clock import Clock
from telephony.ports.ledger import Incident, LedgerStore
from telephony.ports.switch import Watched

log = structlog.get_logger(__name__)

LOOK_S = 2.0
"""Seconds between looks at the disks."""


class Readiness:
    """What must be there before a call may leave."""

    def __init__(
        self,
        links: tuple[Watched, ...],
        archive: Archive,
        ledger: LedgerStore,
        clock: Clock,
        minimum_free_mib: int,
        also: Callable[[], PaceReason | None] = lambda: None,
        is_sole: Callable[[], bool] = lambda: True,
    ) -> None:
        """Begin not ready: nothing leaves before the first look at the disks.

        Args:
            links: what must be connected.
            archive: whose disks need room.
            ledger: where too little room becomes an incident.
            clock: the present moment.
            minimum_free_mib: room needed.
            also: another reason why nothing may be dialled: what the watch says.
            is_sole: whether the database is this controller's alone.
        """
        self._also = also
        self._is_sole = is_sole
        self._links = links
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self._minimum_free_mib = minimum_free_mib
        self.can_record = False
        """Whether spool and archive have room."""
        self._is_told = False

    def links(self) -> tuple[LinkView, ...]:
        """Return the connections and whether each is up."""
        return tuple(LinkView(link.node, link.is_connected) for link in self._links)

    def why_not(self) -> PaceReason | None:
        """Return why nothing may be dialled, or None when it may."""
        for link in self._links:
            if not link.is_connected:
                return PaceReason(
                    fr=f"Liaison avec {link.node} perdue\u202f: aucun appel ne part.",
                    en=f"The link to {link.node} is lost: no call leaves.",
                )
        if not self.can_record:
            return PaceReason(
                fr="Enregistrement impossible\u202f: aucun appel ne part.",
                en="Recording not possible: no call leaves.",
            )
        if not self._is_sole():
            return PaceReason(
                fr="La base de données n’est plus à ce contrôleur seul\u202f: aucun appel ne part.",
                en="The database is no longer this controller's alone: no call leaves.",
            )
        return self._also()

    async def look(self) -> None:
        """Look at the room on the disks once; too little opens an incident."""
        try:
            spool, archive = await self._archive.free_mib()
        except ArchiveError as error:
            await self._cannot(str(error))
            return
        if min(spool, archive) < self._minimum_free_mib:
            where = "spool" if spool <= archive else "archive"
            await self._cannot(
                f"{min(spool, archive):.0f} MiB left on the {where} disk, "
                f"{self._minimum_free_mib} MiB are needed: make room; no call leaves until then"
            )
            return
        self.can_record = True
        self._is_told = False

    async def _cannot(self, text: str) -> None:
        self.can_record = False
        log.error("cannot_record", reason=text)
        if self._is_told:
            return
        try:
            await self._ledger.open_incident(Incident("recorder_unusable", "recorder", text, self._clock.now()))
            self._is_told = True
        except StoreError as error:
            log.error("incident_not_written", reason=str(error))

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)
