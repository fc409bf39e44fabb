"""What can happen to a call: one class per event, with the time it happened.

Pure. Which event is possible in which state, and what follows, is left to ``lifecycle``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telephony.ids import ChannelId, OperatorId, SeatNumber

MACHINE: Final = "MACHINE"
"""The AMD verdict that ends a call; with any other verdict the call goes to an operator."""


@dataclass(frozen=True, slots=True)
class Originated:
    """The pbx took the order to dial."""

    at: datetime


@dataclass(frozen=True, slots=True)
class OriginateGivenUp:
    """The order could not be given, or the switch gave up before an answer."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PermitUsed:
    """The gate consumed the permit."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PermitRefused:
    """The gate refused the permit; nothing reached the trunk."""

    at: datetime
    rule: str


@dataclass(frozen=True, slots=True)
class TrunkLegBegan:
    """The gate made the trunk leg."""

    at: datetime
    channel: ChannelId


@dataclass(frozen=True, slots=True)
class CarrierRang:
    """The carrier rings the called person."""

    at: datetime


@dataclass(frozen=True, slots=True)
class EarlyMediaBegan:
    """The carrier sends audio before the answer."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CallWithdrawn:
    """It rang long enough without an answer and is being cancelled; if answered before that, it is a normal call."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PersonAnswered:
    """The called person is off hook."""

    at: datetime


@dataclass(frozen=True, slots=True)
class MachineJudged:
    """The AMD verdict and its cause (Asterisk's AMDSTATUS and AMDCAUSE)."""

    at: datetime
    verdict: str
    on: str


@dataclass(frozen=True, slots=True)
class OperatorChosen:
    """A free operator was reserved for the answered call."""

    at: datetime
    operator: OperatorId
    seat: SeatNumber


@dataclass(frozen=True, slots=True)
class NobodyFree:
    """No operator became free in time; the information message plays."""

    at: datetime


@dataclass(frozen=True, slots=True)
class OperatorConnected:
    """The customer's leg joined the operator's seat."""

    at: datetime


@dataclass(frozen=True, slots=True)
class KeyPassed:
    """The operator pressed a DTMF key that this campaign allows, and it was played to the called person."""

    at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class CustomerLegEnded:
    """The leg on the pbx is gone."""

    at: datetime
    cause: int


@dataclass(frozen=True, slots=True)
class TrunkLegEnded:
    """The leg at the gate is gone."""

    at: datetime
    cause: int
    tech_cause: str


@dataclass(frozen=True, slots=True)
class CallInterrupted:
    """A restart ends the call before anyone answered; its lead is tried again."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CallLost:
    """Neither leg exists and no event reported their end, because of a restart or a lost link."""

    at: datetime


CallEventValue = (
    Originated
    | OriginateGivenUp
    | PermitUsed
    | PermitRefused
    | TrunkLegBegan
    | CarrierRang
    | EarlyMediaBegan
    | CallWithdrawn
    | PersonAnswered
    | MachineJudged
    | OperatorChosen
    | NobodyFree
    | OperatorConnected
    | KeyPassed
    | CustomerLegEnded
    | TrunkLegEnded
    | CallInterrupted
    | CallLost
)
