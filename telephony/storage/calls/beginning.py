"""What is written before a call is dialled: claimed leads, attempts, permits, refusals and ledger entries (I4).

All of it is written in one transaction of ``attempts``, which also follows the call afterwards.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, or_, update

from telephony.domain.calls.attempts import AttemptStart, Refusal
from telephony.domain.leads.callbacks import CallbackState
from telephony.domain.leads.leads import WHENEVER, LeadState
from telephony.errors import ConflictError
from telephony.ids import AttemptId, LeadId
from telephony.storage.calls.on_line import free_starts
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.leads.callbacks import close_callback, open_among
from telephony.storage.leads.lead_rows import POSTPONE
from telephony.storage.leads.previews import end_as_called, is_open_for
from telephony.storage.tables import PermitState, attempts, leads, permits

MANY: Final = 500
"""Maximum number of ids in one statement."""
BOUND: Final = ("attempt_id", "campaign_id", "list_id", "lead_id", "permit_id", "recording_id", "number", "caller_id")
"""Columns that the permit is bound to."""

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


def begin_free(tx: Transaction, starts: Sequence[AttemptStart]) -> list[AttemptStart]:
    """Write the valid starts and return them: their leads wait, are due, and have no call in progress."""
    offered = [start for start in starts if start.preview_id is None or is_open_for(tx, start)]
    free = free_starts(tx.connection, offered)
    persons = {start.permit.attempt_id: word for start, word in free}
    held = _claimed(tx, [start for start, _ in free])
    if held:
        _write_starts(tx, held, persons)
    return [start for start, _ in held]


def _move_leads(
    tx: Transaction,
    ids: Iterable[LeadId],
    before: LeadState,
    after: LeadState,
    due_at: datetime = WHENEVER,
) -> Iterator[Row[Any]]:
    """Move the leads that are in state ``before`` and due at the given time, update the counts, and yield them."""
    lead_ids = list(ids)
    for start in range(0, len(lead_ids), MANY):
        values = {"ids": lead_ids[start : start + MANY], "before": before, "after": after, "due": due_at}
        for row in tx.connection.execute(_MOVE_LEADS, values):
            tx.count(row.campaign_id, "lead", before, -1)
            tx.count(row.campaign_id, "lead", after)
            yield row


def _claimed(tx: Transaction, starts: Sequence[AttemptStart]) -> list[tuple[AttemptStart, str]]:
    """Claim the leads that still wait and are due; return the start and the bucket of each."""
    by_lead = {start.permit.lead_id: start for start in reversed(starts)}
    buckets: dict[LeadId, str] = {}
    due_at = max((start.started_at for start in starts), default=WHENEVER)
    for row in _move_leads(tx, by_lead, LeadState.WAITING, LeadState.CLAIMED, due_at):
        permit = by_lead[row.lead_id].permit
        if (permit.campaign_id, permit.list_id, permit.number) != (row.campaign_id, row.list_id, row.number):
            raise ConflictError(f"permit {permit.permit_id} is not for lead {row.lead_id} as it is stored")
        buckets[row.lead_id] = row.bucket
    return [(start, buckets[lead_id]) for lead_id, start in by_lead.items() if lead_id in buckets][::-1]


def _write_starts(
    tx: Transaction, starts: Sequence[tuple[AttemptStart, str]], persons: Mapping[AttemptId, str]
) -> None:
    tx.connection.execute(
        _ADD_ATTEMPTS, [_attempt_row(start, bucket, persons[start.permit.attempt_id]) for start, bucket in starts]
    )
    tx.connection.execute(_ADD_PERMITS, [_permit_row(start) for start, _ in starts])
    for start, _ in starts:
        end_as_called(tx, start)
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
    row: dict[str, object] = {name: getattr(permit, name) for name in BOUND}
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


def refuse(tx: Transaction, refusals: Sequence[Refusal]) -> None:
    """Mark leads as refused, or postpone them if the refusal ends later; enter every refusal in the ledger."""
    later = [refusal for refusal in refusals if refusal.not_before is not None]
    if later:
        tx.connection.execute(POSTPONE, [_postponed(refusal) for refusal in later])
    ids = {refusal.lead_id: None for refusal in refusals if refusal.is_lasting and refusal.not_before is None}
    moved = {row.lead_id for row in _move_leads(tx, ids, LeadState.WAITING, LeadState.REFUSED)}
    if moved:
        rows = [
            {"b_lead_id": refusal.lead_id, "b_reason": refusal.rule} for refusal in refusals if refusal.lead_id in moved
        ]
        tx.connection.execute(_SET_ASIDE, rows)
        for promised in open_among(tx.connection, sorted(moved)):
            close_callback(tx, promised, CallbackState.CANCELLED, refusals[0].at)
    for refusal in refusals:
        body: Body = {"campaign": refusal.campaign_id, "rule": refusal.rule, "text": refusal.text}
        tx.enter("lead_refused", refusal.lead_id, refusal.at, body)


def _postponed(refusal: Refusal) -> dict[str, object]:
    return {"b_lead_id": refusal.lead_id, "b_not_before": refusal.not_before, "b_reason": refusal.rule}
