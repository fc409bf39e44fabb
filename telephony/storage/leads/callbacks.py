"""Callbacks in the database: promised with a result, kept by a call, moved or cancelled by people.

``transitions`` decides what a lead does after a call, and reads its open callback here.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Integer, Row, Text, bindparam, case, cast, func, insert, literal, or_, select, update
from typing_extensions import override

from telephony.domain.calls.attempts import Attempt
from telephony.domain.leads.callbacks import Bounds, Callback, CallbackState, CallbackWish, Repeated, other_moments
from telephony.domain.leads.leads import PROMISED, LeadState
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import CallbackId, CampaignId, LeadId
from telephony.ports.leads.callbacks import CallbackStore
from telephony.ports.pages import PAGE
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.leads.persons import person_with
from telephony.storage.tables import attempts, callbacks, leads
from telephony.storage.tables.rows import made, readable, readable_page
from telephony.storage.tables.types import UtcTime

MANY: Final = 5_000
"""Maximum number of leads in one statement."""
CANCELLED: Final = "callback_cancelled"
"""Reason code of a lead whose callback was cancelled."""
_COLUMNS: Final = tuple(callbacks.c[field.name] for field in fields(Callback))
_ALL: Final = select(*_COLUMNS)
_OF_LEADS: Final = _ALL.where(callbacks.c.lead_id.in_(bindparam("ids", expanding=True)))
_OPEN: Final = _ALL.where(callbacks.c.state == CallbackState.OPEN).order_by(callbacks.c.at, callbacks.c.callback_id)
# The person is the one called when the callback was promised; older attempts have no person, so use the lead.
_who: Final = case(
    (attempts.c.person == "", literal("lead:") + cast(callbacks.c.lead_id, Text)), else_=attempts.c.person
)
_is_over: Final = case((callbacks.c.state == CallbackState.OPEN, 0), else_=1)
_promised: Final = (
    select(
        callbacks.c.lead_id,
        callbacks.c.at,
        callbacks.c.state,
        func.count().over(partition_by=_who).label("count"),
        func.row_number()
        .over(partition_by=_who, order_by=(_is_over, callbacks.c.at, callbacks.c.callback_id))
        .label("place"),
    )
    .join(attempts, attempts.c.attempt_id == callbacks.c.attempt_id)
    .where(callbacks.c.set_at >= bindparam("since", type_=UtcTime))
    .subquery()
)
_REPEATED: Final = (
    select(_promised.c.lead_id, _promised.c.count, _promised.c.at)
    .where(_promised.c.place == 1, _promised.c.state == CallbackState.OPEN, _promised.c.count > 1)
    .order_by(_promised.c.count.desc(), _promised.c.lead_id)
    .limit(bindparam("most", type_=Integer))
)
OPEN_AMONG: Final = select(callbacks).where(
    callbacks.c.lead_id.in_(bindparam("ids", expanding=True)), callbacks.c.state == CallbackState.OPEN
)


class Callbacks(Capability, CallbackStore):
    """Implements ``CallbackStore``."""

    @override
    @read
    def get(self, connection: Connection, callback_id: CallbackId) -> Callback:
        return _find(connection, callback_id)

    @override
    @read
    def open(
        self,
        connection: Connection,
        campaign_id: CampaignId | None = None,
        limit: int = PAGE,
        after: Callback | None = None,
    ) -> Sequence[Callback]:
        c = callbacks.c
        query = _OPEN if campaign_id is None else _OPEN.where(c.campaign_id == campaign_id)
        if after is not None:
            query = query.where(c.at >= after.at, or_(c.at > after.at, c.callback_id > after.callback_id))
        return readable_page(connection, query, limit, _callback)

    @override
    @read
    def of_lead(self, connection: Connection, lead_id: LeadId) -> Sequence[Callback]:
        query = _ALL.where(callbacks.c.lead_id == lead_id).order_by(callbacks.c.callback_id)
        return readable(connection, connection.execute(query), _callback)

    @override
    @read
    def repeated(self, connection: Connection, since: datetime, most: int) -> Sequence[Repeated]:
        params = {"since": since, "most": most}
        return [Repeated(*row) for row in connection.execute(_REPEATED, params)]

    @override
    @read
    def of_person(self, connection: Connection, lead_id: LeadId) -> Sequence[Callback]:
        return of_person(connection, lead_id)

    @override
    @write
    def move(
        self,
        tx: Transaction,
        callback_id: CallbackId,
        at: datetime,
        zone: str,
        by: str,
        now: datetime,
        bounds: Bounds | None = None,
    ) -> Callback:
        callback = _movable(tx.connection, callback_id)
        if bounds is not None:
            bounds(other_moments(of_person(tx.connection, callback.lead_id), moved=callback_id))
        _put(
            tx.connection, callback.callback_id, at=at, zone=zone, anyone_from=at + (callback.anyone_from - callback.at)
        )
        _put_lead(tx.connection, callback.lead_id, not_before=at)
        tx.enter("callback_moved", callback_id, now, {"by": by, "lead": callback.lead_id, "at": at.isoformat()})
        return _find(tx.connection, callback_id)

    @override
    @write
    def cancel(self, tx: Transaction, callback_id: CallbackId, by: str, now: datetime) -> Callback:
        callback = _movable(tx.connection, callback_id)
        (row,) = open_among(tx.connection, [callback.lead_id])
        _put(tx.connection, callback_id, state=CallbackState.CANCELLED)
        values = {"state": LeadState.DONE, "priority": row.priority, "not_before": None, "reason": CANCELLED}
        _put_lead(tx.connection, callback.lead_id, **values)
        tx.count(callback.campaign_id, "lead", LeadState.WAITING, -1)
        tx.count(callback.campaign_id, "lead", LeadState.DONE)
        tx.enter("callback_cancelled", callback_id, now, {"by": by, "lead": callback.lead_id})
        return _find(tx.connection, callback_id)


def open_among(connection: Connection, ids: Sequence[LeadId]) -> Sequence[Row[Any]]:
    """Return the open callbacks of these leads."""
    return connection.execute(OPEN_AMONG, {"ids": ids}).all()


def of_person(connection: Connection, lead_id: LeadId) -> Sequence[Callback]:
    """Return all callbacks of the person a lead is, oldest first."""
    mine, promised = sorted(person_with(connection, lead_id)), list[Callback]()
    for first in range(0, len(mine), MANY):
        promised += readable(connection, connection.execute(_OF_LEADS, {"ids": mine[first : first + MANY]}), _callback)
    return sorted(promised, key=lambda callback: callback.callback_id)


def keep_promise(tx: Transaction, attempt: Attempt, wish: CallbackWish, now: datetime) -> None:
    """Store the callback promised in a call; this call also fulfils an earlier promise."""
    if wish.bounds is not None:  # checked in the write transaction: a second promise at the same time sees the first
        wish.bounds(other_moments(of_person(tx.connection, attempt.lead_id), made_in=attempt.attempt_id))
    priority = tx.connection.execute(select(leads.c.priority).where(leads.c.lead_id == attempt.lead_id)).scalar_one()
    values = {name: getattr(wish, name) for name in ("at", "zone", "operator_id", "anyone_from")}
    for row in open_among(tx.connection, [attempt.lead_id]):
        priority = row.priority
        close_callback(
            tx, row, CallbackState.CANCELLED if row.attempt_id == attempt.attempt_id else CallbackState.MADE, now
        )
    bound = {name: getattr(attempt, name) for name in ("campaign_id", "lead_id", "attempt_id")}
    added = insert(callbacks).returning(callbacks.c.callback_id)
    callback_id = tx.connection.execute(added, values | bound | {"set_at": now, "priority": priority}).scalar_one()
    body: Body = {"lead": attempt.lead_id, "at": wish.at.isoformat(), "operator": wish.operator_id}
    tx.enter("callback_set", callback_id, now, body)


def close_callback(tx: Transaction, row: Row[Any], state: CallbackState, at: datetime) -> None:
    """Close an open callback and restore its lead's own priority."""
    _put(tx.connection, row.callback_id, state=state)
    _put_lead(tx.connection, row.lead_id, priority=row.priority)
    tx.enter(f"callback_{state}", row.callback_id, at, {"lead": row.lead_id})


def _movable(connection: Connection, callback_id: CallbackId) -> Callback:
    callback = _find(connection, callback_id)
    if callback.state is not CallbackState.OPEN:
        raise ConflictError(f"callback {callback_id} is {callback.state}: nothing to change")
    state, priority = connection.execute(
        select(leads.c.state, leads.c.priority).where(leads.c.lead_id == callback.lead_id)
    ).one()
    if state is not LeadState.WAITING or priority != PROMISED:
        raise ConflictError(f"the call of callback {callback_id} is under way; wait until it has ended")
    return callback


def _find(connection: Connection, callback_id: CallbackId) -> Callback:
    row = connection.execute(_ALL.where(callbacks.c.callback_id == callback_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no callback {callback_id}; `telephony callback list` shows those there are")
    return _callback(row)


def _callback(row: Sequence[Any]) -> Callback:
    return made("callbacks", row[0], Callback, row)


def _put(connection: Connection, callback_id: CallbackId, **values: object) -> None:
    connection.execute(update(callbacks).where(callbacks.c.callback_id == callback_id).values(**values))


def _put_lead(connection: Connection, lead_id: LeadId, **values: object) -> None:
    connection.execute(update(leads).where(leads.c.lead_id == lead_id).values(**values))
