"""Wires the daily proof: database, archive, the gate's own files."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

from telephony.app.wiring.system import SystemClock
from telephony.archive import LocalArchive
from telephony.archive.spool import spool_files
from telephony.asterisk.call_records import gate_records, records_of
from telephony.domain.evidence.day_facts import RawFile, Share
from telephony.domain.evidence.proof import GateRecords
from telephony.ids import PermitId
from telephony.ports.evidence.proof import ProofStore
from telephony.services.evidence.chain import HeadFile
from telephony.services.evidence.daily_proof import DailyProof
from telephony.settings import Settings
from telephony.storage import Days, open_store


class GateFiles:
    """Implements ``GateEvidence`` and ``CallRecords`` of ``ports.evidence.proof`` on the gate's own folders."""

    def __init__(self, settings: Settings) -> None:
        self._log = settings.gate.log
        self._spool = settings.gate.spool / "monitor"

    async def records(self, since: datetime, until: datetime, share: Share) -> GateRecords:
        """Return the records of a share of the calls that came in from ``since`` on and before ``until``."""
        return await asyncio.to_thread(gate_records, self._log, since, until, share)

    async def of(self, permits: Collection[PermitId], since: datetime) -> GateRecords:
        """Return the records of calls with these permits that came in from ``since`` on."""
        return await asyncio.to_thread(records_of, self._log, permits, since)

    async def spool(self) -> Sequence[RawFile]:
        """Return every file in the recording spool."""
        return await asyncio.to_thread(spool_files, self._spool)


@contextlib.asynccontextmanager
async def proving(settings: Settings) -> AsyncIterator[tuple[DailyProof, ProofStore]]:
    """Open the database for proofs; yield the service and the proof store.

    Raises:
        StoreError: it is down, or its schema is not this version's.
    """
    async with await open_store(settings.database.url) as opened:
        days = Days(opened.database)
        archive = LocalArchive(settings.gate.spool / "monitor", settings.recording.archive)
        service = DailyProof(
            store=opened.store,
            proofs=days,
            archive=archive,
            evidence=GateFiles(settings),
            clock=SystemClock(),
            head_file=HeadFile(settings.proof.head),
            site=settings.site.code,
            timezone=settings.site.timezone,
        )
        yield service, days
