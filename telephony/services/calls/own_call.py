"""The call an operator is in: the person they talk to, and how to end it. No other call, never a number (I8)."""

from dataclasses import replace
from typing import Final

from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.talk import Talk, talk_of
from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.law.places import own_zone
from telephony.domain.text.reason import Reason, ReasonError
from telephony.ids import AttemptId, OperatorId
from telephony.ports.store import Store
from telephony.services.calls.hangup import Hangups
from telephony.services.calls.seats import Seats
from telephony.services.calls.tracker import Tracker

NO_CALL: Final = Reason("desk.no_call")


class NoCallError(ReasonError):
    """The operator is not in the call they want to end; nothing was ended."""

    def __init__(self) -> None:
        super().__init__(NO_CALL)


class OwnCall:
    """The call of the operator who makes the request."""

    def __init__(self, store: Store, seats: Seats, tracker: Tracker, hangups: Hangups, timezone: str) -> None:
        """``timezone`` is the site's, for people whose own is one of several."""
        self._timezone = timezone
        self._store = store
        self._talks: dict[OperatorId, tuple[AttemptId, Talk]] = {}
        self._seats = seats
        self._tracker = tracker
        self._hangups = hangups

    async def talk(self, operator_id: OperatorId) -> Talk | None:
        """Return whom the operator talks to, from the call's arrival until its result; None if they have no call.

        Raises:
            InputError: they have no seat.
            StoreError: the database cannot be asked.
        """
        seat = self._seats.seat_of(operator_id)
        attempt_id = seat.row.attempt_id
        if attempt_id is None:
            self._talks.pop(operator_id, None)
            return None
        known, talk = self._talks.get(operator_id, (None, None))
        if known != attempt_id or talk is None:
            attempt = await self._store.attempts.get(attempt_id)
            campaign = await self._store.campaigns.get(attempt.campaign_id)
            lead = await self._store.leads.get(attempt.lead_id)
            zone = own_zone(attempt.number, CallingZone.read(lead.clock).zone, self._timezone)
            talk = replace(talk_of(campaign, lead, seat.operator_name), zone=zone)
            self._talks[operator_id] = attempt_id, talk
        return talk

    def end(self, operator_id: OperatorId, since_ms: int | None = None) -> None:
        """Terminate the operator's call from both sides at once; its result is then due.

        Args:
            operator_id: the operator.
            since_ms: when the displayed conversation began, so that a late press never ends the next one; None: the
                present one.

        Raises:
            InputError: they have no seat, or that conversation is over.
        """
        seat = self._seats.seat_of(operator_id)
        attempt_id = seat.row.attempt_id
        call = self._tracker.call(attempt_id) if attempt_id is not None else None
        is_read = since_ms is None or since_ms == round(seat.row.since_at.timestamp() * 1000)
        if seat.state is not OperatorState.TALKING or call is None or not is_read:
            raise NoCallError
        self._hangups.end(call)
