"""Survey quotas in the database: counted with results, closing the leads of a full cell and opening them again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from telephony.domain.attempts import Attempt, Result
from telephony.domain.callbacks import CallbackState
from telephony.domain.leads import LeadState
from telephony.domain.quotas import Quota
from telephony.errors import UnreadableRowError
from telephony.ids import CampaignId, LeadId
from telephony.storage.callbacks import open_among, over
from telephony.storage.campaigns import find_campaign
from telephony.storage.columns import dump_json
from telephony.storage.database import Database
from telephony.storage.lead_steps import begin_anew
from telephony.storage.reading import made, readable
from telephony.storage.tables import leads, lists, quotas
from telephony.storage.transaction import Body, Transaction

MANY: Final = 500
"""Leads closed in one statement."""
_OF: Final = select(quotas).where(quotas.c.campaign_id == bindparam("campaign")).order_by(quotas.c.quota_id)
_CLOSE: Final = (
    update(leads)
    .where(leads.c.lead_id.in_(bindparam("ids", expanding=True)), leads.c.state == LeadState.WAITING)
    .values(state=LeadState.DONE, reason=bindparam("b_reason"))
    .returning(leads.c.lead_id)
)
_LISTS: Final = select(lists.c.list_id).where(lists.c.campaign_id == bindparam("campaign"))


class Quotas:
    """Implements ``QuotaStore``."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def of(self, campaign_id: CampaignId) -> Sequence[Quota]:
        """Return the campaign's cells, oldest first."""
        return await self._database.read(lambda connection: _of(connection, campaign_id))

    async def set(
        self, campaign_id: CampaignId, cell: Mapping[str, str], target: int, by: str, at: datetime
    ) -> tuple[Quota, int]:
        """Make the cell or change its target; return it, and how many of its closed leads were opened again."""

        def work(tx: Transaction) -> Quota:
            find_campaign(tx.connection, campaign_id)
            same = next((one for one in _of(tx.connection, campaign_id) if one.cell == dict(cell)), None)
            if same is None:
                values = {"campaign_id": campaign_id, "cell": dict(cell), "target": target}
                row = tx.connection.execute(insert(quotas).returning(quotas), values).one()
            else:
                change = update(quotas).where(quotas.c.quota_id == same.quota_id).values(target=target)
                row = tx.connection.execute(change.returning(quotas)).one()
            body: Body = {"by": by, "campaign": campaign_id, "cell": dump_json(dict(cell)), "target": target}
            tx.enter("quota_set", row.quota_id, at, body)
            return _quota(row)

        quota = await self._database.write(work)
        opened = 0
        if not quota.is_full:
            found = await self._database.read(lambda c: c.execute(_LISTS, {"campaign": campaign_id}).scalars().all())
            for list_id in found:
                opened += await begin_anew(self._database, list_id, {quota.reason})
        return quota, opened

    async def close(self, quota: Quota, leads: Sequence[LeadId], at: datetime) -> None:
        """Close waiting leads of a full cell, their callbacks too."""

        def work(tx: Transaction) -> None:
            closed: list[LeadId] = []
            for start in range(0, len(leads), MANY):
                values = {"ids": list(leads[start : start + MANY]), "b_reason": quota.reason}
                closed += tx.connection.execute(_CLOSE, values).scalars()
            for row in open_among(tx.connection, closed):
                over(tx, row, CallbackState.CANCELLED, at)
            tx.count(quota.campaign_id, "lead", LeadState.WAITING, -len(closed))
            tx.count(quota.campaign_id, "lead", LeadState.DONE, len(closed))

        await self._database.write(work)


def count_result(tx: Transaction, attempt: Attempt, result: Result, at: datetime) -> None:
    """Count a completed answer in its cells, or no longer, when a result replaces another."""
    by = (result is Result.COMPLETE) - (attempt.result is Result.COMPLETE)
    cells = _of(tx.connection, attempt.campaign_id) if by else []
    if not cells:
        return
    fields = tx.connection.execute(select(leads.c.fields).where(leads.c.lead_id == attempt.lead_id)).scalar_one()
    for one in cells:
        if one.holds(fields):
            change = update(quotas).where(quotas.c.quota_id == one.quota_id)
            tx.connection.execute(change.values(completed=quotas.c.completed + by))
            if by > 0 and one.completed + by == one.target:
                tx.enter("quota_full", one.quota_id, at, {"campaign": one.campaign_id, "target": one.target})


def _of(connection: Connection, campaign_id: CampaignId) -> list[Quota]:
    return readable(connection, connection.execute(_OF, {"campaign": campaign_id}), _quota)


def _quota(row: Row[Any]) -> Quota:
    if isinstance(row.cell, list | str | int | float | None):
        raise UnreadableRowError("quotas", str(row.quota_id), "a cell that is no table")
    return made("quotas", row.quota_id, Quota, (), **row._mapping)  # noqa: SLF001 - a row as a mapping
