"""What warden and controller send is proved by their shared key, and bound to its question."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.errors import PeerProtocolError
from telephony.wire.agi import AgiRequestParser, encode_set_variable
from telephony.wire.watch import (
    CUTS_AT_ONCE,
    FAULTS_AT_ONCE,
    Fault,
    FaultKind,
    WatchAnswer,
    WatchQuestion,
    WatchState,
    answer_variables,
    key_of,
    question_headers,
    read_answer,
    read_question,
)

KEY = key_of("a manager secret")
RECORDING = "9ed0e294-6828-4357-bbb0-3f17f3ebb91e"
ASKED = WatchQuestion(
    "00ff00ff", 3, 1_795_361_834_000, WatchState.OK, 2, (Fault(FaultKind.STALLED, "gate-1.2", RECORDING),)
)


def as_sent(question: WatchQuestion) -> dict[str, str]:
    """What arrives after the bytes have gone through the AGI parser."""
    block = "".join(f"{name}: {value}\n" for name, value in question_headers(question, KEY).items()) + "\n"
    request = AgiRequestParser().feed(block.encode())
    assert request is not None
    assert request.route == "watch"
    return dict(request.headers)


def test_a_question_arrives_as_it_was_asked():
    assert read_question(as_sent(ASKED), KEY) == ASKED


def test_the_longest_question_fits_an_agi_request():
    faults = tuple(Fault(FaultKind.MISSING, f"gate-1795361834.{n:05}", RECORDING) for n in range(FAULTS_AT_ONCE))
    assert read_question(as_sent(replace(ASKED, faults=faults)), KEY).faults == faults


def test_the_longest_answer_fits_agi_commands():
    hangups = tuple(f"gate-1795361834.{n:06}" for n in range(CUTS_AT_ONCE))
    for name, value in answer_variables(WatchAnswer(hangups), ASKED, KEY).items():
        assert len(encode_set_variable(name, value)) < 2000
    assert read_answer(answer_variables(WatchAnswer(hangups), ASKED, KEY), ASKED, KEY).hangups == hangups


@pytest.mark.parametrize(
    "name", ["agi_arg_1", "agi_arg_2", "agi_arg_3", "agi_arg_4", "agi_arg_5", "agi_arg_6", "agi_proof"]
)
def test_a_changed_question_is_refused(name: str):
    headers = as_sent(ASKED)
    headers[name] = headers[name][:-1] + ("1" if headers[name][-1] != "1" else "2")
    with pytest.raises(PeerProtocolError, match="no valid proof"):
        read_question(headers, KEY)


def test_somebody_without_the_key_can_neither_ask_nor_answer():
    other = key_of("the secret of the link")
    with pytest.raises(PeerProtocolError):
        read_question(question_headers(ASKED, other), KEY)
    with pytest.raises(PeerProtocolError):
        read_answer(answer_variables(WatchAnswer(()), ASKED, other), ASKED, KEY)


def test_an_answer_holds_for_its_own_question_only():
    answer = answer_variables(WatchAnswer(("gate-1.2",)), ASKED, KEY)
    for other in (replace(ASKED, number=4), replace(ASKED, run="00ff00fe")):
        with pytest.raises(PeerProtocolError):
            read_answer(answer, other, KEY)
    with pytest.raises(PeerProtocolError):
        read_answer(answer | {"CUT": "gate-1.3"}, ASKED, KEY)
    with pytest.raises(PeerProtocolError):
        read_answer({}, ASKED, KEY)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=30), max_size=8))
def test_whatever_comes_is_an_error_of_the_family(headers: dict[str, str]):
    with pytest.raises(PeerProtocolError):
        read_question(headers, KEY)
    with pytest.raises(PeerProtocolError):
        read_answer(headers, ASKED, KEY)
