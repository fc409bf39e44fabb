"""What the pages use: services only, as small Protocols where pages need little of them.

The composition root builds one ``WebDeps``; tests build one from fakes. Nothing here touches Asterisk, the database
or files.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from telephony.domain.accounts import Account
from telephony.domain.calls.attempts import Attempt, Result
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.floor.snapshot import FloorView, SeatView
from telephony.domain.floor.talk import Talk
from telephony.domain.leads.callbacks import Later
from telephony.domain.leads.leads import LeadList, RejectedRow
from telephony.domain.leads.preview import PreviewView, SkipReason
from telephony.domain.security.locks import Lock, LockScope
from telephony.domain.text.reason import Reason
from telephony.ids import AttemptId, CampaignId, ListId, OperatorId, PreviewId
from telephony.ports.clock import Clock
from telephony.ports.pages import PAGE
from telephony.services.evidence.incidents import Incidents
from telephony.services.evidence.proofs import Proofs
from telephony.services.floor.desk_feed import DeskFeed
from telephony.services.lists.table import LineCount
from telephony.services.people.accounts import AccountsService
from telephony.services.recordings.playback import ListeningService
from telephony.services.rules.do_not_call import DoNotCallLists
from telephony.settings import SiteSettings, WebSettings


class FloorFeed(Protocol):
    """The live floor."""

    def view(self) -> FloorView:
        """Return the latest snapshot."""

    def changes(self, after_version: int) -> AsyncIterator[FloorView]:
        """Yield every snapshot newer than ``after_version``; a slow reader gets only the latest."""


class CampaignActions(Protocol):
    """Campaigns, for accounts with ``RUN_CAMPAIGNS``; ``by`` is a username."""

    async def all(self) -> Sequence[Campaign]:
        """Return all campaigns, oldest first."""

    async def get(self, campaign_id: CampaignId) -> Campaign:
        """Return a campaign; NotFoundError when there is none."""

    async def effects_of(self, campaign_id: CampaignId, given: Mapping[str, object]) -> Sequence[Reason]:
        """Return the effects of changing these options, by key."""

    async def change(self, campaign_id: CampaignId, given: Mapping[str, object], by: str) -> Campaign:
        """Change these options, by key, also while the campaign runs."""

    async def start(self, campaign_id: CampaignId, by: str) -> Campaign:
        """Start dialing."""

    async def pause(self, campaign_id: CampaignId, by: str) -> Campaign:
        """Stop dialing until the campaign is started again."""

    async def stop(self, campaign_id: CampaignId, by: str) -> Campaign:
        """Stop the campaign permanently."""


class LoadReport(Protocol):
    """The report on a loaded file; see ``telephony.services.lists.importer.ImportReport``."""

    @property
    def list(self) -> LeadList:
        """The list as stored, with its counts."""

    @property
    def reasons(self) -> Mapping[str, int]:
        """The number of rejected rows by reason code."""

    @property
    def examples(self) -> tuple[RejectedRow, ...]:
        """Some rejected rows for each reason, in file order."""

    @property
    def columns(self) -> Reason:
        """Which columns are dialled, as a sentence."""

    @property
    def lines(self) -> LineCount:
        """What the lines of the file are: rows, blank lines, header."""

    @property
    def notes(self) -> tuple[Reason, ...]:
        """Remarks on the file."""


class ListLoader(Protocol):
    """Loads one file as a list of a campaign."""

    async def load_file(
        self,
        source: Path | bytes,
        *,
        campaign: Campaign,
        name: str,
        by: str,
        progress: Callable[[int, int], None] | None = None,
    ) -> LoadReport:
        """Load the file; either all of it is processed or nothing is written."""


class ListReader(Protocol):
    """Lists already loaded; ``Store.leads`` is one."""

    async def lists(self, campaign_id: CampaignId) -> Sequence[LeadList]:
        """Return the campaign's lists, oldest first."""

    async def rejected(
        self, list_id: ListId, limit: int = PAGE, after: RejectedRow | None = None
    ) -> Sequence[RejectedRow]:
        """Return a page of the rejected rows, in file order."""


class ListApprover(Protocol):
    """Approval by a second person; ``telephony.services.rules.whitelist.Whitelist`` is one."""

    async def approve_list(self, list_id: ListId, who: Account) -> LeadList:
        """Approve a list; ConflictError when ``who`` loaded it or it is already approved."""


class DeskService(Protocol):
    """An operator's own seat; every method raises InputError when the action is not possible now."""

    def seat_of(self, operator_id: OperatorId) -> SeatView:
        """Return the operator's own seat."""

    def connected(self, operator_id: OperatorId) -> AbstractContextManager[None]:
        """Count the operator as present while a request or connection of theirs is open, and a while after."""

    def seen(self, operator_id: OperatorId) -> None:
        """Record that the operator is present at their desk."""

    def left(self, operator_id: OperatorId) -> None:
        """Record that the operator signed out: their seat gets no call."""

    def preview_of(self, operator_id: OperatorId) -> PreviewView | None:
        """Return the lead offered to the operator, None when there is none."""

    async def call(self, operator_id: OperatorId, preview_id: PreviewId) -> None:
        """Call the lead the operator read."""

    async def skip(self, operator_id: OperatorId, preview_id: PreviewId, reason: SkipReason) -> None:
        """Skip the lead the operator read: it is offered later."""

    async def choose_result(self, operator_id: OperatorId, result: Result, later: Later | None = None) -> None:
        """Store the result of the ended call, with the callback promised in it."""

    async def pause(self, operator_id: OperatorId) -> None:
        """Take no calls until ready again."""

    async def ready(self, operator_id: OperatorId) -> None:
        """End the pause."""


class ResultActions(Protocol):
    """Results that operators did not give; ``telephony.services.calls.results_due.MissingResults`` is one."""

    async def missing(self) -> Sequence[Attempt]:
        """Return ended conversations without a result, newest first."""

    async def give(self, attempt_id: AttemptId, result: Result, by: str) -> None:
        """Store a result for the operator; ConflictError when none is due."""


class OwnCallActions(Protocol):
    """An operator's own conversation; ``telephony.services.calls.own_call.OwnCall`` is one."""

    async def talk(self, operator_id: OperatorId) -> Talk | None:
        """Return whom the operator talks to, None when nobody."""

    def end(self, operator_id: OperatorId, since_ms: int | None = None) -> None:
        """End the conversation that began at ``since_ms``; InputError when it has ended."""


class LockActions(Protocol):
    """Locks, for accounts with ``LOCK``; ``by`` is shown to people."""

    async def lock(self, scope: LockScope, target: str, by: str, reason: str = "", *, ends_calls: bool = False) -> bool:
        """Block new calls; ``ends_calls`` also terminates those in progress. False when it was already locked."""

    async def end_calls(self, scope: LockScope, target: str, by: str) -> None:
        """Make a lock in force terminate calls in progress too; NotFoundError when nothing is locked."""

    async def unlock(self, scope: LockScope, target: str, by: str, reason: str) -> Lock:
        """Unlock; InputError without a reason, NotFoundError when nothing is locked."""

    async def active(self) -> Sequence[Lock]:
        """Return the locks in force, oldest first."""


@dataclass(frozen=True, slots=True)
class WebDeps:
    """Every service the pages use."""

    accounts: AccountsService
    listening: ListeningService
    floor: FloorFeed
    campaigns: CampaignActions
    lists: ListLoader
    leads: ListReader
    whitelist: ListApprover
    desk: DeskService
    results: ResultActions
    desk_feed: DeskFeed
    own_call: OwnCallActions
    locks: LockActions
    incidents: Incidents
    do_not_call: DoNotCallLists
    proofs: Proofs
    clock: Clock
    web: WebSettings
    site: SiteSettings
