"""Apply an ended attempt, or the operator's result, to its lead in the same transaction (I4).

``telephony.domain.leads.retries`` decides the step; this module reads its facts and writes the lead.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, case, select, update

from telephony.domain.calls.attempts import Attempt, CallState, Result
from telephony.domain.calls.outcomes import TRIED_AGAIN, Outcome
from telephony.domain.law.basis import CampaignKind, LeadTerms
from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.law.refusals import blocked_until
from telephony.domain.lead_order.buckets import bucket_after, fresh_bucket, zone_of
from telephony.domain.leads.callbacks import CallbackState
from telephony.domain.leads.leads import HIGHEST, PROMISED, USUAL, LeadState
from telephony.domain.leads.retries import NEXT_NUMBER_AFTER, ONCE, Retry, RetryPlan, Try, dice_of, next_step, plan_of
from telephony.domain.numbers.ranges import NumberKind
from telephony.errors import UnreadableRowError
from telephony.ids import CampaignId, LeadId, ListId, Number
from telephony.storage.engine.database import Database
from telephony.storage.engine.transaction import Transaction
from telephony.storage.leads.callbacks import OPEN_AMONG, close_callback
from telephony.storage.tables import attempts, campaigns, leads, retry_plans
from telephony.storage.tables.rows import made, note, readable

MANY: Final = 500
"""Maximum number of ids in one statement."""
_UNCOUNTED: Final = (*sorted(TRIED_AGAIN), Outcome.REFUSED)
"""Outcomes of attempts that say nothing about the lead."""

CHUNK: Final = 5_000
"""Leads changed in one transaction, so that a call does not wait long."""
UNREADABLE: Final = "unreadable"
"""Reason code of a lead that is done because a stored row cannot be read; an incident names the row."""
ANEW: Final = {
    "state": LeadState.WAITING,
    "tries": 0,
    "not_before": None,
    "reason": "",
    "bucket": case(*((leads.c.bucket.startswith(kind), kind) for kind in map(str, NumberKind)), else_=leads.c.bucket),
    "priority": case((leads.c.priority > HIGHEST, USUAL), else_=leads.c.priority),
}
"""Values that are reset when a lead begins again."""
_SOME: Final = (
    select(leads.c.lead_id)
    .where(
        leads.c.list_id == bindparam("wanted"),
        leads.c.state == LeadState.DONE,
        leads.c.reason.in_(bindparam("reasons", expanding=True)),
    )
    .limit(CHUNK)
)
_BEGIN_SOME: Final = update(leads).where(leads.c.lead_id.in_(_SOME)).values(**ANEW).returning(leads.c.campaign_id)
_LEADS: Final = select(
    leads.c.lead_id,
    leads.c.campaign_id,
    leads.c.state,
    leads.c.tries,
    leads.c.number,
    leads.c.numbers,
    leads.c.not_before,
    leads.c.reason,
    leads.c.priority,
    leads.c.clock,
    leads.c.bucket,
    leads.c.terms,
).where(leads.c.lead_id.in_(bindparam("ids", expanding=True)))
_TRIES: Final = (
    select(attempts.c.attempt_id, attempts.c.lead_id, attempts.c.outcome, attempts.c.result, attempts.c.ended_at)
    .where(
        attempts.c.lead_id.in_(bindparam("ids", expanding=True)),
        attempts.c.state == CallState.ENDED,
        attempts.c.outcome.not_in(_UNCOUNTED),
    )
    .order_by(attempts.c.started_at)
)
_PLANS: Final = (
    select(campaigns.c.campaign_id, campaigns.c.kind, retry_plans.c.plan)
    .select_from(campaigns.outerjoin(retry_plans, retry_plans.c.campaign_id == campaigns.c.campaign_id))
    .where(campaigns.c.campaign_id.in_(bindparam("ids", expanding=True)))
)
_NEWEST: Final = (
    select(attempts.c.attempt_id)
    .where(attempts.c.lead_id == bindparam("wanted"), attempts.c.outcome.not_in(_UNCOUNTED))
    .order_by(attempts.c.started_at.desc())
    .limit(1)
)
_TAKEN: Final = select(leads.c.lead_id).where(
    leads.c.campaign_id == bindparam("campaign"), leads.c.number == bindparam("wanted")
)
_MOVED: Final = ("not_before", "tries", "reason", "number", "clock", "bucket", "priority")
_STEP: Final = (
    update(leads)
    .where(leads.c.lead_id == bindparam("b_lead_id"))
    .values({name: bindparam(f"b_{name}") for name in ("state", *_MOVED)})
)


def settle(tx: Transaction, ended: Sequence[Attempt]) -> None:
    """Release the leads of attempts that end now, to be tried again or not."""
    by_lead = {attempt.lead_id: attempt for attempt in ended}
    claimed = {row.lead_id: row for row in _among(tx.connection, _LEADS, by_lead) if row.state is LeadState.CLAIMED}
    _move(tx, claimed, {lead_id: by_lead[lead_id] for lead_id in claimed}, is_new=True)


def settle_result(tx: Transaction, attempt: Attempt) -> None:
    """Apply a newly chosen result to the attempt's lead, unless the lead was called again since."""
    if attempt.state is not CallState.ENDED:
        return  # ``settle`` will use the result when the attempt ends
    (row,) = _among(tx.connection, _LEADS, {attempt.lead_id: attempt})
    newest = tx.connection.execute(_NEWEST, {"wanted": attempt.lead_id}).scalar_one_or_none()
    if newest == attempt.attempt_id and row.state in (LeadState.DONE, LeadState.WAITING):
        _move(tx, {attempt.lead_id: row}, {attempt.lead_id: attempt}, is_new=False)


def _move(tx: Transaction, rows: Mapping[LeadId, Row[Any]], by_lead: Mapping[LeadId, Attempt], *, is_new: bool) -> None:
    tries: dict[LeadId, list[Try]] = {}
    for ended in readable(tx.connection, _among(tx.connection, _TRIES, rows), _try):
        tries.setdefault(ended[0], []).append(ended[1])
    promises = {row.lead_id: row for row in _among(tx.connection, OPEN_AMONG, rows)}
    plans = _plans(tx.connection, {row.campaign_id for row in rows.values()})
    for lead_id, row in rows.items():
        attempt, promised = by_lead[lead_id], promises.get(lead_id)
        made_tries = tries.get(lead_id, [])[-max(row.tries + is_new, 1) :]
        try:
            step = made("leads", lead_id, _step, (tx, row, attempt, promised, plans[row.campaign_id], made_tries))
        except UnreadableRowError as error:
            note(tx.connection, error)  # the end of the attempt is still written
            step = _row(row, LeadState.DONE, not_before=None, reason=UNREADABLE)
        tx.connection.execute(_STEP, step)
        tx.count(row.campaign_id, "lead", row.state, -1)
        tx.count(row.campaign_id, "lead", step["b_state"])


def _step(
    tx: Transaction,
    row: Row[Any],
    attempt: Attempt,
    promised: Row[Any] | None,
    plan: tuple[RetryPlan, CampaignKind],
    tries: Sequence[Try],
) -> dict[str, Any]:
    """Return the lead's new values."""
    if attempt.outcome in TRIED_AGAIN:
        return _row(row, LeadState.WAITING)
    if attempt.outcome is Outcome.REFUSED:
        step = _row(row, LeadState.DONE, reason=str(Outcome.REFUSED))
        if promised is not None:
            close_callback(tx, promised, CallbackState.CANCELLED, attempt.ended_at or attempt.started_at)
            step["b_priority"] = promised.priority
        return step
    step = _after(tx.connection, row, attempt, *plan, tries)
    return step if promised is None else step | _with_promise(tx, promised, attempt, tries[-1])


def _after(
    connection: Connection, row: Row[Any], attempt: Attempt, plan: RetryPlan, kind: CampaignKind, tries: Sequence[Try]
) -> dict[str, Any]:
    ended_at = tries[-1].ended_at
    step = next_step(plan, tries, ended_at, dice_of(attempt.attempt_id), zone_of(row.clock))
    bucket = bucket_after(row.number, row.clock, tries)
    if isinstance(step, Retry):
        blocked = blocked_until(row.number, kind, tries[-1].result, ended_at, zone_of(row.clock))
        at = max(step.at, blocked or step.at)
        return _row(row, LeadState.WAITING, not_before=at, tries=len(tries), reason=step.reason, bucket=bucket)
    if step.is_of_the_number and row.number != attempt.number:
        return _row(row, row.state)  # it already uses its next number
    other = _next_number(connection, row) if step.is_of_the_number else None
    if other is not None:
        at = ended_at + NEXT_NUMBER_AFTER
        word = CallingZone.of(other, LeadTerms.of(row.terms)).word
        under = {"number": other, "clock": word, "bucket": fresh_bucket(other)}
        return _row(row, LeadState.WAITING, not_before=at, tries=0, reason=step.reason, **under)
    return _row(row, LeadState.DONE, not_before=None, tries=len(tries), reason=step.reason, bucket=bucket)


def _with_promise(tx: Transaction, promised: Row[Any], attempt: Attempt, last: Try) -> dict[str, Any]:
    """Return the changes by a callback that was promised in this call or fulfilled by it."""
    is_of_this = promised.attempt_id == attempt.attempt_id
    if is_of_this and last.result is Result.CALL_BACK:
        waits = {"state": LeadState.WAITING, "not_before": promised.at, "reason": "callback", "priority": PROMISED}
        return {f"b_{name}": value for name, value in waits.items()}
    close_callback(tx, promised, CallbackState.CANCELLED if is_of_this else CallbackState.MADE, last.ended_at)
    return {"b_priority": promised.priority}


def _row(row: Row[Any], state: LeadState, **values: Any) -> dict[str, Any]:
    stored = {name: getattr(row, name) for name in ("lead_id", *_MOVED)}
    return {f"b_{name}": value for name, value in (stored | {"state": state} | values).items()}


def _next_number(connection: Connection, row: Row[Any]) -> Number | None:
    """Return the lead's next number that no other lead of the campaign uses."""
    numbers: Sequence[str] = row.numbers or ()
    rest = numbers[numbers.index(row.number) + 1 :] if row.number in numbers else ()
    for number in rest:
        if connection.execute(_TAKEN, {"campaign": row.campaign_id, "wanted": number}).first() is None:
            return Number(number)
    return None


def _plans(connection: Connection, ids: set[CampaignId]) -> dict[CampaignId, tuple[RetryPlan, CampaignKind]]:
    rows = connection.execute(_PLANS, {"ids": sorted(ids)}) if ids else ()
    return {row.campaign_id: (_plan(connection, row), row.kind) for row in rows}


def _plan(connection: Connection, row: Any) -> RetryPlan:
    """Return a campaign's retry plan; for an unreadable one, note the row and return a plan without retries."""
    try:
        return ONCE if row.plan is None else made("retry_plans", row.campaign_id, plan_of, (row.plan,))
    except UnreadableRowError as error:
        note(connection, error)
        return ONCE


def _try(row: Row[Any]) -> tuple[LeadId, Try]:
    return row.lead_id, made("attempts", row.attempt_id, Try, (row.outcome, row.result, row.ended_at))


def _among(connection: Connection, statement: Any, ids: Mapping[LeadId, object]) -> Iterator[Row[Any]]:
    keys = list(ids)
    for start in range(0, len(keys), MANY):
        yield from connection.execute(statement, {"ids": keys[start : start + MANY]})


async def begin_anew(database: Database, list_id: ListId, reasons: Collection[str]) -> int:
    """Let a list's done leads with these reasons wait again, some at a time; return their number."""
    values = {"wanted": list_id, "reasons": sorted(reasons)}
    total = 0
    while changed := await database.write(lambda tx: _begin_batch(tx, values)):
        total += changed
    return total


def _begin_batch(tx: Transaction, values: Mapping[str, object]) -> int:
    rows: Sequence[Row[Any]] = tx.connection.execute(_BEGIN_SOME, values).all()
    for row in rows:
        tx.count(row.campaign_id, "lead", LeadState.DONE, -1)
        tx.count(row.campaign_id, "lead", LeadState.WAITING)
    return len(rows)
