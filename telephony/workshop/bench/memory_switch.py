"""The switch ports in memory, good enough to run the whole service on: in tests, and in the benchmark of 500 operators.

``MemoryPbx`` is the pbx, ``MemoryGate`` the gate; each can be driven alone. Wiring them together as the dialplan does
is left to ``memory_exchange``, the FastAGI server to ``memory_agi``. Everything happens at once and in order;
nothing waits, and the clock is given.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from telephony.domain.calls.permits import DialPermit
from telephony.errors import SwitchError, SwitchTimeoutError, SwitchUnavailableError
from telephony.ids import AttemptId, ChannelId, PermitId, SeatNumber
from telephony.ports.calls.switch import (
    ChannelFact,
    LegAnswered,
    LegBridged,
    LegEnded,
    LegRang,
    LegUnbridged,
    LinkLost,
    LinkRestored,
    OnFact,
    OriginateFailed,
    SwitchFact,
    TrunkLegStarted,
    TrunkMediaEarly,
)
from telephony.workshop.bench.dialplan_facts import BUSY, NO_ANSWER

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present time, aware UTC."""
    return datetime.now(UTC)


class MemoryLink:
    """What pbx and gate have in common: channels, facts, a connection that can be lost."""

    def __init__(self, node: str, clock: Clock = utc_now) -> None:
        self._node = node
        self._clock = clock
        self._on_fact: OnFact | None = None
        self._is_up = False
        self._made = 0
        self.live: dict[ChannelId, ChannelFact] = {}
        """Every channel that exists now."""
        self.began_at: dict[ChannelId, datetime] = {}
        self.answered_at: dict[ChannelId, datetime] = {}
        self.ended_at: dict[ChannelId, datetime] = {}
        """When each channel ever made began, was answered, ended: recorded with or without a listener."""
        self.is_hung = False
        """Set: its manager interface answers, but it does no work."""
        self.unanswered = 0
        """Number of probes that timed out because it was hung."""
        self.told: list[SwitchFact] = []
        """Every fact that reached the listener."""

    @property
    def node(self) -> str:
        """Name of the instance in facts."""
        return self._node

    @property
    def is_connected(self) -> bool:
        """Return True if connected."""
        return self._is_up and self._on_fact is not None

    async def start(self, on_fact: OnFact) -> None:
        """Connect."""
        self._on_fact = on_fact
        self.restore_link()

    async def stop(self) -> None:
        """Disconnect."""
        self._on_fact = None
        self._is_up = False

    async def channels(self) -> Sequence[ChannelFact]:
        """Return every channel."""
        self._need_link()
        return tuple(self.live.values())

    async def probe(self) -> None:
        """Return at once, unless it is hung."""
        self._need_link()
        if self.is_hung:
            try:
                await asyncio.Event().wait()
            finally:
                self.unanswered += 1

    def forget_listener(self) -> None:
        """Stop reporting, as when the listener's process was killed; the link is not lost by itself."""
        self._on_fact = None

    def lose_link(self) -> None:
        """Cut the manager connection: calls go on, facts are lost."""
        if self._is_up:
            self.tell(LinkLost(self._node, self._clock()))
        self._is_up = False

    def restore_link(self) -> None:
        """Bring the connection back; the channels that exist now are reported."""
        self._is_up = True
        self.tell(LinkRestored(self._node, self._clock(), tuple(self.live.values())))

    def tell(self, fact: SwitchFact) -> None:
        """Report a fact, if connected."""
        if self.is_connected and self._on_fact is not None:
            self.told.append(fact)
            self._on_fact(fact)

    def add(
        self, endpoint: str, *, channel: ChannelId | None = None, extension: str = "", is_up: bool = False
    ) -> ChannelId:
        """Create a channel without reporting it."""
        self._made += 1
        channel = channel or ChannelId(f"{self._node}-{self._made}")
        self.began_at[channel] = self._clock()
        name = f"PJSIP/{endpoint}-{self._made:08x}"
        self.live[channel] = ChannelFact(channel, name, endpoint, is_up, "", extension)
        return channel

    def ring(self, channel: str) -> None:
        """The far end rings."""
        self.tell(LegRang(ChannelId(channel), self._clock()))

    def pick_up(self, channel: str) -> None:
        """The leg goes off hook."""
        self.live[ChannelId(channel)] = replace(self.live[ChannelId(channel)], is_up=True)
        self.answered_at.setdefault(ChannelId(channel), self._clock())
        self.tell(LegAnswered(ChannelId(channel), self._clock()))

    def bridge(self, channel: str, bridge: str) -> None:
        """The leg enters a bridge."""
        fact = self.live[ChannelId(channel)] = replace(self.live[ChannelId(channel)], bridge=bridge)
        self.tell(LegBridged(fact.channel, bridge, self._clock(), fact.endpoint))

    def unbridge(self, channel: str) -> None:
        """The leg leaves its bridge, if it is in one."""
        fact = self.live.get(ChannelId(channel))
        if fact is not None and fact.bridge:
            self.live[fact.channel] = replace(fact, bridge="")
            self.tell(LegUnbridged(fact.channel, fact.bridge, self._clock()))

    def end(self, channel: str, cause: int = 16, tech_cause: str = "") -> None:
        """The channel ends; one that is gone already reports nothing."""
        fact = self.live.get(ChannelId(channel))
        if fact is None:
            return
        self.unbridge(channel)
        del self.live[fact.channel]
        self.ended_at[fact.channel] = self._clock()
        self.tell(LegEnded(fact.channel, cause, tech_cause, fact.endpoint, self._clock()))

    def _need_link(self) -> None:
        if not self.is_connected:
            raise SwitchUnavailableError(f"{self._node} is not connected; nothing was sent")


class MemoryPbx(MemoryLink):
    """The pbx."""

    def __init__(self, clock: Clock = utc_now, *, node: str = "pbx") -> None:
        super().__init__(node, clock)
        self.originated: list[DialPermit] = []
        """Every permit that was dialled, in order."""
        self.timeouts: dict[AttemptId, timedelta] = {}
        self.hung_up: list[tuple[ChannelId, int]] = []
        """Every hang-up ordered: channel and cause."""
        self.played: list[tuple[ChannelId, str]] = []
        """Every key played: channel and key."""
        self.next_error: SwitchError | None = None
        """Raised by the next originate, which then dials nothing."""
        self.is_next_unanswered = False
        """The next originate dials and then raises ``SwitchTimeoutError``: the order was accepted, the answer lost."""
        self.on_originate: Callable[[DialPermit], None] | None = None
        self.on_end: Callable[[ChannelId, int], None] | None = None

    async def originate(self, permit: DialPermit, timeout: timedelta, *, detects_machines: bool = False) -> None:
        """Accept the order, or fail as a test set up."""
        del detects_machines
        self._need_link()
        error, self.next_error = self.next_error, None
        if error is not None:
            raise error
        self.originated.append(permit)
        self.timeouts[permit.attempt_id] = timeout
        self.add("gate", channel=ChannelId(permit.attempt_id), extension="s")
        if self.on_originate is not None:
            self.on_originate(permit)
        is_unanswered, self.is_next_unanswered = self.is_next_unanswered, False
        if is_unanswered:
            raise SwitchTimeoutError(f"{self._node} did not answer Originate within 5 s")

    async def hang_up(self, channel: ChannelId, cause: int = 16) -> None:
        """End a channel; one that is gone is fine."""
        self._need_link()
        self.hung_up.append((channel, cause))
        if channel in self.live:
            self.end(channel, cause)
            if self.on_end is not None:
                self.on_end(channel, cause)

    async def play_key(self, channel: ChannelId, key: str) -> None:
        """Record the key."""
        self._need_link()
        if channel not in self.live:
            raise SwitchError("No such channel")
        self.played.append((channel, key))

    def answer(self, attempt: str) -> None:
        """The called person picks up."""
        self.pick_up(attempt)

    def fail(self, attempt: str, cause: int, tech_cause: str = "") -> None:
        """The call ends before an answer: the originate failed, the leg ended, as Asterisk reports it."""
        if ChannelId(attempt) in self.live:
            self.tell(OriginateFailed(AttemptId(attempt), self._clock()))
            self.end(attempt, cause, tech_cause)

    def busy(self, attempt: str) -> None:
        """The called person is busy."""
        self.fail(attempt, *BUSY)

    def no_answer(self, attempt: str) -> None:
        """Nobody picked up in time."""
        self.fail(attempt, *NO_ANSWER)

    def log_in(self, seat: SeatNumber | int) -> ChannelId:
        """A seat's phone is logged in: its leg is answered and in the seat's conference."""
        channel = self.add(f"seat{seat}", extension="login")
        self.pick_up(channel)
        self.bridge(channel, f"bridge-{seat}")
        return channel


class MemoryGate(MemoryLink):
    """The gate."""

    def __init__(self, clock: Clock = utc_now, *, node: str = "gate") -> None:
        super().__init__(node, clock)

    def start_leg(self, permit_id: str, trunk: str = "carrier") -> ChannelId:
        """The gate creates a trunk leg under a permit ("" for none); returns the trunk channel."""
        inbound = self.add("pbx", extension=permit_id) if permit_id else ChannelId("")
        channel = self.add(trunk, extension=permit_id)
        self.tell(TrunkLegStarted(PermitId(permit_id), channel, inbound, trunk, self._clock()))
        return channel

    def play_early(self, channel: str) -> None:
        """The carrier sends audio before the answer."""
        self.tell(TrunkMediaEarly(ChannelId(channel), self._clock()))
