"""Intruders: channels in a bridge with one of our seats or calls that are neither its operator nor its called person.

The owner of the pbx's manager account can call a second phone into a conversation, or connect two called persons. No
trunk leg shows this, so the tripwire asks here. The pbx may have other conferences, which do not matter here.
``tripwire`` ends the intruder's channel.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from telephony.ids import AttemptId, ChannelId, SeatNumber
from telephony.ports.calls.switch import ChannelFact, LegBridged, LegEnded, LegUnbridged, SwitchFact
from telephony.services.calls.seats import ENDPOINT, Seats
from telephony.services.calls.tracker import Tracker


@dataclass(frozen=True, slots=True)
class _Member:
    bridge: str
    endpoint: str


class Intruders:
    """Follows which channel is in which bridge of the pbx.

    Args:
        tracker: the live calls; a called person's channel has its attempt's id.
        seats: whose phone a channel is.
    """

    def __init__(self, tracker: Tracker, seats: Seats) -> None:
        self._tracker = tracker
        self._seats = seats
        self._members: dict[ChannelId, _Member] = {}

    def told(self, fact: SwitchFact) -> frozenset[ChannelId]:
        """Record a fact of the pbx and return the intruders in its bridge."""
        match fact:
            case LegBridged(channel=channel, bridge=bridge, endpoint=endpoint):
                self._members[channel] = _Member(bridge, endpoint)
                return self._within(bridge, self._members)
            case LegUnbridged(channel=channel) | LegEnded(channel=channel):
                self._members.pop(channel, None)
            case _:
                pass
        return frozenset()

    def among(self, channels: Iterable[ChannelFact]) -> frozenset[ChannelId]:
        """Compare with a list of all channels of the pbx and return the intruders in every bridge."""
        now = {fact.channel: _Member(fact.bridge, fact.endpoint) for fact in channels if fact.bridge}
        # Channels that left unseen are forgotten; none is added, because the list may be older than the last event.
        self._members = {channel: member for channel, member in self._members.items() if now.get(channel) == member}
        return frozenset(
            channel for bridge in {member.bridge for member in now.values()} for channel in self._within(bridge, now)
        )

    def _within(self, bridge: str, members: Mapping[ChannelId, _Member]) -> frozenset[ChannelId]:
        inside = {channel: member.endpoint for channel, member in members.items() if member.bridge == bridge}
        phones = {channel: seat for channel in inside if (seat := self._seat(channel)) is not None}
        calls = {channel: call for channel in inside if (call := self._tracker.call(AttemptId(channel))) is not None}
        here = set(phones.values())
        chosen = {channel: call.attempt.seat for channel, call in calls.items()}
        # An operator's phone whose login was lost in a crash is still at its own seat.
        own = {f"{ENDPOINT}{seat}" for seat in (*here, *chosen.values()) if seat is not None}
        misplaced = {channel for channel, seat in chosen.items() if seat is not None and not here <= {seat}}
        unknown = {channel for channel, endpoint in inside.items() if channel not in phones and channel not in calls}
        if not phones and not calls:
            return frozenset()
        return frozenset(misplaced | {channel for channel in unknown if inside[channel] not in own})

    def _seat(self, channel: ChannelId) -> SeatNumber | None:
        return next((seat.row.seat for seat in self._seats.seats.values() if seat.row.channel == channel), None)
