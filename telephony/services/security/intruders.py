"""Strangers: who is in a conference with a seat or a call of ours, and is neither its operator nor its called person.

Whoever holds the pbx's manager account can call a second phone into a conversation, or move one called person to
another. No trunk leg comes of it, so the tripwire asks here. A pbx of one's own may hold other conferences: they are
nobody's business. What is done about a stranger is left to ``tripwire``.
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
    """Follows who is in which bridge of the pbx."""

    def __init__(self, tracker: Tracker, seats: Seats) -> None:
        """Begin with empty bridges.

        Args:
            tracker: the calls that live; a called person's channel has its attempt's id.
            seats: whose phone a channel is.
        """
        self._tracker = tracker
        self._seats = seats
        self._members: dict[ChannelId, _Member] = {}

    def told(self, fact: SwitchFact) -> frozenset[ChannelId]:
        """Take a fact of the pbx; returns the strangers in the bridge it is about."""
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
        """Take every channel the pbx had a moment ago; returns the strangers in every bridge."""
        now = {fact.channel: _Member(fact.bridge, fact.endpoint) for fact in channels if fact.bridge}
        # Who left while nobody told is forgotten; nobody is added, because the list may be older than what was told.
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
        # An operator's phone whose login a crash took from our books is still at its own seat.
        own = {f"{ENDPOINT}{seat}" for seat in (*here, *chosen.values()) if seat is not None}
        misled = {channel for channel, seat in chosen.items() if seat is not None and not here <= {seat}}
        unknown = {channel for channel, endpoint in inside.items() if channel not in phones and channel not in calls}
        if not phones and not calls:
            return frozenset()
        return frozenset(misled | {channel for channel in unknown if inside[channel] not in own})

    def _seat(self, channel: ChannelId) -> SeatNumber | None:
        return next((seat.row.seat for seat in self._seats.seats.values() if seat.row.channel == channel), None)
