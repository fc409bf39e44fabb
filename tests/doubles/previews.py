"""The in-memory store's previews: the same contract as ``telephony.storage.leads.previews``."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from telephony.domain.calls.attempts import AttemptStart
from telephony.domain.leads.leads import Lead, LeadState
from telephony.domain.leads.preview import Preview, PreviewEnding, SkipReason
from telephony.ids import OperatorId, PreviewId
from tests.doubles.tables import Tables, utc


class FakePreviews:
    def __init__(self, tables: Tables) -> None:
        self._t = tables

    async def offer(self, lead: Lead, operator_id: OperatorId, at: datetime) -> Preview | None:
        row = self._t.leads.get(lead.lead_id)
        waits = row is not None and row.state is LeadState.WAITING and row.number == lead.number
        if row is None or not waits or (row.not_before or at) > at or self._is_taken(lead, operator_id):
            return None
        preview_id = PreviewId(self._t.next_id())
        made = Preview(preview_id, lead.campaign_id, lead.lead_id, operator_id, utc(at))
        self._t.previews[preview_id] = made
        self._t.note("lead_offered", preview_id, at, lead=lead.lead_id, operator=operator_id)
        return made

    def _is_taken(self, lead: Lead, operator_id: OperatorId) -> bool:
        for preview in self._t.previews.values():
            is_mine, is_its = preview.operator_id == operator_id, preview.lead_id == lead.lead_id
            if preview.ending is None and (is_mine or is_its):
                return True
            if is_mine and is_its and preview.reason == SkipReason.KNOWN_PERSON:
                return True
        return False

    async def end(
        self,
        preview_id: PreviewId,
        ending: PreviewEnding,
        at: datetime,
        reason: str = "",
        not_before: datetime | None = None,
    ) -> bool:
        ended = end(self._t, preview_id, ending, at, reason)
        if ended is not None and not_before is not None and self._t.leads[ended.lead_id].state is LeadState.WAITING:
            self._t.set_lead(ended.lead_id, LeadState.WAITING, not_before=utc(not_before), reason=str(ending))
        return ended is not None

    async def open(self) -> Sequence[Preview]:
        return [preview for preview in self._t.previews.values() if preview.ending is None]

    async def skipped(self, since: datetime) -> Sequence[Preview]:
        ended = [preview for preview in self._t.previews.values() if preview.ending is PreviewEnding.SKIPPED]
        return sorted((preview for preview in ended if preview.ended_at and preview.ended_at >= since), key=_when)


def _when(preview: Preview) -> tuple[datetime | None, PreviewId]:
    return preview.ended_at, preview.preview_id


def end(tables: Tables, preview_id: PreviewId, ending: PreviewEnding, at: datetime, reason: str) -> Preview | None:
    before = tables.previews.get(preview_id)
    if before is None or before.ending is not None:
        return None
    after = replace(before, ended_at=utc(at), ending=ending, reason=reason)
    tables.previews[preview_id] = after
    tables.note("lead_offer_ended", preview_id, at, ending=str(ending), reason=reason, lead=after.lead_id)
    return after


def is_offered(tables: Tables, start: AttemptStart) -> bool:
    if start.preview_id is None:
        return True
    preview = tables.previews.get(start.preview_id)
    bound = (start.permit.lead_id, start.guaranteed_to)
    return preview is not None and preview.ending is None and (preview.lead_id, preview.operator_id) == bound
