"""The call of one attempt: one table of which event may happen in which state, and what follows.

A call has two legs: the customer's leg on the pbx (its unique id is the attempt id) and the trunk leg at the gate.
Their events come over two connections, so they may arrive in either order. The table gives the least state each event
leads to, and a call never moves back. A call has ended when both legs are gone; an ended call never changes.

Pure: the events are in ``events``; performing the effects, storing events and the clock are left to the tracker.

::

    permitted -> dialling -> at_gate -> ringing -> answered -> connected -> ended
        every state may end; the diagram in docs/architecture.md is generated from ``TABLE``
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from telephony.domain.calls.attempts import Attempt, CallState
from telephony.domain.calls.events import (
    MACHINE,
    CallEventValue,
    CallInterrupted,
    CallLost,
    CallWithdrawn,
    CarrierRang,
    CustomerLegEnded,
    EarlyMediaBegan,
    KeyPassed,
    MachineJudged,
    NobodyFree,
    OperatorChosen,
    OperatorConnected,
    Originated,
    OriginateGivenUp,
    PermitRefused,
    PermitUsed,
    PersonAnswered,
    TrunkLegBegan,
    TrunkLegEnded,
)
from telephony.domain.calls.outcomes import GATE_REFUSAL_CAUSE, Outcome, unanswered_outcome, was_cancelled
from telephony.errors import InputError

_S = CallState
_ANY: Final = frozenset(CallState) - {_S.ENDED}
_BEFORE_ANSWER: Final = _ANY - {_S.ANSWERED, _S.CONNECTED}

TABLE: Final[dict[type[CallEventValue], tuple[frozenset[CallState], CallState | None]]] = {
    Originated: (_ANY, _S.DIALLING),
    OriginateGivenUp: (_BEFORE_ANSWER, None),
    PermitUsed: (_BEFORE_ANSWER, _S.AT_GATE),
    PermitRefused: (_BEFORE_ANSWER, _S.AT_GATE),
    TrunkLegBegan: (_ANY, _S.AT_GATE),
    CarrierRang: (_ANY, _S.RINGING),
    EarlyMediaBegan: (_ANY, _S.RINGING),
    CallWithdrawn: (frozenset({_S.RINGING}), None),
    PersonAnswered: (_ANY, _S.ANSWERED),
    MachineJudged: (_ANY - {_S.CONNECTED}, _S.ANSWERED),
    OperatorChosen: (_ANY, _S.ANSWERED),
    NobodyFree: (_ANY - {_S.CONNECTED}, _S.ANSWERED),
    OperatorConnected: (_ANY, _S.CONNECTED),
    KeyPassed: (frozenset({_S.CONNECTED}), None),
    CustomerLegEnded: (_ANY, None),
    TrunkLegEnded: (_ANY, None),
    CallInterrupted: (_ANY, None),
    CallLost: (_ANY, _S.ENDED),
}
"""Event: the states in which it is legal, and the least state it leads to (None: it does not change the state)."""

_RANK: Final = {state: rank for rank, state in enumerate(CallState)}


class IllegalCallEventError(InputError):
    """The event cannot happen in that state; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt's call until it has ended.

    Attributes:
        attempt: the projection that is stored.
        permit_used: the gate consumed the permit, so a trunk leg may exist that no event has reported yet.
        refused_by: the rule that refused at the gate, or None.
        is_interrupted: a restart is ending it before an answer.
        is_withdrawn: it is being cancelled before an answer.
        customer_gone_at: when the leg on the pbx ended, or None.
        trunk_gone_at: when the leg at the gate ended, or None.
        is_machine: the AMD verdict was "machine".
        chosen_at: when an operator was first reserved for it, since this controller follows the call, or None.
        given_up_at: when the switch gave up the order, or None; a leg, if there was one, reports its own end.
        keys_passed: DTMF keys played to the called person since this controller follows the call.
    """

    attempt: Attempt
    permit_used: bool = False
    refused_by: str | None = None
    is_interrupted: bool = False
    customer_gone_at: datetime | None = None
    trunk_gone_at: datetime | None = None
    chosen_at: datetime | None = None
    given_up_at: datetime | None = None
    keys_passed: int = 0
    is_machine: bool = False
    is_withdrawn: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether both legs are gone."""
        return self.attempt.state is CallState.ENDED

    @property
    def nothing_more_since(self) -> datetime | None:
        """Return since when no further event can matter, None while one can; ``CallLost`` then settles the call.

        This is so for an order that was given up and never had a leg, and for a conversation whose trunk leg was never
        reported. Only the gate knows whether somebody answered unreported (``lost_calls``); waiting does not show it.
        """
        if self.given_up_at is not None and not self.permit_used:
            return self.given_up_at
        is_known = self.attempt.answered_at is not None and not self.attempt.trunk_channel
        return self.customer_gone_at if is_known else None


def advance(call: Call, event: CallEventValue) -> Call:
    """Return the call after ``event``.

    Raises:
        IllegalCallEventError: ``TABLE`` does not allow the event in this state; the call is unchanged.
    """
    legal, least = TABLE[type(event)]
    if call.attempt.state not in legal:
        raise IllegalCallEventError(f"{type(event).__name__} is not possible while {call.attempt.state}")
    call = _apply(call, event)
    if least is not None and _RANK[least] > _RANK[call.attempt.state] and least is not CallState.ENDED:
        call = replace(call, attempt=replace(call.attempt, state=least))
    return _end(call, event.at) if isinstance(event, CallLost) or _is_over(call, event) else call


def _apply(call: Call, event: CallEventValue) -> Call:
    """Apply what the event says about the call and its attempt."""
    match event:
        case OriginateGivenUp(at=at):
            call = replace(call, given_up_at=at)
        case PermitUsed():
            call = replace(call, permit_used=True)
        case PermitRefused(rule=rule):
            call = replace(call, refused_by=rule)
        case MachineJudged(verdict=verdict):
            call = replace(call, is_machine=verdict == MACHINE)
        case OperatorChosen(at=at):
            call = replace(call, chosen_at=call.chosen_at or at)
        case KeyPassed():
            call = replace(call, keys_passed=call.keys_passed + 1)
        case CallInterrupted():
            call = replace(call, is_interrupted=True)
        case CallWithdrawn():
            call = replace(call, is_withdrawn=True)
        case CustomerLegEnded(at=at):
            call = replace(call, customer_gone_at=at)
        case TrunkLegEnded(at=at):
            call = replace(call, trunk_gone_at=at)
        case _:
            pass
    attempt = _apply_to_attempt(call.attempt, event)
    return call if attempt is call.attempt else replace(call, attempt=attempt)


def _apply_to_attempt(attempt: Attempt, event: CallEventValue) -> Attempt:
    """Apply what is stored with the attempt; the first answer, ringing and connection are kept."""
    match event:
        case TrunkLegBegan(channel=channel):
            attempt = replace(attempt, trunk_channel=attempt.trunk_channel or channel)
        case CarrierRang(at=at):
            attempt = replace(attempt, rang_at=attempt.rang_at or at)
        case EarlyMediaBegan(at=at):
            attempt = replace(attempt, early_media_at=attempt.early_media_at or at)
        case PersonAnswered(at=at):
            attempt = replace(attempt, answered_at=attempt.answered_at or at)
        case OperatorChosen(operator=operator, seat=seat):
            attempt = replace(attempt, operator_id=operator, seat=seat)
        case OperatorConnected(at=at):
            attempt = replace(attempt, connected_at=attempt.connected_at or at)
        case CustomerLegEnded(cause=cause):
            attempt = replace(attempt, hangup_cause=cause)
        case TrunkLegEnded(tech_cause=tech_cause):
            attempt = replace(attempt, tech_cause=tech_cause)
        case _:
            pass
    return attempt


def _is_over(call: Call, event: CallEventValue) -> bool:
    if isinstance(event, OriginateGivenUp):
        return not call.permit_used and call.attempt.state is CallState.PERMITTED
    if call.customer_gone_at is None:
        return False
    if call.attempt.trunk_channel:
        return call.trunk_gone_at is not None
    return not call.permit_used


def _end(call: Call, at: datetime) -> Call:
    ended_at = call.trunk_gone_at or call.customer_gone_at or at
    return replace(
        call,
        attempt=replace(call.attempt, state=CallState.ENDED, outcome=_outcome(call), ended_at=ended_at),
    )


def _outcome(call: Call) -> Outcome:
    attempt = call.attempt
    if attempt.connected_at is not None:
        return Outcome.ANSWERED
    if attempt.answered_at is not None:
        return Outcome.MACHINE if call.is_machine else Outcome.ABANDONED
    if call.refused_by:
        return Outcome.REFUSED
    if call.is_withdrawn and was_cancelled(attempt.hangup_cause, attempt.tech_cause):
        return Outcome.WITHDRAWN
    if call.is_interrupted or call.customer_gone_at is None:
        return Outcome.INTERRUPTED
    reached_trunk = bool(attempt.trunk_channel) or call.permit_used
    if not reached_trunk and attempt.hangup_cause == GATE_REFUSAL_CAUSE:
        return Outcome.INTERRUPTED  # no rule refused: the gate got no answer, or none it could trust
    return unanswered_outcome(
        attempt.hangup_cause,
        attempt.tech_cause,
        reached_trunk=reached_trunk,
        may_have_rung=attempt.rang_at is not None or attempt.early_media_at is not None,
    )
