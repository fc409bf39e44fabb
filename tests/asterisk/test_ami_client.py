"""The manager connection against a scripted peer: every trap of the library beneath, named after it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.asterisk.ami import AmiAccount, AmiClient, AmiHooks, AmiTiming, LoginRefusedError
from telephony.asterisk.ami_protocol import ListShape
from telephony.errors import (
    ForbiddenTextError,
    PeerProtocolError,
    SwitchError,
    SwitchTimeoutError,
    SwitchUnavailableError,
)
from telephony.wire.ami import AmiMessage
from tests.asterisk.ami_peer import GREETING, QUICK, SECRET, AmiPeer, channel, head, response, silence
from tests.waiting import until

CHANNELS = ListShape("CoreShowChannel", "CoreShowChannelsComplete", 50)


class Listener:
    """Records what the client reports."""

    def __init__(self) -> None:
        self.events: list[AmiMessage] = []
        self.ups = 0
        self.downs = 0
        self.fails_on = ""

    def on_event(self, message: AmiMessage) -> None:
        if message.event != "FullyBooted":
            self.events.append(message)
        if message.event == self.fails_on:
            raise RuntimeError("the listener's own fault")

    async def on_up(self) -> None:
        self.ups += 1

    def on_down(self) -> None:
        self.downs += 1


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    server = AmiPeer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def listener() -> Listener:
    return Listener()


def make(peer: AmiPeer, listener: Listener, timing: AmiTiming = QUICK, secret: str = SECRET) -> AmiClient:
    hooks = AmiHooks(listener.on_event, listener.on_up, listener.on_down)
    return AmiClient(AmiAccount("127.0.0.1", peer.port, "controller", secret), None, hooks, timing)


@pytest.fixture
async def client(peer: AmiPeer, listener: Listener) -> AsyncIterator[AmiClient]:
    made = make(peer, listener)
    await made.start()
    await until(lambda: listener.ups)
    yield made
    await made.stop()


async def test_an_action_gets_its_own_answer_whatever_the_order(client: AmiClient, peer: AmiPeer):
    waiting: list[dict[str, str]] = []
    peer.answers["Status"] = waiting.append
    answers = [asyncio.create_task(client.request("Status", [("Number", str(n))])) for n in range(5)]
    await until(lambda: len(waiting) == 5)
    for action in reversed(waiting):
        peer.say(response(action, message=action["Number"]))
    assert [message.get("Message") for message in await asyncio.gather(*answers)] == ["0", "1", "2", "3", "4"]


async def test_an_unanswered_action_times_out_and_leaves_nothing_behind(client: AmiClient, peer: AmiPeer):
    peer.answers["Originate"] = silence
    with pytest.raises(SwitchTimeoutError, match="did not answer Originate within"):
        await client.request("Originate")
    assert client._manager is not None
    waiting = client._manager.live().responses.values()
    assert [action for action in waiting if action["Action"] != "Ping"] == []
    assert (await client.request("Ping")).get("Response") == "Success"


async def test_an_answer_after_the_time_out_is_nobody_elses(client: AmiClient, peer: AmiPeer):
    late: list[dict[str, str]] = []
    peer.answers["Status"] = late.append
    with pytest.raises(SwitchTimeoutError):
        await client.request("Status", timeout=timedelta(milliseconds=20))
    peer.say(response(late[0], message="late"))
    assert (await client.request("Hangup", [("Channel", "x")])).get("Message") == "No such channel"


async def test_originate_is_not_sent_again_after_a_reconnect(client: AmiClient, peer: AmiPeer, listener: Listener):
    peer.answers["Originate"] = silence
    order = asyncio.create_task(client.request("Originate", timeout=timedelta(seconds=5)))
    await until(lambda: peer.named("Originate"))
    peer.cut()
    with pytest.raises(SwitchUnavailableError, match="is not sent again"):
        await order
    await until(lambda: listener.ups == 2)
    await client.request("Ping")
    assert len(peer.named("Originate")) == 1


async def test_actions_while_down_fail_at_once_and_are_not_sent_later(
    client: AmiClient, peer: AmiPeer, listener: Listener
):
    port = peer.port
    await peer.stop()
    await until(lambda: listener.downs)
    with pytest.raises(SwitchUnavailableError, match="nothing was sent"):
        await client.request("Originate")
    await peer.start(port)
    await until(lambda: listener.ups == 2)
    await client.request("Ping")
    assert peer.named("Originate") == []


async def test_an_event_with_the_action_id_of_a_waiting_action_reaches_the_listener(
    client: AmiClient, peer: AmiPeer, listener: Listener
):
    def answer(action: dict[str, str]) -> str:
        early = head("OriginateResponse") + f"ActionID: {action['ActionID']}\nResponse: Failure\n\n"
        return early + response(action) + early

    peer.answers["Originate"] = answer
    assert not (await client.request("Originate")).event
    await until(lambda: [message.event for message in listener.events] == ["OriginateResponse"] * 2)


async def test_a_fault_in_the_listener_costs_neither_connection_nor_later_events(
    client: AmiClient, peer: AmiPeer, listener: Listener
):
    listener.fails_on = "Bad"
    for name in ("Bad", "Good", "Bad", "Last"):
        peer.event(name)
    await until(lambda: len(listener.events) == 4)
    await client.request("Ping")
    assert (listener.ups, listener.downs) == (1, 0)


async def test_an_event_that_somebodys_caller_number_made_ends_the_connection(
    client: AmiClient, peer: AmiPeer, listener: Listener
):
    """As Asterisk passes on ``From: <sip:a%0D%0A%0D%0AEvent%3A%20Hangup…@host>``."""
    peer.say(head("Newchannel") + "CallerIDNum: a\n\nEvent: Hangup\nUniqueid: gate-1.2\n\nEvent: x\nName: y\n\n")
    await until(lambda: listener.ups == 2)
    assert [message.event for message in listener.events] == ["Newchannel"]


@pytest.mark.parametrize("line", ["Uniqueid: gate-99.7", "Linkedid: gate-99.7", "Exten: p1", "Cause: 16", "torn"])
async def test_an_event_with_a_header_twice_or_a_torn_line_ends_the_connection_and_is_told_to_nobody(
    client: AmiClient, peer: AmiPeer, listener: Listener, line: str
):
    peer.say(head("Newstate") + f"CallerIDNum: 1\n{line}\nExten: \nUniqueid: gate-1.1\nLinkedid: g\nCause: 1\n\n")
    await until(lambda: listener.ups == 2)
    assert [event.event for event in listener.events if event.event == "Newstate"] == []
    assert (await client.request("Ping")).get("Response") == "Success"


async def test_a_letter_split_between_two_packets_is_whole(client: AmiClient, peer: AmiPeer, listener: Listener):
    text = (head("A") + "Name: Zoé\n\n").replace("\n", "\r\n").encode()
    cut = text.index("é".encode()) + 1
    peer.say(text[:cut])
    manager = client._manager
    assert manager is not None
    await until(lambda: manager.live()._parser._buffer)
    peer.say(text[cut:])
    await until(lambda: listener.events)
    assert listener.events[0].get("Name") == "Zoé"


@pytest.mark.parametrize("bad", ["x\r\n\r\nAction: Originate", "x\ny", "\0"])
async def test_control_characters_never_leave(client: AmiClient, peer: AmiPeer, bad: str):
    sent = len(peer.named("Hangup"))
    with pytest.raises(ForbiddenTextError):
        await client.request("Hangup", [("Channel", bad)])
    await client.request("Ping")
    assert len(peer.named("Hangup")) == sent
    assert peer.named("Originate") == []


async def test_a_list_gives_all_its_items(client: AmiClient, peer: AmiPeer):
    peer.channels = [channel(str(n), f"PJSIP/seat{n}-0000000{n}") for n in range(7)]
    items = await client.request_list("CoreShowChannels", (), CHANNELS)
    assert [item.get("Uniqueid") for item in items] == [str(n) for n in range(7)]


async def test_an_empty_list_is_empty(client: AmiClient):
    assert await client.request_list("CoreShowChannels", (), CHANNELS) == []


async def test_a_list_longer_than_its_bound_fails(client: AmiClient, peer: AmiPeer):
    peer.channels = [channel(str(n), "PJSIP/x-1") for n in range(CHANNELS.most + 1)]
    with pytest.raises(SwitchError, match="more than 50"):
        await client.request_list("CoreShowChannels", (), CHANNELS)
    await client.request("Ping")


async def test_a_list_with_an_item_missing_fails(client: AmiClient, peer: AmiPeer):
    peer.answers["CoreShowChannels"] = lambda action: peer.listing(action).replace("ListItems: 0", "ListItems: 1")
    with pytest.raises(PeerProtocolError, match="a different number of items"):
        await client.request_list("CoreShowChannels", (), CHANNELS)


async def test_a_list_that_never_ends_times_out(client: AmiClient, peer: AmiPeer):
    peer.answers["CoreShowChannels"] = lambda action: peer.listing(action).partition("Event: CoreShowChannelsC")[0]
    with pytest.raises(SwitchTimeoutError):
        await client.request_list("CoreShowChannels", (), CHANNELS)


async def test_a_refused_list_names_the_account_and_the_mend(client: AmiClient, peer: AmiPeer):
    peer.answers["CoreShowChannels"] = lambda action: response(action, "Error", "Permission denied")
    with pytest.raises(SwitchError, match=r"controller.*CoreShowChannels.*write ="):
        await client.request_list("CoreShowChannels", (), CHANNELS)


async def test_a_wrong_secret_names_account_and_place_and_is_tried_again_slowly(peer: AmiPeer, listener: Listener):
    timing = replace(QUICK, last_retry=timedelta(seconds=0.2))
    client = make(peer, listener, timing, secret="not-the-secret")
    await client.start()
    await until(lambda: client.last_error)
    assert isinstance(client.last_error, LoginRefusedError)
    assert "controller" in str(client.last_error)
    assert f"127.0.0.1:{peer.port}" in str(client.last_error)
    assert "not-the-secret" not in str(client.last_error)
    began = asyncio.get_running_loop().time()
    await until(lambda: len(peer.named("Login")) == 2)
    assert asyncio.get_running_loop().time() - began > 0.15
    await client.stop()
    assert (listener.ups, listener.downs) == (0, 0)


async def test_a_connection_refused_is_reported_and_tried_again(peer: AmiPeer, listener: Listener):
    port = peer.port
    await peer.stop()
    client = make(peer, listener)
    await client.start()
    await until(lambda: client.last_error)
    assert f"127.0.0.1:{port}" in str(client.last_error)
    await peer.start(port)
    await until(lambda: listener.ups)
    assert client.last_error is None
    await client.stop()


@pytest.mark.parametrize("garbage", [b"\0\xff" * 50 + b"\r\n\r\n", b"x" * 200_000, b"Foo: bar\r\n\r\n"])
async def test_garbage_ends_the_connection_and_it_comes_back(
    client: AmiClient, peer: AmiPeer, listener: Listener, garbage: bytes
):
    peer.say(garbage)
    await until(lambda: listener.ups == 2)
    assert (await client.request("Ping")).get("Response") == "Success"
    assert listener.downs == 1


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"Asterisk Call Man"])
async def test_a_peer_that_is_no_asterisk_is_never_sent_an_originate(
    peer: AmiPeer, listener: Listener, greeting: bytes
):
    peer.greeting = greeting
    peer.answers["Login"] = silence
    client = make(peer, listener)
    await client.start()
    await until(lambda: client.last_error)
    with pytest.raises(SwitchUnavailableError):
        await client.request("Originate")
    await client.stop()
    assert listener.ups == 0


@pytest.mark.slow
async def test_a_peer_that_accepts_and_says_nothing_is_given_up_and_tried_again(peer: AmiPeer, listener: Listener):
    peer.answers["Login"] = silence
    client = make(peer, listener)
    await client.start()
    await until(lambda: len(peer.named("Login")) >= 2)
    del peer.answers["Login"]
    await until(lambda: listener.ups)
    await client.stop()


async def test_a_dead_half_open_link_is_lost_after_an_unanswered_ping(
    client: AmiClient, peer: AmiPeer, listener: Listener
):
    peer.answers["Ping"] = silence
    await until(lambda: listener.downs)
    del peer.answers["Ping"]
    await until(lambda: listener.ups >= 2)
    await client.request("Status")


async def test_a_peer_that_closes_its_half_is_lost(client: AmiClient, peer: AmiPeer, listener: Listener):
    peer.writers[-1].write_eof()
    await until(lambda: listener.ups == 2)
    assert listener.downs == 1


async def test_a_slow_peer_byte_by_byte_is_understood(peer: AmiPeer, listener: Listener):
    client = make(peer, listener, replace(QUICK, action=timedelta(seconds=3)))
    await client.start()
    await until(lambda: listener.ups)
    for byte in (head("Slow") + "Name: é\n\n").replace("\n", "\r\n").encode():
        peer.say(bytes([byte]))
        await peer.writers[-1].drain()
        await asyncio.sleep(0)  # the client's turn: it reads this byte alone
    await until(lambda: listener.events)
    assert listener.events[0].get("Name") == "é"
    await client.stop()


async def test_stop_during_a_pending_reconnect_stays_stopped(peer: AmiPeer, listener: Listener):
    client = make(peer, listener, replace(QUICK, first_retry=timedelta(seconds=0.1)))
    await client.start()
    await until(lambda: listener.ups)
    peer.cut()
    await until(lambda: listener.downs)
    await client.stop()
    seen = len(peer.writers)
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("ami ")] == []
    await until(lambda: not peer.tasks)
    assert len(peer.writers) == seen
    with pytest.raises(SwitchUnavailableError):
        await client.request("Ping")


async def test_stop_fails_the_actions_on_their_way_and_tells_nothing_more(
    client: AmiClient, peer: AmiPeer, listener: Listener
):
    peer.answers["Status"] = silence
    waiting = asyncio.create_task(client.request("Status", timeout=timedelta(seconds=5)))
    await until(lambda: peer.named("Status"))
    await client.stop()
    with pytest.raises(SwitchUnavailableError):
        await waiting
    assert listener.downs == 0


async def test_what_is_done_after_a_login_ends_with_its_connection(peer: AmiPeer, listener: Listener):
    begun, ended = asyncio.Event(), asyncio.Event()

    async def on_up() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    account = AmiAccount("127.0.0.1", peer.port, "controller", SECRET)
    client = AmiClient(account, None, AmiHooks(listener.on_event, on_up, listener.on_down), QUICK)
    await client.start()
    await until(begun.is_set)
    peer.cut()
    await until(ended.is_set)
    await until(lambda: len(peer.named("Login")) >= 2)
    await client.stop()


async def test_one_action_id_is_under_way_once(client: AmiClient, peer: AmiPeer):
    peer.answers["Originate"] = silence
    first = asyncio.create_task(client.request("Originate", [("ActionID", "originate/1")]))
    await until(lambda: peer.named("Originate"))
    with pytest.raises(SwitchError, match="already pending"):
        await client.request("Originate", [("ActionID", "originate/1")])
    with pytest.raises(SwitchTimeoutError):
        await first
    assert len(peer.named("Originate")) == 1


async def test_a_peer_that_logs_in_and_dies_is_not_hammered(peer: AmiPeer, listener: Listener):
    timing = replace(QUICK, first_retry=timedelta(seconds=0.02), last_retry=timedelta(seconds=5))
    peer.answers["Ping"] = lambda _: peer.cut()
    client = make(peer, listener, replace(timing, ping_every=timedelta(seconds=0.001)))
    await client.start()
    await until(lambda: listener.downs >= 3)
    await client.stop()
    pauses = [timing.pause(failures, 0.5) for failures in range(1, 20)]
    assert pauses == sorted(pauses)
    assert pauses[0] == 0.02
    assert pauses[-1] == 3.75


@pytest.mark.parametrize("dice", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("failures", [1, 2, 5, 50, 10_000])
def test_pauses_stay_between_200_ms_and_10_s(failures: int, dice: float):
    assert 0.2 <= AmiTiming().pause(failures, dice) <= 10.0


def test_the_account_does_not_show_its_secret():
    assert SECRET not in repr(AmiAccount("127.0.0.1", 5038, "controller", SECRET))
    assert GREETING
