"""Operator states: only what the table says, and a result is never picked by anything but a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.calls.operators import TABLE, IllegalOperatorEventError, OperatorEvent, OperatorState, follow


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


def test_wrap_up_ends_by_a_result_only():
    ways = {event for (state, event) in TABLE if state is OperatorState.WRAP_UP}
    assert {event: TABLE[OperatorState.WRAP_UP, event] for event in ways} == {
        OperatorEvent.RESULT_CHOSEN: OperatorState.READY,
        OperatorEvent.PHONE_LOST: OperatorState.WRAP_UP,
    }


def test_losing_the_phone_ends_every_state_but_a_result_that_is_due():
    owing = {OperatorState.TALKING, OperatorState.WRAP_UP}
    for state in OperatorState:
        after = OperatorState.WRAP_UP if state in owing else OperatorState.OFFLINE
        assert follow(state, OperatorEvent.PHONE_LOST) is after


@pytest.mark.parametrize("state", [state for state in OperatorState if state is not OperatorState.READY])
def test_only_a_ready_operator_is_offered_a_call(state: OperatorState):
    with pytest.raises(IllegalOperatorEventError):
        follow(state, OperatorEvent.CALL_OFFERED)


def test_a_preview_becomes_a_call_only_when_the_operator_presses():
    into = {(state, event) for (state, event), after in TABLE.items() if after is OperatorState.RESERVED}
    assert into == {
        (OperatorState.READY, OperatorEvent.CALL_OFFERED),
        (OperatorState.PREVIEW, OperatorEvent.CALL_PRESSED),
    }
    assert follow(OperatorState.PREVIEW, OperatorEvent.LOOKED_TOO_LONG) is OperatorState.PAUSED


@given(st.lists(st.sampled_from(list(OperatorEvent)), max_size=30))
def test_whatever_happens_an_operator_talks_only_after_being_reserved_and_can_always_leave(events: list[OperatorEvent]):
    state = OperatorState.OFFLINE
    for event in events:
        before = state
        try:
            state = follow(state, event)
        except IllegalOperatorEventError:
            assert state is before
            continue
        if state is OperatorState.TALKING:
            assert before is OperatorState.RESERVED
        if before is OperatorState.PREVIEW and state is OperatorState.RESERVED:
            assert event is OperatorEvent.CALL_PRESSED
        if before is OperatorState.WRAP_UP and state is not before:
            assert event is OperatorEvent.RESULT_CHOSEN
    assert follow(state, OperatorEvent.PHONE_LOST) in (OperatorState.OFFLINE, OperatorState.WRAP_UP)


def test_every_state_can_come_back_to_ready():
    for start in OperatorState:
        reached = {start}
        while True:
            more = reached | {after for (state, event), after in TABLE.items() if state in reached}
            if more == reached:
                break
            reached = more
        assert OperatorState.READY in reached
