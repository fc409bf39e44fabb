"""What services need to keep of people: accounts, sessions, operators, and the seats they sit at.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, only the ``StoreError`` family
raised. What becomes of accounts and sessions stands in the ledger; operators and seats do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telephony.domain.accounts import Account, Operator, Role, Session
from telephony.ids import AccountId, AttemptId, ChannelId, OperatorId, SeatNumber


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat's state as it must survive a restart.

    Attributes:
        operator_id: who sits there, None when nobody is logged in.
        channel: unique id of the phone's channel in the seat's conference, or "".
        state: word of ``telephony.domain.operators.OperatorState``.
        attempt_id: the call in progress or awaiting its result, or None.
    """

    seat: SeatNumber
    operator_id: OperatorId | None
    channel: ChannelId
    state: str
    attempt_id: AttemptId | None
    since_at: datetime


class SeatStore(Protocol):
    """Seats."""

    async def all(self) -> Sequence[SeatRow]:
        """Return every seat ever saved, by number."""

    async def save(self, rows: Sequence[SeatRow]) -> None:
        """Insert or replace."""


class AccountStore(Protocol):
    """Accounts, sessions, operators."""

    async def add(self, username: str, display_name: str, role: Role, password_hash: str, at: datetime) -> Account:
        """Create it, entered in the ledger; ConflictError when the username is taken."""

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
        """Revoke it."""

    async def log_refusal(self, username: str, rule: str, address: str, at: datetime) -> None:
        """Enter a refused sign-in or a refused page in the ledger."""

    async def add_operator(self, account_id: AccountId, name: str, seat: SeatNumber) -> Operator:
        """Make an account an operator with a seat; ConflictError when the seat has one already."""

    async def operators(self) -> Sequence[Operator]:
        """Return all operators, by seat."""
