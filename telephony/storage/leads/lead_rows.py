"""Leads as rows: their columns, the conversion to ``Lead``, and the condition that a lead is due."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import bindparam, update

from telephony.domain.leads.leads import Lead, LeadState
from telephony.storage.tables import leads
from telephony.storage.tables.rows import made

LEAD: Final = tuple(leads.c[field.name] for field in fields(Lead))
"""A lead's columns, in the order of ``Lead``."""
POSTPONE: Final = (
    update(leads)
    .where(leads.c.lead_id == bindparam("b_lead_id"), leads.c.state == LeadState.WAITING)
    .values(not_before=bindparam("b_not_before"), reason=bindparam("b_reason"))
)
"""Condition: the lead need not wait for a later time."""


def lead_of(row: Sequence[Any]) -> Lead:
    """Return a row of the columns ``LEAD`` as a ``Lead``."""
    return made("leads", row[0], _lead, row)


def _lead(*values: Any) -> Lead:
    numbers = values[-1] or ()
    if not isinstance(values[_FIELDS], dict) or not isinstance(numbers, list | tuple):
        raise TypeError("fields must be a table and numbers a list")
    return Lead(*(*values[:-1], tuple(numbers)))


_FIELDS: Final = [column.name for column in LEAD].index("fields")
