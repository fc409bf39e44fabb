"""Lists and leads in the database. ``loading`` writes lists; ``attempts`` claims leads."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select
from typing_extensions import override

from telephony.domain.leads.leads import WHENEVER, DueLeads, IsOpen, Lead, LeadList, RejectedRow, every_clock
from telephony.errors import NotFoundError
from telephony.ids import CampaignId, LeadId, ListId, OperatorId
from telephony.ports.leads.leads import LeadStore, NewList
from telephony.ports.pages import PAGE
from telephony.storage.engine.capability import Capability, read
from telephony.storage.leads.due_leads import due_leads, next_leads
from telephony.storage.leads.lead_rows import LEAD, lead_of
from telephony.storage.leads.lists import LIST, list_of
from telephony.storage.leads.loading import Loading
from telephony.storage.tables import ListState, leads, lists, rejected_rows
from telephony.storage.tables.rows import made, readable, readable_page

_ONE: Final = select(*LEAD).where(leads.c.lead_id == bindparam("wanted"))
_LISTS: Final = (
    select(*LIST)
    .where(lists.c.campaign_id == bindparam("campaign"), lists.c.state == ListState.LOADED)
    .order_by(lists.c.list_id)
)


class Leads(Capability, LeadStore):
    """Implements ``LeadStore``."""

    @override
    def load(self, new: NewList) -> Loading:
        return Loading(self._database, new)

    @override
    @read
    def lists(self, connection: Connection, campaign_id: CampaignId) -> Sequence[LeadList]:
        return readable(connection, connection.execute(_LISTS, {"campaign": campaign_id}), list_of)

    @override
    @read
    def rejected(
        self, connection: Connection, list_id: ListId, limit: int = PAGE, after: RejectedRow | None = None
    ) -> Sequence[RejectedRow]:
        c = rejected_rows.c
        query = select(rejected_rows).where(c.list_id == list_id, c.row > (after.row if after else -1)).order_by(c.row)
        return readable_page(connection, query, limit, _rejected_of)

    @override
    @read
    def waiting(
        self, connection: Connection, campaign_id: CampaignId, limit: int, at: datetime = WHENEVER
    ) -> Sequence[Lead]:
        return next_leads(connection, campaign_id, limit, at)

    @override
    @read
    def due(
        self,
        connection: Connection,
        campaign_id: CampaignId,
        limit: int,
        at: datetime,
        free: Collection[OperatorId],
        is_open: IsOpen = every_clock,
    ) -> DueLeads:
        return due_leads(connection, campaign_id, limit, at, free, is_open)

    @override
    @read
    def get(self, connection: Connection, lead_id: LeadId) -> Lead:
        row = connection.execute(_ONE, {"wanted": lead_id}).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no lead {lead_id}")
        return lead_of(row)


def _rejected_of(row: Row[Any]) -> RejectedRow:
    values = row._mapping["values"]  # noqa: SLF001 - a row as a mapping
    return made("rejected_rows", f"{row.list_id}:{row.row}", _rejected, (row.row, row.reason, row.text, values))


def _rejected(row: int, reason: str, text: str, values: list[str]) -> RejectedRow:
    return RejectedRow(row, reason, text, tuple(values))
