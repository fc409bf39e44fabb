"""The version of the rules that decide calls, in the database.

Every change that may allow or forbid a call bumps it in the same transaction. A permit decided on an earlier version
is decided again (``permits``).
"""

from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select

from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import whitelist_changes

VERSION: Final = select(func.coalesce(func.max(whitelist_changes.c.version), 0))
"""The number of changes so far."""


def bump_version(tx: Transaction, kind: str, subject: int, at: datetime) -> None:
    """Bump the version that permits are decided on; ``kind`` and ``subject`` name the change."""
    tx.connection.execute(insert(whitelist_changes), {"kind": kind, "subject": str(subject), "at": at})
