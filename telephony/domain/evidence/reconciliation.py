"""Reconcile a day: trunk leg ↔ permit ↔ attempt ↔ recording, from both sides, with one gap for each discrepancy.

From the gate's side (``_leg``), in this order: the leg's permit exists, was used (ledger), is on no other leg, and is
for the number, trunk and time of the leg; its attempt has a recording row, with audio if somebody answered, each side
as long as the answered call, sealed in the ledger, and the file is there and intact. From our side (``_without_leg``):
every used permit, attempt with a trunk leg and stored recording has its leg. Neither side can show a call that left
the gate outside its dialplan and left no call record.

Pure; gathering is left to services.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Final

from telephony.domain.calls.attempts import Attempt, CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.evidence.day_facts import Day, DayCounts, DayEvidence, DayProof, FileState, Gap, GapKind
from telephony.domain.evidence.proof import GateLeg
from telephony.domain.evidence.recordings import Recording, StoredFile
from telephony.ids import AttemptId, PermitId

BEFORE: Final = timedelta(seconds=2)
AFTER: Final = timedelta(seconds=6)
"""A permit is used within 3 s after the leg comes in (the dialplan's limit); records are to the second."""
FINISHING: Final = timedelta(seconds=90)
"""How long after its call a recording may still be in progress (``recorder``: files may stay open for 45 s)."""
SHORTER: Final = timedelta(seconds=3)
"""By how much a side may be shorter than its call, as records are to the second at both ends."""
OF_THE_WHOLE: Final = frozenset({GapKind.LEDGER_BROKEN, GapKind.RECORD_UNREADABLE, GapKind.RECORDS_MISSING})
"""Gaps that come before all others, and that every share reports."""
RECORDING: Final = timedelta(seconds=10)
"""How long after a call its record may be missing from the gate's file."""


def judge_day(day: Day, evidence: DayEvidence) -> DayProof:
    """Return what matched and what did not, for a whole day or a share of it."""
    return _DayCheck(day, evidence).run()


def judged_whole(day: Day, shares: Sequence[DayProof]) -> DayProof:
    """Return the result of a day whose shares were reconciled one by one.

    All that belongs together has one permit, so it is in one share. What concerns the day as a whole appears once.
    """
    gaps = [gap for share in shares for gap in share.gaps]
    whole = dict.fromkeys(gap for gap in gaps if gap.kind in OF_THE_WHOLE)
    counts = {field.name: sum(getattr(share.counts, field.name) for share in shares) for field in fields(DayCounts)}
    return DayProof(
        day,
        DayCounts(**counts),
        tuple(attempt_id for share in shares for attempt_id in share.open),
        (*whole, *(gap for gap in gaps if gap.kind not in OF_THE_WHOLE)),
    )


class _DayCheck:
    """One day being reconciled."""

    def __init__(self, day: Day, evidence: DayEvidence) -> None:
        self._day = day
        self._seen = evidence
        self._facts = evidence.facts
        self._attempts = {attempt.permit_id: attempt for attempt in evidence.facts.attempts}
        self._uses = Counter(leg.permit_id for leg in evidence.records.legs)
        self._legs = [leg for leg in evidence.records.legs if day.contains(leg.started_at)]
        self._open: list[AttemptId] = []
        self._checked: set[AttemptId] = set()
        self._valid: list[Recording] = []
        self._not_dialled = 0
        self._legless = 0

    def run(self) -> DayProof:
        """Check every side."""
        gaps = list(self._whole_day())
        for leg in self._legs:
            gaps += self._leg(leg)
        gaps += self._from_our_side()
        for raw in self._seen.unclaimed:
            if raw.written_at < self._day.ends_at:
                text = f"file {raw.name} in the gate's spool belongs to no attempt"
                gaps.append(Gap(GapKind.RAW_UNCLAIMED, raw.name, text))
        for incident in self._facts.incidents:
            text = f"incident {incident.kind} of {incident.opened_at:%Y-%m-%d %H:%M:%S} UTC is open: {incident.text}"
            gaps.append(Gap(GapKind.INCIDENT_OPEN, incident.subject, text))
        return DayProof(self._day, self._counts(), tuple(dict.fromkeys(self._open)), tuple(gaps))

    def _whole_day(self) -> Iterator[Gap]:
        """Check what would make the rest worthless."""
        if self._seen.ledger_fault:
            yield Gap(GapKind.LEDGER_BROKEN, "ledger", f"the ledger is broken: {self._seen.ledger_fault}")
        for fault in self._seen.records.faults:
            yield Gap(GapKind.RECORD_UNREADABLE, "call records", fault)
        if self._seen.records.is_missing and any(self._is_ours_today(permit_id) for permit_id in self._used()):
            text = "the gate has no file of call records, although permits were used: find out who removed it"
            yield Gap(GapKind.RECORDS_MISSING, "call records", text)

    def _leg(self, leg: GateLeg) -> Iterator[Gap]:
        name = f"trunk leg {leg.channel} of {leg.started_at:%H:%M:%S} UTC"
        used_at = self._facts.used_at.get(leg.permit_id)
        attempt = self._attempts.get(leg.permit_id)
        if attempt is None or leg.permit_id not in self._facts.permits:
            entered = "; the ledger says that it was used, so its row was removed" if used_at else ""
            why = f"its permit {short(leg.permit_id)} is not in the database{entered}" if leg.permit_id else "no permit"
            yield Gap(GapKind.LEG_WITHOUT_PERMIT, leg.channel, f"{name}: {why}")
        elif used_at is None:
            why = f"its permit {short(leg.permit_id)} was never used according to the ledger"
            yield Gap(GapKind.LEG_WITHOUT_PERMIT, leg.channel, f"{name}: {why}")
        elif self._uses[leg.permit_id] > 1:
            why = f"its permit {short(leg.permit_id)} is on {self._uses[leg.permit_id]} legs"
            yield Gap(GapKind.LEG_TWICE, leg.channel, f"{name}: {why}")
        elif (leg.dialled, leg.trunk) != (attempt.number, attempt.trunk):
            what = "the trunk" if leg.dialled == attempt.number else "the number dialled"
            yield Gap(GapKind.LEG_OTHER_NUMBER, leg.channel, f"{name}: {what} differs from its permit's")
        elif not leg.started_at - BEFORE <= used_at <= leg.started_at + AFTER:
            yield Gap(GapKind.LEG_OTHER_MOMENT, leg.channel, f"{name}: its permit was used at another time")
        if attempt is not None and self._is_unseen(leg, attempt):
            text = f"attempt {attempt.attempt_id}: the gate says that {leg.channel} was answered; the attempt does not"
            yield Gap(GapKind.ANSWER_UNSEEN, attempt.attempt_id, text)
        if attempt is not None and attempt.attempt_id not in self._checked:
            self._checked.add(attempt.attempt_id)
            yield from self._recording(leg, attempt)

    def _is_unseen(self, leg: GateLeg, attempt: Attempt) -> bool:
        """Return True if somebody answered and the attempt, which has ended, does not say so."""
        return leg.answered_at is not None and attempt.answered_at is None and not self._is_open(attempt)

    def _recording(self, leg: GateLeg, attempt: Attempt) -> Iterator[Gap]:
        name, recording_id = f"attempt {attempt.attempt_id}", attempt.recording_id
        recording = self._facts.recordings.get(attempt.attempt_id)
        if recording is None:
            if attempt.state is not CallState.ENDED or leg.ended_at > self._seen.now - FINISHING:
                self._open.append(attempt.attempt_id)
            else:
                yield Gap(GapKind.RECORDING_MISSING, attempt.attempt_id, f"{name}: its trunk leg has no recording")
            return
        kind, why = self._file_fault(recording, leg)
        if kind is None:
            self._valid.append(recording)
        else:
            yield Gap(kind, recording_id, f"recording {recording_id}: {why}")

    def _file_fault(self, recording: Recording, leg: GateLeg) -> tuple[GapKind | None, str]:
        is_answered = leg.answered_at is not None
        digest = recording.file.sha256 if recording.file else None
        sealed = self._facts.sealed
        if recording.tag.recording_id not in sealed:
            return GapKind.FILE_ALTERED, "it is not in the ledger"
        if sealed[recording.tag.recording_id] != digest:
            return GapKind.FILE_ALTERED, "its row differs from its ledger entry"
        if recording.file is None:
            return (GapKind.AUDIO_MISSING, "somebody answered, and it has no audio") if is_answered else (None, "")
        state = self._seen.files.get(recording.tag.recording_id, FileState.MISSING)
        if state is FileState.MISSING:
            return GapKind.FILE_MISSING, "its file is missing from the archive"
        if state is FileState.ALTERED:
            return GapKind.FILE_ALTERED, "its file was changed after it was stored"
        return _short_side(recording.file, leg)

    def _from_our_side(self) -> Iterator[Gap]:
        """Find what has no leg, from our side."""
        candidates = dict.fromkeys(self._used())
        candidates |= dict.fromkeys(
            attempt.permit_id
            for attempt in self._facts.attempts
            if attempt.trunk_channel or attempt.attempt_id in self._facts.recordings
        )
        for permit_id in candidates:
            if self._uses[permit_id] == 0 and self._is_ours_today(permit_id):
                yield from self._without_leg(permit_id)

    def _without_leg(self, permit_id: PermitId) -> Iterator[Gap]:
        attempt = self._attempts.get(permit_id)
        if attempt is not None and self._is_open(attempt):
            self._open.append(attempt.attempt_id)
            return
        recording = self._facts.recordings.get(attempt.attempt_id) if attempt else None
        is_used = permit_id in self._facts.used_at
        is_given_up = attempt is not None and not attempt.trunk_channel and recording is None
        if permit_id in self._seen.records.visits and is_used and is_given_up:
            self._not_dialled += 1
            return
        self._legless += is_used
        if self._seen.records.is_missing:
            return
        no_leg = "the gate has no trunk leg under its permit"
        if recording is not None:
            subject = recording.tag.recording_id
            yield Gap(GapKind.RECORDING_WITHOUT_LEG, subject, f"recording {subject}: {no_leg} {short(permit_id)}")
        elif attempt is not None and attempt.trunk_channel:
            text = f"attempt {attempt.attempt_id} had a trunk leg, and {no_leg} {short(permit_id)}"
            yield Gap(GapKind.ATTEMPT_WITHOUT_LEG, attempt.attempt_id, text)
        else:
            text = f"permit {short(permit_id)} was used, and the gate has no trunk leg under it"
            yield Gap(GapKind.PERMIT_WITHOUT_LEG, permit_id, text)

    def _used(self) -> Iterator[PermitId]:
        """Return the permits used according to the ledger, then those used only according to their row."""
        yield from self._facts.used_at
        rows = self._facts.permits.items()
        yield from (permit_id for permit_id, is_used in rows if is_used and permit_id not in self._facts.used_at)

    def _is_ours_today(self, permit_id: PermitId) -> bool:
        at = self._facts.used_at.get(permit_id)
        if at is None and permit_id in self._attempts:
            at = self._attempts[permit_id].started_at
        return at is not None and self._day.contains(at)

    def _is_open(self, attempt: Attempt) -> bool:
        return attempt.ended_at is None or attempt.ended_at > self._seen.now - RECORDING

    def _counts(self) -> DayCounts:
        today = [attempt for attempt in self._facts.attempts if self._day.contains(attempt.started_at)]
        matched = {leg.permit_id for leg in self._legs if leg.permit_id in self._facts.used_at}
        return DayCounts(
            calls_seen=len(self._legs),
            permits_used=len(matched) + self._legless,
            recordings=len(self._valid),
            with_audio=sum(1 for recording in self._valid if recording.file),
            answered=sum(1 for leg in self._legs if leg.answered_at),
            connected=sum(1 for attempt in today if attempt.connected_at),
            abandoned=sum(1 for attempt in today if attempt.outcome is Outcome.ABANDONED),
            not_dialled=self._not_dialled,
            refusals=self._facts.refusals,
            listenings=self._facts.listenings,
            listeners=self._facts.listeners,
            alerts=self._facts.alerts,
        )


def _short_side(file: StoredFile, leg: GateLeg) -> tuple[GapKind | None, str]:
    """Compare each side with the gate's own answered time; files stored before sides were measured pass."""
    if leg.answered_at is None:
        return None, ""
    answered = leg.ended_at - leg.answered_at
    for whose, side_s in (("operator", file.operator_s), ("called person", file.called_s)):
        if side_s is not None and answered - timedelta(seconds=side_s - file.before_answer_s) > SHORTER:
            return GapKind.AUDIO_SHORT, f"the {whose}'s side is shorter than the answered call"
    return None, ""


def short(permit_id: PermitId) -> str:
    """Return enough of a permit id to find it, but not to use it."""
    return f"{permit_id[:9]}…"
