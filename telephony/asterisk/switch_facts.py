"""Translate Asterisk's manager messages to the facts of ``telephony.ports.calls.switch``.

No I/O, and no phone number in the facts: at the gate ``DialString`` and the party reported by the carrier are compared
with each other but not passed on, no other number is read, the carrier's free text is reduced to its code, and a
channel's extension is shown only if it is a permit id or cannot be a number. ``link`` handles connections and order.

Seen on Asterisk 22: ``Newstate`` 5 is ringing and 6 answered; ``DialState`` PROGRESS is a 183 and comes without a
``Newstate``; ``TechCause`` is the bare SIP code; a trunk channel's ``Linkedid`` is the leg from the pbx; its
``DialBegin`` comes when its pre-dial handler has returned, just after the INVITE. A party reported by the carrier comes
as ``NewCallerid`` of the trunk channel, whose first ``NewCallerid`` has the permit id.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from telephony.ids import AttemptId, ChannelId, PermitId, is_permit_id
from telephony.ports.calls.switch import (
    ChannelFact,
    DtmfPressed,
    LegAnswered,
    LegBridged,
    LegEnded,
    LegRang,
    LegUnbridged,
    OriginateFailed,
    SwitchFact,
    TrunkLegStarted,
    TrunkMediaEarly,
    TrunkPartyChanged,
)
from telephony.wire.ami import AmiMessage

Clock = Callable[[], datetime]
"""Returns the current time, aware UTC."""

ORIGINATE: Final = "originate/"
"""Prefix of our action ids for Originate; the attempt id follows."""
WANTED: Final = frozenset(
    {
        "FullyBooted",
        "OriginateResponse",
        "Newchannel",
        "Newstate",
        "DialBegin",
        "DialState",
        "BridgeEnter",
        "BridgeLeave",
        "Hangup",
        "NewCallerid",
        "DTMFBegin",
        "DTMFEnd",
        "CoreShowChannel",
        "CoreShowChannelsComplete",
    }
)
"""Events to parse: those read below, the end of booting, and the channel list."""

_RINGING: Final = "5"
_UP: Final = "6"
_SIP_CODE: Final = re.compile(r"(?:SIP )?([1-6][0-9]{2})\b")
_KEYS: Final = frozenset("0123456789*#ABCD")
_LIKE_A_NUMBER: Final = re.compile(r"[0-9]{5}")


def endpoint_of(name: str) -> str:
    """Return the PJSIP endpoint in a channel name; for another technology the name without any numbers."""
    resource, _, _ = name.rpartition("-")
    technology, _, rest = (resource or name).partition("/")
    return rest if technology == "PJSIP" else _without_numbers(resource or name)


def tech_cause_of(text: str) -> str:
    """Return ``SIP 486`` for text that begins with a SIP code, else ""; free text may contain a phone number."""
    match = _SIP_CODE.match(text)
    return f"SIP {match[1]}" if match else ""


def channel_facts(items: Sequence[AmiMessage]) -> tuple[ChannelFact, ...]:
    """Translate a channel list; a trunk leg gets the permit of the leg it is linked to."""
    permits = {item.get("Uniqueid"): _permit(item) for item in items}
    return tuple(
        ChannelFact(
            channel=ChannelId(item.get("Uniqueid")),
            name=item.get("Channel") if item.get("Channel").startswith("PJSIP/") else endpoint_of(item.get("Channel")),
            endpoint=endpoint_of(item.get("Channel")),
            is_up=item.get("ChannelState") == _UP,
            bridge=item.get("BridgeId"),
            extension=_permit(item) or permits.get(item.get("Linkedid")) or _without_numbers(item.get("Exten")),
        )
        for item in items
    )


def _permit(message: AmiMessage) -> PermitId:
    text = message.get("Exten")
    return PermitId(text if is_permit_id(text) else "")


def _digits(text: str) -> str:
    """Return a number's digits without plus and leading zeros; "" if it is not a number, e.g. a permit id."""
    return text.removeprefix("+").lstrip("0") if re.fullmatch(r"\+?[0-9]{1,30}", text) else ""


def _is_same_party(number: str, other: str) -> bool:
    """Return True if two spellings, national or international, are the same number."""
    short, long = sorted((number, other), key=len)
    return short == long or (len(short) >= 6 and long.endswith(short))


def _without_numbers(text: str) -> str:
    return "" if _LIKE_A_NUMBER.search(text) else text


class LegTranslator:
    """Translates the events of legs on both the pbx and the gate.

    Args:
        clock: gives the time of a fact.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def resume(self, channels: Sequence[ChannelFact]) -> None:
        """Start again from the channels that exist now."""

    def translate(self, message: AmiMessage) -> list[SwitchFact]:
        """Return the facts of one event, mostly one or none."""
        channel, now = ChannelId(message.get("Uniqueid")), self._clock()
        match message.event:
            case "Newstate" if message.get("ChannelState") == _RINGING:
                return [LegRang(channel, now)]
            case "Newstate" if message.get("ChannelState") == _UP:
                return [LegAnswered(channel, now)]
            case "BridgeEnter":
                return [LegBridged(channel, message.get("BridgeUniqueid"), now, endpoint_of(message.get("Channel")))]
            case "BridgeLeave":
                return [LegUnbridged(channel, message.get("BridgeUniqueid"), now)]
            case "Hangup":
                return [_ended(message, now)]
        return []


def _ended(message: AmiMessage, now: datetime) -> LegEnded:
    cause = message.get("Cause")
    return LegEnded(
        channel=ChannelId(message.get("Uniqueid")),
        cause=int(cause) if re.fullmatch("[0-9]{1,3}", cause) else 0,
        tech_cause=tech_cause_of(message.get("TechCause")),
        endpoint=endpoint_of(message.get("Channel")),
        at=now,
    )


class PbxTranslator(LegTranslator):
    """Translates events of the pbx: legs, and failed originates."""

    def translate(self, message: AmiMessage) -> list[SwitchFact]:
        """Give the facts of one event."""
        if message.event in {"DTMFBegin", "DTMFEnd"}:
            if message.get("Direction") == "Sent":
                return []
            key = message.get("Digit") if message.event == "DTMFEnd" else ""
            return [DtmfPressed(ChannelId(message.get("Uniqueid")), self._clock(), key if key in _KEYS else "")]
        if message.event != "OriginateResponse":
            return super().translate(message)
        action_id = message.get("ActionID")
        if message.get("Response") != "Failure" or not action_id.startswith(ORIGINATE):
            return []
        return [OriginateFailed(AttemptId(action_id.removeprefix(ORIGINATE)), self._clock())]


class GateTranslator(LegTranslator):
    """Translates events of the gate: every channel not from the pbx is a trunk leg, with or without a permit.

    A leg without a permit is reported at once. A leg with one is reported at its ``DialBegin``, or before the first
    other fact about it: a channel whose recording could not be proved ends without being dialled.

    Args:
        clock: gives the time of a fact.
        pbx_endpoint: endpoint of the legs that come from the pbx.
    """

    def __init__(self, clock: Clock, pbx_endpoint: str = "pbx") -> None:
        super().__init__(clock)
        self._pbx = pbx_endpoint
        self._permits: dict[str, PermitId] = {}
        self._untold: dict[str, TrunkLegStarted] = {}
        self._parties: dict[str, str] = {}
        """Digits of each trunk leg's party, compared with the party reported by the carrier; never passed on."""

    def resume(self, channels: Sequence[ChannelFact]) -> None:
        """Start again from the legs from the pbx that exist now, and their permits."""
        self._untold.clear()
        self._parties.clear()
        self._permits = {
            fact.channel: PermitId(fact.extension)
            for fact in channels
            if fact.endpoint == self._pbx and is_permit_id(fact.extension)
        }

    def translate(self, message: AmiMessage) -> list[SwitchFact]:
        """Give the facts of one event."""
        match message.event:
            case "Newchannel":
                return self._created(message)
            case "DialBegin":
                return self._dialled(message)
            case "DialState" if message.get("DialStatus") == "PROGRESS":
                channel = message.get("DestUniqueid")
                return [*self._tell(channel), TrunkMediaEarly(ChannelId(channel), self._clock())]
            case "NewCallerid":
                return self._named(message)
        facts = super().translate(message)
        channel = message.get("Uniqueid")
        if message.event == "Hangup":
            self._permits.pop(channel, None)
            self._parties.pop(channel, None)
        return [*self._tell(channel), *facts] if facts else []

    def _created(self, message: AmiMessage) -> list[SwitchFact]:
        channel, inbound = message.get("Uniqueid"), message.get("Linkedid")
        trunk = endpoint_of(message.get("Channel"))
        if trunk == self._pbx:
            self._permits[channel] = _permit(message)
            return []
        permit = self._permits.get(inbound) or PermitId("")
        self._untold[channel] = TrunkLegStarted(
            permit, ChannelId(channel), ChannelId(inbound if inbound in self._permits else ""), trunk, self._clock()
        )
        return [] if permit else self._tell(channel)

    def _dialled(self, message: AmiMessage) -> list[SwitchFact]:
        channel, inbound = message.get("DestUniqueid"), message.get("Uniqueid")
        trunk = endpoint_of(message.get("DestChannel"))
        if trunk == self._pbx:
            return []
        self._untold.pop(channel, None)
        self._parties[channel] = _digits(message.get("DialString").partition("@")[0])
        permit = _permit(message) or self._permits.get(inbound) or PermitId("")
        return [TrunkLegStarted(permit, ChannelId(channel), ChannelId(inbound), trunk, self._clock())]

    def _named(self, message: AmiMessage) -> list[SwitchFact]:
        """Compare the reported party with the dialled one, or after a reconnection with the first reported one."""
        channel, named = message.get("Uniqueid"), _digits(message.get("CallerIDNum"))
        if endpoint_of(message.get("Channel")) == self._pbx or not named:
            return []
        known = self._parties.setdefault(channel, named)
        if not known or _is_same_party(known, named):
            return []
        self._parties[channel] = named
        return [*self._tell(channel), TrunkPartyChanged(ChannelId(channel), self._clock())]

    def _tell(self, channel: str) -> list[SwitchFact]:
        started = self._untold.pop(channel, None)
        return [] if started is None else [started]
