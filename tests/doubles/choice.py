"""What the choice of the next lead reads, in memory: the same contract as ``storage.leads.lead_order``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from telephony.domain.lead_order.buckets import AttemptSample, LeadGroup
from telephony.domain.leads.leads import PROMISED, WHENEVER, IsOpen, Lead, LeadState
from telephony.domain.leads.waiting_causes import ListStanding, WaitingGroup
from telephony.ids import AttemptId, CampaignId, ListId
from tests.doubles.tables import Tables, utc


class FakeChoice:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def offered(self, campaign_id: CampaignId, at: datetime, is_open: IsOpen) -> Sequence[LeadGroup]:
        due = {
            LeadGroup(row.list_id, row.clock, row.priority, row.bucket)
            for row in self._t.waiting(campaign_id)
            if row.priority != PROMISED and (row.not_before or at) <= at
        }
        is_open_at = {clock: is_open(clock) for clock in {group.clock for group in due}}
        due = {group for group in due if is_open_at[group.clock]}
        top = {group[:2]: max(other.priority for other in due if other[:2] == group[:2]) for group in due}
        return sorted(group for group in due if group.priority == top[group[:2]])

    async def picked(self, shelves: Sequence[LeadGroup], limit: int, at: datetime) -> Sequence[Lead]:
        leads = []
        for shelf in shelves:
            mine = [
                row
                for row in self._t.leads.values()
                if row.state is LeadState.WAITING
                and (row.list_id, row.clock, row.priority, row.bucket) == shelf
                and (row.not_before or at) <= at
            ]
            leads += sorted(mine, key=lambda row: row.not_before or WHENEVER)[:limit]
        return leads

    async def count_by_group(self, campaign_id: CampaignId) -> Mapping[tuple[ListId, str], int]:
        return Counter((row.list_id, row.bucket) for row in self._t.waiting(campaign_id))

    async def held_back(self, campaign_id: CampaignId, at: datetime, most: int) -> Sequence[WaitingGroup]:
        lists = [
            lead_list
            for lead_list in self._t.lists.values()
            if lead_list.campaign_id == campaign_id and not lead_list.withdrawn_at
        ]
        full = {quota.reason for quota in self._t.quotas.values() if quota.campaign_id == campaign_id and quota.is_full}
        waiting_groups: list[WaitingGroup] = []
        for lead_list in lists:
            standing = ListStanding.PAUSED if lead_list.paused_at else ListStanding.CALLED
            standing = standing if lead_list.approved_at else ListStanding.UNAPPROVED
            for state in (LeadState.WAITING, LeadState.REFUSED, LeadState.DONE):
                rows = [row for row in self._t.leads.values() if (row.list_id, row.state) == (lead_list.list_id, state)]
                rows = [row for row in rows if state is not LeadState.DONE or row.reason in full][:most]
                waiting_groups += _groups(standing, state, rows, at, is_at_least=len(rows) >= most)
        return waiting_groups

    async def told(
        self, campaign_id: CampaignId, after: tuple[datetime, AttemptId] | None, until: datetime, limit: int
    ) -> Sequence[AttemptSample]:
        ended = [
            AttemptSample(
                row.attempt_id,
                row.list_id,
                self._t.leads[row.lead_id].clock,
                self._t.buckets[row.attempt_id],
                row.outcome,
                row.result,
                row.started_at,
                row.ended_at,
            )
            for row in self._t.attempts.values()
            if row.campaign_id == campaign_id and row.outcome is not None and row.ended_at is not None
        ]
        ended = sorted(ended, key=lambda attempt_sample: (attempt_sample.ended_at, attempt_sample.attempt_id))
        return [
            attempt_sample
            for attempt_sample in ended
            if attempt_sample.ended_at < utc(until)
            and (after is None or (attempt_sample.ended_at, attempt_sample.attempt_id) > after)
        ][:limit]


def _groups(
    standing: ListStanding, state: LeadState, rows: Sequence[Lead], at: datetime, *, is_at_least: bool
) -> list[WaitingGroup]:
    keyed: dict[tuple[str, str, bool, bool], list[datetime]] = {}
    for row in rows:
        is_later = row.not_before is not None and row.not_before > at
        key = (row.reason, row.clock, row.priority == PROMISED, is_later)
        keyed.setdefault(key, []).append(row.not_before or at)
    return [
        WaitingGroup(standing, state, reason, clock, promised, len(due), min(due) if later else None, is_at_least)
        for (reason, clock, promised, later), due in keyed.items()
    ]
