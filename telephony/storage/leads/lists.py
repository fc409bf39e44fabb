"""Lists as rows: their columns, finding and changing a list. ``loading`` writes lists."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from telephony.domain.leads.leads import LeadList
from telephony.errors import NotFoundError
from telephony.ids import ListId
from telephony.storage.engine.rules_version import bump_version
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import ListState, lists
from telephony.storage.tables.rows import made

LIST: Final = tuple(lists.c[field.name] for field in fields(LeadList))
"""A list's columns, in the order of ``LeadList``."""
_LIST: Final = select(*LIST).where(lists.c.list_id == bindparam("wanted"), lists.c.state == ListState.LOADED)


def list_of(row: Sequence[Any]) -> LeadList:
    """Return a row of the columns ``LIST`` as a ``LeadList``."""
    values = {column.name: value for column, value in zip(LIST, row, strict=True)}
    return made("lists", row[0], LeadList, (), **values)


def find_list(connection: Connection, list_id: ListId) -> LeadList:
    """Return the list; NotFoundError when there is none."""
    row = connection.execute(_LIST, {"wanted": list_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no list {list_id}; `telephony list show` shows those of a campaign")
    return list_of(row)


def change_list(
    tx: Transaction, lead_list: LeadList, kind: str, at: datetime, values: Mapping[str, object]
) -> LeadList:
    """Change a list in a way that may allow or forbid calls."""
    tx.connection.execute(update(lists).where(lists.c.list_id == lead_list.list_id).values(**values))
    bump_version(tx, kind, lead_list.list_id, at)
    return find_list(tx.connection, lead_list.list_id)
