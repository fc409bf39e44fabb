"""Lists and their leads of the in-memory store: the loading of a list, and who is due to be called."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Self

from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.lead_order.buckets import fresh_bucket
from telephony.domain.leads.leads import (
    HIGHEST,
    PROMISED,
    WHENEVER,
    DueLeads,
    IsOpen,
    Lead,
    LeadList,
    LeadState,
    NewLead,
    Promise,
    RejectedRow,
    Window,
    every_clock,
)
from telephony.errors import ConflictError, StoreError
from telephony.ids import CampaignId, LeadId, ListId, Number, OperatorId
from telephony.ports.leads.leads import NewList
from telephony.ports.pages import PAGE
from tests.doubles.tables import DUPLICATE, Tables, found
from tests.doubles.work import open_of


class FakeListLoad:
    """Nothing is visible before the context ends well; one load at a time per campaign."""

    def __init__(self, tables: Tables, new: NewList) -> None:
        self._t, self._new = tables, new
        self._leads: list[NewLead] = []
        self._rejected: dict[int, RejectedRow] = {}
        self._finished: LeadList | None = None
        self._known: set[Number] = set()
        self._freed: dict[Number, LeadId] = {}
        self._gone: set[Number] = set()
        self._settled: set[int] = set()

    async def __aenter__(self) -> Self:
        found(self._t.campaigns, self._new.campaign_id, "campaign")
        if self._new.campaign_id in self._t.loading:
            raise ConflictError(f"another list is being loaded into campaign {self._new.campaign_id}; wait")
        self._t.loading.add(self._new.campaign_id)
        mine = [row for row in self._t.leads.values() if row.campaign_id == self._new.campaign_id]
        self._freed = {row.number: row.lead_id for row in mine if self._is_free(row)}
        self._known = {row.number for row in mine} - set(self._freed)
        self._gone = {row.number for row in mine if self._is_of_withdrawn(row)} - set(self._freed)
        return self

    def _is_free(self, lead: Lead) -> bool:
        """Return True for a lead that moves to this list."""
        return self._is_of_withdrawn(lead) and lead.state in (LeadState.WAITING, LeadState.REFUSED)

    def _is_of_withdrawn(self, lead: Lead) -> bool:
        return self._t.lists[lead.list_id].withdrawn_at is not None

    @property
    def settled(self) -> Collection[int]:
        return self._settled

    async def __aexit__(self, *exc_info: object) -> None:
        self._t.loading.discard(self._new.campaign_id)
        if exc_info[0] is not None:
            return
        if self._finished is None:
            raise StoreError("the list was not kept: finish() must be called before its context ends")
        row = self._finished
        moved = [self._t.leads[self._freed[new.number]] for new in self._leads if new.number in self._freed]
        if not all(map(self._is_free, moved)):
            raise ConflictError("a withdrawn list was approved again while this one was loaded; load the list again")
        self._t.lists[row.list_id] = row
        self._t.rejected[row.list_id] = [self._rejected[line] for line in sorted(self._rejected)]
        for new in sorted(self._leads, key=lambda lead: lead.row):
            if new.number in self._freed:
                self._take_over(self._t.leads[self._freed[new.number]], row.list_id, new)
                continue
            lead_id = LeadId(self._t.next_id())
            self._t.terms[lead_id] = new.terms
            self._t.client_keys[lead_id] = new.client_key
            self._t.leads[lead_id] = Lead(
                lead_id,
                row.list_id,
                row.campaign_id,
                new.number,
                new.name,
                LeadState.WAITING,
                dict(new.fields),
                new.priority,
                numbers=new.numbers,
                clock=CallingZone.of(new.number, new.terms).word,
                bucket=fresh_bucket(new.number),
            )
        body = {"accepted": row.accepted, "sha256": row.file_sha256} | ({"taken_over": len(moved)} if moved else {})
        self._t.note("list_loaded", row.list_id, row.loaded_at, **body)

    def _take_over(self, lead: Lead, list_id: ListId, new: NewLead) -> None:
        is_refused = lead.state is LeadState.REFUSED
        self._t.terms[lead.lead_id] = new.terms
        if new.client_key:
            self._t.client_keys[lead.lead_id] = new.client_key
        self._t.leads[lead.lead_id] = replace(
            lead,
            list_id=list_id,
            name=new.name,
            fields=dict(new.fields),
            state=LeadState.WAITING,
            priority=lead.priority if lead.priority > HIGHEST else new.priority,
            numbers=new.numbers,
            clock=CallingZone.of(new.number, new.terms).word,
            not_before=None if is_refused else lead.not_before,
            reason="" if is_refused else lead.reason,
        )

    async def add(self, leads: Sequence[NewLead]) -> Sequence[NewLead]:
        left_out = []
        for lead in leads:
            if lead.number in self._known:
                left_out.append(lead)
                self._settled |= {lead.row} if lead.number in self._gone else set()
                self._rejected[lead.row] = RejectedRow(lead.row, DUPLICATE, "known", (lead.number, lead.name))
            else:
                self._known.add(lead.number)
                self._leads.append(lead)
        return left_out

    async def reject(self, rows: Sequence[RejectedRow]) -> None:
        self._rejected.update({row.row: row for row in rows})

    async def finish(self) -> LeadList:
        duplicates = sum(row.reason.startswith(DUPLICATE) for row in self._rejected.values())
        self._finished = LeadList(
            list_id=ListId(self._t.next_id()),
            campaign_id=self._new.campaign_id,
            name=self._new.name,
            file_sha256=self._new.file_sha256,
            rows_read=len(self._leads) + len(self._rejected),
            accepted=len(self._leads),
            rejected=len(self._rejected) - duplicates,
            duplicates=duplicates,
            loaded_at=self._new.loaded_at,
            loaded_by=self._new.loaded_by,
        )
        return self._finished


class FakeLeads:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    def load(self, new: NewList) -> FakeListLoad:
        return FakeListLoad(self._t, new)

    async def lists(self, campaign_id: CampaignId) -> Sequence[LeadList]:
        return [row for row in self._t.lists.values() if row.campaign_id == campaign_id]

    async def rejected(
        self, list_id: ListId, limit: int = PAGE, after: RejectedRow | None = None
    ) -> Sequence[RejectedRow]:
        rows = sorted(self._t.rejected.get(list_id, ()), key=lambda row: row.row)
        return [row for row in rows if after is None or row.row > after.row][:limit]

    async def waiting(self, campaign_id: CampaignId, limit: int, at: datetime = WHENEVER) -> Sequence[Lead]:
        due = (row for row in self._t.waiting(campaign_id) if (row.not_before or at) <= at)
        return sorted(due, key=lambda row: (row.list_id, -row.priority, row.not_before or WHENEVER))[:limit]

    async def due(
        self,
        campaign_id: CampaignId,
        limit: int,
        at: datetime,
        free: Collection[OperatorId],
        is_open: IsOpen = every_clock,
    ) -> DueLeads:
        whenever = await self.waiting(campaign_id, 10**9)
        shut = frozenset(clock for clock in {row.clock for row in whenever} if not is_open(clock))
        every = [row for row in await self.waiting(campaign_id, 10**9, at) if row.clock not in shut]
        promises = [due for row in every if row.priority == PROMISED and (due := self._promised(row, at, free))]
        rows = [row for row in every if row.priority != PROMISED]
        windows, left = [], limit
        for lead_list in sorted(self._t.lists.values(), key=lambda row: (row.share == 0, row.list_id)):
            some = [row for row in rows if row.list_id == lead_list.list_id][: limit if lead_list.share else left]
            left -= 0 if lead_list.share else len(some)
            if some:
                windows.append(Window(lead_list.list_id, lead_list.share, tuple(some)))
        promises.sort(key=lambda promise: promise.lead.not_before or at)
        later = [] if promises or windows else [row for row in whenever if row.clock not in shut]
        soon = min((row.not_before for row in later if row.not_before), default=None)
        return DueLeads(tuple(promises), tuple(windows), soon, shut)

    def _promised(self, lead: Lead, at: datetime, free: Collection[OperatorId]) -> Promise | None:
        row = open_of(self._t, lead.lead_id)
        if row is None or row.operator_id is None or row.anyone_from <= at:
            return Promise(lead, None)
        return Promise(lead, row.operator_id) if row.operator_id in free else None

    async def get(self, lead_id: LeadId) -> Lead:
        return found(self._t.leads, lead_id, "lead")
