"""Store interface for attempts: their permits, events and results.

Part of ``telephony.ports.store``, with the same guarantees: one transaction per method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from telephony.domain.calls.attempts import Attempt, AttemptStart, CallEvent, Refusal, Result
from telephony.domain.leads.callbacks import CallbackWish
from telephony.ids import AttemptId, CampaignId, ChannelId, OperatorId
from telephony.ports.pages import PAGE

REVIEW: Final = "MachineReviewed"
"""Kind of the call event that stores an AMD review: ``heard`` (what the reviewer heard) and ``by``."""


class AttemptStore(Protocol):
    """Attempts, their permits and their events."""

    async def begin(self, starts: Sequence[AttemptStart], refusals: Sequence[Refusal]) -> Sequence[AttemptStart]:
        """Write attempts and permits, claim their leads, mark refused leads, enter all in the ledger: one transaction.

        A refusal with a time postpones its lead until then; other refusals mark the lead as refused.

        Returns:
            The starts that were written. Left out, so that nobody is dialled twice or too early: leads that no longer
            wait or are not due yet, numbers and persons with a call in progress, and starts whose preview is no longer
            open for the operator. An open preview ends as called.

        Raises:
            ConflictError: a permit's number, list or campaign differs from its lead's, or an id is taken.
        """

    async def save(self, events: Sequence[CallEvent], attempts: Sequence[Attempt]) -> None:
        """Append call events and update attempts to the given values: one transaction for the whole batch.

        If an attempt ends with an outcome of ``TRIED_AGAIN``, its lead becomes ``waiting`` again. For others the retry
        plan of the campaign decides: ``waiting`` until a later time, or ``done``. An attempt that has already ended in
        the database is not changed. Results are written only by ``set_result`` and ``give_result``.
        """

    async def get(self, attempt_id: AttemptId) -> Attempt:
        """Return the attempt; NotFoundError when there is none."""

    async def by_channel(self, trunk_channel: ChannelId) -> Attempt | None:
        """Return the attempt of a trunk channel; the newest one if a switch has used the id twice."""

    async def unfinished(self) -> Sequence[Attempt]:
        """Return every attempt that has not ended, oldest first; a restart must settle them."""

    async def events(self, attempt_id: AttemptId) -> Sequence[CallEvent]:
        """Return the attempt's events in the order they were appended."""

    async def recent(
        self, campaign_id: CampaignId | None, limit: int, after: tuple[datetime, AttemptId] | None = None
    ) -> Sequence[Attempt]:
        """Return attempts, newest first; ``after`` is the last row of the previous page."""

    async def machines(
        self, campaign_id: CampaignId, begins_at: datetime, limit: int = PAGE, after: Attempt | None = None
    ) -> Sequence[tuple[Attempt, str]]:
        """Return a page of calls ended by AMD since a time, oldest first, each with its newest review.

        The review is "" when nobody has listened.
        """

    async def machine_counts(self, campaign_id: CampaignId, begins_at: datetime) -> tuple[int, Mapping[str, int]]:
        """Count the calls ended by AMD since a time, and their newest reviews by what was heard."""

    async def on_trunk(self, trunk: str, limit: int) -> Sequence[Attempt]:
        """Return the latest attempts on a trunk, oldest first."""

    async def set_result(
        self,
        attempt_id: AttemptId,
        result: Result,
        operator: OperatorId,
        at: datetime,
        callback: CallbackWish | None = None,
    ) -> None:
        """Store the operator's result; a later one replaces it, and both are in the ledger.

        The retry plan decides again for the lead, unless it was called since. A promised callback takes precedence; its
        bounds are checked in the same transaction, and if they raise, nothing is stored. Survey quotas are counted.
        ConflictError when the stored result expresses the person's will more strongly.
        """

    async def without_result(self, limit: int) -> Sequence[Attempt]:
        """Return conversations without a result, including those in progress, newest first."""

    async def give_result(
        self,
        attempt_id: AttemptId,
        result: Result,
        by: str,
        at: datetime,
        callback: CallbackWish | None = None,
    ) -> None:
        """Store a result that its operator did not give; the ledger entry names who gave it.

        Raises:
            ConflictError: there was no conversation, it is in progress, or it has a result already.
            NotFoundError: there is no such attempt.
        """

    async def since(self, campaign_id: CampaignId, begins_at: datetime) -> Mapping[str, int]:
        """Count attempts that ended at or after ``begins_at``, by outcome."""
