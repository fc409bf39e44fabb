"""What services need to keep of locks. Part of ``telephony.ports.store``, under the same promises."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.security.locks import Lock, LockScope


class LockStore(Protocol):
    """Locks: who let nothing leave, when and why, and who lifted it."""

    async def add(self, lock: Lock) -> bool:
        """Keep it unless the same scope and target is locked already; entered in the ledger; True when kept."""

    async def end_calls(self, scope: LockScope, target: str, by: str, at: datetime) -> bool:
        """Let the lock in force end calls under way too, entered in the ledger; False when none is, or it does so."""

    async def release(self, scope: LockScope, target: str, by: str, reason: str, at: datetime) -> Lock:
        """Lift it, entered in the ledger; NotFoundError when nothing of that scope and target is locked."""

    async def is_there(self, scope: LockScope, target: str) -> bool:
        """Return True if there is such a campaign or seat; idle or stopped ones are there, the site always is."""

    async def active(self) -> Sequence[Lock]:
        """Return the locks that hold now, oldest first."""

    async def recent(self, limit: int) -> Sequence[Lock]:
        """Return locks, lifted ones too, newest first."""
