"""The only source of leads: the next leads of each running campaign, read ahead so that none has to wait.

A poll reads again what is due: callbacks first, then lists by their share, each in its ranked order. Leads outside
their calling hours are not read. Leads of a full quota are closed here. Nothing is claimed before
``AttemptStore.begin``, so a crash at any line loses nothing and calls nobody twice. A lead that is taken and not yet
written is not read again. The caller decides if a lead may be called.
"""

import contextlib
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.law.verdict import LawRefusal
from telephony.domain.leads.deferred import DeferredLeads
from telephony.domain.leads.leads import DueLeads, IsOpen, Lead, Window
from telephony.domain.leads.mixing import RECENT, mixed
from telephony.domain.leads.quotas import Quota, full_cell
from telephony.ids import CampaignId, LeadId, ListId, OperatorId, QuotaId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.calls.seats import Seats
from telephony.services.rules.blockers import Blockers
from telephony.services.rules.calling_hours import CallingHours

ROUNDS: Final = 20
"""Most windows closed in one poll while all their leads belong to full quota cells."""


class LeadOrder(Protocol):
    """Chooses which leads of a campaign are called first; it must leave none out."""

    window: int
    """Number of leads of a list that it compares."""

    async def windows(self, due: DueLeads, is_open: IsOpen, more: int) -> Sequence[Window]:
        """Return the lists' next leads; a list with a share gets its own window.

        Args:
            due: what may be called now, in the lists' order.
            is_open: returns True if a calling zone is within calling hours.
            more: leads to read beyond ``window``, because that many are deferred.
        """

    def order(self, leads: Sequence[Lead], now: datetime) -> Sequence[Lead]:
        """Return the same leads, best to call now first."""


class LeadOrders(Protocol):
    """Each campaign's lead order."""

    async def of(self, campaign: Campaign) -> LeadOrder:
        """Return the campaign's present order; StoreError if it cannot be read."""


class ListOrder:
    """The list's own order: leads that are retried, then the file's order."""

    window: int = 50

    async def windows(self, due: DueLeads, is_open: IsOpen, more: int) -> Sequence[Window]:
        """Return them unchanged."""
        del is_open, more
        return due.windows

    def order(self, leads: Sequence[Lead], now: datetime) -> Sequence[Lead]:
        """Return them unchanged."""
        del now
        return leads


class LeadFeed:
    """The next leads of the running campaigns, campaigns in turn."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        clocks: CallingHours,
        seats: Seats,
        blockers: Blockers,
        deferred: DeferredLeads,
        orders: LeadOrders,
        modes: Collection[DialMode],
    ) -> None:
        """Build an empty feed.

        Args:
            store: campaigns and leads.
            clock: the present time.
            clocks: the calling hours of each calling zone.
            seats: operators who are ready now: callbacks kept for one of them may be made.
            blockers: what blocks a campaign's calls now.
            deferred: leads to be left alone for a while.
            orders: each campaign's lead order.
            modes: dialing modes of this feed's campaigns; two feeds must not share one.
        """
        self._modes = frozenset(modes)
        self._store = store
        self._clock = clock
        self._clocks = clocks
        self._seats = seats
        self._blockers = blockers
        self._deferred = deferred
        self._orders = orders
        self.running: dict[CampaignId, Campaign] = {}
        """Running campaigns, as of the last poll."""
        self.shut: dict[CampaignId, tuple[str, LawRefusal]] = {}
        """Campaigns whose waiting leads are all outside calling hours: the first zone to open, and the refusal now."""
        self._leads: dict[CampaignId, deque[Lead]] = {}
        self._turn: deque[CampaignId] = deque()
        self._recent: dict[CampaignId, deque[ListId]] = {}
        self._first: dict[LeadId, Lead] = {}
        self._promised: dict[LeadId, OperatorId | None] = {}
        self._next_at: dict[CampaignId, datetime | None] = {}
        self._taken: set[CampaignId] = set()

    async def look(self) -> None:
        """Read which campaigns run and what is due in each; after a StoreError there is nothing to call."""
        campaigns, self.running = await self._store.campaigns.all(), {}
        running = {
            campaign.campaign_id: campaign
            for campaign in campaigns
            if campaign.state is CampaignState.RUNNING and campaign.dialing.mode in self._modes
        }
        self._leads = {key: leads for key, leads in self._leads.items() if key in running}
        self._promised.clear()
        self.shut.clear()
        if running:
            await self._clocks.refresh()
        for campaign in running.values():
            await self._fetch(campaign)
        self.running = running
        have = [key for key, leads in self._leads.items() if leads]
        self._turn = deque([key for key in self._turn if key in have] + [key for key in have if key not in self._turn])

    @contextlib.contextmanager
    def taking(self) -> Iterator[None]:
        """Do not read taken leads again until this ends: they still wait in the database."""
        try:
            yield
        finally:
            self._taken.clear()

    async def next(self, campaign_id: CampaignId | None = None) -> tuple[Campaign, Lead] | None:
        """Take the next lead of a campaign, or of any, campaigns in turn; within ``taking``.

        Returns:
            None if there is none, or if the taken leads must be written before more can be read.
        """
        can_read = campaign_id not in self._taken if campaign_id is not None else not self._taken
        while self._turn if campaign_id is None else campaign_id in self._turn:
            key = self._turn[0] if campaign_id is None else campaign_id
            campaign = self.running.get(key)
            if campaign is None or self._blockers.campaign(campaign) is not None:
                self._turn.remove(key)
                continue
            if not self._leads.get(key):
                if not can_read:
                    return None
                await self._fetch(campaign)
            leads = self._leads[key]
            if not leads:
                self._turn.remove(key)
                continue
            self._turn.remove(key)
            self._turn.append(key)
            lead = leads.popleft()
            self._taken.add(key)
            self._first.pop(lead.lead_id, None)
            self._recent.setdefault(key, deque(maxlen=RECENT)).append(lead.list_id)
            return campaign, lead
        return None

    def may_call(self, campaign_id: CampaignId) -> bool:
        """Return True if a campaign has somebody to call now and nothing blocks it."""
        campaign = self.running.get(campaign_id)
        return campaign is not None and campaign_id in self._turn and self._blockers.campaign(campaign) is None

    def is_outside_hours(self, campaign: Campaign, lead: Lead) -> bool:
        """Return True if a lead is outside calling hours: it waits, unread, until its calling zone opens."""
        return self._clocks.shut(campaign, lead.clock) is not None

    def give_back(self, lead: Lead) -> None:
        """Put back a lead that was taken and not begun."""
        self._leads[lead.campaign_id].appendleft(lead)

    def put_first(self, lead: Lead) -> None:
        """Call this lead before all others of its campaign, whatever is read meanwhile."""
        self._first[lead.lead_id] = lead
        self._leads.setdefault(lead.campaign_id, deque()).appendleft(lead)
        if lead.campaign_id not in self._turn:
            self._turn.append(lead.campaign_id)

    def forget(self, campaign_id: CampaignId | None = None) -> None:
        """Take no more leads from a campaign, or from any, before the next poll."""
        self.running = {key: campaign for key, campaign in self.running.items() if campaign_id not in (None, key)}

    @property
    def is_due(self) -> bool:
        """True if any campaign has somebody to call now."""
        return bool(self._turn)

    def has_leads(self, campaign_id: CampaignId) -> bool:
        """Return True if a campaign has somebody to call now."""
        return campaign_id in self._turn

    def promised_to(self, lead_id: LeadId) -> OperatorId | None:
        """Return the operator a lead's callback is kept for; None if there is none or anyone may call."""
        return self._promised.get(lead_id)

    def is_promised(self, lead_id: LeadId) -> bool:
        """Return True if a lead's call is a promised callback."""
        return lead_id in self._promised

    def next_in(self, campaign_id: CampaignId) -> timedelta | None:
        """Return how long until the next lead is due, as of the last poll; None if none waits."""
        at = self._next_at.get(campaign_id)
        return None if at is None else max(at - self._clock.now(), timedelta(0))

    async def _fetch(self, campaign: Campaign) -> None:
        campaign_id = campaign.campaign_id
        order = await self._orders.of(campaign)
        quotas = await self._store.quotas.of(campaign_id)
        for _ in range(ROUNDS):
            now = self._clock.now()
            due = await self._due(campaign, order, now)
            closed = await self._close_full(due, quotas, now)
            first = [lead for lead in self._first.values() if lead.campaign_id == campaign_id]
            rest = [lead for lead in self._ordered(campaign_id, order, due, now) if lead.lead_id not in self._first]
            leads = [
                lead
                for lead in first + rest
                if lead.lead_id not in closed and not self._deferred.is_deferred(lead.lead_id, now)
            ]
            self._leads[campaign_id] = deque(leads)
            self._next_at[campaign_id] = due.next_at
            if leads or not closed:
                self._note_outside_hours(campaign, due)
                break

    async def _due(self, campaign: Campaign, order: LeadOrder, now: datetime) -> DueLeads:
        """Read what may be called now, in the windows of the campaign's order."""

        def is_open(zone: str) -> bool:
            return self._clocks.shut(campaign, zone) is None

        more = self._deferred.count(now)
        ready = [seat.row.operator_id for seat in self._seats.ready() if seat.row.operator_id is not None]
        due = await self._store.leads.due(campaign.campaign_id, order.window + more, now, ready, is_open)
        return replace(due, windows=tuple(await order.windows(due, is_open, more)))

    def _note_outside_hours(self, campaign: Campaign, due: DueLeads) -> None:
        refusals = {zone: self._clocks.shut(campaign, zone) for zone in due.shut}
        shut = [(zone, no) for zone, no in refusals.items() if no is not None and no.until is not None]
        if shut and not due.promises and not due.windows and due.next_at is None:
            self.shut[campaign.campaign_id] = min(shut, key=lambda pair: (pair[1].until, pair[0]))
        else:
            self.shut.pop(campaign.campaign_id, None)

    def _ordered(self, campaign_id: CampaignId, order: LeadOrder, due: DueLeads, now: datetime) -> list[Lead]:
        self._promised |= {promise.lead.lead_id: promise.operator_id for promise in due.promises}
        ranked = [window.ranked(order.order(window.leads, now)) for window in due.windows]
        return [promise.lead for promise in due.promises] + mixed(ranked, self._recent.get(campaign_id, ()))

    async def _close_full(self, due: DueLeads, quotas: Sequence[Quota], now: datetime) -> set[LeadId]:
        """Close the leads that belong to a full quota cell; return them."""
        full: dict[QuotaId, list[LeadId]] = {}
        leads = [promise.lead for promise in due.promises] + [lead for window in due.windows for lead in window.leads]
        for lead in leads if any(quota.is_full for quota in quotas) else ():
            cell = full_cell(quotas, lead.fields)
            if cell is not None:
                full.setdefault(cell.quota_id, []).append(lead.lead_id)
        for quota in quotas:
            if quota.quota_id in full:
                await self._store.quotas.close(quota, full[quota.quota_id], now)
        return {lead_id for ids in full.values() for lead_id in ids}
