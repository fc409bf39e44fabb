"""Count the leads that are left but not called now, list by list; a bounded number of rows is read of each list.

``telephony.domain.leads.waiting_causes`` finds the causes of the groups.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Integer, Select, bindparam, case, func, null, select

from telephony.domain.leads.leads import PROMISED, LeadState
from telephony.domain.leads.waiting_causes import ListStanding, WaitingGroup
from telephony.ids import CampaignId
from telephony.storage.tables import ListState, leads, lists, quotas

_LISTS: Final = (
    select(lists.c.list_id, lists.c.approved_at, lists.c.paused_at)
    .where(
        lists.c.campaign_id == bindparam("campaign"),
        lists.c.state == ListState.LOADED,
        lists.c.withdrawn_at.is_(None),
    )
    .order_by(lists.c.list_id)
)
_FULL: Final = select(quotas.c.quota_id).where(
    quotas.c.campaign_id == bindparam("campaign"), quotas.c.completed >= quotas.c.target
)
_OF_STATE: Final = (leads.c.list_id == bindparam("wanted"), leads.c.state == bindparam("state"))
_SOME: Final = (
    select(leads.c.reason, leads.c.clock, leads.c.priority, leads.c.not_before)
    .where(*_OF_STATE)
    .limit(bindparam("most", type_=Integer))
)


def _grouped(some: Select[Any]) -> Select[Any]:
    row = some.subquery()
    later = case((row.c.not_before > bindparam("at"), row.c.not_before), else_=null())
    is_promised = case((row.c.priority == PROMISED, 1), else_=0)
    is_later = case((row.c.not_before > bindparam("at"), 1), else_=0)
    return select(
        row.c.reason, row.c.clock, is_promised.label("promised"), func.count().label("count"), func.min(later)
    ).group_by(row.c.reason, row.c.clock, is_promised, is_later)


_GROUPS: Final = _grouped(_SOME)
_CLOSED: Final = _grouped(_SOME.where(leads.c.reason.in_(bindparam("reasons", expanding=True))))


def held_back(connection: Connection, campaign_id: CampaignId, at: datetime, most: int) -> Sequence[WaitingGroup]:
    """Return a campaign's leads that wait, were refused by a rule, or were closed by a full quota, in groups."""
    full = [f"quota:{quota}" for quota in connection.execute(_FULL, {"campaign": campaign_id}).scalars()]
    groups: list[WaitingGroup] = []
    for row in connection.execute(_LISTS, {"campaign": campaign_id}).all():
        standing = _standing(row.approved_at, row.paused_at)
        for state in (LeadState.WAITING, LeadState.REFUSED):
            params = {"wanted": row.list_id, "state": state, "at": at, "most": most}
            groups += _read(connection, _GROUPS, params, standing)
        if full:
            params = {"wanted": row.list_id, "state": LeadState.DONE, "at": at, "most": most, "reasons": full}
            groups += _read(connection, _CLOSED, params, standing)
    return groups


def _standing(approved_at: datetime | None, paused_at: datetime | None) -> ListStanding:
    if approved_at is None:
        return ListStanding.UNAPPROVED
    return ListStanding.CALLED if paused_at is None else ListStanding.PAUSED


def _read(
    connection: Connection, query: Select[Any], params: dict[str, Any], standing: ListStanding
) -> list[WaitingGroup]:
    rows = connection.execute(query, params).all()
    is_at_least = sum(row[3] for row in rows) >= params["most"]
    return [
        WaitingGroup(standing, params["state"], reason, clock, bool(promised), count, soonest, is_at_least)
        for reason, clock, promised, count, soonest in rows
    ]
