"""Evidence of a call whose end nobody saw: the gate's call records, and the recording, as long as the call was."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from telephony.domain.calls.attempts import Attempt
from telephony.domain.evidence.proof import GateLeg
from telephony.errors import ArchiveError, SwitchError
from telephony.ids import PermitId
from telephony.ports.clock import Clock
from telephony.ports.evidence.archive import Archive, RawState
from telephony.ports.evidence.proof import CallRecords

log = structlog.get_logger(__name__)

RECORD_TRIES: Final = 3
RECORD_WAIT_S: Final = 1.0
"""Seconds between tries: the gate writes a call's record as the call ends."""


class CallEvidence:
    """Reads the gate's call records and the recordings."""

    def __init__(self, records: CallRecords, archive: Archive, clock: Clock) -> None:
        self._records = records
        self._archive = archive
        self._clock = clock

    async def legs(self, attempts: Sequence[Attempt]) -> Mapping[PermitId, GateLeg]:
        """Return the gate's call records of these attempts."""
        legs: Mapping[PermitId, GateLeg] = {}
        if not attempts:
            return legs
        permits = {attempt.permit_id for attempt in attempts}
        since = min(attempt.started_at for attempt in attempts)
        for left in reversed(range(RECORD_TRIES)):
            try:
                records = await self._records.of(permits, since)
            except SwitchError as error:
                log.error("call_records_unreadable", reason=str(error))
                return legs
            legs = {leg.permit_id: leg for leg in records.legs}
            if permits <= records.visits or not left:
                break
            await asyncio.sleep(RECORD_WAIT_S)
        return legs

    async def raw(self, attempt: Attempt) -> RawState:
        """Return the state of a call's raw recording; an absent one when it cannot be read."""
        try:
            return await self._archive.raw_state(attempt.recording_id)
        except ArchiveError as error:
            log.error("raw_unreadable", recording=attempt.recording_id, reason=str(error))
            return RawState(is_present=False, is_closed=False, length_s=0.0, size=0)

    async def end_of(self, attempt: Attempt) -> datetime:
        """Return when a call ended whose end nobody saw: its recording is as long as the call was."""
        began = attempt.early_media_at or attempt.answered_at
        raw = await self.raw(attempt)
        if began is None or not raw.is_present:
            return self._clock.now()
        return began + timedelta(seconds=raw.length_s)
