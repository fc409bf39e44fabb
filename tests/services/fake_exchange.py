"""Pbx, gate and desk behaving together as the dialplan makes them behave, in memory; the test plays the carrier.

An originate asks ``verdict``, an answered call asks ``route``, both verdicts are checked as the dialplan checks them.
The doubles themselves are in ``fake_switch``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from telephony.domain.permits import DialPermit
from telephony.ids import AttemptId, ChannelId
from telephony.ports.switch import TrunkLegStarted
from tests.services.fake_switch import Clock, FakeAgiDesk, FakeGate, FakeSwitch, utc_now

NO_CHANNEL = ChannelId("")


@dataclass
class FakeCall:
    """One call through the fake exchange.

    Attributes:
        permit: as originated.
        inbound: the pbx's leg at the gate.
        trunk: the trunk channel, "" when the gate refused.
        variables: what ``verdict`` answered.
        seat: the seat it was joined to, or None.
    """

    permit: DialPermit
    inbound: ChannelId = NO_CHANNEL
    trunk: ChannelId = NO_CHANNEL
    variables: Mapping[str, str] = field(default_factory=dict)
    seat: int | None = None


class FakeExchange:
    """Pbx, gate and desk behaving as the dialplan makes them behave; the test plays the carrier.

    ``await settle()`` after originates lets the gate decide about them; then ``ring``, ``answer``, ``busy``,
    ``hang_up`` by attempt.
    """

    GATE_REFUSED = 29
    """Hangup cause of the gate's own refusals, as it arrives at the pbx (SIP 501)."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self.switch = FakeSwitch(clock)
        self.gate = FakeGate(clock)
        self.desk = FakeAgiDesk()
        self.calls: dict[AttemptId, FakeCall] = {}
        self._waiting: list[FakeCall] = []
        self.switch.on_originate = self._originated
        self.switch.on_end = self._ended

    async def settle(self) -> None:
        """Let the gate decide about every call that has come to it."""
        while self._waiting:
            await self._decide(self._waiting.pop(0))

    async def answer(self, attempt: str) -> FakeCall:
        """The called person picks up; the pbx asks ``route`` and joins the leg to the seat, or says sorry."""
        await self.settle()
        call = self.calls[AttemptId(attempt)]
        self.gate.pick_up(call.trunk)
        self.gate.pick_up(call.inbound)
        self.switch.pick_up(attempt)
        answer = await self.desk.ask("route", attempt, "conf")
        seat = answer.get("SEAT", "")
        if answer.get("VERDICT") == f"SEAT-{attempt}-{seat}" and seat:
            call.seat = int(seat)
            self.switch.bridge(attempt, f"bridge-{seat}")
        else:
            self.end(attempt, 16)
        return call

    def pick_up(self, attempt: str) -> None:
        """The called person picks up, and the pbx has not asked ``route`` yet."""
        self.gate.pick_up(self.calls[AttemptId(attempt)].trunk)
        self.switch.pick_up(attempt)

    async def log_in(self, seat: int) -> ChannelId | None:
        """A seat's phone dials ``login``; None when the desk refuses it."""
        channel = self.switch.add(f"seat{seat}", extension="login")
        answer = await self.desk.ask("login", channel, "login", name=self.switch.live[channel].name)
        if answer.get("VERDICT") != f"LOGIN-{channel}-{answer.get('SEAT', '')}" or not answer.get("SEAT"):
            self.switch.end(channel, 21)
            return None
        self.switch.pick_up(channel)
        self.switch.bridge(channel, f"bridge-{answer['SEAT']}")
        return channel

    def ring(self, attempt: str) -> None:
        """The carrier rings."""
        self.gate.ring(self.calls[AttemptId(attempt)].trunk)
        self.switch.ring(attempt)

    def play_early(self, attempt: str) -> None:
        """The carrier sends audio before the answer; the pbx sees ringing only."""
        self.gate.play_early(self.calls[AttemptId(attempt)].trunk)

    def busy(self, attempt: str) -> None:
        """The called person is busy."""
        self.end(attempt, 17, "SIP 486")

    def no_answer(self, attempt: str) -> None:
        """Nobody picked up within the gate's ring time-out."""
        self.end(attempt, 19, "SIP 480")

    def hang_up(self, attempt: str) -> None:
        """The called person hangs up."""
        self.end(attempt, 16)

    def end(self, attempt: str, cause: int, tech_cause: str = "") -> None:
        """The call ends from the carrier's side."""
        call = self.calls[AttemptId(attempt)]
        self.gate.end(call.trunk, cause, tech_cause)
        self.gate.end(call.inbound, cause, tech_cause)
        fact = self.switch.live.get(ChannelId(attempt))
        if fact is not None and fact.is_up:
            self.switch.end(attempt, cause)
        else:
            self.switch.fail(attempt, cause, tech_cause)

    def _originated(self, permit: DialPermit) -> None:
        call = FakeCall(permit)
        self.calls[permit.attempt_id] = call
        self._waiting.append(call)

    def _ended(self, channel: ChannelId, cause: int) -> None:
        call = self.calls.get(AttemptId(channel))
        if call is not None:
            self.gate.end(call.trunk, cause)
            self.gate.end(call.inbound, cause)

    async def _decide(self, call: FakeCall) -> None:
        permit = call.permit
        if ChannelId(permit.attempt_id) not in self.switch.live:
            return
        call.inbound = self.gate.add("pbx", extension=permit.permit_id)
        name = self.gate.live[call.inbound].name
        call.variables = await self.desk.ask("verdict", call.inbound, permit.permit_id, name=name)
        number = call.variables.get("CANON", "")
        expected = f"OK-{call.inbound}-{permit.permit_id}-{number}"
        if call.variables.get("VERDICT") != expected or re.fullmatch(r"[1-9][0-9]{5,14}", number) is None:
            self.gate.end(call.inbound, self.GATE_REFUSED)
            self.switch.fail(permit.attempt_id, self.GATE_REFUSED, "SIP 501")
            return
        trunk = call.variables.get("TRUNK", "carrier")
        call.trunk = self.gate.add(trunk, extension=permit.permit_id)
        self.gate.tell(TrunkLegStarted(permit.permit_id, call.trunk, call.inbound, trunk, self.gate._clock()))
