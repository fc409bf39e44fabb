"""The switch port, the same tests on the in-memory double and on the adapter behind a scripted manager peer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from telephony.asterisk.switch import GateEvents, PbxSwitch
from telephony.domain.calls.permits import DialPermit, PermitRequest, give_permit
from telephony.errors import ForbiddenTextError, SwitchError, SwitchTimeoutError, SwitchUnavailableError
from telephony.ids import AttemptId, CampaignId, ChannelId, LeadId, ListId, Number, RecordingId
from telephony.ports.calls.switch import (
    LegAnswered,
    LegBridged,
    LegEnded,
    LegRang,
    LegUnbridged,
    LinkLost,
    LinkRestored,
    OriginateFailed,
    Switch,
    SwitchFact,
    TrunkLegStarted,
)
from telephony.workshop.bench.memory_switch import MemoryPbx
from tests.asterisk.ami_peer import QUICK, SECRET, AmiPeer, channel, response, silence
from tests.waiting import until

ATTEMPT = "6d3f9a52-0f1b-4a7e-9a3c-1f2e3d4c5b6a"
NUMBER = "33199001234"
RING = timedelta(seconds=30)


def now() -> datetime:
    return datetime.now(UTC)


def a_permit(attempt: str = ATTEMPT) -> DialPermit:
    request = PermitRequest(
        attempt_id=AttemptId(attempt),
        recording_id=RecordingId("0c8d1d1e-7a54-4f0e-8f7b-2f6a4f0e9b11"),
        campaign_id=CampaignId(1),
        list_id=ListId(1),
        lead_id=LeadId(1),
        number=Number(NUMBER),
        caller_id="33199000000",
        trunk="carrier",
        gate="gate",
    )
    return give_permit(request, "7" * 36, now(), timedelta(seconds=10))


class Stage(Protocol):
    """How a test drives either kind of pbx."""

    switch: Switch

    async def lose(self) -> None: ...
    async def restore(self) -> None: ...
    def lose_next_answer(self) -> None: ...
    def refuse_next(self) -> None: ...
    def dialled(self) -> list[str]: ...
    def add_seat(self, unique_id: str) -> None: ...
    def connected_call(self) -> None: ...
    def busy_call(self) -> None: ...


class FakeStage:
    def __init__(self) -> None:
        self.fake = MemoryPbx(now)
        self.switch: Switch = self.fake

    async def lose(self) -> None:
        self.fake.lose_link()

    async def restore(self) -> None:
        self.fake.restore_link()

    def lose_next_answer(self) -> None:
        self.fake.is_next_unanswered = True

    def refuse_next(self) -> None:
        self.fake.next_error = SwitchError("refused")

    def dialled(self) -> list[str]:
        return [permit.attempt_id for permit in self.fake.originated]

    def add_seat(self, unique_id: str) -> None:
        self.fake.add("seat7", channel=ChannelId(unique_id), is_up=True)

    def connected_call(self) -> None:
        self.fake.ring(ATTEMPT)
        self.fake.answer(ATTEMPT)
        self.fake.bridge(ATTEMPT, "b1")
        self.fake.end(ATTEMPT)

    def busy_call(self) -> None:
        self.fake.busy(ATTEMPT)


class PeerStage:
    def __init__(self, peer: AmiPeer) -> None:
        self.peer = peer
        self.switch: Switch = PbxSwitch("127.0.0.1", peer.port, "controller", SECRET, now, timing=QUICK)

    async def lose(self) -> None:
        self.port = self.peer.port
        await self.peer.stop()

    async def restore(self) -> None:
        await self.peer.start(self.port)

    def lose_next_answer(self) -> None:
        self.peer.answers["Originate"] = silence

    def refuse_next(self) -> None:
        self.peer.answers["Originate"] = lambda action: response(action, "Error", "Extension does not exist.")

    def dialled(self) -> list[str]:
        return [action["ChannelId"] for action in self.peer.named("Originate")]

    def add_seat(self, unique_id: str) -> None:
        self.peer.channels.append(channel(unique_id, "PJSIP/seat7-0000001a"))

    def connected_call(self) -> None:
        leg = {"Channel": "PJSIP/gate-00000001", "Uniqueid": ATTEMPT}
        self.peer.event("Newstate", **leg, ChannelState="5")
        self.peer.event("Newstate", **leg, ChannelState="6")
        self.peer.event("BridgeEnter", **leg, BridgeUniqueid="b1")
        self.peer.event("BridgeLeave", **leg, BridgeUniqueid="b1")
        self.peer.event("Hangup", **leg, Cause="16")

    def busy_call(self) -> None:
        self.peer.event("OriginateResponse", ActionID=f"originate/{ATTEMPT}", Response="Failure", Reason="0")
        self.peer.event("Hangup", Channel="PJSIP/gate-00000001", Uniqueid=ATTEMPT, Cause="17", TechCause="486")


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    server = AmiPeer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(params=["double", "adapter"])
def stage(request: pytest.FixtureRequest, peer: AmiPeer) -> Stage:
    return FakeStage() if request.param == "double" else PeerStage(peer)


@pytest.fixture
async def facts(stage: Stage) -> AsyncIterator[list[SwitchFact]]:
    switch_facts: list[SwitchFact] = []
    await stage.switch.start(switch_facts.append)
    await until(lambda: switch_facts)
    yield switch_facts
    await stage.switch.stop()


async def test_the_first_fact_is_the_link_with_the_channels_that_exist(stage: Stage):
    stage.add_seat("pbx-1")
    switch_facts: list[SwitchFact] = []
    assert not stage.switch.is_connected
    await stage.switch.start(switch_facts.append)
    await until(lambda: switch_facts)
    assert isinstance(switch_facts[0], LinkRestored)
    assert (switch_facts[0].node, [fact.endpoint for fact in switch_facts[0].channels]) == ("pbx", ["seat7"])
    assert stage.switch.is_connected
    await stage.switch.stop()
    assert not stage.switch.is_connected


async def test_an_originate_is_taken_once_under_its_attempt_id(stage: Stage, facts: list[SwitchFact]):
    await stage.switch.originate(a_permit(), RING)
    assert stage.dialled() == [ATTEMPT]


async def test_an_originate_that_is_not_answered_was_sent_and_is_never_sent_again(
    stage: Stage, facts: list[SwitchFact]
):
    stage.lose_next_answer()
    with pytest.raises(SwitchTimeoutError):
        await stage.switch.originate(a_permit(), RING)
    await stage.lose()
    await stage.restore()
    await until(lambda: sum(isinstance(fact, LinkRestored) for fact in facts) == 2)
    assert stage.dialled() == [ATTEMPT]


async def test_a_refused_originate_raises(stage: Stage, facts: list[SwitchFact]):
    stage.refuse_next()
    with pytest.raises(SwitchError):
        await stage.switch.originate(a_permit(), RING)


async def test_a_connected_call_tells_its_facts_in_order(stage: Stage, facts: list[SwitchFact]):
    await stage.switch.originate(a_permit(), RING)
    stage.connected_call()
    await until(lambda: len(facts) == 6)
    assert [type(fact) for fact in facts[1:]] == [LegRang, LegAnswered, LegBridged, LegUnbridged, LegEnded]
    assert facts[-1] == LegEnded(ChannelId(ATTEMPT), 16, "", "gate", facts[-1].at)


async def test_a_busy_call_fails_its_originate_and_tells_the_cause(stage: Stage, facts: list[SwitchFact]):
    await stage.switch.originate(a_permit(), RING)
    stage.busy_call()
    await until(lambda: len(facts) == 3)
    assert [type(fact) for fact in facts[1:]] == [OriginateFailed, LegEnded]
    assert facts[2] == LegEnded(ChannelId(ATTEMPT), 17, "SIP 486", "gate", facts[2].at)


async def test_while_the_link_is_lost_everything_fails_at_once(stage: Stage, facts: list[SwitchFact]):
    await stage.lose()
    await until(lambda: isinstance(facts[-1], LinkLost))
    assert not stage.switch.is_connected
    with pytest.raises(SwitchUnavailableError):
        await stage.switch.originate(a_permit(), RING)
    with pytest.raises(SwitchUnavailableError):
        await stage.switch.hang_up(ChannelId("pbx-1"))
    with pytest.raises(SwitchUnavailableError):
        await stage.switch.channels()
    await stage.restore()
    await until(lambda: isinstance(facts[-1], LinkRestored))
    assert stage.dialled() == []


async def test_a_channel_is_hung_up_by_its_unique_id_and_one_that_is_gone_is_no_error(
    stage: Stage, facts: list[SwitchFact]
):
    stage.add_seat("pbx-1")
    await stage.switch.hang_up(ChannelId("pbx-1"))
    await stage.switch.hang_up(ChannelId("gone-1"))


async def test_after_stop_nothing_is_told(stage: Stage, facts: list[SwitchFact]):
    await stage.switch.stop()
    count = len(facts)
    await stage.lose()
    assert len(facts) == count


# What only the adapter can show.


async def test_no_number_is_in_what_the_pbx_is_sent(peer: AmiPeer):
    switch = PbxSwitch("127.0.0.1", peer.port, "controller", SECRET, now, timing=QUICK)
    switch_facts: list[SwitchFact] = []
    await switch.start(switch_facts.append)
    await until(lambda: switch_facts)
    await switch.originate(a_permit(), RING)
    await switch.stop()
    (order,) = peer.named("Originate")
    assert order == {
        "Action": "Originate",
        "ActionID": f"originate/{ATTEMPT}",
        "Channel": f"PJSIP/p{'7' * 36}@gate",
        "Context": "answered",
        "Exten": "conf",
        "Priority": "1",
        "Timeout": "30000",
        "ChannelId": ATTEMPT,
        "Async": "true",
    }
    assert NUMBER not in repr(peer.actions)


@pytest.mark.parametrize("bad", ["/PJSIP/", "", "a b", "x\r\n\r\nAction: Originate", "PJSIP/seat7-1"])
async def test_a_hang_up_takes_a_unique_id_and_never_a_pattern(peer: AmiPeer, bad: str):
    switch = PbxSwitch("127.0.0.1", peer.port, "controller", SECRET, now, timing=QUICK)
    with pytest.raises(ForbiddenTextError):
        await switch.hang_up(ChannelId(bad))


async def test_an_attempt_id_that_is_none_is_not_dialled(peer: AmiPeer):
    switch = PbxSwitch("127.0.0.1", peer.port, "controller", SECRET, now, timing=QUICK)
    with pytest.raises(ForbiddenTextError):
        await switch.originate(a_permit("1,2"), RING)


async def test_events_that_come_while_the_channels_are_listed_follow_the_list(peer: AmiPeer):
    by_name: list[dict[str, str]] = []
    peer.answers["CoreShowChannels"] = by_name.append
    switch = PbxSwitch("127.0.0.1", peer.port, "controller", SECRET, now, timing=QUICK)
    switch_facts: list[SwitchFact] = []
    await switch.start(switch_facts.append)
    await until(lambda: by_name)
    peer.event("Newstate", Channel="PJSIP/seat7-1", Uniqueid="pbx-1", ChannelState="6")
    peer.say(peer.listing(by_name[0]))
    peer.event("Hangup", Channel="PJSIP/seat7-1", Uniqueid="pbx-1", Cause="16")
    await until(lambda: len(switch_facts) == 3)
    assert [type(fact) for fact in switch_facts] == [LinkRestored, LegAnswered, LegEnded]
    await switch.stop()


async def test_a_link_whose_channels_cannot_be_listed_is_not_told_as_restored(peer: AmiPeer):
    peer.answers["CoreShowChannels"] = lambda action: response(action, "Error", "Permission denied")
    switch = PbxSwitch("127.0.0.1", peer.port, "controller", SECRET, now, timing=QUICK)
    switch_facts: list[SwitchFact] = []
    await switch.start(switch_facts.append)
    await until(lambda: len(peer.named("Login")) >= 2)
    assert switch_facts == []
    assert "write =" in str(switch.last_error)
    assert not switch.is_connected
    del peer.answers["CoreShowChannels"]
    await until(lambda: switch_facts)
    await switch.stop()


async def test_an_asterisk_that_is_still_starting_is_not_told_as_restored(peer: AmiPeer):
    peer.has_booted = False
    switch = PbxSwitch("127.0.0.1", peer.port, "controller", SECRET, now, timing=QUICK)
    switch_facts: list[SwitchFact] = []
    await switch.start(switch_facts.append)
    await until(lambda: switch.last_error)
    assert "read = system" in str(switch.last_error)
    with pytest.raises(SwitchUnavailableError):
        await switch.originate(a_permit(), RING)
    await until(lambda: len(peer.named("Login")) >= 2)
    assert switch_facts == []
    peer.event("FullyBooted")
    peer.has_booted = True
    await until(lambda: switch_facts)
    assert switch.is_connected
    await switch.stop()


async def test_a_fault_in_the_listener_costs_no_later_fact(peer: AmiPeer):
    switch = PbxSwitch("127.0.0.1", peer.port, "controller", SECRET, now, timing=QUICK)
    switch_facts: list[SwitchFact] = []

    def listen(fact: SwitchFact) -> None:
        switch_facts.append(fact)
        raise RuntimeError("the listener's own fault")

    await switch.start(listen)
    await until(lambda: switch_facts)
    peer.event("Newstate", Channel="PJSIP/seat7-1", Uniqueid="pbx-1", ChannelState="6")
    peer.event("Hangup", Channel="PJSIP/seat7-1", Uniqueid="pbx-1", Cause="16")
    await until(lambda: len(switch_facts) == 3)
    assert switch.is_connected
    await switch.stop()


async def test_the_gate_is_only_listened_to(peer: AmiPeer):
    gate = GateEvents("127.0.0.1", peer.port, "controller", SECRET, now, timing=QUICK)
    switch_facts: list[SwitchFact] = []
    await gate.start(switch_facts.append)
    await until(lambda: switch_facts)
    peer.event("Newchannel", Channel="PJSIP/carrier-1", Uniqueid="gate-1", Linkedid="gate-1", Exten="s")
    await until(lambda: len(switch_facts) == 2)
    assert isinstance(switch_facts[0], LinkRestored)
    assert switch_facts[0].node == "gate"
    assert isinstance(switch_facts[1], TrunkLegStarted)
    assert {action["Action"] for action in peer.actions} <= {"Login", "Ping", "CoreShowChannels"}
    assert not hasattr(gate, "originate")
    assert not hasattr(gate, "hang_up")
    await gate.stop()
