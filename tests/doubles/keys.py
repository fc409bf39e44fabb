"""Key allowances in memory: the same contract as the database's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from telephony.domain.rules.whitelist import is_same_person
from telephony.domain.security.dtmf import DtmfAllowance, NewDtmfAllowance
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CampaignId
from tests.doubles.tables import Tables


class FakeKeys:
    def __init__(self, tables: Tables) -> None:
        self._t = tables
        self._rows: dict[CampaignId, DtmfAllowance] = {}

    async def ask(self, new: NewDtmfAllowance, at: datetime) -> DtmfAllowance:
        before = self._rows.get(new.campaign_id)
        if before is not None and before.request.valid_until is not None and before.request.valid_until <= at:
            await self.deny(new.campaign_id, new.author, "its time was over when new ones were asked for", at)
        if new.campaign_id in self._rows:
            raise ConflictError(f"campaign {new.campaign_id} has a DTMF allowance: revoke it with dtmf deny")
        self._rows[new.campaign_id] = DtmfAllowance(self._t.next_id(), new, at)
        self._t.note("keys_asked_for", f"campaign {new.campaign_id}", at, by=new.author)
        return self._rows[new.campaign_id]

    async def approve(self, campaign_id: CampaignId, by: str, at: datetime) -> DtmfAllowance:
        allowance = self._found(campaign_id)
        if allowance.approved_by:
            raise ConflictError(
                f"the DTMF allowance of campaign {campaign_id} was approved by {allowance.approved_by} already"
            )
        if is_same_person(allowance.request.author, by):
            raise ConflictError(f"{by} asked for this allowance: a second person approves it")
        self._rows[campaign_id] = replace(allowance, approved_by=by, approved_at=at)
        self._t.note("keys_allowed", f"campaign {campaign_id}", at, by=by)
        return self._rows[campaign_id]

    async def deny(self, campaign_id: CampaignId, by: str, reason: str, at: datetime) -> DtmfAllowance:
        self._found(campaign_id)
        self._t.note("keys_denied", f"campaign {campaign_id}", at, by=by, reason=reason)
        row = self._rows.pop(campaign_id)
        return replace(row, withdrawn_by=by, withdrawn_at=at, withdrawal_reason=reason)

    async def standing(self) -> Sequence[DtmfAllowance]:
        return list(self._rows.values())

    def _found(self, campaign_id: CampaignId) -> DtmfAllowance:
        if campaign_id not in self._rows:
            raise NotFoundError(
                f"campaign {campaign_id} has no DTMF allowance; telephony campaign dtmf allow asks for one"
            )
        return self._rows[campaign_id]
