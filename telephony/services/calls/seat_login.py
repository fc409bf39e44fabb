"""Operators' phones: which seat a phone may log in to, when it is in, and when it is gone.

A phone sends ``login`` over FastAGI, which needs no link. Events over the pbx's link report that it is in its
conference, or gone, and the link can be down. So events alone are not trusted: every list of channels shows again which
phones are in. ``seats`` decides what follows for the operator.
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
        """Answer the dialplan's ``login``: which seat this phone has, and if it may be nailed up."""
        endpoint = ask.name.rpartition("/")[2].rpartition("-")[0]
        digits = endpoint.removeprefix(ENDPOINT)
        if not endpoint.startswith(ENDPOINT) or not (digits.isascii() and digits.isdigit()):
            return {}
        number = SeatNumber(int(digits))
        if number not in self._seats.seats:
            await self._seats.load()
        seat = self._seats.seats.get(number)
        if seat is None:
            log.warning("login_refused", seat=number, rule="no_operator", fix="telephony operator add")
            return {}
        if seat.row.channel or seat.dialing_in:
            log.warning("login_refused", seat=number, rule="already_logged_in")
            return {}
        seat.dialing_in = ask.channel
        return {"SEAT": str(number), "VERDICT": f"LOGIN-{ask.channel}-{number}"}

    def on_pbx(self, fact: SwitchFact) -> None:
        """Handle facts about phones: their channel joins the seat's conference, or is gone."""
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
        """After a (re)connection: keep the phones that are still up, let in those that came meanwhile.

        A phone that logs in later cannot be in the list, so this must run at once, without waiting.
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
        """Compare with a list of all channels; what is wrong in two lists in a row is fixed."""
        wrong = {number: seat for number, seat in self._seats.seats.items() if self._is_wrong(seat, channels)}
        suspects = frozenset((number, seat.row.channel or seat.dialing_in) for number, seat in wrong.items())
        for number, seat in wrong.items():
            if (number, seat.row.channel or seat.dialing_in) in self._suspects:
                log.warning("phone_state_fixed", seat=number, is_gone=bool(seat.row.channel))
                self._follow(seat, channels)
        self._suspects = suspects

    def _is_wrong(self, seat: Seat, channels: Mapping[ChannelId, ChannelFact]) -> bool:
        if seat.row.channel:
            return seat.row.channel not in channels
        return _phone_of(seat, channels) != NO_PHONE or (bool(seat.dialing_in) and seat.dialing_in not in channels)

    def _follow(self, seat: Seat, channels: Mapping[ChannelId, ChannelFact]) -> None:
        if seat.row.channel and seat.row.channel not in channels:
            self._seats.move(seat, OperatorEvent.PHONE_LOST)
        if seat.dialing_in not in channels:
            seat.dialing_in = NO_PHONE
        if not seat.row.channel:
            phone = _phone_of(seat, channels)
            if phone:
                self._seats.phone_in(seat, phone)


def _phone_of(seat: Seat, channels: Mapping[ChannelId, ChannelFact]) -> ChannelId:
    """Return the seat's phone that is in a conference: only this controller lets phones in."""
    phone = channels.get(seat.dialing_in)
    if phone is not None and phone.bridge:
        return phone.channel
    mine = f"{ENDPOINT}{seat.row.seat}"
    return next((fact.channel for fact in channels.values() if fact.endpoint == mine and fact.bridge), NO_PHONE)
