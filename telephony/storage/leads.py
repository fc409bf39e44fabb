"""Lists and leads in the database. Writing a list is left to ``loading``, claiming its leads to ``attempts``."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Integer, bindparam, select, text

from telephony.domain.leads import HIGHEST, WHENEVER, Lead, LeadList, LeadState, RejectedRow
from telephony.errors import NotFoundError
from telephony.ids import CampaignId, LeadId, ListId
from telephony.ports.store import NewList
from telephony.storage.database import Database
from telephony.storage.loading import Loading
from telephony.storage.tables import ListState, leads, lists, rejected_rows

LIST: Final = tuple(lists.c[field.name] for field in fields(LeadList))
"""A list's columns, in the order of ``LeadList``."""
LEAD: Final = tuple(leads.c[field.name] for field in fields(Lead))
"""A lead's columns, in the order of ``Lead``."""
_LEVEL: Final = (
    select(leads.c.priority)
    .where(leads.c.list_id == lists.c.list_id, leads.c.state == LeadState.WAITING, leads.c.priority <= HIGHEST)
    .order_by(leads.c.priority.desc())
    .limit(1)
)
_LISTS_WAITING: Final = (
    select(lists.c.list_id)
    .where(
        lists.c.campaign_id == bindparam("campaign"),
        lists.c.state == ListState.LOADED,
        lists.c.approved_at.is_not(None),
        lists.c.withdrawn_at.is_(None),
        _LEVEL.scalar_subquery().is_not(None),
    )
    .order_by(lists.c.list_id)
)
_OF_LIST: Final = (leads.c.list_id == bindparam("wanted"), leads.c.state == LeadState.WAITING)
_NEXT_LEVEL: Final = (
    select(leads.c.priority)
    .where(*_OF_LIST, leads.c.priority < bindparam("level"))
    .order_by(leads.c.priority.desc())
    .limit(1)
)
# Each is one range of the index over list, state, priority, moment and row, already in order: its cost is that of the
# rows it returns, whatever is postponed or done. Their order names the moment first because only so does the planner
# see that.
_AT_LEVEL: Final = (
    select(*LEAD)
    .where(*_OF_LIST, leads.c.priority == bindparam("level"))
    .order_by(leads.c.not_before, leads.c.row)
    .limit(bindparam("most", type_=Integer))
)
_AGAIN: Final = _AT_LEVEL.where(leads.c.not_before <= bindparam("at"))
_FRESH: Final = _AT_LEVEL.where(leads.c.not_before.is_(None))
_ONE: Final = select(*LEAD).where(leads.c.lead_id == bindparam("wanted"))
_ANY: Final = select(leads.c.lead_id).where(leads.c.campaign_id == bindparam("campaign")).limit(1)
_OTHER_CLOCKS: Final = (
    _ANY.where(leads.c.number < bindparam("first")),
    _ANY.where(leads.c.number >= bindparam("after")),
    _ANY.where(text("own_clock")),  # as the index says it, or SQLite walks over the campaign
)
_LISTS: Final = (
    select(*LIST)
    .where(lists.c.campaign_id == bindparam("campaign"), lists.c.state == ListState.LOADED)
    .order_by(lists.c.list_id)
)
_REJECTED: Final = (
    select(rejected_rows).where(rejected_rows.c.list_id == bindparam("wanted")).order_by(rejected_rows.c.row)
)


class Leads:
    """Implements ``LeadStore``."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    def load(self, new: NewList) -> Loading:
        """Begin loading a list; use as ``async with``."""
        return Loading(self._database, new)

    async def lists(self, campaign_id: CampaignId) -> Sequence[LeadList]:
        """Return the campaign's lists, oldest first."""

        def work(connection: Connection) -> Sequence[LeadList]:
            return [list_of(row) for row in connection.execute(_LISTS, {"campaign": campaign_id})]

        return await self._database.read(work)

    async def rejected(self, list_id: ListId) -> Sequence[RejectedRow]:
        """Return the rows that were not taken (duplicates included), in file order."""

        def work(connection: Connection) -> Sequence[RejectedRow]:
            found = connection.execute(_REJECTED, {"wanted": list_id})
            return [RejectedRow(row.row, row.reason, row.text, tuple(row._mapping["values"])) for row in found]  # noqa: SLF001

        return await self._database.read(work)

    async def waiting(self, campaign_id: CampaignId, limit: int, at: datetime = WHENEVER) -> Sequence[Lead]:
        """Return the next leads that may be tried at a moment, of approved lists only, oldest list first.

        Within a list the higher priority first; within a priority those that come back first, by their moment, then
        the fresh ones in file order. Nothing is claimed.
        """

        def work(connection: Connection) -> Sequence[Lead]:
            found: list[Lead] = []
            for list_id in connection.execute(_LISTS_WAITING, {"campaign": campaign_id}).scalars().all():
                found += _due(connection, ListId(list_id), limit - len(found), at)
                if len(found) >= limit:
                    break
            return found

        return await self._database.read(work)

    async def keeps_one_clock(self, campaign_id: CampaignId, prefix: str) -> bool:
        """Tell whether every lead's number begins so, and none has a time zone or calling hours of its own."""
        wanted = {"campaign": campaign_id, "first": prefix, "after": str(int(prefix) + 1)}
        return await self._database.read(
            lambda connection: all(connection.execute(one, wanted).first() is None for one in _OTHER_CLOCKS)
        )

    async def get(self, lead_id: LeadId) -> Lead:
        """Return it; NotFoundError when there is none."""

        def work(connection: Connection) -> Lead:
            row = connection.execute(_ONE, {"wanted": lead_id}).one_or_none()
            if row is None:
                raise NotFoundError(f"there is no lead {lead_id}")
            return lead_of(row)

        return await self._database.read(work)


def _due(connection: Connection, list_id: ListId, limit: int, at: datetime) -> list[Lead]:
    """Return a list's next leads, priority by priority."""
    found: list[Lead] = []
    wanted: dict[str, Any] = {"wanted": list_id, "level": HIGHEST + 1, "at": at}
    while len(found) < limit:
        level = connection.execute(_NEXT_LEVEL, wanted).scalar_one_or_none()
        if level is None:
            break
        wanted["level"] = level
        for statement in (_AGAIN, _FRESH):
            found += map(lead_of, connection.execute(statement, wanted | {"most": limit - len(found)}))
    return found


def lead_of(row: Sequence[Any]) -> Lead:
    """Return a row of the columns ``LEAD`` as the domain's value."""
    return Lead(*(*row[:-1], tuple(row[-1] or ())))


def list_of(row: Sequence[Any]) -> LeadList:
    """Return a row of the columns ``LIST`` as the domain's value."""
    values = {column.name: value for column, value in zip(LIST, row, strict=True)}
    texts = ("approved_by", "withdrawn_by", "withdrawal_reason")
    return LeadList(**values | {name: values[name] or "" for name in texts})
