"""What services need to keep of people: accounts, sessions, operators; the seats they sit at are left to ``seats``.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, only the ``StoreError`` family
raised. What becomes of accounts and sessions stands in the ledger; operators do not.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.accounts import Account, Operator, Role, Session
from telephony.ids import AccountId, SeatNumber


class AccountStore(Protocol):
    """Accounts, sessions, operators."""

    async def add(self, username: str, display_name: str, role: Role, password_hash: str, at: datetime) -> Account:
        """Create it, entered in the ledger; ConflictError when the username, or how the name reads, is taken."""

    async def by_username(self, username: str) -> Account | None:
        """Return it or None."""

    async def get(self, account_id: AccountId) -> Account:
        """Return it; NotFoundError when there is none."""

    async def all(self) -> Sequence[Account]:
        """Return all, by username."""

    async def set_password(self, account_id: AccountId, password_hash: str, at: datetime) -> None:
        """Replace the hash and revoke the account's sessions; entered in the ledger."""

    async def open_session(self, session: Session) -> None:
        """Keep a sign-in; entered in the ledger."""

    async def session(self, token_sha256: str, at: datetime) -> Session | None:
        """Return an unexpired, unrevoked session of an active account."""

    async def close_session(self, token_sha256: str, at: datetime) -> None:
        """Revoke it; entered in the ledger when it was not revoked before."""

    async def log_refusal(self, username: str, rule: str, address: str, at: datetime) -> None:
        """Enter a refused sign-in or a refused page in the ledger."""

    async def add_operator(self, account_id: AccountId, name: str, seat: SeatNumber) -> Operator:
        """Make an account an operator with a seat; ConflictError when either has its counterpart already."""

    async def operators(self) -> Sequence[Operator]:
        """Return all operators, by seat."""
