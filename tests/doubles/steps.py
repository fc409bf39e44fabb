"""What an ended attempt does to its lead, in memory: the same contract as ``telephony.storage.leads.transitions``."""

from telephony.domain.calls.attempts import Attempt, Result
from telephony.domain.calls.outcomes import TRIED_AGAIN, Outcome
from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.law.refusals import blocked_until
from telephony.domain.lead_order.buckets import bucket_after, fresh_bucket, zone_of
from telephony.domain.leads.callbacks import CallbackState
from telephony.domain.leads.leads import PROMISED, Lead, LeadState
from telephony.domain.leads.retries import NEXT_NUMBER_AFTER, ONCE, Retry, Try, dice_of, next_step
from telephony.ids import LeadId, Number
from tests.doubles.tables import Tables
from tests.doubles.work import open_of, over


def settle(tables: Tables, attempt: Attempt, *, is_new: bool) -> None:
    """Move the attempt's lead."""
    lead = tables.leads[attempt.lead_id]
    if attempt.outcome in TRIED_AGAIN:
        tables.set_lead(lead.lead_id, LeadState.WAITING)
        return
    if attempt.outcome is Outcome.REFUSED:
        tables.set_lead(lead.lead_id, LeadState.DONE, reason="refused")
        promised = open_of(tables, lead.lead_id)
        if promised is not None:
            over(tables, promised, CallbackState.CANCELLED, attempt.ended_at or attempt.started_at)
        return
    ended = counted_of(tables, lead.lead_id)[-max(lead.tries + is_new, 1) :]
    tries = [Try(row.outcome, row.result, row.ended_at) for row in ended if row.outcome and row.ended_at]
    plan = tables.plans.get(lead.campaign_id, ONCE)
    now = tries[-1].ended_at
    step = next_step(plan, tries, now, dice_of(attempt.attempt_id), zone_of(lead.clock))
    other = None if isinstance(step, Retry) or not step.is_of_the_number else _next_number(tables, lead)
    bucket = bucket_after(lead.number, lead.clock, tries)
    if isinstance(step, Retry):
        kind = tables.campaigns[lead.campaign_id].kind
        blocked = blocked_until(lead.number, kind, tries[-1].result, now, zone_of(lead.clock))
        at = max(step.at, blocked or step.at)
        tables.set_lead(
            lead.lead_id, LeadState.WAITING, not_before=at, tries=len(tries), reason=step.reason, bucket=bucket
        )
    elif step.is_of_the_number and lead.number != attempt.number:
        pass  # it has gone on to its next number already
    elif other is not None:
        at = now + NEXT_NUMBER_AFTER
        word = CallingZone.of(other, tables.terms[lead.lead_id]).word
        under = {"number": other, "clock": word, "bucket": fresh_bucket(other)}
        tables.set_lead(lead.lead_id, LeadState.WAITING, not_before=at, tries=0, reason=step.reason, **under)
    else:
        tables.set_lead(
            lead.lead_id, LeadState.DONE, not_before=None, tries=len(tries), reason=step.reason, bucket=bucket
        )
    _with_promise(tables, attempt, tries[-1])


def _with_promise(tables: Tables, attempt: Attempt, last: Try) -> None:
    """Store a callback promised in this call, and close one that it made."""
    row = open_of(tables, attempt.lead_id)
    if row is None:
        return
    is_of_this = row.attempt_id == attempt.attempt_id
    if is_of_this and last.result is Result.CALL_BACK:
        tables.set_lead(attempt.lead_id, LeadState.WAITING, not_before=row.at, reason="callback", priority=PROMISED)
    else:
        over(tables, row, CallbackState.CANCELLED if is_of_this else CallbackState.MADE, last.ended_at)


def counted_of(tables: Tables, lead_id: LeadId) -> list[Attempt]:
    """Return the ended attempts at a lead that showed something about it, oldest first."""
    attempts = [attempt for attempt in tables.attempts.values() if attempt.lead_id == lead_id and attempt.outcome]
    counted = [attempt for attempt in attempts if attempt.outcome not in (*TRIED_AGAIN, Outcome.REFUSED)]
    return sorted(counted, key=lambda attempt: attempt.started_at)


def _next_number(tables: Tables, lead: Lead) -> Number | None:
    taken = {row.number for row in tables.leads.values() if row.campaign_id == lead.campaign_id}
    rest = lead.numbers[lead.numbers.index(lead.number) + 1 :] if lead.number in lead.numbers else ()
    return next((number for number in rest if number not in taken), None)
