"""What services need to keep of opposition lists. Part of ``telephony.ports.store``, under the same promises."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.law.do_not_call import DoNotCallList, DoNotCallRemoval
from telephony.ids import Number


class DoNotCallStore(Protocol):
    """Lists of numbers that are not called.

    A list stands in the ledger, and is decided on anew, once it is finished; at once where it hits a permit given.
    """

    async def begin(self, name: str, client_company: str, file_sha256: str, by: str, at: datetime) -> int:
        """Make an empty list that holds from now on; return its number."""

    async def oppose(self, list_id: int, keys: Sequence[str]) -> int:
        """Add keys (``telephony.domain.law.do_not_call``) to it; return how many were not on it yet."""

    async def finish(self, list_id: int, at: datetime) -> DoNotCallList:
        """Count it and enter it in the ledger."""

    async def lists(self) -> Sequence[DoNotCallList]:
        """Return them all, oldest first."""

    async def opposed(self, number: Number, client_company: str) -> Sequence[str]:
        """Return the names of the lists that hold a number and bind that company."""

    async def ask_withdrawal(self, list_id: int, entry: str, by: str, reason: str, at: datetime) -> DoNotCallRemoval:
        """Write down that somebody wants a list, or one entry, to bind no more; it binds until ``approve_withdrawal``.

        Raises:
            NotFoundError: there is no such list, or the entry does not stand on it.
            ConflictError: it is withdrawn already, or somebody has asked for the same.
        """

    async def approve_withdrawal(self, withdrawal_id: int, by: str, at: datetime) -> DoNotCallRemoval:
        """Agree as the second person, with effect at once; ConflictError when it is one's own, or nothing waits.

        Leads that were set aside because of an opposition list wait again where the list bound them.
        """

    async def drop_withdrawal(self, withdrawal_id: int, by: str, at: datetime) -> DoNotCallRemoval:
        """Give the wish up, the list binds on; ConflictError when it waits no more."""

    async def withdrawals(self) -> Sequence[DoNotCallRemoval]:
        """Return them all, oldest first."""
