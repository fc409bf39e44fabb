"""Read the leads that may be called now or next, by list, calling zone and priority.

``lead_order`` chooses among them in a learned order; ``attempts`` claims them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Integer, and_, bindparam, or_, select

from telephony.domain.leads.callbacks import CallbackState
from telephony.domain.leads.leads import HIGHEST, PROMISED, DueLeads, IsOpen, Lead, LeadState, Promise, Window
from telephony.ids import CampaignId, ListId, OperatorId
from telephony.storage.leads.lead_rows import LEAD, lead_of
from telephony.storage.tables import ListState, callbacks, leads, lists
from telephony.storage.tables.rows import readable

# One query for each list, with its own limit: PostgreSQL turns an EXISTS into a scan of all leads.
_A_CLOCK: Final = (
    select(leads.c.clock)
    .where(leads.c.list_id == lists.c.list_id, leads.c.state == LeadState.WAITING)
    .order_by(leads.c.clock)
    .limit(1)
    .scalar_subquery()
)
LISTS_CALLED: Final = (
    select(lists.c.list_id, lists.c.share)
    .where(
        lists.c.campaign_id == bindparam("campaign"),
        lists.c.state == ListState.LOADED,
        lists.c.approved_at.is_not(None),
        lists.c.withdrawn_at.is_(None),
        lists.c.paused_at.is_(None),
        _A_CLOCK.is_not(None),
    )
    .order_by(lists.c.list_id)
)
_OF_LIST: Final = (leads.c.list_id == bindparam("wanted"), leads.c.state == LeadState.WAITING)
_FIRST_CLOCK: Final = select(leads.c.clock).where(*_OF_LIST).order_by(leads.c.clock).limit(1)
_NEXT_CLOCK: Final = _FIRST_CLOCK.where(leads.c.clock > bindparam("clock"))
_ON_CLOCK: Final = (*_OF_LIST, leads.c.clock == bindparam("clock"))
_NEXT_LEVEL: Final = (
    select(leads.c.priority)
    .where(*_ON_CLOCK, leads.c.priority < bindparam("level"))
    .order_by(leads.c.priority.desc())
    .limit(1)
)
# Each query reads one range of the index over list, state, zone, priority, time and row, already in order. Its cost
# depends only on the rows it returns, not on leads that are postponed, done, or outside calling hours. ORDER BY names
# the time first, because only then does the planner use the index.
_AT_LEVEL: Final = (
    select(*LEAD, leads.c.row)
    .where(*_ON_CLOCK, leads.c.priority == bindparam("level"))
    .order_by(leads.c.not_before, leads.c.row)
    .limit(bindparam("most", type_=Integer))
)
_AGAIN: Final = _AT_LEVEL.where(leads.c.not_before <= bindparam("at"))
_FRESH: Final = _AT_LEVEL.where(leads.c.not_before.is_(None))
_SOON: Final = (
    select(leads.c.not_before)
    .where(*_ON_CLOCK, leads.c.priority == bindparam("level"), leads.c.not_before.is_not(None))
    .order_by(leads.c.not_before)
    .limit(1)
)
# A promised lead without an open callback is offered to anyone, so that it is not forgotten.
_PROMISES: Final = (
    select(*LEAD, callbacks.c.operator_id, callbacks.c.anyone_from)
    .select_from(
        leads.outerjoin(
            callbacks,
            and_(callbacks.c.lead_id == leads.c.lead_id, callbacks.c.state == CallbackState.OPEN),
        )
    )
    .where(
        *_ON_CLOCK,
        leads.c.priority == PROMISED,
        leads.c.not_before <= bindparam("at"),
        or_(
            callbacks.c.operator_id.is_(None),
            callbacks.c.anyone_from <= bindparam("at"),
            callbacks.c.operator_id.in_(bindparam("free", expanding=True)),
        ),
    )
    .order_by(leads.c.not_before, leads.c.row)
    .limit(bindparam("most", type_=Integer))
)


def next_leads(connection: Connection, campaign_id: CampaignId, limit: int, at: datetime) -> list[Lead]:
    """Return the next leads that may be tried at the given time, oldest list first."""
    waiting: list[Lead] = []
    for row in connection.execute(LISTS_CALLED, {"campaign": campaign_id}).all():
        of_list = list(clocks_of(connection, row.list_id))
        waiting += _due(connection, row.list_id, of_list, limit - len(waiting), at, PROMISED + 1)
        if len(waiting) >= limit:
            break
    return waiting


def due_leads(
    connection: Connection,
    campaign_id: CampaignId,
    limit: int,
    at: datetime,
    free: Collection[OperatorId],
    is_open: IsOpen,
) -> DueLeads:
    """Return the leads to call now: callbacks for anyone or an operator in ``free``, then the lists' leads."""
    called = connection.execute(LISTS_CALLED, {"campaign": campaign_id}).all()
    clocks = {of_list.list_id: list(clocks_of(connection, of_list.list_id)) for of_list in called}
    shut = {clock for clock in {clock for on in clocks.values() for clock in on} if not is_open(clock)}
    promises: list[Promise] = []
    windows: list[Window] = []
    left = limit
    for of_list in sorted(called, key=lambda row: (row.share == 0, row.list_id)):
        on = [clock for clock in clocks[of_list.list_id] if clock not in shut]
        promises += _promised(connection, of_list.list_id, on, limit, at, free)
        some = _due(connection, of_list.list_id, on, limit if of_list.share else left, at, HIGHEST + 1)
        left -= 0 if of_list.share else len(some)
        if some:
            windows.append(Window(of_list.list_id, of_list.share, tuple(some)))
    promises.sort(key=lambda promise: promise.lead.not_before or at)
    is_dry = not promises and not windows
    soon = _soonest(connection, clocks, shut) if is_dry else None
    return DueLeads(tuple(promises), tuple(windows), soon, frozenset(shut))


def _due(
    connection: Connection, list_id: ListId, clocks: Sequence[str], limit: int, at: datetime, below: int
) -> list[Lead]:
    """Return a list's next leads in some calling zones, below a priority, highest priority first."""
    due: list[Lead] = []
    if limit <= 0:
        return due
    levels = {level for clock in clocks for level in _levels(connection, list_id, clock, below)}
    for level in sorted(levels, reverse=True):
        for statement in (_AGAIN, _FRESH):
            if len(due) >= limit:
                return due
            params = {"wanted": list_id, "level": level, "at": at, "most": limit - len(due)}
            rows = [row for clock in clocks for row in connection.execute(statement, params | {"clock": clock})]
            if len(clocks) > 1:
                rows.sort(key=lambda row: (row.not_before or at, row.row))
            due += readable(connection, rows[: limit - len(due)], lambda row: lead_of(row[:-1]))
    return due


def clocks_of(connection: Connection, list_id: ListId) -> Iterator[str]:
    """Yield the calling zones of a list's waiting leads, without scanning the leads."""
    clock = connection.execute(_FIRST_CLOCK, {"wanted": list_id}).scalar_one_or_none()
    while clock is not None:
        yield clock
        clock = connection.execute(_NEXT_CLOCK, {"wanted": list_id, "clock": clock}).scalar_one_or_none()


def _levels(connection: Connection, list_id: ListId, clock: str, below: int) -> Iterator[int]:
    """Yield the priorities of a list's waiting leads in a zone, highest first, without scanning the leads."""
    level: int | None = below
    while level is not None:
        params = {"wanted": list_id, "clock": clock, "level": level}
        level = connection.execute(_NEXT_LEVEL, params).scalar_one_or_none()
        if level is not None:
            yield level


def _promised(
    connection: Connection,
    list_id: ListId,
    clocks: Sequence[str],
    limit: int,
    at: datetime,
    free: Collection[OperatorId],
) -> list[Promise]:
    params = {"wanted": list_id, "at": at, "free": sorted(free), "most": limit}
    return [
        Promise(lead_of(row[:-2]), None if row.anyone_from is None or row.anyone_from <= at else row.operator_id)
        for clock in clocks
        for row in connection.execute(_PROMISES, params | {"clock": clock})
    ]


def _soonest(connection: Connection, clocks: Mapping[ListId, Sequence[str]], shut: Collection[str]) -> datetime | None:
    """Return when the next lead within calling hours is due."""
    due_at = [
        connection.execute(_SOON, {"wanted": list_id, "clock": clock, "level": level}).scalar_one_or_none()
        for list_id, on in clocks.items()
        for clock in on
        if clock not in shut
        for level in _levels(connection, list_id, clock, PROMISED + 1)
    ]
    return min((at for at in due_at if at), default=None)
