"""Results due: conversations without a result, whatever happened to phone, desk or controller.

The database is the truth. It is read at start and periodically, so that a result given by another person, on the pages
or on the command line, releases the seat. ``seats`` decides what the seat does meanwhile.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from telephony.domain.calls.attempts import Attempt, Result
from telephony.domain.calls.events import CallEventValue, OperatorConnected
from telephony.domain.calls.lifecycle import Call
from telephony.domain.leads.callbacks import CallbackWish
from telephony.errors import NotFoundError, UnreadableRowError
from telephony.ids import AttemptId, OperatorId
from telephony.ports.calls.attempts import AttemptStore
from telephony.ports.clock import Clock
from telephony.services.calls.tracker import Tracker

MOST: Final = 500
"""Most conversations read at once, newest first."""
BINDS: Final = timedelta(days=7)
"""How long the operator is asked when only the database knows of it; later it is left to supervisors."""


class ResultsDue:
    """The results due, and the operators who owe them."""

    def __init__(self, attempts: AttemptStore, tracker: Tracker, clock: Clock) -> None:
        self._attempts = attempts
        self._tracker = tracker
        self._clock = clock
        self._due: dict[AttemptId, OperatorId] = {}
        self._listed: frozenset[AttemptId] = frozenset()
        self._given: set[AttemptId] = set()

    def on_call(self, call: Call, event: CallEventValue) -> None:
        """Record that an operator who begins to talk owes a result."""
        if isinstance(event, OperatorConnected) and call.attempt.operator_id is not None:
            self.owe(call.attempt.attempt_id, call.attempt.operator_id)

    def owe(self, attempt_id: AttemptId, operator_id: OperatorId) -> None:
        """Record that an operator talked and owes the result."""
        self._due.setdefault(attempt_id, operator_id)

    def of(self, operator_id: OperatorId | None) -> AttemptId | None:
        """Return the first conversation whose result an operator owes; one that goes on is not due yet."""
        return next((key for key, owing in self._due.items() if owing == operator_id and not self._goes_on(key)), None)

    def is_due(self, attempt_id: AttemptId) -> bool:
        """Return True if that result has not been given."""
        return attempt_id in self._due

    def given(self, attempt_id: AttemptId) -> None:
        """Record that the result was written down."""
        self._due.pop(attempt_id, None)
        self._given.add(attempt_id)
        self._listed -= {attempt_id}

    @property
    def count(self) -> int:
        """Number of ended conversations without a result."""
        return sum(1 for attempt_id in self._listed | set(self._due) if not self._goes_on(attempt_id))

    def _goes_on(self, attempt_id: AttemptId) -> bool:
        call = self._tracker.call(attempt_id)
        return call is not None and call.customer_gone_at is None

    async def look(self) -> None:
        """Read which results are due, and which are not any more.

        Raises:
            StoreError: the database cannot be asked; nothing was forgotten.
        """
        self._given.clear()
        listing = await self._attempts.without_result(MOST)
        rows = [row for row in listing if row.attempt_id not in self._given]  # given while it was being read
        listed = frozenset(row.attempt_id for row in rows)
        for attempt_id in [key for key in self._due if key not in listed]:
            if await self._has_result(attempt_id):
                self.given(attempt_id)
        for row in reversed(rows):
            if row.operator_id is not None and self._clock.now() - row.started_at < BINDS:
                self.owe(row.attempt_id, row.operator_id)
        self._listed = listed

    async def _has_result(self, attempt_id: AttemptId) -> bool:
        try:
            return (await self._attempts.get(attempt_id)).result is not None
        except (NotFoundError, UnreadableRowError):
            return True  # nothing is stored any more that could have a result


class MissingResults:
    """How a supervisor gives missing results: on the pages and on the command line."""

    def __init__(self, attempts: AttemptStore, clock: Clock) -> None:
        self._attempts = attempts
        self._clock = clock

    async def missing(self) -> Sequence[Attempt]:
        """Return ended conversations without a result, newest first, at most ``MOST``."""
        return [attempt for attempt in await self._attempts.without_result(MOST) if attempt.ended_at is not None]

    async def give(self, attempt_id: AttemptId, result: Result, by: str, callback: CallbackWish | None = None) -> None:
        """Store a result in its operator's place.

        Args:
            attempt_id: the conversation.
            result: what came of it.
            by: username of the person who gives it, for the ledger.
            callback: the callback that was promised, if any.

        Raises:
            ConflictError: no result can be given; the message says why.
            NotFoundError: there is no such attempt.
        """
        await self._attempts.give_result(attempt_id, result, by, self._clock.now(), callback)
