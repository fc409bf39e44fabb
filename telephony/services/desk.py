"""The operator's desk: what a signed-in operator may do at their own seat; never a number (I8)."""

from contextlib import AbstractContextManager
from datetime import timedelta

from telephony.domain.attempts import Result
from telephony.domain.callbacks import CallbackWish, Later, read_moment
from telephony.domain.floor import SeatView
from telephony.domain.previews import PreviewView, SkipReason
from telephony.ids import OperatorId, PreviewId
from telephony.ports.clock import Clock
from telephony.services.floor import Floor
from telephony.services.presence import Presence
from telephony.services.preview_desk import PreviewDesk
from telephony.services.promises import Promises
from telephony.services.seat_duties import SeatDuties
from telephony.services.seats import Seats


class Desk:
    """Acts on the seat of the operator who asks, and on no other."""

    def __init__(
        self,
        seats: Seats,
        floor: Floor,
        clock: Clock,
        timezone: str,
        kept_for: timedelta,
        previews: PreviewDesk,
        presence: Presence,
        duties: SeatDuties,
        promises: Promises,
    ) -> None:
        """Keep the parts.

        Args:
            seats: the seats.
            floor: how a seat is shown.
            clock: the present moment.
            timezone: the site's, IANA.
            kept_for: how long past its moment a callback waits for the operator who promised it; zero: anyone calls.
            previews: what operators do with the lead before them.
            presence: who is at their desk.
            duties: told who signed out.
            promises: for which moments a callback may be promised.
        """
        self._promises = promises
        self._presence = presence
        self._duties = duties
        self._previews = previews
        self._seats = seats
        self._floor = floor
        self._clock = clock
        self._timezone = timezone
        self._kept_for = kept_for

    def seat_of(self, operator_id: OperatorId) -> SeatView:
        """Return the operator's own seat; InputError when they have none."""
        return self._floor.seat_view(self._seats.seat_of(operator_id))

    def seen(self, operator_id: OperatorId) -> None:
        """Note that the operator, signed in, asked something: a seat with nobody at its desk gets no call."""
        self._presence.seen(operator_id)

    def connected(self, operator_id: OperatorId) -> AbstractContextManager[None]:
        """Count the operator as there as long as a connection of their desk is open."""
        return self._presence.connected(operator_id)

    def left(self, operator_id: OperatorId) -> None:
        """Note that the operator signed out: no call comes, and what they owe stays due."""
        self._duties.left(operator_id)

    def preview_of(self, operator_id: OperatorId) -> PreviewView | None:
        """Return the lead before the operator, None when there is none."""
        return self._previews.view(operator_id)

    async def call(self, operator_id: OperatorId, preview_id: PreviewId) -> None:
        """Call the lead the operator read; PreviewError, and nothing is dialled, when that is not possible."""
        await self._previews.call(operator_id, preview_id)

    async def skip(self, operator_id: OperatorId, preview_id: PreviewId, reason: SkipReason) -> None:
        """Leave the lead the operator read to later; PreviewError when it is gone, or too many were skipped."""
        await self._previews.skip(operator_id, preview_id, reason)

    async def choose_result(self, operator_id: OperatorId, result: Result, later: Later | None = None) -> None:
        """Keep the result of the call that ended, with the callback it promised.

        Raises:
            InputError: none is due, or the callback's moment makes no sense, or is none at which it may be promised.
        """
        wish = await self._wish(operator_id, later) if later is not None and result is Result.CALL_BACK else None
        await self._seats.choose_result(operator_id, result, wish)

    async def _wish(self, operator_id: OperatorId, later: Later) -> CallbackWish:
        attempt_id = self._seats.seat_of(operator_id).row.attempt_id
        own = self._timezone if attempt_id is None else await self._promises.zone_in(attempt_id)
        zone = later.zone or own  # what an operator agrees on is on the person's clock
        at = read_moment(later.text, zone, self._clock.now())
        bounds = None if attempt_id is None else await self._promises.check_in(attempt_id, at)
        is_anyone = later.is_anyone or not self._kept_for
        return CallbackWish(at, zone, None if is_anyone else operator_id, at + self._kept_for, bounds)

    async def pause(self, operator_id: OperatorId) -> None:
        """Pause; InputError when the operator is not ready."""
        await self._seats.pause(operator_id)

    async def ready(self, operator_id: OperatorId) -> None:
        """End the pause; InputError when there is none."""
        await self._seats.ready(operator_id)
