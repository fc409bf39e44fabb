"""The switch ports on real Asterisk: the adapters, the FastAGI desk and the dialplan working together."""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from telephony.asterisk.agi import FastAgiServer
from telephony.asterisk.ami import AmiAccount, AmiClient, AmiHooks, AmiTiming
from telephony.asterisk.diagnostics import asterisk_version
from telephony.asterisk.switch import GateEvents, PbxSwitch
from telephony.domain.calls.permits import DialPermit, PermitRequest, give_permit
from telephony.errors import SwitchError, SwitchUnavailableError
from telephony.ids import AttemptId, CampaignId, ChannelId, LeadId, ListId, Number, RecordingId
from telephony.ports.calls.switch import (
    AgiCall,
    LegAnswered,
    LegBridged,
    LegEnded,
    LegRang,
    LinkLost,
    LinkRestored,
    OriginateFailed,
    SwitchFact,
    TrunkLegStarted,
    TrunkMediaEarly,
)
from telephony.workshop.lab import (
    Lab,
    LabInstance,
    LabOptions,
    phone_hang_up,
    phone_login,
    start_instance,
    stop_instance,
)
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.measures]

PERSON = "33199008530"  # answers at once, speaks until the other side hangs up
BUSY = "33199005000"
EARLY = "33199008202"  # three seconds of early media, then a person
UNANSWERED = "33199007000"
TIMING = AmiTiming(first_retry=timedelta(seconds=0.002), last_retry=timedelta(seconds=0.01))


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def ami_lab(new_lab: Callable[[LabOptions], Lab]) -> Lab:
    """A lab of its own: its pbx is killed here."""
    return new_lab(LabOptions(seats=2))


@dataclass
class Floor:
    """Both links, the desk with routes as small as can be, and every fact."""

    lab: Lab
    pbx: PbxSwitch
    gate: GateEvents
    desk: FastAgiServer
    pbx_facts: list[SwitchFact] = field(default_factory=list)
    gate_facts: list[SwitchFact] = field(default_factory=list)
    permits: dict[str, DialPermit] = field(default_factory=dict)

    async def start(self) -> None:
        await self.desk.start({"verdict": self.verdict, "route": self.route, "login": self.login})
        await self.pbx.start(self.pbx_facts.append)
        await self.gate.start(self.gate_facts.append)
        await until(lambda: self.pbx.is_connected and self.gate.is_connected, 10)

    async def stop(self) -> None:
        await self.pbx.stop()
        await self.gate.stop()
        await self.desk.stop()

    async def verdict(self, call: AgiCall) -> Mapping[str, str]:
        permit = self.permits.pop(call.extension, None)
        if permit is None:
            return {}
        return {
            "CANON": permit.number,
            "TRUNK": permit.trunk,
            "CLI": permit.caller_id,
            "RECUUID": permit.recording_id,
            "RINGS": "15",
            "VERDICT": f"OK-{call.channel}-{call.extension}-{permit.number}",
        }

    async def route(self, call: AgiCall) -> Mapping[str, str]:
        return {"SEAT": "1", "VERDICT": f"SEAT-{call.channel}-1"}

    async def login(self, call: AgiCall) -> Mapping[str, str]:
        seat = call.name.removeprefix("PJSIP/seat").partition("-")[0]
        return {"SEAT": seat, "VERDICT": f"LOGIN-{call.channel}-{seat}"}

    def permit(self, number: str, *, is_known: bool = True) -> DialPermit:
        request = PermitRequest(
            attempt_id=AttemptId(str(uuid.uuid4())),
            recording_id=RecordingId(str(uuid.uuid4())),
            campaign_id=CampaignId(1),
            list_id=ListId(1),
            lead_id=LeadId(1),
            number=Number(number),
            caller_id=self.lab.caller_ids[0],
            trunk=self.lab.trunk,
            gate="gate",
        )
        digits = "".join(random.choices("0123456789", k=36))
        permit = give_permit(request, digits, now(), timedelta(seconds=10))
        if is_known:
            self.permits[permit.permit_id] = permit
        return permit

    async def dial(self, permit: DialPermit, timeout: float = 20) -> ChannelId:
        await self.pbx.originate(permit, timedelta(seconds=timeout))
        return ChannelId(permit.attempt_id)

    def of(self, channel: str) -> list[SwitchFact]:
        """The facts of one channel or attempt on the pbx."""
        return [f for f in self.pbx_facts if channel in (getattr(f, "channel", ""), getattr(f, "attempt_id", ""))]

    def trunk(self, permit: DialPermit) -> list[SwitchFact]:
        """The facts of a permit's trunk leg at the gate."""
        legs = [f for f in self.gate_facts if isinstance(f, TrunkLegStarted) and f.permit_id == permit.permit_id]
        return [f for f in self.gate_facts if legs and getattr(f, "channel", "") == legs[0].channel]

    async def ended(self, permit: DialPermit, within_s: float = 10) -> None:
        """Wait until pbx and gate have reported the end."""
        await until(lambda: any(isinstance(f, LegEnded) for f in self.of(permit.attempt_id)), within_s)
        await until(lambda: not self.trunk(permit) or isinstance(self.trunk(permit)[-1], LegEnded), within_s)


def links(lab: Lab) -> tuple[PbxSwitch, GateEvents]:
    def to(instance: LabInstance) -> tuple[str, int, str, str]:
        return (*instance.address("ami"), instance.ami_user, instance.ami_secret)

    return PbxSwitch(*to(lab.pbx), now, timing=TIMING), GateEvents(*to(lab.gate), now, timing=TIMING)


@pytest.fixture
async def floor(ami_lab: Lab) -> AsyncIterator[Floor]:
    pbx, gate = links(ami_lab)
    desk = FastAgiServer(ami_lab.controller_host, ami_lab.agi_port, {ami_lab.controller_host})
    made = Floor(ami_lab, pbx, gate, desk)
    await made.start()
    yield made
    await made.stop()


def kinds(facts: list[SwitchFact]) -> list[type]:
    return [type(fact) for fact in facts]


async def seated(floor: Floor) -> ChannelId:
    phone_login(floor.lab, 1)
    await until(lambda: any(isinstance(fact, LegBridged) for fact in floor.pbx_facts), 10)
    return next(fact.channel for fact in floor.pbx_facts if isinstance(fact, LegBridged))


async def unseated(floor: Floor, seat: ChannelId) -> None:
    phone_hang_up(floor.lab, 1)
    await until(lambda: any(isinstance(fact, LegEnded) for fact in floor.of(seat)), 10)


async def test_an_answered_call_joins_its_seat_and_is_hung_up_by_its_attempt_id(floor: Floor):
    seat = await seated(floor)
    permit = floor.permit(PERSON)
    attempt = await floor.dial(permit)
    await until(lambda: any(isinstance(fact, LegBridged) for fact in floor.of(attempt)), 10)
    listed = {fact.channel: fact for fact in await floor.pbx.channels() if fact.name.startswith("PJSIP/")}
    assert listed[attempt].endpoint == "gate"
    assert listed[seat].endpoint == "seat1"
    assert listed[attempt].bridge == listed[seat].bridge != ""
    assert all(fact.is_up for fact in listed.values())
    at_gate = await floor.gate.channels()
    assert {fact.endpoint for fact in at_gate} == {"pbx", floor.lab.trunk}
    assert {fact.extension for fact in at_gate} == {permit.permit_id}
    began = time.monotonic()
    await floor.pbx.hang_up(attempt)
    await floor.ended(permit)
    assert time.monotonic() - began < 2
    await floor.pbx.hang_up(attempt)
    assert {LegAnswered, LegBridged, LegEnded} <= set(kinds(floor.of(attempt)))
    trunk_facts = floor.trunk(permit)
    assert isinstance(trunk_facts[0], TrunkLegStarted)
    assert trunk_facts[0].trunk == floor.lab.trunk
    assert [kind for kind in kinds(trunk_facts) if kind in (LegAnswered, LegEnded)] == [LegAnswered, LegEnded]
    assert PERSON not in repr(floor.gate_facts) + repr(floor.pbx_facts) + repr(at_gate)
    await unseated(floor, seat)


async def test_a_busy_call_tells_its_cause_on_both_sides(floor: Floor):
    permit = floor.permit(BUSY)
    await floor.dial(permit)
    await floor.ended(permit)
    assert OriginateFailed in kinds(floor.of(permit.attempt_id))
    pbx_end = next(fact for fact in floor.of(permit.attempt_id) if isinstance(fact, LegEnded))
    gate_end = floor.trunk(permit)[-1]
    assert isinstance(gate_end, LegEnded)
    assert (pbx_end.cause, gate_end.cause, gate_end.tech_cause) == (17, 17, "SIP 486")


async def test_a_refused_permit_makes_no_trunk_leg_and_has_a_cause_of_its_own(floor: Floor):
    permit = floor.permit(PERSON, is_known=False)
    await floor.dial(permit)
    await floor.ended(permit)
    assert floor.trunk(permit) == []
    end = next(fact for fact in floor.of(permit.attempt_id) if isinstance(fact, LegEnded))
    assert (end.cause, end.tech_cause) == (29, "SIP 501")


async def test_early_media_is_told_before_the_answer(floor: Floor):
    permit = floor.permit(EARLY)
    attempt = await floor.dial(permit)
    await until(lambda: LegAnswered in kinds(floor.trunk(permit)), 10)
    trunk_kinds = [
        kind for kind in kinds(floor.trunk(permit)) if kind in (TrunkLegStarted, TrunkMediaEarly, LegAnswered)
    ]
    assert trunk_kinds == [TrunkLegStarted, TrunkMediaEarly, LegAnswered]
    await floor.pbx.hang_up(attempt)
    await floor.ended(permit)


async def test_an_unanswered_call_is_given_up_after_the_originates_time_out(floor: Floor):
    permit = floor.permit(UNANSWERED)
    began = time.monotonic()
    await floor.dial(permit, timeout=2)
    await floor.ended(permit)
    assert 1.5 < time.monotonic() - began < 5
    assert kinds(floor.of(permit.attempt_id))[-2:] in ([OriginateFailed, LegEnded], [LegEnded, OriginateFailed])
    assert LegRang in kinds(floor.trunk(permit))
    assert LegAnswered not in kinds(floor.trunk(permit))


async def test_a_call_that_nobody_may_answer_is_not_joined_and_ends(floor: Floor):
    async def nobody(_: AgiCall) -> Mapping[str, str]:
        return {}

    await floor.desk.stop()
    await floor.desk.start({"verdict": floor.verdict, "route": nobody})
    permit = floor.permit(PERSON)
    await floor.dial(permit)
    await floor.ended(permit, 30)
    assert LegBridged not in kinds(floor.of(permit.attempt_id))


async def test_a_killed_pbx_is_told_and_an_originate_meanwhile_is_never_sent(ami_lab: Lab, floor: Floor):
    stop_instance(ami_lab, "pbx", is_killed=True)
    await until(lambda: isinstance(floor.pbx_facts[-1], LinkLost), 10)
    assert not floor.pbx.is_connected
    lost = floor.permit(PERSON)
    with pytest.raises(SwitchUnavailableError):
        await floor.dial(lost)
    starting = asyncio.create_task(asyncio.to_thread(start_instance, ami_lab, "pbx"))
    await until(lambda: isinstance(floor.pbx_facts[-1], LinkRestored), 20)  # and not before it takes originates
    permit = floor.permit(BUSY)
    await floor.dial(permit)
    await floor.ended(permit)
    await starting
    assert lost.permit_id in floor.permits
    assert floor.of(lost.attempt_id) == []


async def test_the_gates_account_can_neither_originate_nor_hang_up(ami_lab: Lab):
    host, port = ami_lab.gate.address("ami")
    account = AmiAccount(host, port, ami_lab.gate.ami_user, ami_lab.gate.ami_secret)
    is_up = asyncio.Event()

    async def on_up() -> None:
        is_up.set()

    client = AmiClient(account, None, AmiHooks(lambda _: None, on_up, lambda: None), TIMING)
    await client.start()
    await is_up.wait()
    for action in ("Originate", "Hangup", "Redirect", "Command", "Setvar", "StopMixMonitor", "UpdateConfig"):
        response = await client.request(action, [("Channel", f"PJSIP/{PERSON}@{ami_lab.trunk}"), ("Command", "x")])
        assert response.is_error, action
        assert response.get("Message") == "Permission denied", action
    await client.stop()


async def test_a_wrong_secret_is_told_by_a_real_asterisk(ami_lab: Lab):
    host, port = ami_lab.pbx.address("ami")
    switch = PbxSwitch(host, port, ami_lab.pbx.ami_user, "not-the-secret", now, timing=TIMING)
    await switch.start(lambda _: None)
    await until(lambda: switch.last_error)
    await switch.stop()
    assert ami_lab.pbx.ami_user in str(switch.last_error)
    with pytest.raises(SwitchError, match="refuses manager account"):
        await asyncio.to_thread(asterisk_version, host, port, ami_lab.pbx.ami_user, "not-the-secret", 5)


@pytest.mark.parametrize("name", ["pbx", "gate"])
async def test_the_check_tells_the_version_of_both_instances(ami_lab: Lab, name: str):
    instance = ami_lab.instance(name)
    message = await asyncio.to_thread(
        asterisk_version, *instance.address("ami"), instance.ami_user, instance.ami_secret, 5
    )
    assert message == ami_lab.asterisk
