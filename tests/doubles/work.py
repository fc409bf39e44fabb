"""Work on lists and leads, callbacks and quotas in memory: the same contracts as the database's."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from telephony.domain.calls.attempts import Attempt, Result
from telephony.domain.lead_order.buckets import fresh_bucket
from telephony.domain.leads.callbacks import Bounds, Callback, CallbackState, CallbackWish, Repeated, other_moments
from telephony.domain.leads.leads import HIGHEST, PROMISED, USUAL, Lead, LeadList, LeadState
from telephony.domain.leads.quotas import Quota
from telephony.errors import ConflictError
from telephony.ids import CallbackId, CampaignId, LeadId, ListId, QuotaId
from telephony.ports.pages import PAGE
from tests.doubles.tables import Tables, found, utc


def open_of(tables: Tables, lead_id: LeadId) -> Callback | None:
    """Return the lead's open callback."""
    rows = tables.callbacks.values()
    return next((row for row in rows if row.lead_id == lead_id and row.state is CallbackState.OPEN), None)


def over(tables: Tables, row: Callback, state: CallbackState, at: datetime) -> None:
    """Close a callback and give its lead's priority back."""
    tables.callbacks[row.callback_id] = replace(row, state=state)
    lead = tables.leads[row.lead_id]
    tables.set_lead(lead.lead_id, lead.state, priority=tables.priorities.pop(row.lead_id, USUAL))
    tables.note(f"callback_{state}", row.callback_id, at, lead=row.lead_id)


def of_person(tables: Tables, lead_id: LeadId) -> list[Callback]:
    """Return all callbacks of the person a lead is."""
    same = {lead.lead_id for lead in tables.same_person(lead_id)}
    return [row for row in tables.callbacks.values() if row.lead_id in same]


def refuse_out_of_bounds(tables: Tables, attempt: Attempt, wish: CallbackWish) -> None:
    """Ask the bounds of what was promised, before anything is kept."""
    if wish.bounds is not None:
        wish.bounds(other_moments(of_person(tables, attempt.lead_id), made_in=attempt.attempt_id))


def promise(tables: Tables, attempt: Attempt, wish: CallbackWish, now: datetime) -> None:
    """Store what was promised."""
    before = open_of(tables, attempt.lead_id)
    if before is not None:
        is_same = before.attempt_id == attempt.attempt_id
        over(tables, before, CallbackState.CANCELLED if is_same else CallbackState.MADE, now)
    tables.priorities[attempt.lead_id] = tables.leads[attempt.lead_id].priority
    key = CallbackId(tables.next_id())
    tables.callbacks[key] = Callback(
        key,
        attempt.campaign_id,
        attempt.lead_id,
        attempt.attempt_id,
        utc(wish.at),
        wish.zone,
        wish.operator_id,
        utc(wish.anyone_from),
        CallbackState.OPEN,
        now,
    )
    tables.note("callback_set", key, now, lead=attempt.lead_id, at=wish.at.isoformat(), operator=wish.operator_id)


def count_result(tables: Tables, attempt: Attempt, result: Result, at: datetime) -> None:
    """Count a completed answer in its cells."""
    by = (result is Result.COMPLETE) - (attempt.result is Result.COMPLETE)
    for key, quota in tables.quotas.items():
        if by and quota.campaign_id == attempt.campaign_id and quota.matches(tables.leads[attempt.lead_id].fields):
            tables.quotas[key] = replace(quota, completed=quota.completed + by)
            if by > 0 and quota.completed + by == quota.target:
                tables.note("quota_full", key, at, campaign=quota.campaign_id, target=quota.target)


def requeue(tables: Tables, lead_id: LeadId) -> None:
    """Let a lead be called again."""
    lead = tables.leads[lead_id]
    priority = USUAL if lead.priority > HIGHEST else lead.priority
    bucket = fresh_bucket(lead.number)
    tables.set_lead(lead_id, LeadState.WAITING, tries=0, not_before=None, reason="", priority=priority, bucket=bucket)


class FakeWork:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def pause_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        if found(self._t.lists, list_id, "list").paused_at is not None:
            raise ConflictError(f"list {list_id} was paused already: nothing to do")
        return self._put(list_id, "list_paused", by, at, paused_by=by, paused_at=at)

    async def resume_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        if found(self._t.lists, list_id, "list").paused_at is None:
            raise ConflictError(f"list {list_id} is not paused: nothing to do")
        return self._put(list_id, "list_resumed", by, at, paused_by=None, paused_at=None)

    async def set_share(self, list_id: ListId, share: int, by: str, at: datetime) -> LeadList:
        return self._put(list_id, "list_share_set", by, at, share=share)

    def _put(self, list_id: ListId, kind: str, by: str, at: datetime, **values: object) -> LeadList:
        row = replace(found(self._t.lists, list_id, "list"), **values)
        self._t.lists[list_id] = row
        self._t.whitelist_version += kind != "list_share_set"
        self._t.note(kind, list_id, at, by=by)
        return row

    async def recycle(self, list_id: ListId, reasons: Collection[str], by: str, at: datetime) -> int:
        found(self._t.lists, list_id, "list")
        self._t.note("list_recycled", list_id, at, by=by)
        rows = [row for row in self._t.leads.values() if row.list_id == list_id and row.state is LeadState.DONE]
        chosen = [row.lead_id for row in rows if row.reason in reasons]
        for lead_id in chosen:
            requeue(self._t, lead_id)
        return len(chosen)

    async def reactivate(self, lead_id: LeadId, reason: str, by: str, at: datetime) -> Lead:
        row = found(self._t.leads, lead_id, "lead")
        if row.state not in (LeadState.DONE, LeadState.REFUSED):
            raise ConflictError(f"lead {lead_id} is {row.state}: only a finished or refused lead can begin again")
        if row.reason == Result.NO_MORE_CALLS:
            raise ConflictError(f"lead {lead_id} asked for no more calls: it is not called again")
        requeue(self._t, lead_id)
        self._t.note("lead_reactivated", lead_id, at, by=by, reason=reason, was=row.reason)
        return self._t.leads[lead_id]

    async def set_priority(self, lead_id: LeadId, priority: int, by: str, at: datetime) -> Lead:
        row = found(self._t.leads, lead_id, "lead")
        if row.priority > HIGHEST:
            raise ConflictError(f"lead {lead_id} waits for a callback, which goes first as it is")
        self._t.set_lead(lead_id, row.state, priority=priority)
        self._t.note("lead_priority_set", lead_id, at, by=by, priority=priority)
        return self._t.leads[lead_id]

    async def attempts_of(self, lead_id: LeadId) -> Sequence[Attempt]:
        rows = [row for row in self._t.attempts.values() if row.lead_id == lead_id]
        return sorted(rows, key=lambda row: row.started_at)


class FakeCallbacks:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def get(self, callback_id: CallbackId) -> Callback:
        return found(self._t.callbacks, callback_id, "callback")

    async def open(
        self, campaign_id: CampaignId | None = None, limit: int = PAGE, after: Callback | None = None
    ) -> Sequence[Callback]:
        rows = [row for row in self._t.callbacks.values() if row.state is CallbackState.OPEN]
        rows = [row for row in rows if campaign_id in (None, row.campaign_id)]
        rows = [row for row in rows if after is None or (row.at, row.callback_id) > (after.at, after.callback_id)]
        return sorted(rows, key=lambda row: (row.at, row.callback_id))[:limit]

    async def of_lead(self, lead_id: LeadId) -> Sequence[Callback]:
        return [row for row in self._t.callbacks.values() if row.lead_id == lead_id]

    async def repeated(self, since: datetime, most: int) -> Sequence[Repeated]:
        rows = [row for row in self._t.callbacks.values() if row.set_at >= since]
        counts = Counter(self._t.person(row.lead_id) for row in rows)
        waiting: dict[str, Callback] = {}
        for row in sorted(rows, key=lambda row: (row.at, row.callback_id)):
            if row.state is CallbackState.OPEN:
                waiting.setdefault(self._t.person(row.lead_id), row)
        repeateds = [Repeated(row.lead_id, counts[who], row.at) for who, row in waiting.items() if counts[who] > 1]
        return sorted(repeateds, key=lambda repeated: (-repeated.count, repeated.lead_id))[:most]

    async def of_person(self, lead_id: LeadId) -> Sequence[Callback]:
        return of_person(self._t, lead_id) if lead_id in self._t.leads else []

    async def move(
        self, callback_id: CallbackId, at: datetime, zone: str, by: str, now: datetime, bounds: Bounds | None = None
    ) -> Callback:
        row = self._movable(callback_id)
        if bounds is not None:
            bounds(other_moments(of_person(self._t, row.lead_id), moved=callback_id))
        moved = replace(row, at=utc(at), zone=zone, anyone_from=utc(at) + (row.anyone_from - row.at))
        self._t.callbacks[callback_id] = moved
        self._t.set_lead(row.lead_id, LeadState.WAITING, not_before=utc(at))
        self._t.note("callback_moved", callback_id, now, by=by, lead=row.lead_id, at=at.isoformat())
        return moved

    async def cancel(self, callback_id: CallbackId, by: str, now: datetime) -> Callback:
        row = self._movable(callback_id)
        self._t.set_lead(row.lead_id, LeadState.DONE, not_before=None, reason="callback_cancelled")
        over(self._t, row, CallbackState.CANCELLED, now)
        return self._t.callbacks[callback_id]

    def _movable(self, callback_id: CallbackId) -> Callback:
        row = found(self._t.callbacks, callback_id, "callback")
        lead = self._t.leads[row.lead_id]
        if row.state is not CallbackState.OPEN:
            raise ConflictError(f"callback {callback_id} is {row.state}: nothing to change")
        if lead.state is not LeadState.WAITING or lead.priority != PROMISED:
            raise ConflictError(f"the call of callback {callback_id} is under way; wait until it has ended")
        return row


class FakeQuotas:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def of(self, campaign_id: CampaignId) -> Sequence[Quota]:
        return [row for row in self._t.quotas.values() if row.campaign_id == campaign_id]

    async def set(
        self, campaign_id: CampaignId, cell: Mapping[str, str], target: int, by: str, at: datetime
    ) -> tuple[Quota, int]:
        found(self._t.campaigns, campaign_id, "campaign")
        same = next((row for row in await self.of(campaign_id) if row.cell == cell), None)
        row = replace(same, target=target) if same else Quota(QuotaId(self._t.next_id()), campaign_id, cell, target, 0)
        self._t.quotas[row.quota_id] = row
        self._t.note("quota_set", row.quota_id, at, by=by, campaign=campaign_id, target=target)
        closed = [] if row.is_full else [lead for lead in self._t.leads.values() if lead.reason == row.reason]
        for closed_lead in closed:
            requeue(self._t, closed_lead.lead_id)
        return row, len(closed)

    async def close(self, quota: Quota, leads: Sequence[LeadId], at: datetime) -> None:
        for lead_id in leads:
            if self._t.leads[lead_id].state is LeadState.WAITING:
                self._t.set_lead(lead_id, LeadState.DONE, reason=quota.reason)
                row = open_of(self._t, lead_id)
                if row is not None:
                    over(self._t, row, CallbackState.CANCELLED, at)
