"""Operator states: only what the table says, and a result is never picked by anything but a person."""

import pytest

from telephony.domain.operators import TABLE, IllegalOperatorEventError, OperatorEvent, OperatorState, follow


def test_a_day_of_calls():
    state = OperatorState.OFFLINE
    for event in (
        OperatorEvent.LOGGED_IN,
        OperatorEvent.CALL_OFFERED,
        OperatorEvent.CALL_CONNECTED,
        OperatorEvent.CALL_ENDED,
        OperatorEvent.RESULT_CHOSEN,
        OperatorEvent.PAUSE_ASKED,
        OperatorEvent.READY_ASKED,
    ):
        state = follow(state, event)
    assert state is OperatorState.READY


def test_wrap_up_ends_by_a_result_or_by_leaving_only():
    ways = {event for (state, event) in TABLE if state is OperatorState.WRAP_UP}
    assert ways == {OperatorEvent.RESULT_CHOSEN, OperatorEvent.PHONE_LOST}


def test_losing_the_phone_ends_every_state():
    assert {follow(state, OperatorEvent.PHONE_LOST) for state in OperatorState} == {OperatorState.OFFLINE}


@pytest.mark.parametrize("state", [state for state in OperatorState if state is not OperatorState.READY])
def test_only_a_ready_operator_is_offered_a_call(state: OperatorState):
    with pytest.raises(IllegalOperatorEventError):
        follow(state, OperatorEvent.CALL_OFFERED)
