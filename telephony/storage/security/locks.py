"""Locks in the database. The lock service enforces them."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from typing_extensions import override

from telephony.domain.security.locks import Lock, LockScope, is_target, target_checked
from telephony.errors import NotFoundError
from telephony.ports.security.locks import LockStore
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.tables import campaigns, locks, operators, seats
from telephony.storage.tables.rows import made, readable

_ACTIVE: Final = select(locks).where(locks.c.released_at.is_(None)).order_by(locks.c.lock_id)
_SAME: Final = select(locks).where(
    locks.c.scope == bindparam("a_scope"),
    locks.c.target == bindparam("a_target"),
    locks.c.released_at.is_(None),
)
_KNOWN_BY: Final = {
    LockScope.CAMPAIGN: (campaigns.c.campaign_id,),
    LockScope.SEAT: (operators.c.seat, seats.c.seat),
}
_RECENT: Final = select(locks).order_by(locks.c.lock_id.desc()).limit(bindparam("most"))


class Locks(Capability, LockStore):
    """Implements ``LockStore``."""

    @override
    @write
    def add(self, tx: Transaction, lock: Lock) -> bool:
        if tx.connection.execute(_SAME, {"a_scope": lock.scope, "a_target": lock.target}).first():
            return False
        values = asdict(lock)
        for name in ("released_by", "released_at", "release_reason"):
            values[name] = None
        tx.connection.execute(insert(locks), values)
        body: Body = {"by": lock.by, "reason": lock.reason, "ends_calls": lock.ends_calls}
        tx.enter("locked", subject(lock.scope, lock.target), lock.at, body)
        return True

    @override
    @write
    def end_calls(self, tx: Transaction, scope: LockScope, target: str, by: str, at: datetime) -> bool:
        row = tx.connection.execute(_SAME, {"a_scope": scope, "a_target": target}).first()
        if row is None or row.ends_calls:
            return False
        tx.connection.execute(update(locks).where(locks.c.lock_id == row.lock_id).values(ends_calls=True))
        tx.enter("lock_ends_calls", subject(scope, target), at, {"by": by})
        return True

    @override
    @write
    def release(self, tx: Transaction, scope: LockScope, target: str, by: str, reason: str, at: datetime) -> Lock:
        row = tx.connection.execute(_SAME, {"a_scope": scope, "a_target": target}).first()
        if row is None:
            raise NotFoundError(f"{subject(scope, target)} is not locked")
        tx.connection.execute(
            update(locks)
            .where(locks.c.lock_id == row.lock_id)
            .values(released_by=by, released_at=at, release_reason=reason)
        )
        tx.enter("unlocked", subject(scope, target), at, {"by": by, "reason": reason})
        # A lock whose target does not exist can be released like any other.
        return replace(_lock(row, Lock), released_by=by, released_at=at, release_reason=reason)

    @override
    async def is_there(self, scope: LockScope, target: str) -> bool:
        return scope is LockScope.SITE or (is_target(scope, target) and await self._is_known(scope, int(target)))

    @read
    def _is_known(self, connection: Connection, scope: LockScope, target: int) -> bool:
        return any(
            connection.execute(select(column).where(column == target).limit(1)).first() is not None
            for column in _KNOWN_BY[scope]
        )

    @override
    @read
    def active(self, connection: Connection) -> Sequence[Lock]:
        return readable(connection, connection.execute(_ACTIVE), _lock)

    @override
    @read
    def recent(self, connection: Connection, limit: int) -> Sequence[Lock]:
        return readable(connection, connection.execute(_RECENT, {"most": limit}), _lock)


def subject(scope: LockScope, target: str) -> str:
    """Return a lock's subject for the ledger: ``site``, ``campaign 3``, ``seat 7``."""
    return f"{scope} {target}".strip()


def _lock(row: Row[Any], make: Callable[..., Lock] = target_checked) -> Lock:
    return made(
        "locks",
        row.lock_id,
        make,
        (),
        scope=row.scope,
        target=row.target,
        by=row.by,
        at=row.at,
        reason=row.reason,
        ends_calls=row.ends_calls,
        released_by=row.released_by,
        released_at=row.released_at,
        release_reason=row.release_reason,
    )
