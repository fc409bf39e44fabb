"""Store interface for do-not-call lists. Part of ``telephony.ports.store``, with the same guarantees."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.law.do_not_call import DoNotCallList, DoNotCallRemoval
from telephony.ids import Number


class DoNotCallStore(Protocol):
    """Lists of numbers that must not be called.

    A finished list is entered in the ledger, and calls are decided again. Entries for issued permits apply at once.
    """

    async def begin(self, name: str, client_company: str, file_sha256: str, by: str, at: datetime) -> int:
        """Create an empty list that is in force from now on; return its number."""

    async def oppose(self, list_id: int, keys: Sequence[str]) -> int:
        """Add keys (``telephony.domain.law.do_not_call``) to a list; return how many were new."""

    async def finish(self, list_id: int, at: datetime) -> DoNotCallList:
        """Count the list's entries and enter it in the ledger."""

    async def lists(self) -> Sequence[DoNotCallList]:
        """Return all lists, oldest first."""

    async def opposed(self, number: Number, client_company: str) -> Sequence[str]:
        """Return the names of the lists that contain a number and apply to that company."""

    async def ask_withdrawal(self, list_id: int, entry: str, by: str, reason: str, at: datetime) -> DoNotCallRemoval:
        """Request the removal of a list or one entry; it stays in force until ``approve_withdrawal``.

        Raises:
            NotFoundError: there is no such list, or the entry is not on it.
            ConflictError: it is already removed, or somebody has requested the same.
        """

    async def approve_withdrawal(self, withdrawal_id: int, by: str, at: datetime) -> DoNotCallRemoval:
        """Approve a removal as the second person, with immediate effect; ConflictError for one's own, or none waiting.

        Leads that were refused because of the list wait again.
        """

    async def drop_withdrawal(self, withdrawal_id: int, by: str, at: datetime) -> DoNotCallRemoval:
        """Drop the request, so that the list stays in force; ConflictError when it no longer waits."""

    async def withdrawals(self) -> Sequence[DoNotCallRemoval]:
        """Return all removals, oldest first."""
