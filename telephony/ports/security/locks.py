"""Store interface for locks. Part of ``telephony.ports.store``, with the same guarantees."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.security.locks import Lock, LockScope


class LockStore(Protocol):
    """Locks: who stopped calls, when and why, and who released the lock."""

    async def add(self, lock: Lock) -> bool:
        """Store a lock and enter it in the ledger; return False if that scope and target is already locked."""

    async def end_calls(self, scope: LockScope, target: str, by: str, at: datetime) -> bool:
        """Let the active lock also end calls in progress, entered in the ledger; False without one or if it does."""

    async def release(self, scope: LockScope, target: str, by: str, reason: str, at: datetime) -> Lock:
        """Release a lock, entered in the ledger; NotFoundError when that scope and target is not locked."""

    async def is_there(self, scope: LockScope, target: str) -> bool:
        """Return True if that campaign or seat exists, idle or stopped ones included; the site always exists."""

    async def active(self) -> Sequence[Lock]:
        """Return the active locks, oldest first."""

    async def recent(self, limit: int) -> Sequence[Lock]:
        """Return locks, released ones included, newest first."""
