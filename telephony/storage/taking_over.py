"""People of a withdrawn list, handed to the list that is loaded after it.

The lead itself moves: it keeps its id, so its attempts, its tries and a promised callback stay with the person, and
only what the file says of them is new. Whoever is finished with or on the line stays where they are. When it happens
is left to ``loading``: in the one transaction that shows the new list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Text, bindparam, case, func, null, select, update

from telephony.domain.law.lead_clocks import LeadClock
from telephony.domain.leads import HIGHEST, LeadState, NewLead
from telephony.errors import ConflictError
from telephony.ids import CampaignId, LeadId, ListId, Number
from telephony.storage.tables import leads, lists
from telephony.storage.transaction import Transaction

CHUNK: Final = 500
"""Leads moved by one statement."""
TAKEN_OVER: Final = "taken_over"
"""Word of the count of leads that a later list took over: two lists have accepted them, and each is one person."""
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
# What was refused is judged anew: the mended file may say the basis that was missing. A moment that was set for a lead
# that waits stays, and so does a client's key that the new file leaves out: both keep what was tried before.
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


@dataclass(frozen=True, slots=True)
class Heirs:
    """What a campaign's withdrawn lists hold of some numbers.

    Attributes:
        free: leads that may move, by number.
        settled: numbers of people who are finished with, or on the line.
    """

    free: Mapping[Number, LeadId]
    settled: frozenset[Number]


def heirs_among(connection: Connection, campaign_id: CampaignId, numbers: Sequence[Number]) -> Heirs:
    """Return what withdrawn lists hold of these numbers."""
    rows = connection.execute(_STANDING, {"campaign": campaign_id, "numbers": list(numbers)}).all()
    free = {row.number: LeadId(row.lead_id) for row in rows if row.state in _FREE}
    return Heirs(free, frozenset(row.number for row in rows if row.state not in _FREE))


def take_over(
    tx: Transaction, campaign_id: CampaignId, list_id: ListId, moved: Sequence[tuple[LeadId, NewLead]]
) -> None:
    """Move leads to a list, with what its file says of them.

    Raises:
        ConflictError: one is free no more, because its list was approved again meanwhile.
    """
    for start in range(0, len(moved), CHUNK):
        chunk = moved[start : start + CHUNK]
        found = tx.connection.execute(_STILL_FREE, {"ids": [lead_id for lead_id, _ in chunk]})
        free: dict[LeadState, int] = {row.state: row.many for row in found}
        if sum(free.values()) != len(chunk):
            raise ConflictError(
                "a withdrawn list was approved again while this one was loaded: who stands on both is called from"
                " that one; load the list again"
            )
        refused = free.get(LeadState.REFUSED, 0)
        if refused:
            tx.count(campaign_id, "lead", LeadState.REFUSED, -refused)
            tx.count(campaign_id, "lead", LeadState.WAITING, refused)
        tx.connection.execute(_MOVE, [_values(list_id, lead_id, new) for lead_id, new in chunk])
    if moved:
        tx.count(campaign_id, "lead", TAKEN_OVER, len(moved))


def _values(list_id: ListId, lead_id: LeadId, new: NewLead) -> dict[str, Any]:
    return {
        "b_lead_id": lead_id,
        "b_list_id": list_id,
        "b_name": new.name,
        "b_fields": new.fields,
        "b_row": new.row,
        "b_numbers": list(new.numbers) or None,
        "b_terms": new.terms.record() or None,
        "b_clock": LeadClock.of(new.number, new.terms).word,
        "b_client_key": new.client_key,
        "b_priority": new.priority,
    }
