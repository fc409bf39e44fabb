"""The first half of the proof: match every trunk leg in the gate's records with a permit, an attempt and a recording.

Pure. ``match`` takes everything at once; ``telephony.domain.evidence.reconciliation`` checks one day from both sides.
The adapter reads the gate's call records; signing and printing are left to services.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from telephony.domain.calls.attempts import Attempt
from telephony.ids import AttemptId, PermitId


@dataclass(frozen=True, slots=True)
class GateLeg:
    """One trunk leg according to the gate's own call record.

    Attributes:
        permit_id: the extension that was called at the gate; "" when there was none.
        channel: name of the trunk channel.
        trunk: name of the trunk endpoint.
        started_at: when the leg from the pbx came in; aware UTC, to the second.
        answered_at: None when nobody answered.
        ended_at: aware UTC, to the second.
        dialled: the number dialled, E.164 without plus; "" when the record lacks it. Compared, never shown.
    """

    permit_id: PermitId
    channel: str
    trunk: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    dialled: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class GateRecords:
    """The gate's own call records of a period.

    Attributes:
        legs: trunk legs, in the order the gate wrote them.
        visits: permits that came to the gate, with or without a trunk leg.
        faults: one message for each line that is not a call record, and for a file that cannot be read.
        is_missing: there is no file of call records.
    """

    legs: tuple[GateLeg, ...]
    visits: frozenset[PermitId] = frozenset()
    faults: tuple[str, ...] = ()
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """What was matched, and what was not, from either side.

    Attributes:
        trunk_legs: legs in the gate's records.
        without_permit: legs whose permit is unknown, or is on two legs.
        without_recording: legs whose attempt has no recording row, or that were answered and have no audio.
        without_leg: attempts that had a trunk leg according to us and not according to the gate.
        gaps: one message for each of them.
    """

    trunk_legs: int
    answered: int
    without_permit: int
    without_recording: int
    without_leg: int
    gaps: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether everything matches."""
        return not self.gaps


def match(legs: Iterable[GateLeg], attempts: Iterable[Attempt], recorded: Mapping[AttemptId, bool]) -> Proof:
    """Match the gate's legs with our attempts and recordings.

    Args:
        legs: from the gate's records.
        attempts: every attempt of the same period.
        recorded: attempts that have a recording row; True when it has audio.
    """
    legs = list(legs)
    by_permit = {attempt.permit_id: attempt for attempt in attempts}
    uses = Counter(leg.permit_id for leg in legs)
    no_permit, no_recording = [], []
    for leg in legs:
        attempt = by_permit.get(leg.permit_id)
        if attempt is None:
            no_permit.append(f"trunk leg {leg.channel} at {leg.started_at:%H:%M:%S} has no known permit")
        elif uses[leg.permit_id] > 1:
            no_permit.append(f"trunk leg {leg.channel}: permit {leg.permit_id[:5]}… is on {uses[leg.permit_id]} legs")
        elif attempt.attempt_id not in recorded:
            no_recording.append(f"attempt {attempt.attempt_id}: trunk leg {leg.channel} has no recording")
        elif leg.answered_at is not None and not recorded[attempt.attempt_id]:
            no_recording.append(f"attempt {attempt.attempt_id}: answered, and its recording has no audio")
    no_leg = [
        f"attempt {attempt.attempt_id} had a trunk leg; the gate has no record of one under its permit"
        for attempt in by_permit.values()
        if attempt.trunk_channel and attempt.permit_id not in uses
    ]
    return Proof(
        trunk_legs=len(legs),
        answered=sum(1 for leg in legs if leg.answered_at is not None),
        without_permit=len(no_permit),
        without_recording=len(no_recording),
        without_leg=len(no_leg),
        gaps=tuple(no_permit + no_recording + no_leg),
    )
