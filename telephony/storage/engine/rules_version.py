"""The version of the rules that calls are decided on, in the database.

Every change that may allow or forbid a call bumps it in the same transaction; a permit that was decided on an earlier
version is decided again (``permits``).
"""

from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select

from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import whitelist_changes

VERSION: Final = select(func.coalesce(func.max(whitelist_changes.c.version), 0))
"""The count of changes so far."""


def bump_version(tx: Transaction, kind: str, subject: int, at: datetime) -> None:
    """Bump the version that permits are decided on; ``kind`` and ``subject`` say what was changed."""
    tx.connection.execute(insert(whitelist_changes), {"kind": kind, "subject": str(subject), "at": at})
