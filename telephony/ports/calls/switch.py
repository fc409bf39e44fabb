"""Interfaces to the two Asterisk instances.

There are two ports: ``Switch`` is the pbx (it can originate under a permit and hang up), ``GateWatch`` is the gate
(read only: no account there can originate). Facts are values named in the past tense. Adapters translate Asterisk's
events into them and know nothing about campaigns or operators. Ports raise only the ``SwitchError`` family.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from telephony.domain.calls.permits import DialPermit
from telephony.ids import AttemptId, ChannelId, PermitId


@dataclass(frozen=True, slots=True)
class ChannelFact:
    """One channel that exists now, as listed by a resynchronisation.

    Attributes:
        channel: Asterisk's unique id; for a customer's leg on the pbx it is the attempt id.
        name: Asterisk's channel name, e.g. ``PJSIP/seat7-0000001a``.
        endpoint: the PJSIP endpoint in the name, e.g. ``seat7``, ``gate``, ``pbx`` or a trunk's name.
        is_up: off hook.
        bridge: id of the bridge it is in, or "".
        extension: the extension it is in; at the gate the permit id.
    """

    channel: ChannelId
    name: str
    endpoint: str
    is_up: bool
    bridge: str
    extension: str


@dataclass(frozen=True, slots=True)
class LegRang:
    """The far end rings (for the pbx: the gate; for the gate: the carrier)."""

    channel: ChannelId
    at: datetime


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """The leg went off hook."""

    channel: ChannelId
    at: datetime


@dataclass(frozen=True, slots=True)
class LegBridged:
    """The leg entered a bridge (on the pbx: joined its seat's conference); ``endpoint`` as in ``LegEnded``."""

    channel: ChannelId
    bridge: str
    at: datetime
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class LegUnbridged:
    """The leg left its bridge."""

    channel: ChannelId
    bridge: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LegEnded:
    """The channel is gone.

    Attributes:
        cause: Q.850 hangup cause.
        tech_cause: the peer's exact text, e.g. ``SIP 486 Busy Here``, or "".
        endpoint: PJSIP endpoint of the channel.
    """

    channel: ChannelId
    cause: int
    tech_cause: str
    endpoint: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OriginateFailed:
    """The switch gave up an originate before the leg was answered; ``LegEnded`` has the cause."""

    attempt_id: AttemptId
    at: datetime


@dataclass(frozen=True, slots=True)
class TrunkLegStarted:
    """The gate created a trunk channel under a permit (its INVITE may not be sent yet).

    Attributes:
        permit_id: the extension of the calling channel; "" when the gate shows a trunk channel without one.
        channel: the trunk channel's unique id.
        inbound: unique id of the leg from the pbx, or "".
        trunk: name of the trunk endpoint.
    """

    permit_id: PermitId
    channel: ChannelId
    inbound: ChannelId
    trunk: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TrunkMediaEarly:
    """The carrier sends audio before the answer (183): the recording begins here."""

    channel: ChannelId
    at: datetime


@dataclass(frozen=True, slots=True)
class TrunkPartyChanged:
    """The carrier reports another party on the trunk leg than the number dialled, such as a diversion."""

    channel: ChannelId
    at: datetime


@dataclass(frozen=True, slots=True)
class DtmfPressed:
    """A DTMF key was pressed on a phone; the seat's conference passes none on.

    Attributes:
        key: ``0`` to ``9``, ``*``, ``#``, ``A`` to ``D`` when it was released; "" when it was pressed.
    """

    channel: ChannelId
    at: datetime
    key: str = ""


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The manager connection is lost; events are missing until ``LinkRestored``."""

    node: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkRestored:
    """The connection is up again or for the first time; includes every channel that exists now."""

    node: str
    at: datetime
    channels: Sequence[ChannelFact] = field(default_factory=tuple)


SwitchFact = (
    LegRang
    | LegAnswered
    | LegBridged
    | LegUnbridged
    | LegEnded
    | OriginateFailed
    | TrunkLegStarted
    | TrunkMediaEarly
    | TrunkPartyChanged
    | DtmfPressed
    | LinkLost
    | LinkRestored
)
OnFact = Callable[[SwitchFact], None]
"""Called in the event loop for every fact, in order; must return at once and not raise."""


class Watched(Protocol):
    """Common interface of both instances: a supervised connection that reports facts."""

    @property
    def node(self) -> str:
        """``pbx`` or ``gate``."""

    @property
    def is_connected(self) -> bool:
        """True if facts are being received now."""

    async def start(self, on_fact: OnFact) -> None:
        """Connect in the background and reconnect with back-off; returns at once."""

    async def stop(self) -> None:
        """Disconnect permanently; no fact is reported afterwards."""

    async def channels(self) -> Sequence[ChannelFact]:
        """List every channel that exists now.

        Raises:
            SwitchError: not connected, or no answer in time.
        """

    async def probe(self) -> None:
        """Return when the instance has listed its channels and its SIP threads have made a round trip.

        There is no time-out; the caller sets one.

        Raises:
            SwitchError: not connected, or it does not work.
        """


class Switch(Watched, Protocol):
    """The pbx."""

    async def originate(self, permit: DialPermit, timeout: timedelta, *, detects_machines: bool = False) -> None:
        """Ask for one call to the gate under ``permit``; its channel's unique id is the attempt id.

        Returns when the pbx has accepted the request, not when anyone answers. It is never sent twice: after
        ``SwitchTimeoutError`` the caller finds out from ``channels()`` what happened to the attempt.

        Args:
            permit: the only thing that can be dialled.
            timeout: how long the pbx waits for an answer; longer than the gate's own ring time-out.
            detects_machines: run AMD on the pbx before it asks for an operator.

        Raises:
            SwitchError: not connected, refused, or no answer in time.
        """

    async def hang_up(self, channel: ChannelId, cause: int = 16) -> None:
        """Hang up a channel by unique id; it is not an error if the channel has already ended."""

    async def play_key(self, channel: ChannelId, key: str) -> None:
        """Send one DTMF key to the far end of a channel; returns when the pbx has accepted it.

        Raises:
            SwitchError: not connected, no such channel, refused, or no answer in time.
        """


class GateWatch(Watched, Protocol):
    """The gate, read only."""


@dataclass(frozen=True, slots=True)
class AgiCall:
    """A request from a dialplan over FastAGI.

    Attributes:
        route: path of the AGI URL without slashes, e.g. ``verdict``.
        peer: address of the requesting Asterisk.
        channel: unique id of the requesting channel.
        name: its channel name.
        extension: its extension; at the gate the permit id.
        headers: every ``agi_…`` header, as sent.
    """

    route: str
    peer: str
    channel: ChannelId
    name: str
    extension: str
    headers: Mapping[str, str]


AgiRoute = Callable[[AgiCall], Awaitable[Mapping[str, str]]]
"""Returns the channel variables to set, in order; raising or returning none refuses the call."""


class AgiServer(Protocol):
    """The FastAGI server."""

    async def start(self, routes: Mapping[str, AgiRoute]) -> None:
        """Listen; raises SwitchError when the address is taken."""

    async def stop(self) -> None:
        """Stop listening and close the connections."""


@dataclass(frozen=True, slots=True)
class Exchanges:
    """Both Asterisk instances."""

    pbx: Switch
    gate: GateWatch
