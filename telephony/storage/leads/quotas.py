"""Survey quotas in the database: count results, close the leads of a full cell, and open them again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from typing_extensions import override

from telephony.domain.calls.attempts import Attempt, Result
from telephony.domain.leads.callbacks import CallbackState
from telephony.domain.leads.leads import LeadState
from telephony.domain.leads.quotas import Quota
from telephony.errors import UnreadableRowError
from telephony.ids import CampaignId, LeadId, ListId
from telephony.ports.leads.quotas import QuotaStore
from telephony.storage.campaigns.campaigns import find_campaign
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.leads.callbacks import close_callback, open_among
from telephony.storage.leads.transitions import begin_anew
from telephony.storage.tables import leads, lists, quotas
from telephony.storage.tables.rows import made, readable
from telephony.storage.tables.types import dump_json

MANY: Final = 500
"""Maximum number of leads closed in one statement."""
_OF: Final = select(quotas).where(quotas.c.campaign_id == bindparam("campaign")).order_by(quotas.c.quota_id)
_CLOSE: Final = (
    update(leads)
    .where(leads.c.lead_id.in_(bindparam("ids", expanding=True)), leads.c.state == LeadState.WAITING)
    .values(state=LeadState.DONE, reason=bindparam("b_reason"))
    .returning(leads.c.lead_id)
)
_LISTS: Final = select(lists.c.list_id).where(lists.c.campaign_id == bindparam("campaign"))


class Quotas(Capability, QuotaStore):
    """Implements ``QuotaStore``."""

    @override
    @read
    def of(self, connection: Connection, campaign_id: CampaignId) -> Sequence[Quota]:
        return _of(connection, campaign_id)

    @override
    async def set(
        self, campaign_id: CampaignId, cell: Mapping[str, str], target: int, by: str, at: datetime
    ) -> tuple[Quota, int]:
        quota = await self._set(campaign_id, cell, target, by, at)
        opened = 0
        if not quota.is_full:
            for list_id in await self._lists(campaign_id):
                opened += await begin_anew(self._database, list_id, {quota.reason})
        return quota, opened

    @write
    def _set(
        self, tx: Transaction, campaign_id: CampaignId, cell: Mapping[str, str], target: int, by: str, at: datetime
    ) -> Quota:
        find_campaign(tx.connection, campaign_id)
        same = next((quota for quota in _of(tx.connection, campaign_id) if quota.cell == dict(cell)), None)
        if same is None:
            values = {"campaign_id": campaign_id, "cell": dict(cell), "target": target}
            row = tx.connection.execute(insert(quotas).returning(quotas), values).one()
        else:
            change = update(quotas).where(quotas.c.quota_id == same.quota_id).values(target=target)
            row = tx.connection.execute(change.returning(quotas)).one()
        body: Body = {"by": by, "campaign": campaign_id, "cell": dump_json(dict(cell)), "target": target}
        tx.enter("quota_set", row.quota_id, at, body)
        return _quota(row)

    @read
    def _lists(self, connection: Connection, campaign_id: CampaignId) -> Sequence[ListId]:
        return connection.execute(_LISTS, {"campaign": campaign_id}).scalars().all()

    @override
    @write
    def close(self, tx: Transaction, quota: Quota, leads: Sequence[LeadId], at: datetime) -> None:
        closed: list[LeadId] = []
        for start in range(0, len(leads), MANY):
            values = {"ids": list(leads[start : start + MANY]), "b_reason": quota.reason}
            closed += tx.connection.execute(_CLOSE, values).scalars()
        for row in open_among(tx.connection, closed):
            close_callback(tx, row, CallbackState.CANCELLED, at)
        tx.count(quota.campaign_id, "lead", LeadState.WAITING, -len(closed))
        tx.count(quota.campaign_id, "lead", LeadState.DONE, len(closed))


def count_result(tx: Transaction, attempt: Attempt, result: Result, at: datetime) -> None:
    """Count a completed interview in its cells, or uncount it when another result replaces it."""
    by = (result is Result.COMPLETE) - (attempt.result is Result.COMPLETE)
    cells = _of(tx.connection, attempt.campaign_id) if by else []
    if not cells:
        return
    fields = tx.connection.execute(select(leads.c.fields).where(leads.c.lead_id == attempt.lead_id)).scalar_one()
    for cell in cells:
        if cell.matches(fields):
            change = update(quotas).where(quotas.c.quota_id == cell.quota_id)
            tx.connection.execute(change.values(completed=quotas.c.completed + by))
            if by > 0 and cell.completed + by == cell.target:
                tx.enter("quota_full", cell.quota_id, at, {"campaign": cell.campaign_id, "target": cell.target})


def _of(connection: Connection, campaign_id: CampaignId) -> list[Quota]:
    return readable(connection, connection.execute(_OF, {"campaign": campaign_id}), _quota)


def _quota(row: Row[Any]) -> Quota:
    if isinstance(row.cell, list | str | int | float | None):
        raise UnreadableRowError("quotas", str(row.quota_id), "a cell that is not a table")
    return made("quotas", row.quota_id, Quota, (), **row._mapping)  # noqa: SLF001 - a row as a mapping
