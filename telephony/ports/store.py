"""What services need from the database, by capability; ``Store`` holds them all.

One adapter implements every part on SQLite and on PostgreSQL. Each method is one transaction: when it returns, the
change is durable; when it raises, nothing was written. Ports raise only the ``StoreError`` family.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, Self

from telephony.domain.attempts import Attempt, AttemptStart, CallEvent, Refusal, Result
from telephony.domain.callbacks import CallbackWish
from telephony.domain.campaigns import (
    AnsweredCounts,
    CallOrder,
    Campaign,
    CampaignProgress,
    CampaignState,
    DialMode,
    NewCampaign,
)
from telephony.domain.leads import WHENEVER, DueLeads, IsOpen, Lead, LeadList, NewLead, RejectedRow, every_clock
from telephony.domain.locks import Lock, LockScope
from telephony.domain.permits import DialPermit
from telephony.domain.retries import RetryPlan
from telephony.domain.talk import NameShown
from telephony.domain.trunks import Route
from telephony.ids import (
    AttemptId,
    CampaignId,
    ChannelId,
    LeadId,
    ListId,
    OperatorId,
    PermitId,
)
from telephony.ports.keys import KeyStore
from telephony.ports.law import LawStore
from telephony.ports.lead_work import CallbackStore, ChoiceStore, LeadWorkStore, QuotaStore
from telephony.ports.ledger import LedgerStore
from telephony.ports.opposition import OppositionStore
from telephony.ports.pages import PAGE
from telephony.ports.people import AccountStore, SeatStore
from telephony.ports.previews import PreviewStore
from telephony.ports.recordings import RecordingStore
from telephony.ports.unreadable import UnreadableRows
from telephony.ports.whitelist import Standing, WhitelistStore


class CampaignStore(Protocol):
    """Campaigns and their progress."""

    async def add(self, campaign: NewCampaign, by: str) -> Campaign:
        """Create it, entered in the ledger; ConflictError when the name is taken."""

    async def get(self, campaign_id: CampaignId) -> Campaign:
        """Return it; NotFoundError when there is none."""

    async def by_name(self, name: str) -> Campaign:
        """Return it; NotFoundError when there is none (the message lists what exists)."""

    async def all(self) -> Sequence[Campaign]:
        """Return all, oldest first."""

    async def plan(self, campaign_id: CampaignId) -> RetryPlan:
        """Return when its leads are tried again; ``ONCE`` when nobody said."""

    async def set_plan(self, campaign_id: CampaignId, plan: RetryPlan, by: str, at: datetime) -> None:
        """Change that from the next ended attempt on, entered in the ledger; NotFoundError when there is none."""

    async def set_state(self, campaign_id: CampaignId, state: CampaignState, by: str, at: datetime) -> Campaign:
        """Move it, entered in the ledger; ConflictError when ``MAY_FOLLOW`` does not allow it."""

    async def set_routes(self, campaign_id: CampaignId, routes: Sequence[Route], by: str, at: datetime) -> Campaign:
        """Give it other ways out, at least one, entered in the ledger."""

    async def set_mode(
        self, campaign_id: CampaignId, mode: DialMode, by: str, at: datetime, power_tenths: int | None = None
    ) -> Campaign:
        """Pace it otherwise, entered in the ledger; ``power_tenths`` is kept when None."""

    async def set_withdrawing(self, campaign_id: CampaignId, after_s: int, by: str, at: datetime) -> Campaign:
        """Let dials that ring in vain be hung up after so many seconds, 0 never; entered in the ledger."""

    async def set_detecting(self, campaign_id: CampaignId, by: str, at: datetime, *, detects: bool) -> Campaign:
        """Have answered calls listened to for machines, or not; entered in the ledger."""

    async def set_call_order(self, campaign_id: CampaignId, order: CallOrder, by: str, at: datetime) -> Campaign:
        """Choose which of its leads are called first, entered in the ledger."""

    async def set_desk(
        self, campaign_id: CampaignId, shown_name: NameShown, first_sentence: str, by: str, at: datetime
    ) -> Campaign:
        """Choose what operators see of its calls, entered in the ledger."""

    async def answered_since(self, campaign_id: CampaignId, since: datetime) -> AnsweredCounts:
        """Count the attempts begun since a moment, aware UTC: all, connected, abandoned, machines, withdrawn."""

    async def progress(self, campaign_id: CampaignId) -> CampaignProgress:
        """Count its leads, outcomes and results."""


@dataclass(frozen=True, slots=True)
class NewList:
    """What is known of a list before its rows are read."""

    campaign_id: CampaignId
    name: str
    file_sha256: str
    loaded_by: str
    loaded_at: datetime


class ListLoad(Protocol):
    """One list being loaded, inside one transaction; leaving its context with an exception leaves nothing behind."""

    async def add(self, leads: Sequence[NewLead]) -> Sequence[NewLead]:
        """Write a batch; return the rows left out because the campaign has that number already.

        A person of a withdrawn list who waits, or whom a rule refused, is none of them: their lead moves to this list,
        with its attempts, when its context ends well.
        """

    @property
    def settled(self) -> Collection[int]:
        """Rows left out so far whose person a withdrawn list was done with, or has on the line."""

    async def reject(self, rows: Sequence[RejectedRow]) -> None:
        """Keep rejected rows with their reasons, so that they can be downloaded later."""

    async def __aenter__(self) -> Self:
        """Begin."""

    async def __aexit__(self, *exc_info: object) -> None:
        """Commit, or roll everything back when an exception passes."""

    async def finish(self) -> LeadList:
        """Count, enter in the ledger and return the list; call last, inside the context."""


class LeadStore(Protocol):
    """Lists and leads."""

    def load(self, new: NewList) -> ListLoad:
        """Begin loading a list; use as ``async with``."""

    async def lists(self, campaign_id: CampaignId) -> Sequence[LeadList]:
        """Return the campaign's lists, oldest first."""

    async def rejected(
        self, list_id: ListId, limit: int = PAGE, after: RejectedRow | None = None
    ) -> Sequence[RejectedRow]:
        """Return a page of the rows that were not taken (duplicates included), in file order."""

    async def waiting(self, campaign_id: CampaignId, limit: int, at: datetime = WHENEVER) -> Sequence[Lead]:
        """Return the next leads that may be tried at a moment, of lists that are approved and not withdrawn.

        Oldest list first; within a list the higher priority first; within a priority those that come back first, by
        their moment, then the fresh ones in file order. Nothing is claimed.
        """

    async def due(
        self,
        campaign_id: CampaignId,
        limit: int,
        at: datetime,
        free: Collection[OperatorId],
        is_open: IsOpen = every_clock,
    ) -> DueLeads:
        """Return what may be called now: callbacks kept for anyone or an operator in ``free``, then lists' leads.

        Up to ``limit`` of each list with a share, and of the others together, in the order of ``waiting``. Leads on a
        clock that is not open are not looked at, however many they are; their clocks are returned as ``shut``.
        """

    async def get(self, lead_id: LeadId) -> Lead:
        """Return it; NotFoundError when there is none."""


REVIEW: Final = "MachineReviewed"
"""Kind of the call event that keeps what a person heard in a call taken for a machine: ``heard``, ``by``."""


class AttemptStore(Protocol):
    """Attempts, their permits and their events."""

    async def begin(self, starts: Sequence[AttemptStart], refusals: Sequence[Refusal]) -> Sequence[AttemptStart]:
        """Write attempts and permits, claim their leads, mark refused leads, enter all in the ledger: one transaction.

        A refusal with a moment postpones its lead until then instead of setting it aside.

        Returns:
            The starts that hold: a lead that was not ``waiting`` any more, or not before a later moment, is left
            out, so that it cannot be dialled twice or too soon; so is one whose preview does not lie before its
            operator any more. A preview that does is ended as called.
        """

    async def save(self, events: Sequence[CallEvent], attempts: Sequence[Attempt]) -> None:
        """Append call events and bring attempts to the given projection: one transaction for the whole batch.

        An attempt whose state becomes ended with an outcome of ``TRIED_AGAIN`` sets its lead ``waiting`` again; with
        any other outcome the campaign's retry plan decides: ``waiting`` until a later moment, or ``done``. An attempt
        already ended in the database is left as it is (ended stays ended).
        """

    async def get(self, attempt_id: AttemptId) -> Attempt:
        """Return it; NotFoundError when there is none."""

    async def by_channel(self, trunk_channel: ChannelId) -> Attempt | None:
        """Return the attempt a trunk channel belongs to."""

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

        ConflictError when there was no conversation, when it goes on, or when it has a result: a missing one only.
        """

    async def since(self, campaign_id: CampaignId, begins_at: datetime) -> Mapping[str, int]:
        """Count ended attempts since ``begins_at`` by outcome word."""


RULES_CHANGED: Final = "rules_changed"
"""Answer of ``PermitStore.use`` when the whitelist has changed since the rules were decided."""


@dataclass(frozen=True, slots=True)
class AtGate:
    """A permit as it was given, and what its lead's list, campaign and number stand at now."""

    permit: DialPermit
    standing: Standing


class PermitStore(Protocol):
    """Permits at the gate."""

    async def at_gate(self, permit_id: PermitId) -> AtGate | None:
        """Return it, whatever its state, with all that the whitelist decides it on; None when it was never given."""

    async def find(self, permit_id: PermitId) -> DialPermit | None:
        """Return it, whatever its state; None when it was never given."""

    async def use(self, permit_id: PermitId, gate: str, at: datetime, as_of: int | None = None) -> str:
        """Consume it if it is unused, of this moment and for ``gate``; entered in the ledger either way.

        Args:
            permit_id: the permit asked about.
            gate: who asks.
            at: aware UTC, the moment of the decision.
            as_of: version of the whitelist the rules were decided on. When it has changed since, the answer is
                ``RULES_CHANGED``, nothing is done or entered, and the rules are to be decided again.

        Returns:
            "" when it was consumed by this very call (at most once in the life of a permit, whatever the
            concurrency), otherwise the rule that refused: ``permit_unknown``, ``permit_used``, ``permit_void``,
            ``permit_early`` (the clock was set back), ``permit_expired`` or ``permit_gate``.
        """

    async def refuse(self, permit_id: PermitId, rule: str, at: datetime) -> None:
        """Void it because a rule decided again says no; a used one stays used; entered in the ledger either way."""

    async def used(self, permit_ids: Collection[PermitId]) -> frozenset[PermitId]:
        """Return those of these permits that the gate consumed: a trunk leg may exist, whatever was told of it."""

    async def void_unused(self, at: datetime) -> int:
        """Void every unused permit (at start, before the gate is answered again); return how many."""


class LockStore(Protocol):
    """Locks: who let nothing leave, when and why, and who lifted it."""

    async def add(self, lock: Lock) -> bool:
        """Keep it unless the same scope and target is locked already; entered in the ledger; True when kept."""

    async def end_calls(self, scope: LockScope, target: str, by: str, at: datetime) -> bool:
        """Let the lock in force end calls under way too, entered in the ledger; False when none is, or it does so."""

    async def release(self, scope: LockScope, target: str, by: str, reason: str, at: datetime) -> Lock:
        """Lift it, entered in the ledger; NotFoundError when nothing of that scope and target is locked."""

    async def is_there(self, scope: LockScope, target: str) -> bool:
        """Return True if there is such a campaign or seat; idle or stopped ones are there, the site always is."""

    async def active(self) -> Sequence[Lock]:
        """Return the locks that hold now, oldest first."""

    async def recent(self, limit: int) -> Sequence[Lock]:
        """Return locks, lifted ones too, newest first."""


@dataclass(frozen=True, slots=True)
class Store:
    """Every capability, on one database."""

    campaigns: CampaignStore
    leads: LeadStore
    attempts: AttemptStore
    permits: PermitStore
    recordings: RecordingStore
    seats: SeatStore
    accounts: AccountStore
    ledger: LedgerStore
    locks: LockStore
    whitelist: WhitelistStore
    keys: KeyStore
    law: LawStore
    oppositions: OppositionStore
    work: LeadWorkStore
    callbacks: CallbackStore
    quotas: QuotaStore
    previews: PreviewStore
    choice: ChoiceStore
    unreadable: UnreadableRows
