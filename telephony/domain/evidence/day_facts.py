"""One day: its bounds, what is known of it, and what may be wrong with it. Values only.

Reconciling is left to ``reconciliation``, gathering to services, writing the result to ``proof_document``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from telephony.domain.calls.attempts import Attempt
from telephony.domain.evidence.proof import GateRecords
from telephony.domain.evidence.recordings import Recording
from telephony.ids import AttemptId, PermitId, RecordingId

MARGIN: Final = timedelta(hours=1)
"""How far around the day facts are gathered: an attempt, its permit and its leg may be on both sides of midnight."""


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day of the site.

    Attributes:
        date: in the site's calendar.
        begins_at: its midnight; aware UTC.
        ends_at: the next midnight; 23, 24 or 25 hours later; aware UTC.
    """

    date: date
    begins_at: datetime
    ends_at: datetime

    def contains(self, at: datetime) -> bool:
        """Return True if a time is within the day."""
        return self.begins_at <= at < self.ends_at


def day_of(which: date, timezone: str) -> Day:
    """Return a calendar day in an IANA time zone."""
    zone = ZoneInfo(timezone)
    begins, ends = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (which, which + timedelta(days=1)))
    return Day(which, begins, ends)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a day's permits, reconciled by itself so that a day of any size fits; all is joined by its permit.

    Attributes:
        first: the least permit id in it, None for the first share, which also has what belongs to no permit.
        past: the least permit id beyond it, None for the last share.
    """

    first: str | None = None
    past: str | None = None

    def contains(self, permit_id: PermitId) -> bool:
        """Return True if a permit, or a leg without one, belongs to this share."""
        return (self.first is None or permit_id >= self.first) and (self.past is None or permit_id < self.past)


WHOLE: Final = Share()
"""All permits of a day."""
SHARE: Final = 20_000
"""About how many attempts are reconciled at a time: some tens of MB."""
_MOST_SHARES: Final = 1000


def shares_of(attempts: int) -> tuple[Share, ...]:
    """Cut a day of N attempts into shares. Permit ids are ``p`` and random digits, so the shares are about equal."""
    count = min(_MOST_SHARES, max(1, -(-attempts // SHARE)))
    edges = [None, *(f"p{_MOST_SHARES * place // count:03d}" for place in range(1, count)), None]
    return tuple(Share(first, past) for first, past in pairwise(edges))


class GapKind(StrEnum):
    """Kinds of discrepancy, the gate's side first."""

    RECORDS_MISSING = "records_missing"
    RECORD_UNREADABLE = "record_unreadable"
    LEG_WITHOUT_PERMIT = "leg_without_permit"
    LEG_TWICE = "leg_twice"
    LEG_OTHER_NUMBER = "leg_other_number"
    LEG_OTHER_MOMENT = "leg_other_moment"
    ANSWER_UNSEEN = "answer_unseen"
    PERMIT_WITHOUT_LEG = "permit_without_leg"
    ATTEMPT_WITHOUT_LEG = "attempt_without_leg"
    RECORDING_WITHOUT_LEG = "recording_without_leg"
    RECORDING_MISSING = "recording_missing"
    AUDIO_MISSING = "audio_missing"
    AUDIO_SHORT = "audio_short"
    FILE_MISSING = "file_missing"
    FILE_ALTERED = "file_altered"
    RAW_UNCLAIMED = "raw_unclaimed"
    INCIDENT_OPEN = "incident_open"
    LEDGER_BROKEN = "ledger_broken"


@dataclass(frozen=True, slots=True)
class Gap:
    """One discrepancy: something that does not match.

    Attributes:
        subject: its id: a channel's name, a permit, an attempt, a recording, a file.
        text: a message for people; ids only.
    """

    kind: GapKind
    subject: str
    text: str


class FileState(StrEnum):
    """State of a finished recording's file."""

    INTACT = "intact"
    MISSING = "missing"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file in the gate's spool.

    Attributes:
        recording_id: the recording that its name belongs to; None when the name is not one of ours.
        written_at: last change; aware UTC.
    """

    name: str
    recording_id: RecordingId | None
    written_at: datetime


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident nobody has closed."""

    kind: str
    subject: str
    text: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What the database has about a day and the hour before and after it.

    Attributes:
        attempts: attempts begun from an hour before the day to an hour after it.
        permits: those of these attempts' permits whose row exists; True when the row says used.
        used_at: when each permit was used, according to the ledger.
        recordings: recording rows of these attempts.
        sealed: digest of each recording in the ledger; None for one without audio.
        incidents: open incidents that were opened before the day's end.
        refusals: permits and leads refused during the day.
        listenings: listenings of the day.
        listeners: how many people listened.
        alerts: incidents opened during the day.
    """

    attempts: tuple[Attempt, ...]
    permits: Mapping[PermitId, bool]
    used_at: Mapping[PermitId, datetime]
    recordings: Mapping[AttemptId, Recording]
    sealed: Mapping[RecordingId, str | None]
    incidents: tuple[OpenIncident, ...] = ()
    refusals: int = 0
    listenings: int = 0
    listeners: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class DayEvidence:
    """Everything a day is reconciled from.

    Attributes:
        records: the gate's own call records from an hour before the day to an hour after it.
        facts: what the database has.
        files: state of each finished file; a recording that is not in it was not checked and counts as missing.
        unclaimed: raw files at the gate that belong to no attempt.
        ledger_fault: what is wrong with the chain, or None.
        now: when the evidence was gathered; aware UTC.
    """

    records: GateRecords
    facts: DayFacts
    files: Mapping[RecordingId, FileState]
    unclaimed: tuple[RawFile, ...]
    ledger_fault: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The day in figures.

    Attributes:
        calls_seen: trunk legs in the gate's records.
        permits_used: permits used whose leg is on this day, or should be.
        recordings: valid recordings of the day: intact, or rightly without audio.
        with_audio: how many of them have audio.
        answered: legs that somebody answered.
        connected: attempts of the day that were joined to an operator.
        abandoned: answered calls that no operator took in time.
        not_dialled: permits used and given up at the gate before a trunk leg was made; the gate recorded their visit.
    """

    calls_seen: int = 0
    permits_used: int = 0
    recordings: int = 0
    with_audio: int = 0
    answered: int = 0
    connected: int = 0
    abandoned: int = 0
    not_dialled: int = 0
    refusals: int = 0
    listenings: int = 0
    listeners: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class DayProof:
    """The result of reconciling one day.

    Attributes:
        open: attempts whose call is still up, or whose recording is being finished: neither matched nor gaps.
        gaps: all discrepancies, from either side.
    """

    day: Day
    counts: DayCounts
    open: tuple[AttemptId, ...] = field(default=())
    gaps: tuple[Gap, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether everything matches."""
        return not self.gaps
