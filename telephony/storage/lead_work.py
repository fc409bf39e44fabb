"""The work people do on lists and leads: pausing, mixing, recycling, beginning anew. Each is entered in the ledger."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update

from telephony.domain.attempts import Attempt, Result
from telephony.domain.leads import HIGHEST, Lead, LeadList, LeadState
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import LeadId, ListId
from telephony.storage.attempts import ATTEMPT, attempt_of
from telephony.storage.columns import dump_json
from telephony.storage.database import Database
from telephony.storage.lead_steps import ANEW, begin_anew
from telephony.storage.leads import LEAD, lead_of
from telephony.storage.reading import readable
from telephony.storage.tables import attempts, leads, lists
from telephony.storage.transaction import Body, Transaction
from telephony.storage.whitelist import find_list, move_list

_FINISHED: Final = (LeadState.DONE, LeadState.REFUSED)
_LEAD: Final = select(*LEAD).where(leads.c.lead_id == bindparam("wanted"))
_ATTEMPTS: Final = select(*ATTEMPT).where(attempts.c.lead_id == bindparam("wanted")).order_by(attempts.c.started_at)


class LeadWork:
    """Implements ``LeadWorkStore``."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def pause_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        """Leave its leads untouched from now on; ConflictError when it is paused already."""

        def work(tx: Transaction) -> LeadList:
            one = find_list(tx.connection, list_id)
            if one.paused_at is not None:
                raise ConflictError(f"list {list_id} was paused by {one.paused_by} already: nothing to do")
            tx.enter("list_paused", list_id, at, {"campaign": one.campaign_id, "by": by})
            return move_list(tx, one, "list_paused", at, {"paused_by": by, "paused_at": at})

        return await self._database.write(work)

    async def resume_list(self, list_id: ListId, by: str, at: datetime) -> LeadList:
        """Call its leads again; ConflictError when it is not paused."""

        def work(tx: Transaction) -> LeadList:
            one = find_list(tx.connection, list_id)
            if one.paused_at is None:
                raise ConflictError(f"list {list_id} is not paused: nothing to do")
            tx.enter("list_resumed", list_id, at, {"campaign": one.campaign_id, "by": by})
            return move_list(tx, one, "list_resumed", at, {"paused_by": None, "paused_at": None})

        return await self._database.write(work)

    async def set_share(self, list_id: ListId, share: int, by: str, at: datetime) -> LeadList:
        """Give it a weight among the campaign's lists."""

        def work(tx: Transaction) -> LeadList:
            one = find_list(tx.connection, list_id)
            tx.enter("list_share_set", list_id, at, {"campaign": one.campaign_id, "by": by, "share": share})
            tx.connection.execute(update(lists).where(lists.c.list_id == list_id).values(share=share))
            return find_list(tx.connection, list_id)

        return await self._database.write(work)

    async def recycle(self, list_id: ListId, reasons: Collection[str], by: str, at: datetime) -> int:
        """Let the list's finished leads with one of these reasons be called anew; return how many."""

        def note(tx: Transaction) -> None:
            one = find_list(tx.connection, list_id)
            body: Body = {"campaign": one.campaign_id, "by": by, "reasons": dump_json(sorted(reasons))}
            tx.enter("list_recycled", list_id, at, body)

        await self._database.write(note)
        return await begin_anew(self._database, list_id, reasons)

    async def reactivate(self, lead_id: LeadId, reason: str, by: str, at: datetime) -> Lead:
        """Let one finished or refused lead be called anew; ConflictError when it asked for no more calls."""

        def work(tx: Transaction) -> Lead:
            one = _find(tx, lead_id)
            if one.state not in _FINISHED:
                raise ConflictError(f"lead {lead_id} is {one.state}: only a finished or refused lead begins anew")
            if one.reason == Result.NO_MORE_CALLS:
                raise ConflictError(f"lead {lead_id} asked for no more calls: it is not called again")
            tx.connection.execute(update(leads).where(leads.c.lead_id == lead_id).values(**ANEW))
            tx.count(one.campaign_id, "lead", one.state, -1)
            tx.count(one.campaign_id, "lead", LeadState.WAITING)
            tx.enter("lead_reactivated", lead_id, at, {"by": by, "reason": reason, "was": one.reason})
            return _find(tx, lead_id)

        return await self._database.write(work)

    async def set_priority(self, lead_id: LeadId, priority: int, by: str, at: datetime) -> Lead:
        """Change how soon it is called among its list's; ConflictError while it waits for a callback."""

        def work(tx: Transaction) -> Lead:
            if _find(tx, lead_id).priority > HIGHEST:
                raise ConflictError(f"lead {lead_id} waits for a callback, which goes first as it is")
            tx.connection.execute(update(leads).where(leads.c.lead_id == lead_id).values(priority=priority))
            tx.enter("lead_priority_set", lead_id, at, {"by": by, "priority": priority})
            return _find(tx, lead_id)

        return await self._database.write(work)

    async def attempts_of(self, lead_id: LeadId) -> Sequence[Attempt]:
        """Return the lead's attempts, oldest first."""
        query = _ATTEMPTS.params(wanted=lead_id)
        return await self._database.read(lambda connection: readable(connection, connection.execute(query), attempt_of))


def _find(tx: Transaction, lead_id: LeadId) -> Lead:
    row = tx.connection.execute(_LEAD, {"wanted": lead_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no lead {lead_id}")
    return lead_of(row)
