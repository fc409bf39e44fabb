"""Recordings: the tag bound to each file, and what a listener must state first.

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
        number: the number called, E.164 without plus.
        started_at: when the trunk leg began (permit consumed); aware UTC.
        answered_at: when the far end went off hook, or None.
        ended_at: when the trunk leg was gone.
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
        operator_s: seconds of the operator's side that were recorded, without padding; None: not known.
        called_s: the same of the called person's side.
    """

    path: str
    length_s: float
    before_answer_s: float
    sha256: str
    size: int
    channels: int
    # Not compared: read back after its raw files are gone, it is the same file.
    operator_s: float | None = field(default=None, compare=False)
    called_s: float | None = field(default=None, compare=False)

    @property
    def shorter_s(self) -> float:
        """Seconds that both sides have: a recording is as complete as its shorter side."""
        return min(side for side in (self.length_s, self.operator_s, self.called_s) if side is not None)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as stored; ``file`` is None when the leg carried no audio (busy, unallocated)."""

    tag: RecordingTag
    file: StoredFile | None


class RecordingStep(StrEnum):
    """What is left to do once a recording's row is stored; each step is stored beside it until it is done."""

    INCIDENT = "incident"
    """Open an incident: the recording is incomplete."""
    TONES = "tones"
    """Look for DTMF tones in the operator's audio."""
    DISCARD = "discard"
    """Remove the gate's raw files."""


class ListeningKind(StrEnum):
    """What a ledger entry about listening records."""

    STATED = "stated"
    """A reason was stated; nothing was played."""
    LISTENED = "listened"
    """The audio was requested by pressing play."""
    REFUSED = "refused"
    """Somebody was not allowed to listen."""
    EXPORTED = "exported"
    """The file was copied out, where anybody may listen to it; ``note`` names who copied it."""


class ListeningReason(StrEnum):
    """Why somebody listens; nothing is preselected (SCREENS, compliance)."""

    COMPLAINT = "complaint"
    CHECK = "check"
    INCIDENT = "incident"
    PERSONS_REQUEST = "persons_request"


@dataclass(frozen=True, slots=True)
class Listening:
    """One stated reason, one listening, one refused listening, or one exported copy of the file.

    Attributes:
        kind: which of the four it is.
        reason: None when refused for lack of a reason, or because the role does not allow it.
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
    """A search for recordings; each field that is not None narrows it.

    Attributes:
        last_digits: the number ends with these digits.
        begins_at: started at or after; aware UTC.
        ends_at: started before; aware UTC.
        answered_only: leave out unanswered legs.
        after: for keyset paging: started_at and id of the last row of the previous page, newest first.
        limit: maximum number of rows.
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
