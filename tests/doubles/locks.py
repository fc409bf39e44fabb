"""Locks in memory, beside ``evidence``: the same contract as the database's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from telephony.domain.security.locks import Lock, LockScope
from telephony.errors import NotFoundError
from tests.doubles.tables import Tables


class FakeLocks:
    def __init__(self, tables: Tables) -> None:
        self._t = tables
        self._rows: list[Lock] = []

    async def add(self, lock: Lock) -> bool:
        if any((row.scope, row.target) == (lock.scope, lock.target) for row in await self.active()):
            return False
        self._rows.append(lock)
        subject = f"{lock.scope} {lock.target}".strip()
        self._t.note("locked", subject, lock.at, by=lock.by, reason=lock.reason, ends_calls=lock.ends_calls)
        return True

    async def end_calls(self, scope: LockScope, target: str, by: str, at: datetime) -> bool:
        for index, row in enumerate(self._rows):
            if (row.scope, row.target, row.released_at, row.ends_calls) == (scope, target, None, False):
                self._rows[index] = replace(row, ends_calls=True)
                self._t.note("lock_ends_calls", f"{scope} {target}".strip(), at, by=by)
                return True
        return False

    async def release(self, scope: LockScope, target: str, by: str, reason: str, at: datetime) -> Lock:
        for index, row in enumerate(self._rows):
            if (row.scope, row.target, row.released_at) == (scope, target, None):
                self._rows[index] = replace(row, released_by=by, released_at=at, release_reason=reason)
                self._t.note("unlocked", f"{scope} {target}".strip(), at, by=by, reason=reason)
                return self._rows[index]
        raise NotFoundError(f"{scope} {target} is not locked".replace("  ", " "))

    async def is_there(self, scope: LockScope, target: str) -> bool:
        campaigns = {str(campaign) for campaign in self._t.campaigns}
        seats = {str(operator.seat) for operator in self._t.operators.values()} | {str(seat) for seat in self._t.seats}
        known = {LockScope.SITE: {target}, LockScope.CAMPAIGN: campaigns, LockScope.SEAT: seats}
        return target in known[scope]

    async def active(self) -> Sequence[Lock]:
        return [row for row in self._rows if row.released_at is None]

    async def recent(self, limit: int) -> Sequence[Lock]:
        return list(reversed(self._rows))[:limit]
