"""What services need to keep of attempts: their events, their results, and what each was given to begin with.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only
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
"""Kind of the call event that keeps what a person heard in a call taken for a machine: ``heard``, ``by``."""


class AttemptStore(Protocol):
    """Attempts, their permits and their events."""

    async def begin(self, starts: Sequence[AttemptStart], refusals: Sequence[Refusal]) -> Sequence[AttemptStart]:
        """Write attempts and permits, claim their leads, mark refused leads, enter all in the ledger: one transaction.

        A refusal with a moment postpones its lead until then instead of setting it aside.

        Returns:
            The starts that were written. Left out, so that nobody is dialled twice or too soon: a lead that is not
            ``waiting`` any more or not due yet, a number or person that a call is up to already, and a start whose
            preview is not open for its operator any more. A preview that is open ends as called.

        Raises:
            ConflictError: a permit is for another number, list or campaign than its lead's, or an id is taken.
        """

    async def save(self, events: Sequence[CallEvent], attempts: Sequence[Attempt]) -> None:
        """Append call events and bring attempts to the given projection: one transaction for the whole batch.

        An attempt whose state becomes ended with an outcome of ``TRIED_AGAIN`` sets its lead ``waiting`` again; with
        any other outcome the campaign's retry plan decides: ``waiting`` until a later moment, or ``done``. An attempt
        already ended in the database is left as it is (ended stays ended). Its result is not written here: only
        ``set_result`` and ``give_result`` do that.
        """

    async def get(self, attempt_id: AttemptId) -> Attempt:
        """Return it; NotFoundError when there is none."""

    async def by_channel(self, trunk_channel: ChannelId) -> Attempt | None:
        """Return the attempt a trunk channel belongs to, the newest should a switch have used the id twice."""

    async def unfinished(self) -> Sequence[Attempt]:
        """Return every attempt that has not ended, oldest first: what a restart must settle."""

    async def events(self, attempt_id: AttemptId) -> Sequence[CallEvent]:
        """Return its events in the order they were appended."""

    async def recent(
        self, campaign_id: CampaignId | None, limit: int, after: tuple[datetime, AttemptId] | None = None
    ) -> Sequence[Attempt]:
        """Return attempts, newest first; ``after`` is the last row of the page before."""

    async def machines(
        self, campaign_id: CampaignId, begins_at: datetime, limit: int = PAGE, after: Attempt | None = None
    ) -> Sequence[tuple[Attempt, str]]:
        """Return a page of calls taken for machines that ended since, oldest first, with what a reviewer heard last.

        "" when nobody has listened.
        """

    async def machine_counts(self, campaign_id: CampaignId, begins_at: datetime) -> tuple[int, Mapping[str, int]]:
        """Count calls taken for machines that ended since, and by word what reviewers heard last in some of them."""

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
        """Keep the operator's result; a later one replaces it and both stand in the ledger.

        The retry plan decides again for the lead, unless it was called again since; a promised callback decides for
        it, and its bounds are asked in the same step: what they raise is raised, and nothing is kept. Survey quotas are
        counted. ConflictError when the one that is kept says more of the person's will.
        """

    async def without_result(self, limit: int) -> Sequence[Attempt]:
        """Return conversations, also those that go on, whose result nobody has given, newest first."""

    async def give_result(
        self,
        attempt_id: AttemptId,
        result: Result,
        by: str,
        at: datetime,
        callback: CallbackWish | None = None,
    ) -> None:
        """Keep a result that its operator did not give, entered in the ledger with who gave it.

        Raises:
            ConflictError: there was no conversation, it goes on, or it has a result: only a missing one is given.
            NotFoundError: there is no such attempt.
        """

    async def since(self, campaign_id: CampaignId, begins_at: datetime) -> Mapping[str, int]:
        """Count attempts that ended at or after ``begins_at``, by outcome word."""
