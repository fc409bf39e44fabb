"""Reads the callback that an operator and a called person agreed on, and checks its time."""

from datetime import timedelta

from telephony.domain.leads.callbacks import CallbackWish, Later, read_moment
from telephony.ids import AttemptId, OperatorId
from telephony.ports.clock import Clock
from telephony.services.rules.callback_promises import Promises


class CallbackWishes:
    """Reads callback times.

    Args:
        promises: checks the times.
        clock: the current time.
        timezone: the site's, IANA.
        kept_for: how long after its time a callback waits for the operator who promised it; zero: any operator calls.
    """

    def __init__(self, promises: Promises, clock: Clock, timezone: str, kept_for: timedelta) -> None:
        self._promises = promises
        self._clock = clock
        self._timezone = timezone
        self._kept_for = kept_for

    async def read(self, operator_id: OperatorId, attempt_id: AttemptId | None, later: Later) -> CallbackWish:
        """Return the callback an operator promised in a call.

        Raises:
            InputError: its time cannot be read, or may not be promised.
        """
        own = self._timezone if attempt_id is None else await self._promises.zone_in(attempt_id)
        zone = later.zone or own  # the time is agreed in the called person's zone
        at = read_moment(later.text, zone, self._clock.now())
        bounds = None if attempt_id is None else await self._promises.check_in(attempt_id, at)
        is_anyone = later.is_anyone or not self._kept_for
        return CallbackWish(at, zone, None if is_anyone else operator_id, at + self._kept_for, bounds)
