"""Results that are due: conversations whose result nobody has given, whatever became of phone, desk or controller.

The database is the truth: it is read at the start and again and again, so that a result given by another person, on the
pages or on the command line, lets the seat go on. What a seat does meanwhile is left to ``seats``.
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
"""Most that are read at once, the newest."""
BINDS: Final = timedelta(days=7)
"""How long the operator is asked first when only the database knows of it; afterwards it is left to other people."""


class ResultsDue:
    """What is due of whom."""

    def __init__(self, attempts: AttemptStore, tracker: Tracker, clock: Clock) -> None:
        self._attempts = attempts
        self._tracker = tracker
        self._clock = clock
        self._due: dict[AttemptId, OperatorId] = {}
        self._listed: frozenset[AttemptId] = frozenset()
        self._given: set[AttemptId] = set()

    def on_call(self, call: Call, event: CallEventValue) -> None:
        """Note whoever begins to talk: they owe a result."""
        if isinstance(event, OperatorConnected) and call.attempt.operator_id is not None:
            self.owe(call.attempt.attempt_id, call.attempt.operator_id)

    def owe(self, attempt_id: AttemptId, operator_id: OperatorId) -> None:
        """Note that an operator talked, and owes the result."""
        self._due.setdefault(attempt_id, operator_id)

    def of(self, operator_id: OperatorId | None) -> AttemptId | None:
        """Return the conversation whose result an operator owes first; one that goes on is not due yet."""
        return next((one for one, owing in self._due.items() if owing == operator_id and not self._goes_on(one)), None)

    def is_due(self, attempt_id: AttemptId) -> bool:
        """Return True when nobody has given that result."""
        return attempt_id in self._due

    def given(self, attempt_id: AttemptId) -> None:
        """Note that it was written down."""
        self._due.pop(attempt_id, None)
        self._given.add(attempt_id)
        self._listed -= {attempt_id}

    @property
    def count(self) -> int:
        """How many ended conversations have no result."""
        return sum(1 for one in self._listed | set(self._due) if not self._goes_on(one))

    def _goes_on(self, attempt_id: AttemptId) -> bool:
        call = self._tracker.call(attempt_id)
        return call is not None and call.customer_gone_at is None

    async def look(self) -> None:
        """Read what is due, and what is not any more.

        Raises:
            StoreError: the database cannot be asked; nothing was forgotten.
        """
        self._given.clear()
        found = await self._attempts.without_result(MOST)
        rows = [row for row in found if row.attempt_id not in self._given]  # given while it was being read
        listed = frozenset(row.attempt_id for row in rows)
        for attempt_id in [one for one in self._due if one not in listed]:
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
            return True  # nothing is kept of it that a result could be given for


class MissingResults:
    """What a supervisor does about them: on the pages and on the command line."""

    def __init__(self, attempts: AttemptStore, clock: Clock) -> None:
        self._attempts = attempts
        self._clock = clock

    async def missing(self) -> Sequence[Attempt]:
        """Return ended conversations without a result, newest first, ``MOST`` of them at most."""
        return [one for one in await self._attempts.without_result(MOST) if one.ended_at is not None]

    async def give(self, attempt_id: AttemptId, result: Result, by: str, callback: CallbackWish | None = None) -> None:
        """Keep a result in its operator's place.

        Args:
            attempt_id: the conversation.
            result: what came of it.
            by: username of who gives it, for the ledger.
            callback: what was promised, with a callback.

        Raises:
            ConflictError: there is none to give; the sentence says why.
            NotFoundError: there is no such attempt.
        """
        await self._attempts.give_result(attempt_id, result, by, self._clock.now(), callback)
