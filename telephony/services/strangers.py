"""Strangers: who is in a conference with a seat or a call of ours, and is neither its operator nor its called person.

Whoever holds the pbx's manager account can call a second phone into a conversation, or move one called person to
another. No trunk leg comes of it, so the tripwire asks here. A pbx of one's own may hold other conferences: they are
nobody's business. What is done about a stranger is left to ``tripwire``.
"""

from collections.abc import Iterable, Mapping

from telephony.ids import AttemptId, ChannelId, SeatNumber
from telephony.ports.switch import ChannelFact, LegBridged, LegEnded, LegUnbridged, SwitchFact
from telephony.services.seats import Seats
from telephony.services.tracker import Tracker


class Strangers:
    """Follows who is in which bridge of the pbx."""

    def __init__(self, tracker: Tracker, seats: Seats) -> None:
        """Begin with empty bridges.

        Args:
            tracker: the calls that live; a called person's channel has its attempt's id.
            seats: whose phone a channel is.
        """
        self._tracker = tracker
        self._seats = seats
        self._bridges: dict[ChannelId, str] = {}

    def told(self, fact: SwitchFact) -> frozenset[ChannelId]:
        """Take a fact of the pbx; returns the strangers in the bridge it is about."""
        match fact:
            case LegBridged(channel=channel, bridge=bridge):
                self._bridges[channel] = bridge
                return self._within(bridge, self._bridges)
            case LegUnbridged(channel=channel) | LegEnded(channel=channel):
                self._bridges.pop(channel, None)
            case _:
                pass
        return frozenset()

    def among(self, channels: Iterable[ChannelFact]) -> frozenset[ChannelId]:
        """Take every channel the pbx had a moment ago; returns the strangers in every bridge."""
        now = {fact.channel: fact.bridge for fact in channels if fact.bridge}
        # Who left while nobody told is forgotten; nobody is added, because the list may be older than what was told.
        self._bridges = {channel: bridge for channel, bridge in self._bridges.items() if now.get(channel) == bridge}
        return frozenset(one for bridge in set(now.values()) for one in self._within(bridge, now))

    def _within(self, bridge: str, bridges: Mapping[ChannelId, str]) -> frozenset[ChannelId]:
        members = [channel for channel, where in bridges.items() if where == bridge]
        phones = {channel: seat for channel in members if (seat := self._seat(channel)) is not None}
        calls = [channel for channel in members if self._tracker.call(AttemptId(channel)) is not None]
        if not phones and not calls:
            return frozenset()
        misled = {channel for channel in calls if not self._may_hear(channel, set(phones.values()))}
        return frozenset(set(members) - set(phones) - set(calls) | misled)

    def _may_hear(self, channel: ChannelId, seats: set[SeatNumber]) -> bool:
        """Tell whether a called person is with the operator chosen for the call, as far as either is known."""
        call = self._tracker.call(AttemptId(channel))
        chosen = call.attempt.seat if call is not None else None
        return chosen is None or seats <= {chosen}

    def _seat(self, channel: ChannelId) -> SeatNumber | None:
        return next((one.row.seat for one in self._seats.seats.values() if one.row.channel == channel), None)
