"""Attempts, their leads' claims and their events in the database. What moves an attempt is left to ``domain.calls``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from telephony.domain.attempts import (
    Attempt,
    AttemptStart,
    CallEvent,
    CallState,
    Refusal,
    Result,
    refuse_given,
    refuse_weaker,
)
from telephony.domain.callbacks import CallbackWish
from telephony.domain.outcomes import Outcome
from telephony.errors import NotFoundError
from telephony.ids import AttemptId, CampaignId, ChannelId, OperatorId
from telephony.ports.attempts import REVIEW
from telephony.ports.pages import PAGE
from telephony.storage.beginning import BOUND, MANY, begin_free, refuse
from telephony.storage.database import Database
from telephony.storage.lead_steps import settle
from telephony.storage.reading import made, readable, readable_page
from telephony.storage.results import keep_result
from telephony.storage.tables import attempts, call_events
from telephony.storage.transaction import Body, Transaction

ATTEMPT: Final = tuple(attempts.c[field.name] for field in fields(Attempt))
"""An attempt's columns, in the order of the domain's value."""
_KEPT: Final = frozenset({*BOUND, "trunk", "started_at", "result", "legal_basis", "guaranteed_to"})
"""What ``save`` never changes: what the permit was bound to, whom it was guaranteed to, and the operator's result."""

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
_ONE: Final = select(*ATTEMPT).where(attempts.c.attempt_id == bindparam("wanted"))
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


class Attempts:
    """Implements ``AttemptStore``."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def begin(self, starts: Sequence[AttemptStart], refusals: Sequence[Refusal]) -> Sequence[AttemptStart]:
        """Write attempts and permits, claim their leads, mark refused leads, enter all in the ledger.

        Returns:
            The starts that hold: a lead that was not waiting any more or is not due yet, a preview that does not lie
            before its operator any more, or a number or person that a call is up to already, is left out.

        Raises:
            ConflictError: a permit is for another number, list or campaign than its lead's, or an id is taken.
        """

        def work(tx: Transaction) -> Sequence[AttemptStart]:
            held = begin_free(tx, starts)
            if refusals:
                refuse(tx, refusals)
            return held

        return await self._database.write(work)

    async def save(self, events: Sequence[CallEvent], attempts: Sequence[Attempt]) -> None:
        """Append call events and bring attempts to the given projection; ended stays ended.

        An attempt's result is not written here: only ``set_result`` does that.
        """

        def work(tx: Transaction) -> None:
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

        if events or attempts:
            await self._database.write(work)

    async def get(self, attempt_id: AttemptId) -> Attempt:
        """Return it; NotFoundError when there is none."""
        return await self._database.read(lambda connection: find_attempt(connection, attempt_id))

    async def by_channel(self, trunk_channel: ChannelId) -> Attempt | None:
        """Return the attempt a trunk channel belongs to, the newest should a switch have used the id twice."""

        def work(connection: Connection) -> Attempt | None:
            row = connection.execute(_BY_CHANNEL, {"wanted": trunk_channel}).one_or_none()
            return None if row is None else attempt_of(row)

        return await self._database.read(work)

    async def unfinished(self) -> Sequence[Attempt]:
        """Return every attempt that has not ended, oldest first: what a restart must settle."""
        return await self._database.read(
            lambda connection: readable(connection, connection.execute(_UNFINISHED), attempt_of)
        )

    async def events(self, attempt_id: AttemptId) -> Sequence[CallEvent]:
        """Return its events in the order they were appended."""

        def work(connection: Connection) -> Sequence[CallEvent]:
            found = connection.execute(_EVENTS, {"wanted": attempt_id})
            return readable(connection, found, _event_of)

        return await self._database.read(work)

    async def recent(
        self, campaign_id: CampaignId | None, limit: int, after: tuple[datetime, AttemptId] | None = None
    ) -> Sequence[Attempt]:
        """Return attempts, newest first; ``after`` is the last row of the page before."""
        time, key = attempts.c.started_at, attempts.c.attempt_id
        query = select(*ATTEMPT).order_by(time.desc(), key.desc()).limit(limit)
        if campaign_id is not None:
            query = query.where(attempts.c.campaign_id == campaign_id)
        if after is not None:
            query = query.where(time <= after[0], or_(time < after[0], key < after[1]))
        return await self._database.read(lambda connection: readable(connection, connection.execute(query), attempt_of))

    async def machines(
        self, campaign_id: CampaignId, begins_at: datetime, limit: int = PAGE, after: Attempt | None = None
    ) -> Sequence[tuple[Attempt, str]]:
        """Return a page of calls taken for machines that ended since, oldest first, with what a reviewer heard last."""
        at, key = attempts.c.ended_at, attempts.c.attempt_id
        asked = _MACHINES
        if after is not None:
            asked = asked.where(at >= after.ended_at, or_(at > after.ended_at, key > after.attempt_id))

        def work(connection: Connection) -> Sequence[tuple[Attempt, str]]:
            wanted = {"campaign": campaign_id, "begins": begins_at}
            found = readable_page(connection, asked.params(wanted), limit, attempt_of)
            reviews = _REVIEWS.where(key.in_([one.attempt_id for one in found]))
            heard = dict(readable(connection, connection.execute(reviews, wanted), _heard_of))
            return [(attempt, heard.get(attempt.attempt_id, "")) for attempt in found]

        return await self._database.read(work)

    async def machine_counts(self, campaign_id: CampaignId, begins_at: datetime) -> tuple[int, Mapping[str, int]]:
        """Count calls taken for machines that ended since, and by word what reviewers heard last in some of them."""

        def work(connection: Connection) -> tuple[int, Mapping[str, int]]:
            wanted = {"campaign": campaign_id, "begins": begins_at}
            count = int(connection.execute(_COUNT_MACHINES, wanted).scalar_one())
            heard = readable(connection, connection.execute(_REVIEWS, wanted), _heard_of)
            return count, Counter(dict(heard).values())

        return await self._database.read(work)

    async def on_trunk(self, trunk: str, limit: int) -> Sequence[Attempt]:
        """Return the latest attempts on a trunk, oldest first."""

        def work(connection: Connection) -> Sequence[Attempt]:
            rows = connection.execute(_ON_TRUNK, {"wanted": trunk, "most": limit})
            return readable(connection, rows, attempt_of)[::-1]

        return await self._database.read(work)

    async def set_result(
        self,
        attempt_id: AttemptId,
        result: Result,
        operator: OperatorId,
        at: datetime,
        callback: CallbackWish | None = None,
    ) -> None:
        """Keep the operator's result; a later one replaces it and both stand in the ledger.

        Raises:
            ConflictError: it says less of the person's will than the one that is kept.
        """

        def work(tx: Transaction) -> None:
            before = find_attempt(tx.connection, attempt_id)
            refuse_weaker(before, result)
            keep_result(tx, before, result, {"operator": operator}, at, callback)

        await self._database.write(work)

    async def without_result(self, limit: int) -> Sequence[Attempt]:
        """Return conversations, also those that go on, whose result nobody has given, newest first."""
        return await self._database.read(
            lambda connection: readable_page(connection, _WITHOUT_RESULT, limit, attempt_of)
        )

    async def give_result(
        self,
        attempt_id: AttemptId,
        result: Result,
        by: str,
        at: datetime,
        callback: CallbackWish | None = None,
    ) -> None:
        """Keep a result that its operator did not give, entered in the ledger with who gave it.

        Raises:
            ConflictError: there was no conversation, it goes on, or it has a result.
            NotFoundError: there is no such attempt.
        """

        def work(tx: Transaction) -> None:
            before = find_attempt(tx.connection, attempt_id)
            refuse_given(before)
            keep_result(tx, before, result, {"operator": before.operator_id, "by": by}, at, callback)

        await self._database.write(work)

    async def since(self, campaign_id: CampaignId, begins_at: datetime) -> Mapping[str, int]:
        """Count attempts that ended at or after ``begins_at``, by outcome word."""

        def work(connection: Connection) -> Mapping[str, int]:
            found = connection.execute(_SINCE, {"campaign": campaign_id, "begins": begins_at})
            return {str(outcome): count for outcome, count in found}

        return await self._database.read(work)


def find_attempt(connection: Connection, attempt_id: AttemptId) -> Attempt:
    """Return it; NotFoundError when there is none."""
    row = connection.execute(_ONE, {"wanted": attempt_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no attempt {attempt_id}")
    return attempt_of(row)


def attempt_of(row: Sequence[Any]) -> Attempt:
    """Return a row of the columns ``ATTEMPT`` as the domain's value."""
    return made("attempts", row[0], Attempt, row)


def _heard_of(row: Any) -> tuple[str, str]:
    return row.attempt_id, made("call_events", row.attempt_id, lambda details: str(details["heard"]), (row.details,))


def _event_of(row: Row[Any]) -> CallEvent:
    return made("call_events", row.event_id, CallEvent, (row.attempt_id, row.kind, row.at, row.details))


def _ending_now(tx: Transaction, given: Sequence[Attempt]) -> list[Attempt]:
    """Return the attempts that end with this very transaction: those that ended before stay as they are."""
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
    """Settle leads, count outcomes, enter the endings."""
    settle(tx, ended)
    for attempt in ended:
        tx.count(attempt.campaign_id, "outcome", str(attempt.outcome))
        body: Body = {"outcome": str(attempt.outcome), "operator": attempt.operator_id, "cause": attempt.hangup_cause}
        tx.enter("attempt_ended", attempt.attempt_id, attempt.ended_at or attempt.started_at, body)
