"""What the pages are given: services only, as small Protocols where the pages need little of them.

The composition root builds one ``WebDeps``; tests build one of fakes. Nothing here touches the switch, the database
or the files.
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
        """Return the latest picture."""

    def changes(self, after_version: int) -> AsyncIterator[FloorView]:
        """Yield every picture newer than ``after_version``; a slow watcher gets the latest only."""


class CampaignActions(Protocol):
    """Campaigns, as those with ``RUN_CAMPAIGNS`` move them; ``by`` is a username."""

    async def all(self) -> Sequence[Campaign]:
        """Return all, oldest first."""

    async def get(self, campaign_id: CampaignId) -> Campaign:
        """Return one; NotFoundError when there is none."""

    async def effects_of(self, campaign_id: CampaignId, given: Mapping[str, object]) -> Sequence[Reason]:
        """Return the effects of these options, by key, to be read before they are changed."""

    async def change(self, campaign_id: CampaignId, given: Mapping[str, object], by: str) -> Campaign:
        """Change these options, by key, also while it runs."""

    async def start(self, campaign_id: CampaignId, by: str) -> Campaign:
        """Let it dial."""

    async def pause(self, campaign_id: CampaignId, by: str) -> Campaign:
        """Dial no more until it is started again."""

    async def stop(self, campaign_id: CampaignId, by: str) -> Campaign:
        """End it for good."""


class LoadReport(Protocol):
    """What became of a list file; see ``telephony.services.lists.importer.ImportReport``."""

    @property
    def list(self) -> LeadList:
        """The list as stored, with its counts."""

    @property
    def reasons(self) -> Mapping[str, int]:
        """Rows not taken, by reason word."""

    @property
    def examples(self) -> tuple[RejectedRow, ...]:
        """Some rows per reason, in file order."""

    @property
    def columns(self) -> Reason:
        """Which columns are dialled, as a sentence."""

    @property
    def lines(self) -> LineCount:
        """Where the lines of the file have gone."""

    @property
    def notes(self) -> tuple[Reason, ...]:
        """Sentences worth reading."""


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
        """Load it; either all of it is dealt with or nothing is written."""


class ListReader(Protocol):
    """Lists already loaded; ``Store.leads`` is one."""

    async def lists(self, campaign_id: CampaignId) -> Sequence[LeadList]:
        """Return the campaign's lists, oldest first."""

    async def rejected(
        self, list_id: ListId, limit: int = PAGE, after: RejectedRow | None = None
    ) -> Sequence[RejectedRow]:
        """Return a page of the rows that were not taken, in file order."""


class ListApprover(Protocol):
    """The second person's part; ``telephony.services.rules.whitelist.Whitelist`` is one."""

    async def approve_list(self, list_id: ListId, who: Account) -> LeadList:
        """Let a list be called; ConflictError when ``who`` loaded it or it is approved already."""


class DeskService(Protocol):
    """An operator's own seat; every method raises InputError when it is not possible now."""

    def seat_of(self, operator_id: OperatorId) -> SeatView:
        """Return the operator's own seat."""

    def connected(self, operator_id: OperatorId) -> AbstractContextManager[None]:
        """Count the operator as at their desk while a request or connection of theirs is open, and a while after."""

    def seen(self, operator_id: OperatorId) -> None:
        """Note that the operator was heard of at their desk."""

    def left(self, operator_id: OperatorId) -> None:
        """Note that the operator signed out: their seat gets no call."""

    def preview_of(self, operator_id: OperatorId) -> PreviewView | None:
        """Return the lead before the operator, None when there is none."""

    async def call(self, operator_id: OperatorId, preview_id: PreviewId) -> None:
        """Call the lead the operator read."""

    async def skip(self, operator_id: OperatorId, preview_id: PreviewId, reason: SkipReason) -> None:
        """Leave the lead the operator read to later."""

    async def choose_result(self, operator_id: OperatorId, result: Result, later: Later | None = None) -> None:
        """Keep the result of the call that ended, with the callback it promised."""

    async def pause(self, operator_id: OperatorId) -> None:
        """Take no call until ready again."""

    async def ready(self, operator_id: OperatorId) -> None:
        """End the pause."""


class ResultActions(Protocol):
    """Results that operators did not give; ``telephony.services.calls.results_due.MissingResults`` is one."""

    async def missing(self) -> Sequence[Attempt]:
        """Return ended conversations without a result, newest first."""

    async def give(self, attempt_id: AttemptId, result: Result, by: str) -> None:
        """Keep a result in its operator's place; ConflictError when there is none to give."""


class OwnCallActions(Protocol):
    """An operator's own conversation; ``telephony.services.calls.own_call.OwnCall`` is one."""

    async def talk(self, operator_id: OperatorId) -> Talk | None:
        """Return whom the operator talks to; None when to nobody."""

    def end(self, operator_id: OperatorId, since_ms: int | None = None) -> None:
        """End the conversation that began then; InputError when it is over."""


class LockActions(Protocol):
    """Locks, as those with ``LOCK`` set and lift them; ``by`` is shown to people."""

    async def lock(self, scope: LockScope, target: str, by: str, reason: str = "", *, ends_calls: bool = False) -> bool:
        """Let no new call leave; with ``ends_calls`` those under way end too. False when it was locked already."""

    async def end_calls(self, scope: LockScope, target: str, by: str) -> None:
        """Let a lock in force end calls under way too; NotFoundError when that is not locked."""

    async def unlock(self, scope: LockScope, target: str, by: str, reason: str) -> Lock:
        """Lift it; InputError without a reason, NotFoundError when it is not locked."""

    async def active(self) -> Sequence[Lock]:
        """Return the locks that hold now, oldest first."""


@dataclass(frozen=True, slots=True)
class WebDeps:
    """Everything the pages ask."""

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
