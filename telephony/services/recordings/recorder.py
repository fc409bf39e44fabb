"""The recorder: every ended trunk leg becomes one finished, tagged recording, or an open incident (I6).

The gate records. This service waits until the raw files are closed and lets the archive make the finished file. It
writes the row together with the remaining steps (``steps``), and only then discards the raw files. ``sweep`` finds what
a crash left undone, before or after the row.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from telephony.domain.calls.attempts import Attempt
from telephony.domain.calls.events import CallEventValue
from telephony.domain.calls.lifecycle import Call
from telephony.domain.evidence.recordings import Recording, RecordingStep, RecordingTag, StoredFile
from telephony.errors import ArchiveError, ConflictError, StoreError
from telephony.ids import AttemptId, CampaignId, OperatorId
from telephony.ports.clock import Clock
from telephony.ports.evidence.archive import Archive
from telephony.ports.evidence.ledger import Incident
from telephony.ports.pages import every
from telephony.ports.store import Store
from telephony.services.calls.tracker import Tracker
from telephony.services.recordings.steps import RecordingSteps

log = structlog.get_logger(__name__)

CLOSE_DEADLINE_S: Final = 45.0
"""How long the gate's files may stay open after the leg has ended: a gate that was killed never closes them, and they
count as closed after 30 s without a change."""
APPEAR_DEADLINE_S: Final = 15.0
"""How long after the call its files may be missing: they exist before its INVITE."""
SWEEP_S: Final = 20.0
"""Seconds between sweeps for ended attempts without a recording."""
WORKERS: Final = 2
SHORTER: Final = timedelta(seconds=1)
"""How much shorter than its call a recording may be: MixMonitor drops half a second when one side sends nothing."""


class Recorder:
    """Finishes recordings in the background."""

    def __init__(self, store: Store, archive: Archive, tracker: Tracker, clock: Clock, *, keep_raw: bool) -> None:
        self._store = store
        self._archive = archive
        self._tracker = tracker
        self._clock = clock
        self._keep_raw = keep_raw
        self._follow = RecordingSteps(store, archive, clock)
        self._queue: asyncio.Queue[Attempt] = asyncio.Queue()
        self._queued: set[AttemptId] = set()
        self._campaigns: dict[CampaignId, str] = {}
        self._operators: dict[OperatorId, str] = {}

    def on_call(self, call: Call, _event: CallEventValue) -> None:
        """Queue the recording of a call that has ended."""
        # A leg may have ended unseen while the link to the gate was down: its files show it.
        if call.has_ended and (call.attempt.trunk_channel or call.permit_used):
            self._put(call.attempt)

    def _put(self, attempt: Attempt) -> None:
        if attempt.attempt_id not in self._queued:
            self._queued.add(attempt.attempt_id)
            self._queue.put_nowait(attempt)

    @property
    def pending(self) -> int:
        """Number of recordings not finished yet."""
        return len(self._queued)

    async def sweep(self) -> None:
        """Queue every ended attempt with a trunk leg and no recording row; do the remaining steps of all rows."""
        async for attempt in every(lambda last: self._store.recordings.missing(after=last)):
            self._put(attempt)
        await self._follow.all()

    async def run(self) -> None:
        """Finish recordings until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())
            group.create_task(self._sweep_forever())

    async def _sweep_forever(self) -> None:
        while True:
            try:
                await self.sweep()
            except StoreError as error:
                log.error("recordings_sweep_failed", reason=str(error))
            await asyncio.sleep(SWEEP_S)

    async def _work(self) -> None:
        while True:
            attempt = await self._queue.get()
            try:
                await self.finish(attempt)
            except (ArchiveError, StoreError) as error:
                log.error("recording_not_finished", recording=attempt.recording_id, reason=str(error))
                await self._incident("recording_missing", attempt, str(error))
            finally:
                self._queued.discard(attempt.attempt_id)

    async def finish(self, attempt: Attempt) -> None:
        """Make one finished recording and its row.

        Raises:
            ArchiveError: the raw files are missing or not closed in time, or the disk failed.
            StoreError: the row could not be written; the raw files stay.
        """
        if not attempt.trunk_channel and not (await self._archive.raw_state(attempt.recording_id)).is_present:
            return
        is_damaged = await self._closed(attempt)
        tag = await self._tag(attempt)
        make = self._archive.salvage if is_damaged else self._archive.finish
        file = await make(tag, attempt.early_media_at)
        await self._tracker.flush()
        steps = self._steps(attempt, file, is_damaged=is_damaged)
        try:
            await self._store.recordings.add(Recording(tag, file), steps)
        except ConflictError:  # the row was written before a crash, and its steps with it
            if RecordingStep.DISCARD in steps:
                await self._archive.discard_raw(attempt.recording_id)
        await self._follow.take(attempt.recording_id)

    def _steps(self, attempt: Attempt, file: StoredFile | None, *, is_damaged: bool) -> dict[RecordingStep, str]:
        """Return the steps that remain once the row is stored, each with its detail."""
        missing = _missing_part(attempt, file, is_damaged=is_damaged)
        steps = {RecordingStep.INCIDENT: missing} if missing else {}
        if file is not None and attempt.connected_at is not None:
            steps[RecordingStep.TONES] = ""
        if not self._keep_raw and not missing:
            steps[RecordingStep.DISCARD] = ""
        return steps

    async def _closed(self, attempt: Attempt) -> bool:
        """Wait until the gate has closed the raw files; return True if some are missing or truncated."""
        wait_s = 0.05
        ended_at = attempt.ended_at or self._clock.now()
        while not (raw := await self._archive.raw_state(attempt.recording_id)).is_closed:
            # Counted from the end of the call: files that never appear must not delay the others at every sweep.
            since_s = (self._clock.now() - ended_at).total_seconds()
            if since_s >= (CLOSE_DEADLINE_S if raw.is_present else APPEAR_DEADLINE_S):
                if raw.has_remains and not raw.is_present:
                    return True
                what = "still open" if raw.is_present else "missing"
                raise ArchiveError(
                    f"recording {attempt.recording_id}: the gate's files are {what} "
                    f"{since_s:.0f} s after the call: check the gate's disk and log"
                )
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 1.0)
        return raw.is_damaged

    async def _tag(self, attempt: Attempt) -> RecordingTag:
        return RecordingTag(
            recording_id=attempt.recording_id,
            attempt_id=attempt.attempt_id,
            campaign_id=attempt.campaign_id,
            campaign=await self._campaign(attempt.campaign_id),
            list_id=attempt.list_id,
            lead_id=attempt.lead_id,
            operator_id=attempt.operator_id if attempt.connected_at else None,
            operator=await self._operator(attempt.operator_id) if attempt.connected_at else "",
            seat=attempt.seat if attempt.connected_at else None,
            number=attempt.number,
            started_at=attempt.started_at,
            answered_at=attempt.answered_at,
            ended_at=attempt.ended_at or self._clock.now(),
        )

    async def _campaign(self, campaign_id: CampaignId) -> str:
        if campaign_id not in self._campaigns:
            self._campaigns[campaign_id] = (await self._store.campaigns.get(campaign_id)).name
        return self._campaigns[campaign_id]

    async def _operator(self, operator_id: OperatorId | None) -> str:
        if operator_id is None:
            return ""
        if operator_id not in self._operators:
            self._operators = {
                operator.operator_id: operator.name for operator in await self._store.accounts.operators()
            }
        return self._operators.get(operator_id, "")

    async def _incident(self, kind: str, attempt: Attempt, text: str) -> None:
        try:
            await self._store.ledger.open_incident(Incident(kind, attempt.attempt_id, text, self._clock.now()))
        except StoreError as error:
            log.error("incident_not_written", attempt=attempt.attempt_id, reason=str(error))


def _missing_part(attempt: Attempt, file: StoredFile | None, *, is_damaged: bool) -> str | None:
    """Return what is missing from a recording, or None when both sides are as long as the answered call."""
    advice = "check the gate's log; its raw files are kept"
    if attempt.answered_at is None or attempt.ended_at is None:
        damage = f"recording {attempt.recording_id}: raw files are missing or truncated: {advice}"
        return damage if is_damaged else None
    which = f"recording {attempt.recording_id}: the call was answered and"
    if file is None:
        return f"{which} nothing of it was recorded: {advice}"
    missing = attempt.ended_at - attempt.answered_at - timedelta(seconds=file.shorter_s - file.before_answer_s)
    if missing > SHORTER:
        whose = _whose(file)
        return f"{which} {missing.total_seconds():.0f} s of {whose} are not recorded: {advice}"
    return f"{which} its raw files were truncated or removed: {advice}" if is_damaged else None


def _whose(file: StoredFile) -> str:
    sides = {"the operator's side": file.operator_s, "the called person's side": file.called_s}
    short = [
        name for name, side in sides.items() if side is not None and file.length_s - side > SHORTER.total_seconds()
    ]
    return " and ".join(short) or "it"
