"""Attempts, their leads' claims and their events in the database. ``domain.calls`` decides what changes an attempt."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update
from typing_extensions import override

from telephony.domain.calls.attempts import (
    Attempt,
    AttemptStart,
    CallEvent,
    CallState,
    Refusal,
    Result,
    refuse_given,
    refuse_weaker,
)
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.callbacks import CallbackWish
from telephony.ids import AttemptId, CampaignId, ChannelId, OperatorId
from telephony.ports.calls.attempts import REVIEW, AttemptStore
from telephony.ports.pages import PAGE
from telephony.storage.calls.beginning import BOUND, MANY, begin_free, refuse
from telephony.storage.calls.results import keep_result
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.leads.transitions import settle
from telephony.storage.tables import attempts, call_events
from telephony.storage.tables.attempt_rows import ATTEMPT, attempt_of, find_attempt
from telephony.storage.tables.rows import made, readable, readable_page

_KEPT: Final = frozenset({*BOUND, "trunk", "started_at", "result", "legal_basis", "guaranteed_to"})
"""Columns that ``save`` never changes: the permit's bindings, its guaranteed operator, and the operator's result."""

_IS_OPEN: Final = attempts.c.state != CallState.ENDED
_ADD_EVENTS: Final = insert(call_events)
_OPEN_AMONG: Final = select(attempts.c.attempt_id).where(
    attempts.c.attempt_id.in_(bindparam("ids", expanding=True)), _IS_OPEN
)
_PROJECT: Final = (
    update(attempts)
    .where(attempts.c.attempt_id == bindparam("b_attempt_id"), _IS_OPEN)
    .values({column.name: bindparam(f"b_{column.name}") for column in ATTEMPT if column.name not in _KEPT})
)
_BY_CHANNEL: Final = (
    select(*ATTEMPT)
    .where(attempts.c.trunk_channel == bindparam("wanted"), attempts.c.trunk_channel != "")
    .order_by(attempts.c.started_at.desc())
    .limit(1)
)
_UNFINISHED: Final = select(*ATTEMPT).where(_IS_OPEN).order_by(attempts.c.started_at, attempts.c.attempt_id)
_EVENTS: Final = (
    select(call_events).where(call_events.c.attempt_id == bindparam("wanted")).order_by(call_events.c.event_id)
)
_ON_TRUNK: Final = (
    select(*ATTEMPT)
    .where(attempts.c.trunk == bindparam("wanted"))
    .order_by(attempts.c.started_at.desc())
    .limit(bindparam("most"))
)
_IS_MACHINE: Final = (
    attempts.c.campaign_id == bindparam("campaign"),
    attempts.c.ended_at >= bindparam("begins"),
    attempts.c.outcome == Outcome.MACHINE,
)
_MACHINES: Final = select(*ATTEMPT).where(*_IS_MACHINE).order_by(attempts.c.ended_at, attempts.c.attempt_id)
_COUNT_MACHINES: Final = select(func.count()).select_from(attempts).where(*_IS_MACHINE)
_REVIEWS: Final = (
    select(call_events.c.attempt_id, call_events.c.details)
    .join(attempts, attempts.c.attempt_id == call_events.c.attempt_id)
    .where(*_IS_MACHINE, call_events.c.kind == REVIEW)
    .order_by(call_events.c.event_id)
)
_WITHOUT_RESULT: Final = (
    select(*ATTEMPT)
    .where(attempts.c.connected_at.is_not(None), attempts.c.result.is_(None))
    .order_by(attempts.c.started_at.desc(), attempts.c.attempt_id.desc())
)
_SINCE: Final = (
    select(attempts.c.outcome, func.count())
    .where(attempts.c.campaign_id == bindparam("campaign"), attempts.c.ended_at >= bindparam("begins"))
    .group_by(attempts.c.outcome)
)


class Attempts(Capability, AttemptStore):
    """Implements ``AttemptStore``."""

    @override
    @write
    def begin(
        self, tx: Transaction, starts: Sequence[AttemptStart], refusals: Sequence[Refusal]
    ) -> Sequence[AttemptStart]:
        held = begin_free(tx, starts)
        if refusals:
            refuse(tx, refusals)
        return held

    @override
    async def save(self, events: Sequence[CallEvent], attempts: Sequence[Attempt]) -> None:
        if events or attempts:
            await self._save(events, attempts)

    @write
    def _save(self, tx: Transaction, events: Sequence[CallEvent], attempts: Sequence[Attempt]) -> None:
        if events:
            rows = [
                {"attempt_id": event.attempt_id, "kind": event.kind, "at": event.at, "details": event.details}
                for event in events
            ]
            tx.connection.execute(_ADD_EVENTS, rows)
        if attempts:
            ended = _ending_now(tx, attempts)
            tx.connection.execute(_PROJECT, [_bound(attempt) for attempt in attempts])
            _settle(tx, ended)

    @override
    @read
    def get(self, connection: Connection, attempt_id: AttemptId) -> Attempt:
        return find_attempt(connection, attempt_id)

    @override
    @read
    def by_channel(self, connection: Connection, trunk_channel: ChannelId) -> Attempt | None:
        row = connection.execute(_BY_CHANNEL, {"wanted": trunk_channel}).one_or_none()
        return None if row is None else attempt_of(row)

    @override
    @read
    def unfinished(self, connection: Connection) -> Sequence[Attempt]:
        return readable(connection, connection.execute(_UNFINISHED), attempt_of)

    @override
    @read
    def events(self, connection: Connection, attempt_id: AttemptId) -> Sequence[CallEvent]:
        rows = connection.execute(_EVENTS, {"wanted": attempt_id})
        return readable(connection, rows, _event_of)

    @override
    @read
    def recent(
        self,
        connection: Connection,
        campaign_id: CampaignId | None,
        limit: int,
        after: tuple[datetime, AttemptId] | None = None,
    ) -> Sequence[Attempt]:
        time, key = attempts.c.started_at, attempts.c.attempt_id
        query = select(*ATTEMPT).order_by(time.desc(), key.desc()).limit(limit)
        if campaign_id is not None:
            query = query.where(attempts.c.campaign_id == campaign_id)
        if after is not None:
            query = query.where(time <= after[0], or_(time < after[0], key < after[1]))
        return readable(connection, connection.execute(query), attempt_of)

    @override
    @read
    def machines(
        self,
        connection: Connection,
        campaign_id: CampaignId,
        begins_at: datetime,
        limit: int = PAGE,
        after: Attempt | None = None,
    ) -> Sequence[tuple[Attempt, str]]:
        at, key = attempts.c.ended_at, attempts.c.attempt_id
        params = {"campaign": campaign_id, "begins": begins_at}
        query = _MACHINES.params(params)
        if after is not None:
            query = query.where(at >= after.ended_at, or_(at > after.ended_at, key > after.attempt_id))
        page = readable_page(connection, query, limit, attempt_of)
        reviews = _REVIEWS.where(key.in_([attempt.attempt_id for attempt in page]))
        heard = dict(readable(connection, connection.execute(reviews, params), _review_of))
        return [(attempt, heard.get(attempt.attempt_id, "")) for attempt in page]

    @override
    @read
    def machine_counts(
        self, connection: Connection, campaign_id: CampaignId, begins_at: datetime
    ) -> tuple[int, Mapping[str, int]]:
        params = {"campaign": campaign_id, "begins": begins_at}
        count = int(connection.execute(_COUNT_MACHINES, params).scalar_one())
        heard = readable(connection, connection.execute(_REVIEWS, params), _review_of)
        return count, Counter(dict(heard).values())

    @override
    @read
    def on_trunk(self, connection: Connection, trunk: str, limit: int) -> Sequence[Attempt]:
        rows = connection.execute(_ON_TRUNK, {"wanted": trunk, "most": limit})
        return readable(connection, rows, attempt_of)[::-1]

    @override
    @write
    def set_result(
        self,
        tx: Transaction,
        attempt_id: AttemptId,
        result: Result,
        operator: OperatorId,
        at: datetime,
        callback: CallbackWish | None = None,
    ) -> None:
        before = find_attempt(tx.connection, attempt_id)
        refuse_weaker(before, result)
        keep_result(tx, before, result, {"operator": operator}, at, callback)

    @override
    @read
    def without_result(self, connection: Connection, limit: int) -> Sequence[Attempt]:
        return readable_page(connection, _WITHOUT_RESULT, limit, attempt_of)

    @override
    @write
    def give_result(
        self,
        tx: Transaction,
        attempt_id: AttemptId,
        result: Result,
        by: str,
        at: datetime,
        callback: CallbackWish | None = None,
    ) -> None:
        before = find_attempt(tx.connection, attempt_id)
        refuse_given(before)
        keep_result(tx, before, result, {"operator": before.operator_id, "by": by}, at, callback)

    @override
    @read
    def since(self, connection: Connection, campaign_id: CampaignId, begins_at: datetime) -> Mapping[str, int]:
        rows = connection.execute(_SINCE, {"campaign": campaign_id, "begins": begins_at})
        return {str(outcome): count for outcome, count in rows}


def _review_of(row: Any) -> tuple[str, str]:
    return row.attempt_id, made("call_events", row.attempt_id, lambda details: str(details["heard"]), (row.details,))


def _event_of(row: Row[Any]) -> CallEvent:
    return made("call_events", row.event_id, CallEvent, (row.attempt_id, row.kind, row.at, row.details))


def _ending_now(tx: Transaction, given: Sequence[Attempt]) -> list[Attempt]:
    """Return the attempts that end in this transaction. Attempts that ended earlier stay as they are."""
    ended: dict[AttemptId, Attempt] = {}
    for attempt in given:
        if attempt.state is CallState.ENDED:
            ended.setdefault(attempt.attempt_id, attempt)
    ids, still_open = list(ended), set()
    for start in range(0, len(ids), MANY):
        still_open |= set(tx.connection.execute(_OPEN_AMONG, {"ids": ids[start : start + MANY]}).scalars())
    return [attempt for attempt_id, attempt in ended.items() if attempt_id in still_open]


def _bound(attempt: Attempt) -> dict[str, object]:
    row: dict[str, object] = {f"b_{name}": getattr(attempt, name) for name in _PROJECTED}
    row["b_attempt_id"] = attempt.attempt_id
    return row


_PROJECTED: Final = tuple(column.name for column in ATTEMPT if column.name not in _KEPT)


def _settle(tx: Transaction, ended: Sequence[Attempt]) -> None:
    """Settle leads, count outcomes and enter the endings in the ledger."""
    settle(tx, ended)
    for attempt in ended:
        tx.count(attempt.campaign_id, "outcome", str(attempt.outcome))
        body: Body = {"outcome": str(attempt.outcome), "operator": attempt.operator_id, "cause": attempt.hangup_cause}
        tx.enter("attempt_ended", attempt.attempt_id, attempt.ended_at or attempt.started_at, body)
