"""Changes people make to lists and leads: pause, share, recycle, reactivate. Each is entered in the ledger."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select, update
from typing_extensions import override

from telephony.domain.calls.attempts import Attempt, Result
from telephony.domain.leads.leads import HIGHEST, Lead, LeadList, LeadState
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import LeadId, ListId
from telephony.ports.leads.management import LeadWorkStore
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.leads.lead_rows import LEAD, lead_of
from telephony.storage.leads.lists import change_list, find_list
from telephony.storage.leads.transitions import ANEW, begin_anew
from telephony.storage.tables import attempts, leads, lists
from telephony.storage.tables.attempt_rows import ATTEMPT, attempt_of
from telephony.storage.tables.rows import readable
from telephony.storage.tables.types import dump_json

_FINISHED: Final = (LeadState.DONE, LeadState.REFUSED)
_LEAD: Final = select(*LEAD).where(leads.c.lead_id == bindparam("wanted"))
_ATTEMPTS: Final = select(*ATTEMPT).where(attempts.c.lead_id == bindparam("wanted")).order_by(attempts.c.started_at)


class LeadWork(Capability, LeadWorkStore):
    """Implements ``LeadWorkStore``."""

    @override
    @write
    def pause_list(self, tx: Transaction, list_id: ListId, by: str, at: datetime) -> LeadList:
        lead_list = find_list(tx.connection, list_id)
        if lead_list.paused_at is not None:
            raise ConflictError(f"list {list_id} was paused by {lead_list.paused_by} already: nothing to do")
        tx.enter("list_paused", list_id, at, {"campaign": lead_list.campaign_id, "by": by})
        return change_list(tx, lead_list, "list_paused", at, {"paused_by": by, "paused_at": at})

    @override
    @write
    def resume_list(self, tx: Transaction, list_id: ListId, by: str, at: datetime) -> LeadList:
        lead_list = find_list(tx.connection, list_id)
        if lead_list.paused_at is None:
            raise ConflictError(f"list {list_id} is not paused: nothing to do")
        tx.enter("list_resumed", list_id, at, {"campaign": lead_list.campaign_id, "by": by})
        return change_list(tx, lead_list, "list_resumed", at, {"paused_by": None, "paused_at": None})

    @override
    @write
    def set_share(self, tx: Transaction, list_id: ListId, share: int, by: str, at: datetime) -> LeadList:
        lead_list = find_list(tx.connection, list_id)
        tx.enter("list_share_set", list_id, at, {"campaign": lead_list.campaign_id, "by": by, "share": share})
        tx.connection.execute(update(lists).where(lists.c.list_id == list_id).values(share=share))
        return find_list(tx.connection, list_id)

    @override
    async def recycle(self, list_id: ListId, reasons: Collection[str], by: str, at: datetime) -> int:
        await self._enter_recycling(list_id, reasons, by, at)
        return await begin_anew(self._database, list_id, reasons)

    @write
    def _enter_recycling(
        self, tx: Transaction, list_id: ListId, reasons: Collection[str], by: str, at: datetime
    ) -> None:
        lead_list = find_list(tx.connection, list_id)
        body: Body = {"campaign": lead_list.campaign_id, "by": by, "reasons": dump_json(sorted(reasons))}
        tx.enter("list_recycled", list_id, at, body)

    @override
    @write
    def reactivate(self, tx: Transaction, lead_id: LeadId, reason: str, by: str, at: datetime) -> Lead:
        lead = _find(tx, lead_id)
        if lead.state not in _FINISHED:
            raise ConflictError(f"lead {lead_id} is {lead.state}: only a finished or refused lead can begin again")
        if lead.reason == Result.NO_MORE_CALLS:
            raise ConflictError(f"lead {lead_id} asked for no more calls: it is not called again")
        tx.connection.execute(update(leads).where(leads.c.lead_id == lead_id).values(**ANEW))
        tx.count(lead.campaign_id, "lead", lead.state, -1)
        tx.count(lead.campaign_id, "lead", LeadState.WAITING)
        tx.enter("lead_reactivated", lead_id, at, {"by": by, "reason": reason, "was": lead.reason})
        return _find(tx, lead_id)

    @override
    @write
    def set_priority(self, tx: Transaction, lead_id: LeadId, priority: int, by: str, at: datetime) -> Lead:
        if _find(tx, lead_id).priority > HIGHEST:
            raise ConflictError(f"lead {lead_id} waits for a callback, which goes first as it is")
        tx.connection.execute(update(leads).where(leads.c.lead_id == lead_id).values(priority=priority))
        tx.enter("lead_priority_set", lead_id, at, {"by": by, "priority": priority})
        return _find(tx, lead_id)

    @override
    @read
    def attempts_of(self, connection: Connection, lead_id: LeadId) -> Sequence[Attempt]:
        query = _ATTEMPTS.params(wanted=lead_id)
        return readable(connection, connection.execute(query), attempt_of)


def _find(tx: Transaction, lead_id: LeadId) -> Lead:
    row = tx.connection.execute(_LEAD, {"wanted": lead_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no lead {lead_id}")
    return lead_of(row)
