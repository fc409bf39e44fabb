"""Attempts: one try at one lead, as stored and shown; and the results that operators choose.

The state table is in ``lifecycle``; this module contains the values that cross ports.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import DialPermit
from telephony.errors import ConflictError
from telephony.ids import (
    AttemptId,
    CampaignId,
    LeadId,
    ListId,
    Number,
    OperatorId,
    PermitId,
    PreviewId,
    RecordingId,
    SeatNumber,
)


class Result(StrEnum):
    """The result (disposition) chosen by the operator (SCREENS, desk C)."""

    COMPLETE = "complete"
    CALL_BACK = "call_back"
    NOT_TODAY = "not_today"
    NO_MORE_CALLS = "no_more_calls"
    WRONG_PERSON = "wrong_person"
    MACHINE = "machine"
    OTHER = "other"


class CallState(StrEnum):
    """States of one attempt's call; ``telephony.domain.calls.lifecycle`` has the table of what may follow."""

    PERMITTED = "permitted"
    DIALLING = "dialling"
    AT_GATE = "at_gate"
    RINGING = "ringing"
    ANSWERED = "answered"
    CONNECTED = "connected"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A lead that a rule refused at the time of the call.

    Attributes:
        is_lasting: the lead is refused; False when the rule does not concern the lead, which keeps waiting.
        not_before: aware UTC, for a rule about time: the lead waits until then, with the rule's name.
    """

    campaign_id: CampaignId
    lead_id: LeadId
    rule: str
    text: str
    at: datetime
    is_lasting: bool = True
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One appended event of a call; the call's state can be rebuilt from these alone.

    Attributes:
        kind: name of the event class in ``telephony.domain.calls.lifecycle``, e.g. ``LegAnswered``.
        details: small values only (seat, cause), never a telephone number.
    """

    attempt_id: AttemptId
    kind: str
    at: datetime
    details: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as stored: the result of its call events.

    Attributes:
        state: see ``CallState``; final when ``ended``.
        outcome: set if and only if the state is ``ended``.
        hangup_cause: Q.850, 0 until known.
        tech_cause: the carrier's SIP answer, or "".
        trunk_channel: unique id of the trunk leg at the gate, or "" if there was none.
        answered_at: when the far end went off hook, at the gate.
        connected_at: when it was bridged to the operator.
        legal_basis: the legal basis and consent it was dialled on (``LeadTerms.record``).
        guaranteed_to: the operator who pressed call and waits; nobody else gets the call. None: any free operator.
    """

    attempt_id: AttemptId
    campaign_id: CampaignId
    list_id: ListId
    lead_id: LeadId
    permit_id: PermitId
    recording_id: RecordingId
    number: Number
    caller_id: str
    trunk: str
    state: CallState
    outcome: Outcome | None
    operator_id: OperatorId | None
    seat: SeatNumber | None
    hangup_cause: int
    tech_cause: str
    trunk_channel: str
    result: Result | None
    started_at: datetime
    rang_at: datetime | None
    early_media_at: datetime | None
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    legal_basis: dict[str, str] = field(default_factory=dict)
    guaranteed_to: OperatorId | None = None


def refuse_given(attempt: Attempt) -> None:
    """Check that the attempt is an ended conversation without a result.

    Raises:
        ConflictError: it is not; the message says why.
    """
    named = f"attempt {attempt.attempt_id}"
    if attempt.connected_at is None:
        raise ConflictError(
            f"{named} was not a conversation: only a call that an operator took has a result; see telephony result list"
        )
    if attempt.state is not CallState.ENDED:
        raise ConflictError(f"{named} is still up: its operator gives the result when it has ended")
    if attempt.result is not None:
        raise ConflictError(f"{named} already has a result ({attempt.result}): only a missing result can be given here")


_WILL: Final = {Result.NO_MORE_CALLS: 2, Result.NOT_TODAY: 1}
"""How strongly a result refuses further calls; the others do not refuse any."""


def refuse_weaker(attempt: Attempt, result: Result) -> None:
    """Check that a result may replace the stored one: a weaker one never replaces a person's refusal.

    Raises:
        ConflictError: the stored result is stronger (two results given at once, or asked for again after a crash).
    """
    if attempt.result is not None and _WILL.get(attempt.result, 0) > _WILL.get(result, 0):
        raise ConflictError(
            f"attempt {attempt.attempt_id} already has a result ({attempt.result}): a refusal is never replaced"
        )


@dataclass(frozen=True, slots=True)
class AttemptStart:
    """An attempt that is about to be dialled; it is stored, with its permit, before the switch gets the order.

    Attributes:
        legal_basis: the ``LeadTerms.record`` it is dialled on.
        guaranteed_to: the operator who pressed call, None when a pacer ordered it.
        preview_id: the offer that this attempt answers; the start is refused unless that offer is still open.
    """

    permit: DialPermit
    started_at: datetime
    legal_basis: dict[str, str] = field(default_factory=dict)
    guaranteed_to: OperatorId | None = None
    preview_id: PreviewId | None = None

    def attempt(self) -> Attempt:
        """Return the attempt as first stored."""
        permit = self.permit
        return Attempt(
            attempt_id=permit.attempt_id,
            campaign_id=permit.campaign_id,
            list_id=permit.list_id,
            lead_id=permit.lead_id,
            permit_id=permit.permit_id,
            recording_id=permit.recording_id,
            number=permit.number,
            caller_id=permit.caller_id,
            trunk=permit.trunk,
            state=CallState.PERMITTED,
            outcome=None,
            operator_id=None,
            seat=None,
            hangup_cause=0,
            tech_cause="",
            trunk_channel="",
            result=None,
            started_at=self.started_at,
            rang_at=None,
            early_media_at=None,
            answered_at=None,
            connected_at=None,
            ended_at=None,
            legal_basis=self.legal_basis,
            guaranteed_to=self.guaranteed_to,
        )
