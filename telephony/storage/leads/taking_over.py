"""Move the people of a revoked list to the list that is loaded after it.

The lead itself moves and keeps its id, so its attempts, its tries and a promised callback stay with the person; only
the values from the file are new. People whose lead is finished or on the line stay where they are.

They move a few hundred at a time into the new list while it is invisible, so that calls do not wait. Their old values
are stored with the list's rejected rows, under a negative row number: a load that fails or dies restores them.
``loading`` decides when to call what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Text, bindparam, case, delete, func, insert, null, select, update

from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.leads.leads import HIGHEST, LeadState, NewLead
from telephony.errors import ConflictError
from telephony.ids import CampaignId, LeadId, ListId, Number
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import TAKEN_OVER, leads, lists, rejected_rows

CHUNK: Final = 200
"""Leads moved in one transaction; about 15 ms, which a call can wait."""
_FREE: Final = (LeadState.WAITING, LeadState.REFUSED)
_OF_WITHDRAWN: Final = leads.c.list_id.in_(select(lists.c.list_id).where(lists.c.withdrawn_at.is_not(None)))
_STANDING: Final = select(leads.c.lead_id, leads.c.number, leads.c.state).where(
    leads.c.campaign_id == bindparam("campaign"),
    leads.c.number.in_(bindparam("numbers", expanding=True)),
    _OF_WITHDRAWN,
)
_STILL_FREE: Final = (
    select(leads.c.state, func.count().label("many"))
    .where(leads.c.lead_id.in_(bindparam("ids", expanding=True)), leads.c.state.in_(_FREE), _OF_WITHDRAWN)
    .group_by(leads.c.state)
)
_IS_REFUSED: Final = leads.c.state == LeadState.REFUSED
# Refused leads wait again: the corrected file may contain the missing legal basis. A waiting lead keeps its time, and
# its client key if the new file has none: both preserve the history of earlier attempts.
_MOVE: Final = (
    update(leads)
    .where(leads.c.lead_id == bindparam("b_lead_id"))
    .values(
        list_id=bindparam("b_list_id"),
        name=bindparam("b_name"),
        fields=bindparam("b_fields"),
        row=bindparam("b_row"),
        numbers=bindparam("b_numbers"),
        terms=bindparam("b_terms"),
        clock=bindparam("b_clock"),
        client_key=func.coalesce(func.nullif(bindparam("b_client_key", type_=Text), ""), leads.c.client_key),
        priority=case((leads.c.priority > HIGHEST, leads.c.priority), else_=bindparam("b_priority")),
        not_before=case((_IS_REFUSED, null()), else_=leads.c.not_before),
        reason=case((_IS_REFUSED, ""), else_=leads.c.reason),
        state=LeadState.WAITING,
    )
)
_KEPT: Final = (
    leads.c.lead_id,
    leads.c.list_id,
    leads.c.name,
    leads.c.fields,
    leads.c.row,
    leads.c.numbers,
    leads.c.terms,
    leads.c.clock,
    leads.c.client_key,
    leads.c.priority,
)
_WERE: Final = select(*_KEPT).where(leads.c.lead_id.in_(bindparam("ids", expanding=True)))
_BACK: Final = (
    update(leads)
    .where(leads.c.lead_id == bindparam("b_lead_id"))
    .values({column.name: bindparam(f"b_{column.name}") for column in _KEPT[1:]})
)


@dataclass(frozen=True, slots=True)
class Heirs:
    """A campaign's leads on revoked lists that have some numbers.

    Attributes:
        free: leads that may move, by number.
        settled: numbers of people whose lead is finished, or who are on the line.
    """

    free: Mapping[Number, LeadId]
    settled: frozenset[Number]


def heirs_among(connection: Connection, campaign_id: CampaignId, numbers: Sequence[Number]) -> Heirs:
    """Return the leads on revoked lists that have these numbers."""
    rows = connection.execute(_STANDING, {"campaign": campaign_id, "numbers": list(numbers)}).all()
    free = {row.number: LeadId(row.lead_id) for row in rows if row.state in _FREE}
    return Heirs(free, frozenset(row.number for row in rows if row.state not in _FREE))


def take_over(
    tx: Transaction, campaign_id: CampaignId, list_id: ListId, chunk: Sequence[tuple[LeadId, NewLead]]
) -> None:
    """Move up to ``CHUNK`` leads to an invisible list, with the values of its file, and store their old values.

    Raises:
        ConflictError: one may no longer move, because its list was approved again meanwhile.
    """
    ids = {"ids": [lead_id for lead_id, _ in chunk]}
    free: dict[LeadState, int] = {row.state: row.many for row in tx.connection.execute(_STILL_FREE, ids)}
    if sum(free.values()) != len(chunk):
        raise ConflictError(
            "a revoked list was approved again while this one was loaded: people on both are called from that"
            " one; load the list again"
        )
    refused = free.get(LeadState.REFUSED, 0)
    if refused:
        tx.count(campaign_id, "lead", LeadState.REFUSED, -refused)
        tx.count(campaign_id, "lead", LeadState.WAITING, refused)
    were = [list(row) for row in tx.connection.execute(_WERE, ids)]
    note = {"list_id": list_id, "row": -int(chunk[0][0]), "reason": TAKEN_OVER, "text": "", "values": were}
    tx.connection.execute(insert(rejected_rows), note)
    tx.connection.execute(_MOVE, [_values(list_id, lead_id, new) for lead_id, new in chunk])


def settle(tx: Transaction, campaign_id: CampaignId, list_id: ListId, moved: int) -> None:
    """Delete the old values of the moved leads, in the transaction that makes the list visible."""
    tx.connection.execute(delete(rejected_rows).where(*_noted(list_id)))
    tx.count(campaign_id, "lead", TAKEN_OVER, moved)


def hand_back(tx: Transaction, list_id: ListId) -> bool:
    """Move some leads back to their earlier lists with their old values; return False when there are none."""
    noted = tx.connection.execute(select(rejected_rows).where(*_noted(list_id)).limit(1)).one_or_none()
    if noted is None:
        return False
    names = [f"b_{column.name}" for column in _KEPT]
    tx.connection.execute(_BACK, [dict(zip(names, were, strict=True)) for were in noted._mapping["values"]])  # noqa: SLF001 - a row as a mapping
    tx.connection.execute(delete(rejected_rows).where(*_noted(list_id), rejected_rows.c.row == noted.row))
    return True


def _noted(list_id: ListId) -> tuple[ColumnElement[bool], ...]:
    return rejected_rows.c.list_id == list_id, rejected_rows.c.row < 0


def _values(list_id: ListId, lead_id: LeadId, new: NewLead) -> dict[str, Any]:
    return {
        "b_lead_id": lead_id,
        "b_list_id": list_id,
        "b_name": new.name,
        "b_fields": new.fields,
        "b_row": new.row,
        "b_numbers": list(new.numbers) or None,
        "b_terms": new.terms.record() or None,
        "b_clock": CallingZone.of(new.number, new.terms).word,
        "b_client_key": new.client_key,
        "b_priority": new.priority,
    }
