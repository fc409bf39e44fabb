"""Recordings: the tag bound to each file and what a listener must say first.

Making and reading the files is left to ``telephony.archive``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from telephony.ids import AccountId, AttemptId, CampaignId, LeadId, ListId, Number, OperatorId, RecordingId, SeatNumber


@dataclass(frozen=True, slots=True)
class RecordingTag:
    """The facts bound to a recording, in its row and inside its file.

    Attributes:
        operator_id: None when no operator was connected (unanswered or abandoned).
        number: E.164 without plus, the number called.
        started_at: the trunk leg began (permit consumed); aware UTC.
        answered_at: far end off hook, or None.
        ended_at: the trunk leg was gone.
    """

    recording_id: RecordingId
    attempt_id: AttemptId
    campaign_id: CampaignId
    campaign: str
    list_id: ListId
    lead_id: LeadId
    operator_id: OperatorId | None
    operator: str
    seat: SeatNumber | None
    number: Number
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A finished recording file.

    Attributes:
        path: relative to the archive folder, named by the recording id only.
        length_s: seconds of audio.
        before_answer_s: seconds of audio before the answer (early media), 0 when none.
        sha256: hexadecimal digest of the whole file.
        size: bytes.
        channels: 2: left the operator's side, right the called person's.
        operator_s: seconds of the operator's side that were recorded, without what was padded; None: not known.
        called_s: the same of the called person's side.
    """

    path: str
    length_s: float
    before_answer_s: float
    sha256: str
    size: int
    channels: int
    # Not part of what a file is: read back after its raw files are gone it is the same file.
    operator_s: float | None = field(default=None, compare=False)
    called_s: float | None = field(default=None, compare=False)

    @property
    def shorter_s(self) -> float:
        """Seconds that both sides hold: a recording is as complete as its shorter side."""
        return min(side for side in (self.length_s, self.operator_s, self.called_s) if side is not None)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as stored; ``file`` is None when the leg carried no audio at all (busy, unallocated)."""

    tag: RecordingTag
    file: StoredFile | None


class RecordingStep(StrEnum):
    """What is left to do once a recording's row is kept; each is kept beside it until it is done."""

    INCIDENT = "incident"
    """Say that it is incomplete."""
    TONES = "tones"
    """Look for keys in the operator's voice."""
    DISCARD = "discard"
    """Remove the gate's raw files."""


class ListeningKind(StrEnum):
    """What an entry about listening says: four facts, told apart by nothing else."""

    STATED = "stated"
    """Somebody said why; nothing was played."""
    LISTENED = "listened"
    """The audio was asked for, by pressing play."""
    REFUSED = "refused"
    """Somebody was not let listen."""
    EXPORTED = "exported"
    """The file was copied out, where anybody may listen to it; ``note`` is who copied it."""


class ListeningReason(StrEnum):
    """Why someone listens; nothing is preselected (SCREENS, compliance)."""

    COMPLAINT = "complaint"
    CHECK = "check"
    INCIDENT = "incident"
    PERSONS_REQUEST = "persons_request"


@dataclass(frozen=True, slots=True)
class Listening:
    """One stated reason, one listening, one refusal to let someone listen, or one copy of the file taken out.

    Attributes:
        kind: which of the four it is.
        reason: None when refused for want of one, or when the role does not allow it.
        refused: the rule that refused; "" when nothing was refused.
        address: the listener's network address.
    """

    kind: ListeningKind
    recording_id: RecordingId
    account_id: AccountId | None
    reason: ListeningReason | None
    reference: str
    note: str
    refused: str
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordingQuery:
    """What a search asks; every field narrows, None does not.

    Attributes:
        last_digits: the number ends with these digits.
        begins_at: started at or after; aware UTC.
        ends_at: started before; aware UTC.
        answered_only: leave out legs nobody answered.
        after: keyset page: started_at and id of the last row of the page before, newest first.
        limit: rows at most.
    """

    operator_id: OperatorId | None = None
    campaign_id: CampaignId | None = None
    attempt_id: AttemptId | None = None
    last_digits: str | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    answered_only: bool = True
    after: tuple[datetime, RecordingId] | None = None
    limit: int = 50
