"""AGI bytes: requests, replies and the one command; any chunking, any garbage."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.errors import ForbiddenTextError, PeerProtocolError
from telephony.wire.agi import (
    COMMAND_BYTES,
    REPLY_BYTES,
    REQUEST_BYTES,
    REQUEST_LINES,
    AgiReply,
    AgiReplyParser,
    AgiRequest,
    AgiRequestParser,
    encode_set_variable,
    encode_variables,
    read_variables,
)

REQUEST = (
    b"agi_network: yes\nagi_network_script: verdict?try=1\nagi_request: agi://127.0.0.1/verdict?try=1\n"
    b"agi_channel: PJSIP/pbx-00000002\nagi_uniqueid: gate-1795358579.2\nagi_callerid: unknown\nagi_rdnis:\n"
    b"agi_extension: p906229902346812670309371161509042786\nagi_arg_1: a: b\n\n"
)
REPLIES = (
    b"200 result=1\n520-Invalid command syntax.  Proper usage follows:\n 200 result=1\nUsage: x\n"
    b"520 End of proper usage.\nHANGUP\n100 result=0 Trying...\n200 result=0 (timeout)\n"
    b"510 Invalid or unknown command\n511 Command Not Permitted on a dead channel\n200 result=\n"
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[begin:end] for begin, end in itertools.pairwise(ends)]


def read(data: bytes, places: list[int]) -> tuple[AgiRequest | None, bytes]:
    parser, chunks = AgiRequestParser(), cut(data, places)
    for index, chunk in enumerate(chunks):
        request = parser.feed(chunk)
        if request is not None:
            return request, parser.rest + b"".join(chunks[index + 1 :])
    return None, b""


def replies(data: bytes, places: list[int]) -> tuple[list[AgiReply], bool, str]:
    parser = AgiReplyParser()
    read = []
    try:
        for chunk in cut(data, places):
            parser.feed(chunk)
            read.extend(parser.replies())
    except PeerProtocolError as error:
        return read, parser.is_hung_up, str(error)
    return read, parser.is_hung_up, ""


def test_a_request_gives_route_channel_and_headers():
    request, rest = read(REQUEST + b"HANGUP\n", [])
    assert request is not None
    assert (request.route, request.unique_id) == ("verdict", "gate-1795358579.2")
    assert request.headers["agi_rdnis"] == ""
    assert request.headers["agi_arg_1"] == "a: b"
    assert rest == b"HANGUP\n"


@given(st.lists(st.integers(min_value=0), max_size=20))
def test_any_chunking_gives_the_same_request_and_rest(places: list[int]):
    assert read(REQUEST + b"200 result=1\n", places) == read(REQUEST + b"200 result=1\n", [])


@pytest.mark.parametrize(("script", "route"), [("/a/b/", "a/b"), ("a?b/c", "a"), ("", ""), ("a", "a")])
def test_slashes_and_query_are_no_part_of_the_route(script: str, route: str):
    request, _ = read(f"agi_network_script: {script}\nagi_uniqueid: 1\n\n".encode(), [])
    assert request is not None
    assert request.route == route


@pytest.mark.parametrize(
    "block",
    [
        b"GET / HTTP/1.1\n\n",
        b"\n\n",
        b"agi_uniqueid: 1\n\n",
        b"agi_network_script: x\n\n",
        b"agi_network_script: x\nagi_uniqueid: a b\n\n",
        b"agi_network_script: x\nagi_uniqueid: 1\nother: 2\n\n",
        b"agi_network_script: x\nagi_uniqueid: 1\r\n\n",
        b"agi_network_script: x\nagi_uniqueid: 1\n" + b"agi_arg_1: x\n" * REQUEST_LINES + b"\n",
        b"agi_network_script: x\nagi_uniqueid: 1\nagi_arg_1: " + b"x" * REQUEST_BYTES + b"\n\n",
        b"x" * (REQUEST_BYTES + 2),
    ],
)
def test_a_block_that_is_no_request_is_refused(block: bytes):
    with pytest.raises(PeerProtocolError):
        read(block, [])


@given(st.binary(max_size=1000))
def test_garbage_is_a_request_or_the_declared_error(data: bytes):
    try:
        read(data + b"\n\n", [3, 50])
    except PeerProtocolError:
        return


def test_a_hangup_line_is_no_reply_and_shifts_none():
    agi_replies, is_hung_up, error = replies(REPLIES, [])
    assert [(reply.code, reply.result) for reply in agi_replies] == [
        (200, 1),
        (520, None),
        (200, 0),
        (510, None),
        (511, None),
        (200, None),
    ]
    assert (is_hung_up, error) == (True, "")
    assert "Usage: x" in agi_replies[1].text


@given(st.lists(st.integers(min_value=0), max_size=30))
def test_any_chunking_gives_the_same_replies(places: list[int]):
    assert replies(REPLIES, places) == replies(REPLIES, [])


@given(st.binary(max_size=500), st.lists(st.integers(min_value=0), max_size=10))
def test_any_chunking_of_garbage_gives_the_same_replies_and_error(data: bytes, places: list[int]):
    assert replies(data + b"\n", places) == replies(data + b"\n", [])


@pytest.mark.parametrize(
    "data", [b"x\n", b"\n", b"20 result=1\n", b"2000\n", b"x" * (REPLY_BYTES + 1), b"520-a\n" + b"b\n" * REPLY_BYTES]
)
def test_what_is_no_reply_is_refused(data: bytes):
    assert replies(data, [])[2]


def test_a_variable_is_quoted():
    assert encode_set_variable("__CANON", 'a "b" \\c, d') == b'SET VARIABLE __CANON "a \\"b\\" \\\\c, d"\n'
    assert encode_set_variable("SEAT", "") == b'SET VARIABLE SEAT ""\n'


@pytest.mark.parametrize("value", ["a\nHANGUP", "a\rb", "\0", "x" * COMMAND_BYTES, "\ud800"])
def test_one_command_never_becomes_two(value: str):
    with pytest.raises(ForbiddenTextError):
        encode_set_variable("SEAT", value)


@pytest.mark.parametrize("name", ["", "A B", 'A"', "CDR(x)", "1A", "___A", "A\nB", "É"])
def test_only_plain_variables_are_set(name: str):
    with pytest.raises(ForbiddenTextError):
        encode_set_variable(name, "1")


@given(st.text(max_size=100))
def test_whatever_is_encoded_is_one_line_of_printable_command(value: str):
    try:
        command = encode_set_variable("SEAT", value)
    except ForbiddenTextError:
        return
    assert command.count(b"\n") == 1
    assert command.endswith(b'"\n')


def test_plain_variables_go_out_together_and_are_read_as_they_were():
    variables = {"SEAT": "", "CANON": "33199000003", "VERDICT": "OK-gate-1.2-p1-33199000003"}
    (command,) = encode_variables(variables)
    assert command == b'EXEC MSet "SEAT=,CANON=33199000003,VERDICT=OK-gate-1.2-p1-33199000003"\n'
    assert read_variables(command) == variables


@pytest.mark.parametrize("value", ["a,B=c", 'a"', "a\\", "a b", "${x}", "a=b", "é"])
def test_a_value_that_could_be_read_as_more_goes_alone(value: str):
    commands = encode_variables({"A": "1", "B": value})
    assert commands == [encode_set_variable("A", "1"), encode_set_variable("B", value)]


def test_what_is_too_long_together_goes_one_by_one():
    variables = {f"V{n}": "x" * 150 for n in range(20)}
    assert len(encode_variables(variables)) == 20


@pytest.mark.parametrize(
    "line", [b"", b"HANGUP\n", b'EXEC Dial "PJSIP/x"\n', b'SET VARIABLE A "x" y\n', b"VERBOSE a\n"]
)
def test_other_commands_set_nothing(line: bytes):
    assert read_variables(line) == {}


def test_a_single_variable_is_set_and_read():
    assert read_variables(encode_set_variable("VERDICT", "OK-1")) == {"VERDICT": "OK-1"}
