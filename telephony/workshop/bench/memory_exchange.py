"""Pbx, gate and FastAGI server behaving together as under the dialplan, in memory; the caller plays the carrier.

An originate asks ``verdict``, an answered call asks ``route``, a phone asks ``login``; the answers are checked as
``dialplan_facts`` says the dialplan checks them. The single instances are in ``memory_switch`` and
``memory_agi``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from telephony.domain.calls.permits import DialPermit
from telephony.ids import AttemptId, ChannelId
from telephony.ports.calls.switch import TrunkLegStarted
from telephony.workshop.bench.dialplan_facts import BUSY, ENDED, LOGIN, NO_ANSWER, ROUTE, VERDICT
from telephony.workshop.bench.memory_agi import MemoryAgi
from telephony.workshop.bench.memory_switch import Clock, MemoryGate, MemoryPbx, utc_now

NO_CHANNEL = ChannelId("")


@dataclass
class MemoryCall:
    """One call through the exchange.

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


class MemoryExchange:
    """Pbx, gate and FastAGI server behaving as the dialplan makes them behave; the caller plays the carrier.

    ``await settle()`` after originates lets the gate decide about them; then ``ring``, ``answer``, ``busy``,
    ``hang_up`` by attempt. With ``on_call`` set, it gets each call and must await ``decide`` itself.
    """

    def __init__(self, clock: Clock = utc_now, desk: MemoryAgi | None = None) -> None:
        self._clock = clock
        self.switch = MemoryPbx(clock)
        self.gate = MemoryGate(clock)
        self.desk = desk or MemoryAgi()
        self.calls: dict[AttemptId, MemoryCall] = {}
        self.on_call: Callable[[MemoryCall], None] | None = None
        self.is_held_back = False
        """While set, dialled calls do not reach the gate."""
        self._waiting: list[MemoryCall] = []
        self.switch.on_originate = self._originated
        self.switch.on_end = self._ended

    async def settle(self) -> None:
        """Let the gate decide about every call that has reached it."""
        while self._waiting and not self.is_held_back:
            await self.decide(self._waiting.pop(0))

    async def answer(self, attempt: str) -> MemoryCall:
        """The called person picks up; the pbx asks ``route`` and joins the leg to the seat, or plays the message."""
        await self.settle()
        call = self.calls[AttemptId(attempt)]
        self.gate.pick_up(call.trunk)
        self.gate.pick_up(call.inbound)
        self.switch.pick_up(attempt)
        answer = await self.desk.ask("route", attempt, "conf")
        if ROUTE.accepts(answer, attempt) and ChannelId(attempt) in self.switch.live:
            call.seat = int(answer["SEAT"])
            self.switch.bridge(attempt, f"bridge-{call.seat}")
        else:
            self.end(attempt, ROUTE.cause)
        return call

    def pick_up(self, attempt: str) -> None:
        """The called person picks up, and the pbx has not asked ``route`` yet."""
        self.gate.pick_up(self.calls[AttemptId(attempt)].trunk)
        self.switch.pick_up(attempt)

    async def log_in(self, seat: int) -> ChannelId | None:
        """A seat's phone dials ``login``; None when the server refuses it."""
        channel = self.switch.add(f"seat{seat}", extension="login")
        answer = await self.desk.ask("login", channel, "login", name=self.switch.live[channel].name)
        if not LOGIN.accepts(answer, channel):
            self.switch.end(channel, LOGIN.cause)
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
        self.end(attempt, *BUSY)

    def no_answer(self, attempt: str) -> None:
        """Nobody picked up within the gate's ring time-out."""
        self.end(attempt, *NO_ANSWER)

    def hang_up(self, attempt: str) -> None:
        """The called person hangs up."""
        self.end(attempt, ENDED)

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

    async def decide(self, call: MemoryCall) -> bool:
        """Let the gate decide about a call; return True if its trunk leg was made."""
        permit = call.permit
        if ChannelId(permit.attempt_id) not in self.switch.live:
            return False
        call.inbound = self.gate.add("pbx", extension=permit.permit_id)
        name = self.gate.live[call.inbound].name
        call.variables = await self.desk.ask("verdict", call.inbound, permit.permit_id, name=name)
        if not VERDICT.accepts(call.variables, call.inbound, permit.permit_id):
            self.gate.end(call.inbound, VERDICT.cause)
            self.switch.fail(permit.attempt_id, VERDICT.cause, VERDICT.tech_cause)
            return False
        trunk = call.variables["TRUNK"]
        call.trunk = self.gate.add(trunk, extension=permit.permit_id)
        self.gate.tell(TrunkLegStarted(permit.permit_id, call.trunk, call.inbound, trunk, self._clock()))
        return True

    def _originated(self, permit: DialPermit) -> None:
        call = self.calls[permit.attempt_id] = MemoryCall(permit)
        if self.on_call is None:
            self._waiting.append(call)
        else:
            self.on_call(call)

    def _ended(self, channel: ChannelId, cause: int) -> None:
        call = self.calls.get(AttemptId(channel))
        if call is not None:
            self.gate.end(call.trunk, cause)
            self.gate.end(call.inbound, cause)
