"""Locks in the database. What they stop is left to the lock service."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from telephony.domain.locks import Lock, LockScope, is_target, target_checked
from telephony.errors import NotFoundError
from telephony.storage.database import Database
from telephony.storage.reading import made, readable
from telephony.storage.tables import campaigns, locks, operators, seats
from telephony.storage.transaction import Body, Transaction

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


class Locks:
    """Implements ``LockStore``."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def add(self, lock: Lock) -> bool:
        """Keep it unless the same scope and target is locked already; entered in the ledger; True when kept."""

        def work(tx: Transaction) -> bool:
            if tx.connection.execute(_SAME, {"a_scope": lock.scope, "a_target": lock.target}).first():
                return False
            values = asdict(lock)
            for name in ("released_by", "released_at", "release_reason"):
                values[name] = None
            tx.connection.execute(insert(locks), values)
            body: Body = {"by": lock.by, "reason": lock.reason, "ends_calls": lock.ends_calls}
            tx.enter("locked", subject(lock.scope, lock.target), lock.at, body)
            return True

        return await self._database.write(work)

    async def end_calls(self, scope: LockScope, target: str, by: str, at: datetime) -> bool:
        """Let the lock in force end calls under way too, entered in the ledger; False when none is, or it does so."""

        def work(tx: Transaction) -> bool:
            row = tx.connection.execute(_SAME, {"a_scope": scope, "a_target": target}).first()
            if row is None or row.ends_calls:
                return False
            tx.connection.execute(update(locks).where(locks.c.lock_id == row.lock_id).values(ends_calls=True))
            tx.enter("lock_ends_calls", subject(scope, target), at, {"by": by})
            return True

        return await self._database.write(work)

    async def release(self, scope: LockScope, target: str, by: str, reason: str, at: datetime) -> Lock:
        """Lift it, entered in the ledger; NotFoundError when nothing of that scope and target is locked."""

        def work(tx: Transaction) -> Lock:
            row = tx.connection.execute(_SAME, {"a_scope": scope, "a_target": target}).first()
            if row is None:
                raise NotFoundError(f"{subject(scope, target)} is not locked")
            tx.connection.execute(
                update(locks)
                .where(locks.c.lock_id == row.lock_id)
                .values(released_by=by, released_at=at, release_reason=reason)
            )
            tx.enter("unlocked", subject(scope, target), at, {"by": by, "reason": reason})
            # A lock that locks nothing can be lifted like any other.
            return replace(_lock(row, Lock), released_by=by, released_at=at, release_reason=reason)

        return await self._database.write(work)

    async def is_there(self, scope: LockScope, target: str) -> bool:
        """Return True if there is such a campaign or seat; idle or stopped ones are there, the site always is."""

        def work(connection: Connection) -> bool:
            return any(
                connection.execute(select(column).where(column == int(target)).limit(1)).first() is not None
                for column in _KNOWN_BY[scope]
            )

        return scope is LockScope.SITE or (is_target(scope, target) and await self._database.read(work))

    async def active(self) -> Sequence[Lock]:
        """Return the locks that hold now, oldest first."""

        def work(connection: Connection) -> Sequence[Lock]:
            return readable(connection, connection.execute(_ACTIVE), _lock)

        return await self._database.read(work)

    async def recent(self, limit: int) -> Sequence[Lock]:
        """Return locks, lifted ones too, newest first."""

        def work(connection: Connection) -> Sequence[Lock]:
            return readable(connection, connection.execute(_RECENT, {"most": limit}), _lock)

        return await self._database.read(work)


def subject(scope: LockScope, target: str) -> str:
    """Name a lock in the ledger: ``site``, ``campaign 3``, ``seat 7``."""
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
        released_by=row.released_by or "",
        released_at=row.released_at,
        release_reason=row.release_reason or "",
    )
