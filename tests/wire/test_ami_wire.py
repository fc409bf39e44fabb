"""AMI bytes: any chunking gives the same messages, nothing a peer sends does more than the declared error."""

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.errors import ForbiddenTextError, PeerProtocolError
from telephony.wire.ami import (
    ACTION_LINES,
    BANNER_BYTES,
    LINE_BYTES,
    MESSAGE_BYTES,
    MESSAGE_LINES,
    ONCE,
    AmiMessage,
    AmiParser,
    encode_action,
)
from tests.effort import cases

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
TRANSCRIPTS = Path(__file__).parents[1] / "asterisk" / "ami_transcripts"


def parse(*chunks: bytes, events: set[str] | None = None) -> list[AmiMessage]:
    parser = AmiParser(events)
    messages = []
    for chunk in chunks:
        parser.feed(chunk)
        messages.extend(parser.messages())
    return messages


def outcome(data: bytes, hangups: list[int]) -> tuple[list[AmiMessage], str]:
    """The messages handed out and the error, if any, for a stream cut at the given places."""
    parser, messages = AmiParser(), []
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in hangups)})
    try:
        for begin, end in itertools.pairwise(places):
            parser.feed(data[begin:end])
            messages.extend(parser.messages())
    except PeerProtocolError as error:
        return messages, str(error)
    return messages, ""


def recorded() -> bytes:
    text = "\n".join(path.read_text() for path in sorted(TRANSCRIPTS.glob("*.txt")))
    return GREETING + text.replace("\n", "\r\n").encode() + b"\r\n"


def test_a_message_is_handed_out_when_it_is_whole_and_not_before():
    assert parse(GREETING, b"Event: Hangup\r\nUniqueid: 1\r\n") == []
    assert parse(GREETING, b"Event: Hangup\r\nUniqueid: 1\r\n\r\n")[0].get("Uniqueid") == "1"


def test_the_greeting_gives_the_version():
    parser = AmiParser()
    for byte in GREETING:
        assert parser.version is None
        parser.feed(bytes([byte]))
        assert list(parser.messages()) == []
    assert parser.version == "11.0.0"


def test_a_letter_cut_between_two_chunks_is_whole():
    message = "Event: Newchannel\r\nCallerIDName: Zoé Ünal ☎\r\n\r\n".encode()
    for cut in range(len(message)):
        (parsed,) = parse(GREETING, message[:cut], message[cut:])
        assert parsed.get("CallerIDName") == "Zoé Ünal ☎"


def test_bytes_that_are_not_utf8_are_replaced_and_lose_nothing_else():
    (message,) = parse(GREETING + b"Event: X\r\nA: \xff\xfeb\r\nC: d\r\n\r\n")
    assert (message.get("A"), message.get("C")) == ("\ufffd\ufffdb", "d")


def test_repeated_headers_are_all_kept():
    (message,) = parse(GREETING + b"Response: Success\r\nChanVariable: a=1\r\nChanVariable: b=2\r\nX: y\r\n\r\n")
    assert message.every("ChanVariable") == ["a=1", "b=2"]
    assert message.every("X") == ["y"]
    assert message.every("none") == []
    assert message.get("ChanVariable") == "a=1"


STAMP = b"Event: Newstate\r\nPrivilege: call,all\r\nTimestamp: 1795371518.543880\r\n"
GENUINE = (
    b"Exten: \r\nUniqueid: gate-1.1\r\nLinkedid: gate-1.0\r\nChannel: PJSIP/carrier-1\r\nCause: 16\r\nActionID: a\r\n"
)


@pytest.mark.parametrize("spelling", ["{}: x", "{}:x", "{}: "])
@pytest.mark.parametrize("name", sorted(ONCE))
def test_a_header_that_is_read_and_comes_twice_ends_the_connection(name: str, spelling: str):
    first, second = spelling.format(name).encode(), f"{name.lower()}: y".encode()
    for kind in (b"Response: Success", b"Event: Hangup"):
        lines = [kind, *(line for line in (first, second) if name not in {"Response", "Event"})]
        lines += [kind] if name in {"Response", "Event"} else []
        with pytest.raises(PeerProtocolError):
            parse(GREETING + b"\r\n".join(lines) + b"\r\n\r\n")


def test_what_a_strangers_number_writes_into_an_event_ends_the_connection():
    for written in (b"1\r\nUniqueid: gate-99.7", b"1\r\nLinkedid: gate-99.7", b"1\r\nEvent: Hangup", b"1\r\ntorn"):
        with pytest.raises(PeerProtocolError):
            parse(GREETING + STAMP + b"CallerIDNum: " + written + b"\r\n" + GENUINE + b"\r\n")
    assert (
        parse(GREETING + STAMP + b"CallerIDNum: 1\nUniqueid: x\r\n" + GENUINE + b"\r\n")[0].get("Uniqueid")
        == "gate-1.1"
    )


@given(st.text(alphabet=st.sampled_from("\r\n:UniqeidLEvtChalgw9. "), max_size=79))
@settings(max_examples=cases(200, long=5000))
def test_whatever_a_strangers_number_holds_no_header_of_asterisks_is_another(number: str):
    text = GREETING + STAMP + b"CallerIDNum: " + number.encode() + b"\r\n" + GENUINE + b"\r\n"
    try:
        whole = [message for message in parse(text) if message.event and message.is_stamped]
    except PeerProtocolError:
        return
    for message in whole:
        assert message.get("Uniqueid") in {"gate-1.1", ""}
        assert message.get("Linkedid") in {"gate-1.0", ""}


def test_every_header_that_is_read_is_one_that_may_come_once():
    folder = Path(__file__).parents[2] / "telephony" / "asterisk"
    text = "".join(
        (folder / name).read_text() for name in ("ami.py", "ami_protocol.py", "switch.py", "switch_facts.py")
    )
    read = set(re.findall(r"\b(?:message|item|response|end|event)\.get\(\"(\w+)\"", text))
    assert {"Uniqueid", "Linkedid", "Channel", "Exten", "Cause", "DestUniqueid", "ActionID"} <= read
    assert read <= ONCE


def test_an_event_with_a_response_header_is_an_event():
    (message,) = parse(GREETING + b"Event: OriginateResponse\r\nResponse: Failure\r\n\r\n")
    assert message.event == "OriginateResponse"
    assert not message.is_error


@pytest.mark.parametrize(("word", "is_error"), [("Success", False), ("Goodbye", False), ("Error", True), ("", True)])
def test_a_response_that_is_no_success_is_an_error(word: str, is_error: bool):
    (message,) = parse(GREETING + f"Response: {word}\r\n\r\n".encode())
    assert message.is_error is is_error


def test_unwanted_events_are_skipped_and_responses_never():
    stream = (
        GREETING + b"Event: VarSet\r\nA: b\r\n\r\nResponse: Success\r\n\r\nEvent: Hangup\r\n\r\nEvent: HangupX\r\n\r\n"
    )
    assert [message.event for message in parse(stream, events={"Hangup"})] == ["", "Hangup"]


def test_blank_lines_between_messages_are_nothing():
    assert [m.event for m in parse(GREETING + b"\r\n\r\n\r\nEvent: A\r\n\r\n\r\n\r\nEvent: B\r\n\r\n")] == ["A", "B"]


def test_every_recorded_event_is_read_whole():
    messages = parse(recorded())
    assert len(messages) > 60
    assert all(message.event and not message.repeated and len(message.fields) > 2 for message in messages)


@given(st.lists(st.integers(min_value=0), max_size=30))
def test_any_chunking_of_recorded_events_gives_the_same_messages(hangups: list[int]):
    assert outcome(recorded(), hangups) == outcome(recorded(), [])


LINE = st.sampled_from(
    [b"Event: A", b"Response: Success", b"A: b", b"A:b", b"A", b"", b":", b"\n", b"\r", b"\xc3", b"x" * 99]
)


@given(st.lists(LINE, max_size=40), st.lists(st.integers(min_value=0), max_size=10), st.booleans())
def test_any_chunking_of_broken_messages_gives_the_same_messages_and_error(
    lines: list[bytes], hangups: list[int], is_greeted: bool
):
    data = (GREETING if is_greeted else b"") + b"\r\n".join(lines)
    assert outcome(data, hangups) == outcome(data, [])


@given(st.binary(max_size=2000), st.booleans())
def test_garbage_gives_messages_or_the_declared_error(data: bytes, is_greeted: bool):
    outcome((GREETING if is_greeted else b"") + data + b"\r\n\r\n", [7, 500])


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 200 OK\r\n", b"\0", b"SSH-2.0-x", b"Asterisk Call Mangler/1\r\n"])
def test_a_peer_that_does_not_greet_as_asterisk_is_refused_at_its_first_wrong_byte(greeting: bytes):
    with pytest.raises(PeerProtocolError, match="does not greet"):
        parse(greeting)


def test_a_greeting_without_end_is_refused():
    assert parse(GREETING[:-2] + b"x" * (BANNER_BYTES - len(GREETING) + 2) + b"\r\n") == []
    with pytest.raises(PeerProtocolError, match="a greeting of more"):
        parse(GREETING[:-2] + b"x" * BANNER_BYTES)


def test_a_message_without_end_is_refused_and_memory_bounded():
    parser = AmiParser()
    parser.feed(GREETING + b"Event: A\r\n")
    line = b"A: " + b"x" * 1000 + b"\r\n"
    for _ in range(MESSAGE_BYTES // len(line)):
        parser.feed(line)
        assert list(parser.messages()) == []
    parser.feed(line)
    with pytest.raises(PeerProtocolError, match="without ending a message"):
        list(parser.messages())
    assert parser.unfinished < MESSAGE_BYTES + 2000


def test_a_message_that_is_too_long_is_refused_in_one_chunk_too():
    body = b"Event: A\r\n" + b"A: xxxxxxxxxxxxxxxx\r\n" * (MESSAGE_BYTES // 20)
    with pytest.raises(PeerProtocolError, match="longer than"):
        parse(GREETING + body + b"\r\n")


def test_a_line_that_is_too_long_is_refused():
    assert parse(GREETING + b"Event: A\r\nB: " + b"x" * (LINE_BYTES - 3) + b"\r\n\r\n")[0].event == "A"
    with pytest.raises(PeerProtocolError, match="line longer"):
        parse(GREETING + b"Event: A\r\nB: " + b"x" * (LINE_BYTES - 2) + b"\r\n\r\n")


def test_a_message_of_too_many_lines_is_refused():
    with pytest.raises(PeerProtocolError, match="lines"):
        parse(GREETING + b"Event: A\r\n" + b"B: c\r\n" * MESSAGE_LINES + b"\r\n")


def test_messages_before_a_broken_one_are_handed_out():
    parser = AmiParser()
    parser.feed(GREETING + b"Event: A\r\n\r\nnonsense\r\n\r\n")
    stream = parser.messages()
    assert next(stream).event == "A"
    with pytest.raises(PeerProtocolError, match="neither event nor response"):
        next(stream)


def test_an_action_is_its_lines_and_a_blank_one():
    wire = encode_action([("Action", "Originate"), ("Variable", "A=1"), ("Variable", "__B=x y=z"), ("Async", "true")])
    assert wire == b"Action: Originate\r\nVariable: A=1\r\nVariable: __B=x y=z\r\nAsync: true\r\n\r\n"


@pytest.mark.parametrize("bad", ["a\r\n\r\nAction: Originate", "a\nAction: Command", "a\rb", "\0", "\n", "x\r\n"])
@pytest.mark.parametrize("key", ["Channel", "Variable"])
def test_one_action_never_becomes_two(bad: str, key: str):
    with pytest.raises(ForbiddenTextError):
        encode_action([("Action", "Hangup"), (key, bad)])
    with pytest.raises(ForbiddenTextError):
        encode_action([("Action", "Hangup"), (bad, "x")])


@pytest.mark.parametrize("bad", ["A=1,B=2", "A", "", "=1", "A B=1", "1A=1", "CDR(x)=1", "___A=1", "A=,"])
def test_a_variable_is_one_name_and_value(bad: str):
    for key in ("Variable", "variable", "VARIABLE"):
        with pytest.raises(ForbiddenTextError):
            encode_action([("Action", "Originate"), (key, bad)])


@pytest.mark.parametrize("value", ["x" * 1000, "\ud800"])
def test_a_value_that_asterisk_could_not_read_is_refused(value: str):
    with pytest.raises(ForbiddenTextError):
        encode_action([("Action", value)])


def test_an_action_has_one_to_128_headers():
    for count in (0, ACTION_LINES + 1):
        with pytest.raises(ForbiddenTextError):
            encode_action([("A", "b")] * count)
    assert encode_action([("A", "b")] * ACTION_LINES).count(b"\r\n") == ACTION_LINES + 1


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=40)), min_size=1, max_size=10))
def test_whatever_is_encoded_is_exactly_one_message_when_read_back(fields: list[tuple[str, str]]):
    try:
        wire = encode_action([("Response", "Success"), *fields])
    except ForbiddenTextError:
        return
    (message,) = parse(GREETING + wire)
    assert [value for key in dict(fields) for value in message.every(key)]
