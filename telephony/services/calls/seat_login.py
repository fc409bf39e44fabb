"""Operators' phones: which seat a phone is let into, when it is in, and when it is gone.

A phone asks ``login`` over FastAGI, which needs no link; that it is in its conference, or gone, is told over the pbx's
link, and a link can be away. So nothing here is taken from an event alone: every list of channels says again which
phones are in. What follows for the operator is left to ``seats``.
"""

from collections.abc import Mapping

import structlog

from telephony.domain.calls.operators import OperatorEvent
from telephony.ids import ChannelId, SeatNumber
from telephony.ports.calls.switch import AgiCall, ChannelFact, LegBridged, LegEnded, LegUnbridged, SwitchFact
from telephony.services.calls.seats import ENDPOINT, NO_PHONE, Seat, Seats

log = structlog.get_logger(__name__)


class SeatLogins:
    """Every operator's phone."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._suspects: frozenset[tuple[SeatNumber, ChannelId]] = frozenset()

    async def login(self, ask: AgiCall) -> Mapping[str, str]:
        """Answer the dialplan's ``login``: which seat is this phone, and may it be nailed up?"""
        endpoint = ask.name.rpartition("/")[2].rpartition("-")[0]
        digits = endpoint.removeprefix(ENDPOINT)
        if not endpoint.startswith(ENDPOINT) or not (digits.isascii() and digits.isdigit()):
            return {}
        number = SeatNumber(int(digits))
        if number not in self._seats.seats:
            await self._seats.load()
        seat = self._seats.seats.get(number)
        if seat is None:
            log.warning("login_refused", seat=number, rule="no_operator", mend="telephony operator add")
            return {}
        if seat.row.channel or seat.dialing_in:
            log.warning("login_refused", seat=number, rule="already_logged_in")
            return {}
        seat.dialing_in = ask.channel
        return {"SEAT": str(number), "VERDICT": f"LOGIN-{ask.channel}-{number}"}

    def on_pbx(self, fact: SwitchFact) -> None:
        """Take facts about phones: their channel joins the seat's conference, or is gone."""
        match fact:
            case LegBridged(channel=channel):
                for seat in self._seats.seats.values():
                    if seat.dialing_in == channel:
                        self._seats.phone_in(seat, channel)
            case LegUnbridged(channel=channel) | LegEnded(channel=channel):
                for seat in self._seats.seats.values():
                    self._gone(seat, channel)
            case _:
                pass

    def _gone(self, seat: Seat, channel: ChannelId) -> None:
        if seat.row.channel == channel:
            self._seats.move(seat, OperatorEvent.PHONE_LOST)
        elif seat.dialing_in == channel:
            seat.dialing_in = NO_PHONE

    def restore(self, channels: Mapping[ChannelId, ChannelFact]) -> None:
        """At once after a (re)connection: phones that are still up stay, those that came meanwhile are in.

        A phone that logs in later cannot stand in the list, so this must not wait for anything.
        """
        for seat in self._seats.seats.values():
            self._follow(seat, channels)
        self._suspects = frozenset()

    def in_bridge(self, bridge: str, channels: Mapping[ChannelId, ChannelFact]) -> Seat | None:
        """Return the seat whose phone is in that bridge; None when there is none, or ``bridge`` is ""."""
        for seat in self._seats.seats.values():
            phone = channels.get(seat.row.channel)
            if bridge and phone is not None and phone.bridge == bridge:
                return seat
        return None

    def look(self, channels: Mapping[ChannelId, ChannelFact]) -> None:
        """Compare with every channel there was a moment ago; what is amiss at two looks is put right."""
        amiss = {number: seat for number, seat in self._seats.seats.items() if self._is_amiss(seat, channels)}
        suspects = frozenset((number, seat.row.channel or seat.dialing_in) for number, seat in amiss.items())
        for number, seat in amiss.items():
            if (number, seat.row.channel or seat.dialing_in) in self._suspects:
                log.warning("phone_put_right", seat=number, is_gone=bool(seat.row.channel))
                self._follow(seat, channels)
        self._suspects = suspects

    def _is_amiss(self, seat: Seat, channels: Mapping[ChannelId, ChannelFact]) -> bool:
        if seat.row.channel:
            return seat.row.channel not in channels
        return _phone_of(seat, channels) != NO_PHONE or (bool(seat.dialing_in) and seat.dialing_in not in channels)

    def _follow(self, seat: Seat, channels: Mapping[ChannelId, ChannelFact]) -> None:
        if seat.row.channel and seat.row.channel not in channels:
            self._seats.move(seat, OperatorEvent.PHONE_LOST)
        if seat.dialing_in not in channels:
            seat.dialing_in = NO_PHONE
        if not seat.row.channel:
            found = _phone_of(seat, channels)
            if found:
                self._seats.phone_in(seat, found)


def _phone_of(seat: Seat, channels: Mapping[ChannelId, ChannelFact]) -> ChannelId:
    """Return the phone of a seat that is in a conference: only this controller's word lets one in."""
    asked = channels.get(seat.dialing_in)
    if asked is not None and asked.bridge:
        return asked.channel
    mine = f"{ENDPOINT}{seat.row.seat}"
    return next((one.channel for one in channels.values() if one.endpoint == mine and one.bridge), NO_PHONE)
