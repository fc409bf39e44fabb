"""A made-up day on which everything matches, and ways to spoil it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from telephony.domain.calls.attempts import Attempt, CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.evidence.day_facts import DayEvidence, DayFacts, FileState, OpenIncident, RawFile, Share, day_of
from telephony.domain.evidence.proof import GateLeg, GateRecords
from telephony.domain.evidence.recordings import Recording, RecordingTag, StoredFile
from telephony.ids import AttemptId, CampaignId, LeadId, ListId, Number, PermitId, RecordingId

DAY = day_of(date(2026, 11, 20), "Europe/Paris")
OF_THE_DAY = ("incidents", "refusals", "listenings", "listeners", "alerts")
NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=20)


def permit_id(row: int) -> PermitId:
    return PermitId(f"p{row:036d}")


def recording_id(row: int) -> RecordingId:
    return RecordingId(f"00000000-0000-4000-8000-{row:012d}")


def attempt(row: int, at: datetime = NOON, *, is_answered: bool = False) -> Attempt:
    """Every attempt lasts 30 s from its start."""
    ends_at = at + timedelta(seconds=30)
    answered_at = at + timedelta(seconds=5) if is_answered else None
    return Attempt(
        attempt_id=AttemptId(f"10000000-0000-4000-8000-{row:012d}"),
        campaign_id=CampaignId(1),
        list_id=ListId(1),
        lead_id=LeadId(row),
        permit_id=permit_id(row),
        recording_id=recording_id(row),
        number=Number(f"3319900{row:04d}"),
        caller_id="33199009999",
        trunk="main",
        state=CallState.ENDED,
        outcome=Outcome.ANSWERED if is_answered else Outcome.BUSY,
        operator_id=None,
        seat=None,
        hangup_cause=16,
        tech_cause="",
        trunk_channel=f"gate-{row}.1",
        result=None,
        started_at=at,
        rang_at=None,
        early_media_at=None,
        answered_at=answered_at,
        connected_at=answered_at,
        ended_at=ends_at,
    )


def leg(of: Attempt, channel: str = "") -> GateLeg:
    assert of.ended_at
    started_at = of.started_at.replace(microsecond=0)
    name = channel or f"PJSIP/main-{of.lead_id:08x}"
    return GateLeg(of.permit_id, name, of.trunk, started_at, of.answered_at, of.ended_at, of.number)


def recording(of: Attempt) -> Recording:
    assert of.ended_at
    tag = RecordingTag(
        recording_id=of.recording_id,
        attempt_id=of.attempt_id,
        campaign_id=of.campaign_id,
        campaign="Survey",
        list_id=of.list_id,
        lead_id=of.lead_id,
        operator_id=None,
        operator="",
        seat=None,
        number=of.number,
        started_at=of.started_at,
        answered_at=of.answered_at,
        ended_at=of.ended_at,
    )
    file = StoredFile(f"2026/11/20/{of.recording_id}.flac", 25.0, 0.0, "cd" * 32, 1000, 2) if of.answered_at else None
    return Recording(tag, file)


@dataclass
class MadeUpDay:
    """Open to be spoilt; ``evidence`` is what the judge is given."""

    attempts: dict[int, Attempt] = field(default_factory=dict)
    legs: dict[int, GateLeg] = field(default_factory=dict)
    extra_legs: list[GateLeg] = field(default_factory=list)
    permits: dict[PermitId, bool] = field(default_factory=dict)
    used_at: dict[PermitId, datetime] = field(default_factory=dict)
    recordings: dict[AttemptId, Recording] = field(default_factory=dict)
    sealed: dict[RecordingId, str | None] = field(default_factory=dict)
    files: dict[RecordingId, FileState] = field(default_factory=dict)
    visits: set[PermitId] = field(default_factory=set)
    raw: list[RawFile] = field(default_factory=list)
    incidents: list[OpenIncident] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    is_missing: bool = False
    ledger_fault: str | None = None
    now: datetime = LATER

    def call(self, row: int, at: datetime = NOON, *, is_answered: bool = False) -> Attempt:
        """Add a call on which everything matches."""
        made = attempt(row, at, is_answered=is_answered)
        call_recording = recording(made)
        self.attempts[row] = made
        self.legs[row] = leg(made)
        self.permits[made.permit_id] = True
        self.used_at[made.permit_id] = at + timedelta(milliseconds=40)
        self.recordings[made.attempt_id] = call_recording
        self.sealed[made.recording_id] = call_recording.file.sha256 if call_recording.file else None
        if call_recording.file:
            self.files[made.recording_id] = FileState.INTACT
        self.visits.add(made.permit_id)
        return made

    def change(self, row: int, **values: object) -> None:
        self.attempts[row] = replace(self.attempts[row], **values)  # type: ignore[arg-type]

    def evidence_of(self, share: Share) -> DayEvidence:
        """Return the evidence of a share: what is stored under its permits, and with the last share the rest."""
        whole, is_last = self.evidence(), share.past is None
        facts, records = whole.facts, whole.records
        attempts = tuple(attempt for attempt in facts.attempts if share.contains(attempt.permit_id))
        keys = {attempt.attempt_id for attempt in attempts}
        recordings_by_id = {key: recording for key, recording in facts.recordings.items() if key in keys}
        sealed = {recording.tag.recording_id for recording in recordings_by_id.values()}
        of_share = DayFacts(
            attempts,
            {key: is_used for key, is_used in facts.permits.items() if share.contains(key)},
            {key: at for key, at in facts.used_at.items() if share.contains(key)},
            recordings_by_id,
            {key: digest for key, digest in facts.sealed.items() if key in sealed},
        )
        if is_last:
            of_day = {name: getattr(facts, name) for name in OF_THE_DAY}
            of_share = replace(of_share, **of_day)
        return replace(
            whole,
            records=replace(
                records,
                legs=tuple(leg for leg in records.legs if share.contains(leg.permit_id)),
                visits=frozenset(filter(share.contains, records.visits)),
            ),
            facts=of_share,
            unclaimed=whole.unclaimed if is_last else (),
            ledger_fault=whole.ledger_fault if is_last else None,
        )

    def evidence(self) -> DayEvidence:
        facts = DayFacts(
            attempts=tuple(self.attempts.values()),
            permits=self.permits,
            used_at=self.used_at,
            recordings=self.recordings,
            sealed=self.sealed,
            incidents=tuple(self.incidents),
            refusals=3,
            listenings=2,
            listeners=1,
            alerts=0,
        )
        legs = (*self.legs.values(), *self.extra_legs)
        records = GateRecords(legs, frozenset(self.visits), tuple(self.faults), self.is_missing)
        return DayEvidence(records, facts, self.files, tuple(self.raw), self.ledger_fault, self.now)


def sound_day() -> MadeUpDay:
    """Six calls, rows 1 to 6; even rows were answered."""
    made = MadeUpDay()
    for row in range(1, 7):
        made.call(row, NOON + timedelta(minutes=row), is_answered=row % 2 == 0)
    return made
