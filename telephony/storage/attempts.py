"""Attempts, their leads' claims and their events in the database. What moves an attempt is left to ``domain.calls``."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
)
from telephony.domain.callbacks import CallbackState, CallbackWish
from telephony.domain.leads import WHENEVER, LeadState
from telephony.domain.outcomes import Outcome
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import AttemptId, CampaignId, ChannelId, LeadId, OperatorId
from telephony.ports.store import REVIEW
from telephony.storage.callbacks import open_among, over
from telephony.storage.database import Database
from telephony.storage.lead_steps import settle
from telephony.storage.leads import POSTPONE
from telephony.storage.on_line import those_free
from telephony.storage.previews import called, lies_before
from telephony.storage.reading import made, readable
from telephony.storage.results import keep_result
from telephony.storage.tables import PermitState, attempts, call_events, leads, permits
from telephony.storage.transaction import Body, Transaction

MANY: Final = 500
"""Most ids in one statement."""
ATTEMPT: Final = tuple(attempts.c[field.name] for field in fields(Attempt))
"""An attempt's columns, in the order of the domain's value."""
_BOUND: Final = ("attempt_id", "campaign_id", "list_id", "lead_id", "permit_id", "recording_id", "number", "caller_id")
_KEPT: Final = frozenset({*_BOUND, "trunk", "started_at", "result", "legal_basis", "guaranteed_to"})
"""What ``save`` never changes: what the permit was bound to, whom it was guaranteed to, and the operator's result."""

_IS_OPEN: Final = attempts.c.state != CallState.ENDED
_MOVE_LEADS: Final = (
    update(leads)
    .where(leads.c.lead_id.in_(bindparam("ids", expanding=True)), leads.c.state == bindparam("before"))
    .where(or_(leads.c.not_before.is_(None), leads.c.not_before <= bindparam("due")))
    .values(state=bindparam("after"))
    .returning(leads.c.lead_id, leads.c.list_id, leads.c.campaign_id, leads.c.number, leads.c.bucket)
)
_SET_ASIDE: Final = update(leads).where(leads.c.lead_id == bindparam("b_lead_id")).values(reason=bindparam("b_reason"))
_ADD_ATTEMPTS: Final = insert(attempts)
_ADD_PERMITS: Final = insert(permits)
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
            offered = [one for one in starts if one.preview_id is None or lies_before(tx, one)]
            free = those_free(tx.connection, offered)
            persons = {start.permit.attempt_id: word for start, word in free}
            held = _claimed(tx, [start for start, _ in free])
            if held:
                _write_starts(tx, held, persons)
            if refusals:
                _refuse(tx, refusals)
            return [start for start, _ in held]

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

    async def machines(self, campaign_id: CampaignId, begins_at: datetime) -> Sequence[tuple[Attempt, str]]:
        """Return calls taken for machines that ended since, oldest first, with what a reviewer heard last, or ""."""

        def work(connection: Connection) -> Sequence[tuple[Attempt, str]]:
            wanted = {"campaign": campaign_id, "begins": begins_at}
            heard = {row.attempt_id: row.details["heard"] for row in connection.execute(_REVIEWS, wanted)}
            found = [attempt_of(row) for row in connection.execute(_MACHINES, wanted)]
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
        """Keep the operator's result; a later one replaces it and both stand in the ledger."""

        def work(tx: Transaction) -> None:
            keep_result(tx, find_attempt(tx.connection, attempt_id), result, {"operator": operator}, at, callback)

        await self._database.write(work)

    async def without_result(self, limit: int) -> Sequence[Attempt]:
        """Return conversations, also those that go on, whose result nobody has given, newest first."""
        query = _WITHOUT_RESULT.limit(limit)
        return await self._database.read(lambda connection: [attempt_of(row) for row in connection.execute(query)])

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


def _move_leads(
    tx: Transaction,
    ids: Iterable[LeadId],
    before: LeadState,
    after: LeadState,
    due_at: datetime = WHENEVER,
) -> Iterator[Row[Any]]:
    """Move those leads that are in state ``before`` and due at a moment, keep count, and tell which they were."""
    wanted = list(ids)
    for start in range(0, len(wanted), MANY):
        values = {"ids": wanted[start : start + MANY], "before": before, "after": after, "due": due_at}
        for row in tx.connection.execute(_MOVE_LEADS, values):
            tx.count(row.campaign_id, "lead", before, -1)
            tx.count(row.campaign_id, "lead", after)
            yield row


def _claimed(tx: Transaction, starts: Sequence[AttemptStart]) -> list[tuple[AttemptStart, str]]:
    """Claim the leads that wait and are due, whatever was read before; return a start for each, and its bucket."""
    wanted = {start.permit.lead_id: start for start in reversed(starts)}
    buckets: dict[LeadId, str] = {}
    due_at = max((start.started_at for start in starts), default=WHENEVER)
    for row in _move_leads(tx, wanted, LeadState.WAITING, LeadState.CLAIMED, due_at):
        permit = wanted[row.lead_id].permit
        if (permit.campaign_id, permit.list_id, permit.number) != (row.campaign_id, row.list_id, row.number):
            raise ConflictError(f"permit {permit.permit_id} is not for lead {row.lead_id} as it is stored")
        buckets[row.lead_id] = row.bucket
    return [(start, buckets[lead_id]) for lead_id, start in wanted.items() if lead_id in buckets][::-1]


def _write_starts(
    tx: Transaction, starts: Sequence[tuple[AttemptStart, str]], persons: Mapping[AttemptId, str]
) -> None:
    tx.connection.execute(
        _ADD_ATTEMPTS, [_attempt_row(start, bucket, persons[start.permit.attempt_id]) for start, bucket in starts]
    )
    tx.connection.execute(_ADD_PERMITS, [_permit_row(start) for start, _ in starts])
    for start, _ in starts:
        called(tx, start)
        permit = start.permit
        body: Body = {
            "attempt": permit.attempt_id,
            "recording": permit.recording_id,
            "campaign": permit.campaign_id,
            "list": permit.list_id,
            "lead": permit.lead_id,
            "caller_id": permit.caller_id,
            "trunk": permit.trunk,
            "gate": permit.gate,
            "expires_at": permit.expires_at.isoformat(),
            "basis": start.legal_basis.get("basis", ""),
        }
        if start.guaranteed_to is not None:
            body = {**body, "operator": start.guaranteed_to, "preview": start.preview_id}
        tx.enter("permit_given", permit.permit_id, permit.issued_at, body)


def _attempt_row(start: AttemptStart, bucket: str, person: str) -> dict[str, object]:
    permit = start.permit
    row: dict[str, object] = {name: getattr(permit, name) for name in _BOUND}
    for name in ("started_at", "legal_basis", "guaranteed_to"):
        row[name] = getattr(start, name)
    return row | {"trunk": permit.trunk, "bucket": bucket, "person": person}


def _permit_row(start: AttemptStart) -> dict[str, object]:
    permit = start.permit
    return {
        "permit_id": permit.permit_id,
        "gate": permit.gate,
        "state": PermitState.ISSUED,
        "issued_at": permit.issued_at,
        "expires_at": permit.expires_at,
    }


def _refuse(tx: Transaction, refusals: Sequence[Refusal]) -> None:
    later = [one for one in refusals if one.not_before is not None]
    if later:
        tx.connection.execute(POSTPONE, [_postponed(one) for one in later])
    ids = {refusal.lead_id: None for refusal in refusals if refusal.is_lasting and refusal.not_before is None}
    moved = {row.lead_id for row in _move_leads(tx, ids, LeadState.WAITING, LeadState.REFUSED)}
    if moved:
        rows = [{"b_lead_id": one.lead_id, "b_reason": one.rule} for one in refusals if one.lead_id in moved]
        tx.connection.execute(_SET_ASIDE, rows)
        for promised in open_among(tx.connection, sorted(moved)):
            over(tx, promised, CallbackState.CANCELLED, refusals[0].at)
    for refusal in refusals:
        body: Body = {"campaign": refusal.campaign_id, "rule": refusal.rule, "text": refusal.text}
        tx.enter("lead_refused", refusal.lead_id, refusal.at, body)


def _postponed(refusal: Refusal) -> dict[str, object]:
    return {"b_lead_id": refusal.lead_id, "b_not_before": refusal.not_before, "b_reason": refusal.rule}


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
