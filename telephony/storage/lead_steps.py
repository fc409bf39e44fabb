"""What an ended attempt, or the result an operator chose, does to its lead, inside the same transaction (I4).

The step itself is decided by ``telephony.domain.retries``; here its facts are read and the lead is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, select, update

from telephony.domain.attempts import Attempt, CallState
from telephony.domain.leads import LeadState
from telephony.domain.outcomes import TRIED_AGAIN, Outcome
from telephony.domain.retries import NEXT_NUMBER_AFTER, ONCE, Retry, RetryPlan, Try, dice_of, next_step, plan_of
from telephony.ids import CampaignId, LeadId
from telephony.storage.tables import attempts, leads, retry_plans
from telephony.storage.transaction import Transaction

MANY: Final = 500
"""Most ids in one statement."""
ZONE: Final = ZoneInfo("Europe/Paris")
"""Where parts of the day are counted."""
_UNCOUNTED: Final = (*sorted(TRIED_AGAIN), Outcome.REFUSED)
"""Endings of attempts that told nothing about the lead."""

_LEADS: Final = select(
    leads.c.lead_id,
    leads.c.campaign_id,
    leads.c.state,
    leads.c.tries,
    leads.c.number,
    leads.c.numbers,
    leads.c.not_before,
    leads.c.reason,
).where(leads.c.lead_id.in_(bindparam("ids", expanding=True)))
_TRIES: Final = (
    select(attempts.c.lead_id, attempts.c.outcome, attempts.c.result, attempts.c.ended_at)
    .where(
        attempts.c.lead_id.in_(bindparam("ids", expanding=True)),
        attempts.c.state == CallState.ENDED,
        attempts.c.outcome.not_in(_UNCOUNTED),
    )
    .order_by(attempts.c.started_at)
)
_PLANS: Final = select(retry_plans).where(retry_plans.c.campaign_id.in_(bindparam("ids", expanding=True)))
_NEWEST: Final = (
    select(attempts.c.attempt_id)
    .where(attempts.c.lead_id == bindparam("wanted"), attempts.c.outcome.not_in(_UNCOUNTED))
    .order_by(attempts.c.started_at.desc())
    .limit(1)
)
_TAKEN: Final = select(leads.c.lead_id).where(
    leads.c.campaign_id == bindparam("campaign"), leads.c.number == bindparam("wanted")
)
_STEP: Final = (
    update(leads)
    .where(leads.c.lead_id == bindparam("b_lead_id"))
    .values({name: bindparam(f"b_{name}") for name in ("state", "not_before", "tries", "reason", "number")})
)


def settle(tx: Transaction, ended: Sequence[Attempt]) -> None:
    """Give the leads of attempts that end now back, to be tried again or not."""
    by_lead = {attempt.lead_id: attempt for attempt in ended}
    found = {row.lead_id: row for row in _among(tx.connection, _LEADS, by_lead) if row.state is LeadState.CLAIMED}
    _move(tx, found, {lead_id: by_lead[lead_id] for lead_id in found}, is_new=True)


def settle_result(tx: Transaction, attempt: Attempt) -> None:
    """Decide again for the lead of an attempt whose result was chosen, unless it was called again since."""
    if attempt.state is not CallState.ENDED:
        return  # its end will find the result
    (row,) = _among(tx.connection, _LEADS, {attempt.lead_id: attempt})
    newest = tx.connection.execute(_NEWEST, {"wanted": attempt.lead_id}).scalar_one_or_none()
    if newest == attempt.attempt_id and row.state in (LeadState.DONE, LeadState.WAITING):
        _move(tx, {attempt.lead_id: row}, {attempt.lead_id: attempt}, is_new=False)


def _move(
    tx: Transaction, found: Mapping[LeadId, Row[Any]], by_lead: Mapping[LeadId, Attempt], *, is_new: bool
) -> None:
    tries: dict[LeadId, list[Try]] = {}
    for row in _among(tx.connection, _TRIES, found):
        tries.setdefault(row.lead_id, []).append(Try(row.outcome, row.result, row.ended_at))
    plans = _plans(tx.connection, {row.campaign_id for row in found.values()})
    for lead_id, row in found.items():
        attempt = by_lead[lead_id]
        if attempt.outcome in TRIED_AGAIN:
            step = _row(row, LeadState.WAITING)
        elif attempt.outcome is Outcome.REFUSED:
            step = _row(row, LeadState.DONE, reason=str(Outcome.REFUSED))
        else:
            count = max(row.tries + is_new, 1)
            step = _after(tx.connection, row, attempt, plans.get(row.campaign_id, ONCE), tries[lead_id][-count:])
        tx.connection.execute(_STEP, step)
        tx.count(row.campaign_id, "lead", row.state, -1)
        tx.count(row.campaign_id, "lead", step["b_state"])


def _after(
    connection: Connection, row: Row[Any], attempt: Attempt, plan: RetryPlan, tries: Sequence[Try]
) -> dict[str, Any]:
    ended_at = tries[-1].ended_at
    step = next_step(plan, tries, ended_at, dice_of(attempt.attempt_id), ZONE)
    if isinstance(step, Retry):
        return _row(row, LeadState.WAITING, not_before=step.at, tries=len(tries), reason=step.reason)
    other = _next_number(connection, row) if step.is_of_the_number else None
    if other is not None:
        at = ended_at + NEXT_NUMBER_AFTER
        return _row(row, LeadState.WAITING, not_before=at, tries=0, reason=step.reason, number=other)
    return _row(row, LeadState.DONE, not_before=None, tries=len(tries), reason=step.reason)


def _row(row: Row[Any], state: LeadState, **values: Any) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in ("lead_id", "not_before", "tries", "reason", "number")}
    return {f"b_{name}": value for name, value in (kept | {"state": state} | values).items()}


def _next_number(connection: Connection, row: Row[Any]) -> str | None:
    """Return the lead's next number that no other lead of the campaign is called under."""
    numbers: Sequence[str] = row.numbers or ()
    rest = numbers[numbers.index(row.number) + 1 :] if row.number in numbers else ()
    for number in rest:
        if connection.execute(_TAKEN, {"campaign": row.campaign_id, "wanted": number}).first() is None:
            return number
    return None


def _plans(connection: Connection, campaigns: set[CampaignId]) -> dict[CampaignId, RetryPlan]:
    return {row.campaign_id: plan_of(row.plan) for row in connection.execute(_PLANS, {"ids": sorted(campaigns)})}


def _among(connection: Connection, statement: Any, ids: Mapping[LeadId, object]) -> Iterator[Row[Any]]:
    wanted = list(ids)
    for start in range(0, len(wanted), MANY):
        yield from connection.execute(statement, {"ids": wanted[start : start + MANY]})
