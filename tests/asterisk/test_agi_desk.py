"""The FastAGI desk against scripted peers: whatever goes wrong, no verdict leaves and the next call is served."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import structlog

from telephony.asterisk.agi import AgiLimits, FastAgiServer
from telephony.errors import SwitchError
from telephony.ports.calls.switch import AgiCall
from tests.waiting import until

QUICK = AgiLimits(
    header=timedelta(seconds=0.2), route=timedelta(seconds=0.2), reply=timedelta(seconds=0.2), connections=5
)
HOST = "127.0.0.1"
SEAT = {"SEAT": "7", "VERDICT": "SEAT-1-7"}


def block(script: str = "route", unique_id: str = "gate-1.2", **more: str) -> bytes:
    headers = {"agi_network": "yes", "agi_network_script": script, "agi_uniqueid": unique_id, **more}
    return "".join(f"{key}: {value}\n" for key, value in headers.items()).encode() + b"\n"


@dataclass
class Dialplan:
    """Asterisk's side of one connection: asks, answers every command with ``reply``, keeps the commands."""

    port: int
    reply: bytes = b"200 result=1\n"
    host: str = HOST
    commands: list[str] = field(default_factory=list)

    async def ask(self, data: bytes, *, source: str = HOST) -> list[str]:
        reader, writer = await asyncio.open_connection(self.host, self.port, local_addr=(source, 0))
        writer.write(data)
        try:
            async with asyncio.timeout(3):
                while line := await reader.readline():
                    self.commands.append(line.decode().strip())
                    writer.write(self.reply)
        except OSError:
            return self.commands
        finally:
            writer.transport.abort()
        return self.commands


class Routes:
    """What the routes of the test answer, and what they were asked."""

    def __init__(self) -> None:
        self.asked: list[AgiCall] = []
        self.answer: Mapping[str, str] = SEAT
        self.error: Exception | None = None
        self.is_stuck = False
        self.was_cancelled = False

    async def __call__(self, call: AgiCall) -> Mapping[str, str]:
        self.asked.append(call)
        if self.is_stuck:
            try:
                await asyncio.Event().wait()
            finally:
                self.was_cancelled = True
        if self.error is not None:
            raise self.error
        return self.answer


@pytest.fixture
def route() -> Routes:
    return Routes()


@pytest.fixture
async def desk(route: Routes) -> AsyncIterator[FastAgiServer]:
    made = FastAgiServer(HOST, 0, {HOST}, QUICK)
    await made.start({"route": route, "deep/route": route})
    yield made
    await made.stop()


COMMANDS = ['EXEC MSet "SEAT=7,VERDICT=SEAT-1-7"']


async def test_a_route_answers_with_its_variables_in_order(desk: FastAgiServer, route: Routes):
    asking = block(agi_channel="PJSIP/gate-00000001", agi_extension="conf", agi_callerid="unknown")
    assert await Dialplan(desk.port).ask(asking) == COMMANDS
    (call,) = route.asked
    assert (call.route, call.peer, call.channel) == ("route", HOST, "gate-1.2")
    assert (call.name, call.extension) == ("PJSIP/gate-00000001", "conf")
    assert call.headers["agi_callerid"] == "unknown"


async def test_a_command_that_asterisk_could_not_do_ends_the_answer(desk: FastAgiServer, route: Routes):
    route.answer = {"SEAT": "7", "VERDICT": "two words"}
    assert len(await Dialplan(desk.port).ask(block())) == 2
    assert len(await Dialplan(desk.port, reply=b"200 result=-2\n").ask(block())) == 1


@pytest.mark.parametrize("script", ["/route", "route/", "route?seat=1", "deep/route?x=/y"])
async def test_slashes_and_query_do_not_break_routing(desk: FastAgiServer, script: str):
    assert await Dialplan(desk.port).ask(block(script)) == COMMANDS


async def test_an_unknown_route_gets_nothing(desk: FastAgiServer, route: Routes):
    assert await Dialplan(desk.port).ask(block("other")) == []
    assert route.asked == []


async def test_a_peer_that_closes_before_the_blank_line_does_not_spin_the_loop(desk: FastAgiServer):
    for data in (b"", b"agi_network: yes\n", b"\n"):
        _, writer = await asyncio.open_connection(HOST, desk.port)
        writer.write(data)
        writer.close()
        await writer.wait_closed()
    assert await Dialplan(desk.port).ask(block()) == COMMANDS


async def test_a_peer_that_sends_nothing_is_closed_at_its_deadline(desk: FastAgiServer):
    assert await Dialplan(desk.port).ask(b"agi_network: yes\n") == []


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\nHost: x\n\n", b"\xff" * 100_000, b"\n\n", block(unique_id="a\tb"), block()[:-40] + b"\n\n"],
)
async def test_garbage_gets_nothing_and_the_next_call_is_served(desk: FastAgiServer, route: Routes, garbage: bytes):
    assert await Dialplan(desk.port).ask(garbage) == []
    assert route.asked == []
    assert await Dialplan(desk.port).ask(block()) == COMMANDS


async def test_a_route_that_raises_refuses_and_its_words_are_not_logged(desk: FastAgiServer, route: Routes):
    route.error = RuntimeError("33199001234 is not on the list")
    with structlog.testing.capture_logs() as logs:
        assert await Dialplan(desk.port).ask(block()) == []
    (entry,) = (entry for entry in logs if entry["event"] == "agi_route_failed")
    assert entry["channel"] == "gate-1.2"
    assert "RuntimeError at test_agi_desk.py" in entry["fault"]
    assert "33199001234" not in repr(logs)


async def test_a_route_that_is_late_refuses_and_is_ended(desk: FastAgiServer, route: Routes):
    route.is_stuck = True
    assert await Dialplan(desk.port).ask(block()) == []
    assert route.was_cancelled


async def test_a_route_without_an_answer_refuses(desk: FastAgiServer, route: Routes):
    route.answer = {}
    assert await Dialplan(desk.port).ask(block()) == []


@pytest.mark.parametrize("bad", [{"SEAT": "7\n", "VERDICT": "x"}, {"SEAT": "7", "A B": "x"}, {"A": "1", "B": "\0"}])
async def test_one_bad_variable_and_none_is_set(desk: FastAgiServer, route: Routes, bad: dict[str, str]):
    route.answer = bad
    assert await Dialplan(desk.port).ask(block()) == []


@pytest.mark.parametrize(
    "reply",
    [
        b"510 Invalid or unknown command\n",
        b"511 Command Not Permitted on a dead channel or intercept routine\n",
        b"520-Invalid command syntax.\nUsage\n520 End of proper usage.\n",
        b"nonsense\n",
        b"HANGUP\n",
        b"HANGUP\n200 result=1\n",
    ],
)
async def test_after_any_reply_but_200_the_verdict_is_not_set(desk: FastAgiServer, reply: bytes):
    assert await Dialplan(desk.port, reply).ask(block()) == COMMANDS[:1]


async def test_a_hangup_line_before_the_answer_stops_it(desk: FastAgiServer):
    assert await Dialplan(desk.port).ask(block() + b"HANGUP\n") == COMMANDS[:1]


async def test_a_peer_that_never_replies_is_closed_at_the_deadline(desk: FastAgiServer):
    assert await Dialplan(desk.port, b"").ask(block()) == COMMANDS[:1]


async def test_only_allowed_addresses_are_answered(desk: FastAgiServer, route: Routes):
    assert await Dialplan(desk.port).ask(block(), source="127.0.0.2") == []
    assert route.asked == []


async def test_on_a_loopback_address_the_kernels_own_source_is_answered(route: Routes):
    desk = FastAgiServer("127.0.0.3", 0, {"127.0.0.9"}, QUICK)
    await desk.start({"route": route})
    for source, answer in (("127.0.0.1", COMMANDS), ("127.0.0.9", COMMANDS), ("127.0.0.3", [])):
        assert await Dialplan(desk.port, host="127.0.0.3").ask(block(), source=source) == answer
    await desk.stop()


async def test_more_connections_than_the_cap_are_closed_and_the_others_served(desk: FastAgiServer, route: Routes):
    held = [await asyncio.open_connection(HOST, desk.port) for _ in range(QUICK.connections)]
    assert await Dialplan(desk.port).ask(block()) == []
    for _, writer in held:
        writer.close()
        await writer.wait_closed()

    async def is_served() -> bool:
        return await Dialplan(desk.port).ask(block()) == COMMANDS

    await until(is_served, 3)


async def test_many_calls_at_once_get_their_own_answers(route: Routes):
    desk = FastAgiServer(HOST, 0, {HOST})

    async def own(call: AgiCall) -> Mapping[str, str]:
        await asyncio.sleep(0)  # the other calls' turn: all are under way before the first is answered
        return {"VERDICT": call.channel}

    await desk.start({"route": own})
    answers = await asyncio.gather(*(Dialplan(desk.port).ask(block(unique_id=f"gate-{n}")) for n in range(200)))
    assert answers == [[f'SET VARIABLE VERDICT "gate-{n}"'] for n in range(200)]
    await desk.stop()


async def test_a_taken_port_names_address_and_mend(desk: FastAgiServer):
    second = FastAgiServer(HOST, desk.port, {HOST})
    with pytest.raises(SwitchError, match=rf"{HOST}:{desk.port}.*controller.agi_port"):
        await second.start({})
    await second.stop()


async def test_stop_ends_open_connections_and_frees_the_port(desk: FastAgiServer, route: Routes):
    route.is_stuck = True
    port = desk.port
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    asking = asyncio.create_task(Dialplan(port).ask(block()))
    await until(lambda: route.asked)
    await desk.stop()
    assert await asking == []
    assert route.was_cancelled
    assert complaints == []
    again = FastAgiServer(HOST, port, {HOST}, QUICK)
    await again.start({})
    await again.stop()
