"""Store interface for people: accounts, sessions, operators. ``seats`` stores their seats.

Part of ``telephony.ports.store``, with the same guarantees: one transaction per method, only the ``StoreError`` family
raised. Changes of accounts and sessions are in the ledger; operators are not.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.accounts import Account, Operator, Role, Session
from telephony.ids import AccountId, SeatNumber


class AccountStore(Protocol):
    """Accounts, sessions, operators."""

    async def add(self, username: str, display_name: str, role: Role, password_hash: str, at: datetime) -> Account:
        """Create an account, entered in the ledger; ConflictError when the username or a similar name is taken."""

    async def by_username(self, username: str) -> Account | None:
        """Return the account or None."""

    async def get(self, account_id: AccountId) -> Account:
        """Return the account; NotFoundError when there is none."""

    async def all(self) -> Sequence[Account]:
        """Return all accounts, by username."""

    async def set_password(self, account_id: AccountId, password_hash: str, at: datetime) -> None:
        """Replace the hash and revoke the account's sessions; entered in the ledger."""

    async def open_session(self, session: Session) -> None:
        """Store a session and enter the sign-in in the ledger."""

    async def session(self, token_sha256: str, at: datetime) -> Session | None:
        """Return the session if it is not expired or revoked and its account is active."""

    async def close_session(self, token_sha256: str, at: datetime) -> None:
        """Revoke a session; entered in the ledger if it was not revoked before."""

    async def log_refusal(self, username: str, rule: str, address: str, at: datetime) -> None:
        """Enter a refused sign-in or a refused page in the ledger."""

    async def add_operator(self, account_id: AccountId, name: str, seat: SeatNumber) -> Operator:
        """Make an account an operator with a seat; ConflictError when either is already assigned."""

    async def operators(self) -> Sequence[Operator]:
        """Return all operators, by seat."""
