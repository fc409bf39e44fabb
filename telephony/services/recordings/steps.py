"""The steps that remain once a recording's row is stored: report missing parts, search for tones, remove raw files.

The steps are written in the row's own transaction, and each is marked when it is done. After a crash at any point the
recorder's sweep does the rest. Every step may be done twice. ``recorder`` writes the rows.
"""

from collections import Counter
from typing import Final

import structlog

from telephony.domain.evidence.recordings import Recording, RecordingStep
from telephony.errors import ArchiveError, UnreadableRowError
from telephony.ids import RecordingId
from telephony.ports.clock import Clock
from telephony.ports.evidence.archive import Archive
from telephony.ports.evidence.ledger import Incident
from telephony.ports.store import Store

log = structlog.get_logger(__name__)

AT_ONCE: Final = 200
"""Steps read at a time."""
TRIES: Final = 3
"""How often reading a file may fail before that becomes an incident."""


class RecordingSteps:
    """Does the remaining steps of recordings."""

    def __init__(self, store: Store, archive: Archive, clock: Clock) -> None:
        self._store = store
        self._archive = archive
        self._clock = clock
        self._failures: Counter[RecordingId] = Counter()

    async def all(self) -> None:
        """Do the remaining steps of every recording; a step that fails is tried again at the next sweep.

        Raises:
            StoreError: the database failed.
        """
        after = None
        while steps := await self._store.recordings.steps_left(AT_ONCE, after):
            for recording_id in dict.fromkeys(step.recording_id for step in steps):
                try:
                    await self.take(recording_id)
                except (ArchiveError, UnreadableRowError) as error:
                    log.error("recording_step_failed", recording=recording_id, reason=str(error))
            after = steps[-1].recording_id

    async def take(self, recording_id: RecordingId) -> None:
        """Do the remaining steps of one recording, in order.

        Raises:
            ArchiveError: the raw files could not be removed; the step remains.
            StoreError: the database failed; the step remains.
        """
        left = {row.step: row.detail for row in await self._store.recordings.steps_of(recording_id)}
        if not left:
            return
        recording = await self._store.recordings.get(recording_id)
        # Removing comes last: the other steps may need the raw files.
        for step in (step for step in RecordingStep if step in left):
            incident = None
            if step is RecordingStep.INCIDENT:
                incident = self._incident("recording_incomplete", recording, left[step])
            elif step is RecordingStep.TONES:
                is_read, incident = await self._tones(recording)
                if not is_read:
                    continue
            else:
                await self._archive.discard_raw(recording_id)
            await self._store.recordings.step_done(recording_id, step, incident, self._clock.now())

    async def _tones(self, recording: Recording) -> tuple[bool, Incident | None]:
        """Search the operator's voice for DTMF tones: the seat's conference cannot block those sent as sound."""
        recording_id = recording.tag.recording_id
        if recording.file is None:
            return True, None
        try:
            offsets = await self._archive.key_tones(recording.file)
        except ArchiveError as error:  # the recording stays, and is searched again later
            log.error("tone_search_failed", recording=recording_id, reason=str(error))
            self._failures[recording_id] += 1
            if self._failures[recording_id] < TRIES:
                return False, None
            del self._failures[recording_id]
            text = f"Recording {recording_id} could not be searched for DTMF tones: {error}"
            return True, self._incident("tones_not_looked_for", recording, text)
        if not offsets:
            return True, None
        when = ", ".join(f"{offset:.1f}" for offset in offsets[:10]) + (", …" if len(offsets) > 10 else "")
        text = f"Attempt {recording.tag.attempt_id}: {len(offsets)} DTMF tones from the operator's side, at {when} s."
        return True, self._incident("tones_in_recording", recording, f"{text} Listen to it.")

    def _incident(self, kind: str, recording: Recording, text: str) -> Incident:
        return Incident(kind, recording.tag.attempt_id, text, self._clock.now())
