"""The call table: ended stays ended, every state can end, no call moves back, events may come in either order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.calls.attempts import Attempt, CallState
from telephony.domain.calls.events import (
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
from telephony.domain.calls.lifecycle import TABLE, Call, IllegalCallEventError, advance
from telephony.domain.calls.outcomes import Outcome
from telephony.ids import (
    AttemptId,
    CampaignId,
    ChannelId,
    LeadId,
    ListId,
    Number,
    OperatorId,
    PermitId,
    RecordingId,
    SeatNumber,
)

T0 = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def fresh() -> Call:
    return Call(
        Attempt(
            attempt_id=AttemptId("00000000-0000-4000-8000-000000000001"),
            campaign_id=CampaignId(1),
            list_id=ListId(1),
            lead_id=LeadId(1),
            permit_id=PermitId("p" + "1" * 36),
            recording_id=RecordingId("00000000-0000-4000-8000-000000000002"),
            number=Number("33199001234"),
            caller_id="33199000000",
            trunk="carrier",
            state=CallState.PERMITTED,
            outcome=None,
            operator_id=None,
            seat=None,
            hangup_cause=0,
            tech_cause="",
            trunk_channel="",
            result=None,
            started_at=T0,
            rang_at=None,
            early_media_at=None,
            answered_at=None,
            connected_at=None,
            ended_at=None,
        )
    )


EVENTS: dict[type, CallEventValue] = {
    Originated: Originated(at(0.1)),
    OriginateGivenUp: OriginateGivenUp(at(0.2)),
    PermitUsed: PermitUsed(at(0.2)),
    PermitRefused: PermitRefused(at(0.2), "permit_expired"),
    TrunkLegBegan: TrunkLegBegan(at(0.3), ChannelId("gate-1.2")),
    CarrierRang: CarrierRang(at(1)),
    EarlyMediaBegan: EarlyMediaBegan(at(1)),
    CallWithdrawn: CallWithdrawn(at(4)),
    PersonAnswered: PersonAnswered(at(5)),
    MachineJudged: MachineJudged(at(5.01), "HUMAN", "HUMAN-500-500"),
    OperatorChosen: OperatorChosen(at(5.01), OperatorId(7), SeatNumber(3)),
    NobodyFree: NobodyFree(at(7)),
    OperatorConnected: OperatorConnected(at(5.05)),
    KeyPassed: KeyPassed(at(6), "1"),
    CustomerLegEnded: CustomerLegEnded(at(60), 16),
    TrunkLegEnded: TrunkLegEnded(at(59.9), 16, ""),
    CallInterrupted: CallInterrupted(at(61)),
    CallLost: CallLost(at(62)),
}


def run(*events: CallEventValue) -> Call:
    call = fresh()
    for event in events:
        call = advance(call, event)
    return call


def test_every_event_has_a_line_in_the_table():
    assert set(EVENTS) == set(TABLE)


def test_an_answered_call_ends_answered_with_all_its_times():
    order = [Originated, PermitUsed, TrunkLegBegan, CarrierRang, PersonAnswered, OperatorChosen, OperatorConnected]
    call = run(*(EVENTS[kind] for kind in order), EVENTS[TrunkLegEnded], EVENTS[CustomerLegEnded])
    attempt = call.attempt
    assert (attempt.state, attempt.outcome) == (CallState.ENDED, Outcome.ANSWERED)
    assert (attempt.rang_at, attempt.answered_at, attempt.connected_at) == (at(1), at(5), at(5.05))
    assert attempt.ended_at == at(59.9)  # the trunk leg's end, whichever connection spoke last
    assert (attempt.operator_id, attempt.seat) == (7, 3)


def test_the_order_of_the_two_connections_does_not_matter():
    start = [EVENTS[PermitUsed], EVENTS[TrunkLegBegan], EVENTS[PersonAnswered], EVENTS[OperatorConnected]]
    call = run(*start, EVENTS[TrunkLegEnded], EVENTS[CustomerLegEnded])
    other = run(*start, EVENTS[CustomerLegEnded], EVENTS[TrunkLegEnded])
    assert call == other


def test_an_answered_call_that_finds_nobody_is_abandoned():
    call = run(EVENTS[PermitUsed], EVENTS[TrunkLegBegan], EVENTS[PersonAnswered], EVENTS[NobodyFree])
    call = advance(advance(call, EVENTS[TrunkLegEnded]), EVENTS[CustomerLegEnded])
    assert call.attempt.outcome is Outcome.ABANDONED


@pytest.mark.parametrize(
    ("cause", "tech_cause", "outcome"),
    [
        (17, "SIP 486 Busy Here", Outcome.BUSY),
        (19, "", Outcome.NO_ANSWER),
        (19, "SIP 480 Temporarily Unavailable", Outcome.NO_ANSWER),
        (1, "SIP 404 Not Found", Outcome.FAILED),
        (34, "SIP 503", Outcome.CARRIER_FAILED),
        (38, "SIP 500", Outcome.CARRIER_FAILED),
        (18, "SIP 408", Outcome.CARRIER_FAILED),
        (21, "SIP 403", Outcome.FAILED),
        (27, "SIP 502", Outcome.FAILED),
    ],
)
def test_an_unanswered_call_has_the_carriers_outcome(cause: int, tech_cause: str, outcome: Outcome):
    call = run(EVENTS[PermitUsed], EVENTS[TrunkLegBegan], TrunkLegEnded(at(2), cause, tech_cause))
    assert advance(call, CustomerLegEnded(at(2), cause)).attempt.outcome is outcome


@pytest.mark.parametrize(
    ("word", "outcome"), [("MACHINE", Outcome.MACHINE), ("HUMAN", Outcome.ABANDONED), ("NOTSURE", Outcome.ABANDONED)]
)
def test_only_the_word_machine_makes_a_machine_of_whoever_answered(word: str, outcome: Outcome):
    call = run(EVENTS[PermitUsed], EVENTS[TrunkLegBegan], EVENTS[PersonAnswered], MachineJudged(at(6), word, "X-1"))
    call = advance(advance(call, EVENTS[TrunkLegEnded]), EVENTS[CustomerLegEnded])
    assert call.attempt.outcome is outcome


@pytest.mark.parametrize("before", [CarrierRang, EarlyMediaBegan])
def test_what_may_have_rung_is_an_attempt_at_the_person_whatever_the_carrier_says_then(before: type[CallEventValue]):
    call = run(EVENTS[PermitUsed], EVENTS[TrunkLegBegan], EVENTS[before], TrunkLegEnded(at(2), 34, "SIP 503"))
    assert advance(call, CustomerLegEnded(at(2), 34)).attempt.outcome is Outcome.FAILED


def test_a_permit_refused_at_the_gate_is_an_outcome_of_its_own():
    call = run(EVENTS[Originated], EVENTS[PermitRefused], CustomerLegEnded(at(1), 29))
    assert (call.attempt.outcome, call.attempt.trunk_channel) == (Outcome.REFUSED, "")


def test_a_gate_that_could_not_ask_is_no_refusal_and_the_lead_is_tried_again():
    call = run(EVENTS[Originated], CustomerLegEnded(at(1), 29))
    assert call.attempt.outcome is Outcome.INTERRUPTED


def test_a_used_permit_waits_for_the_trunk_leg_that_nobody_reported_yet():
    call = run(EVENTS[PermitUsed], CustomerLegEnded(at(1), 38))
    assert not call.has_ended
    assert advance(call, CallLost(at(3))).attempt.outcome is Outcome.FAILED


def test_a_trunk_leg_that_ended_after_the_customers_is_waited_for():
    call = run(EVENTS[PermitUsed], EVENTS[TrunkLegBegan], EVENTS[CustomerLegEnded])
    assert not call.has_ended
    assert advance(call, EVENTS[TrunkLegEnded]).has_ended


def test_a_restart_gives_an_unanswered_call_back_but_not_an_answered_one():
    ends = [EVENTS[CallInterrupted], EVENTS[TrunkLegEnded], EVENTS[CustomerLegEnded]]
    unanswered = run(EVENTS[PermitUsed], EVENTS[TrunkLegBegan], *ends)
    answered = run(EVENTS[PermitUsed], EVENTS[TrunkLegBegan], EVENTS[PersonAnswered], *ends)
    assert unanswered.attempt.outcome is Outcome.INTERRUPTED
    assert answered.attempt.outcome is Outcome.ABANDONED


RINGS = (EVENTS[PermitUsed], EVENTS[TrunkLegBegan], EVENTS[CarrierRang])
WITHDRAWS = CallWithdrawn(at(20))


@pytest.mark.parametrize(
    ("cause", "tech_cause", "outcome"),
    [
        (16, "", Outcome.WITHDRAWN),
        (16, "SIP 487 Request Terminated", Outcome.WITHDRAWN),
        (0, "", Outcome.WITHDRAWN),
        (19, "SIP 487 Request Terminated", Outcome.NO_ANSWER),  # it rang out before the pbx knew of it
        (17, "SIP 486 Busy Here", Outcome.BUSY),
        (16, "SIP 480", Outcome.NO_ANSWER),
        (16, "SIP 603", Outcome.FAILED),
    ],
)
@pytest.mark.parametrize("is_trunk_first", [True, False])
def test_a_cancelled_call_ends_withdrawn_unless_the_network_was_first(
    cause: int, tech_cause: str, outcome: Outcome, is_trunk_first: bool
):
    ends = [TrunkLegEnded(at(21), 0, tech_cause), CustomerLegEnded(at(21), cause)]
    call = run(*RINGS, WITHDRAWS, *(ends if is_trunk_first else reversed(ends)))
    assert (call.has_ended, call.attempt.outcome) == (True, outcome)


@given(st.permutations([PersonAnswered(at(20.1)), CustomerLegEnded(at(20.2), 16)]))
def test_whoever_answers_while_the_hang_up_is_on_its_way_is_abandoned_never_withdrawn(order: list[CallEventValue]):
    call = run(*RINGS, WITHDRAWS, *order, TrunkLegEnded(at(20.3), 16, ""))
    assert call.attempt.outcome is Outcome.ABANDONED


def test_whoever_answers_first_is_put_through_and_can_be_withdrawn_no_more():
    answered = run(*RINGS, WITHDRAWS, EVENTS[PersonAnswered], EVENTS[OperatorChosen], EVENTS[OperatorConnected])
    call = advance(advance(answered, EVENTS[TrunkLegEnded]), EVENTS[CustomerLegEnded])
    assert call.attempt.outcome is Outcome.ANSWERED
    for state in (run(*RINGS, EVENTS[PersonAnswered]), run(EVENTS[PermitUsed], EVENTS[TrunkLegBegan])):
        with pytest.raises(IllegalCallEventError):
            advance(state, WITHDRAWS)


def test_a_cancelled_call_that_a_restart_or_a_lock_ends_was_an_attempt_at_the_person():
    call = run(*RINGS, WITHDRAWS, EVENTS[CallInterrupted])
    assert advance(call, EVENTS[CallLost]).attempt.outcome is Outcome.WITHDRAWN


def test_an_illegal_event_raises_and_changes_nothing():
    call = run(EVENTS[CallLost])
    with pytest.raises(IllegalCallEventError, match="PersonAnswered is not possible while ended"):
        advance(call, EVENTS[PersonAnswered])


@given(st.lists(st.sampled_from(list(EVENTS.values())), max_size=25))
def test_no_call_moves_back_and_ended_stays_ended(events: list[CallEventValue]):
    rank = {state: number for number, state in enumerate(CallState)}
    call = fresh()
    for event in events:
        try:
            after = advance(call, event)
        except IllegalCallEventError:
            after = call
        assert rank[after.attempt.state] >= rank[call.attempt.state]
        if call.has_ended:
            assert after == call
        assert (after.attempt.outcome is not None) == after.has_ended
        assert (after.attempt.ended_at is not None) == after.has_ended
        call = after


@given(st.lists(st.sampled_from(list(EVENTS.values())), max_size=12))
def test_every_state_can_end(events: list[CallEventValue]):
    call = fresh()
    for event in events:
        if not call.has_ended and call.attempt.state in TABLE[type(event)][0]:
            call = advance(call, event)
    if not call.has_ended:
        call = advance(call, CallLost(at(99)))
    assert call.has_ended


def test_the_first_answer_stands():
    call = run(EVENTS[PersonAnswered], PersonAnswered(at(9)))
    assert call.attempt.answered_at == at(5)
    assert replace(call.attempt, answered_at=None) == replace(run(EVENTS[PersonAnswered]).attempt, answered_at=None)
