"""Results of conversations: chosen by the operator, or given by another person when missing.

``leads.transitions`` applies the result to the lead, in the same transaction.
"""

from datetime import datetime

from sqlalchemy import update

from telephony.domain.calls.attempts import Attempt, Result
from telephony.domain.leads.callbacks import CallbackWish
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.leads.callbacks import keep_promise
from telephony.storage.leads.quotas import count_result
from telephony.storage.leads.transitions import settle_result
from telephony.storage.tables import attempts


def keep_result(
    tx: Transaction,
    before: Attempt,
    result: Result,
    who: Body,
    at: datetime,
    callback: CallbackWish | None,
) -> None:
    """Write a result, count it, enter it in the ledger, and apply it to the lead.

    Args:
        tx: the transaction.
        before: the attempt as it is stored.
        result: the result.
        who: who gave it, for the ledger.
        at: aware UTC.
        callback: the callback promised with it.
    """
    change = update(attempts).where(attempts.c.attempt_id == before.attempt_id).values(result=result)
    tx.connection.execute(change)
    if before.result is not None:
        tx.count(before.campaign_id, "result", before.result, -1)
    tx.count(before.campaign_id, "result", result)
    replaced = str(before.result) if before.result else None
    body: Body = {"result": str(result), "replaced": replaced, "lead": before.lead_id, **who}
    tx.enter("result_chosen", before.attempt_id, at, body)
    count_result(tx, before, result, at)
    if callback is not None and result is Result.CALL_BACK:
        keep_promise(tx, before, callback, at)
    settle_result(tx, before)
