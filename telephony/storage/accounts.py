"""Accounts, sign-ins and operators in the database. Checking passwords and rights is left to services."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, true, update

from telephony.domain.accounts import Account, Operator, Role, Session
from telephony.domain.visible_text import name_key
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import AccountId, SeatNumber
from telephony.storage.database import Database
from telephony.storage.reading import made, readable
from telephony.storage.tables import accounts, operators, sessions
from telephony.storage.transaction import Transaction

LONGEST: Final = 64
"""Characters kept of a username somebody typed."""
_ACCOUNT: Final = tuple(accounts.c[field.name] for field in fields(Account))
_SESSION: Final = tuple(sessions.c[field.name] for field in fields(Session))
_OPERATOR: Final = tuple(operators.c[field.name] for field in fields(Operator))
_ALL: Final = select(*_ACCOUNT).order_by(accounts.c.username)
_NAMED: Final = select(*_ACCOUNT).where(accounts.c.username == bindparam("wanted"))
_ONE: Final = select(*_ACCOUNT).where(accounts.c.account_id == bindparam("wanted"))
_VALID: Final = (
    select(*_SESSION)
    .select_from(sessions.join(accounts, accounts.c.account_id == sessions.c.account_id))
    .where(
        sessions.c.token_sha256 == bindparam("wanted"),
        sessions.c.expires_at > bindparam("now"),
        sessions.c.revoked_at.is_(None),
        accounts.c.is_active == true(),
    )
)
_OPERATORS: Final = select(*_OPERATOR).order_by(operators.c.seat)


class Accounts:
    """Implements ``AccountStore``."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def add(self, username: str, display_name: str, role: Role, password_hash: str, at: datetime) -> Account:
        """Create it, entered in the ledger; ConflictError when the username, or how the name reads, is taken."""

        def work(tx: Transaction) -> Account:
            if tx.connection.execute(_NAMED, {"wanted": username}).first():
                raise ConflictError("that username is taken; choose another one")
            _refuse_same_name(tx.connection, display_name)
            values = {
                "username": username,
                "display_name": display_name,
                "role": role,
                "password_hash": password_hash,
                "created_at": at,
            }
            account = _account(tx.connection.execute(insert(accounts).returning(*_ACCOUNT), values).one())
            tx.enter("account_added", account.account_id, at, {"role": str(role)})
            return account

        return await self._database.write(work)

    async def by_username(self, username: str) -> Account | None:
        """Return it or None."""

        def work(connection: Connection) -> Account | None:
            row = connection.execute(_NAMED, {"wanted": username}).one_or_none()
            return None if row is None else _account(row)

        return await self._database.read(work)

    async def get(self, account_id: AccountId) -> Account:
        """Return it; NotFoundError when there is none."""
        return await self._database.read(lambda connection: _find(connection, account_id))

    async def all(self) -> Sequence[Account]:
        """Return all, by username."""
        return await self._database.read(lambda connection: readable(connection, connection.execute(_ALL), _account))

    async def set_password(self, account_id: AccountId, password_hash: str, at: datetime) -> None:
        """Replace the hash and revoke the account's sessions; entered in the ledger."""

        def work(tx: Transaction) -> None:
            _find(tx.connection, account_id)
            change = update(accounts).where(accounts.c.account_id == account_id).values(password_hash=password_hash)
            tx.connection.execute(change)
            theirs = update(sessions).where(sessions.c.account_id == account_id, sessions.c.revoked_at.is_(None))
            revoked = tx.connection.execute(theirs.values(revoked_at=at)).rowcount
            tx.enter("password_set", account_id, at, {"sessions_revoked": revoked})

        await self._database.write(work)

    async def open_session(self, session: Session) -> None:
        """Keep a sign-in; entered in the ledger."""

        def work(tx: Transaction) -> None:
            tx.connection.execute(insert(sessions), asdict(session))
            expires = session.expires_at.isoformat()
            tx.enter("session_opened", session.account_id, session.created_at, {"expires_at": expires})

        await self._database.write(work)

    async def session(self, token_sha256: str, at: datetime) -> Session | None:
        """Return an unexpired, unrevoked session of an active account."""

        def work(connection: Connection) -> Session | None:
            row = connection.execute(_VALID, {"wanted": token_sha256, "now": at}).one_or_none()
            return None if row is None else made("sessions", "", Session, row)

        return await self._database.read(work)

    async def close_session(self, token_sha256: str, at: datetime) -> None:
        """Revoke it; entered in the ledger when it was not revoked before."""

        def work(tx: Transaction) -> None:
            wanted = update(sessions).where(sessions.c.token_sha256 == token_sha256, sessions.c.revoked_at.is_(None))
            row = tx.connection.execute(wanted.values(revoked_at=at).returning(sessions.c.account_id)).one_or_none()
            if row is not None:
                tx.enter("session_closed", row.account_id, at, {})

        await self._database.write(work)

    async def log_refusal(self, username: str, rule: str, address: str, at: datetime) -> None:
        """Enter a refused sign-in or a refused page in the ledger."""

        def work(tx: Transaction) -> None:
            tx.enter("access_refused", username[:LONGEST], at, {"rule": rule, "address": address})

        await self._database.write(work)

    async def add_operator(self, account_id: AccountId, name: str, seat: SeatNumber) -> Operator:
        """Make an account an operator with a seat; ConflictError when either has its counterpart already."""

        def work(tx: Transaction) -> Operator:
            _find(tx.connection, account_id)
            for row in tx.connection.execute(_OPERATORS):
                if row.seat == seat:
                    raise ConflictError(f"seat {seat} has operator {row.operator_id} already; give another seat")
                if row.account_id == account_id:
                    raise ConflictError(f"account {account_id} is operator {row.operator_id} already")
            values = {"account_id": account_id, "name": name, "seat": seat}
            return Operator(*tx.connection.execute(insert(operators).returning(*_OPERATOR), values).one())

        return await self._database.write(work)

    async def operators(self) -> Sequence[Operator]:
        """Return all operators, by seat."""
        return await self._database.read(
            lambda connection: readable(connection, connection.execute(_OPERATORS), _operator)
        )


def _refuse_same_name(connection: Connection, display_name: str) -> None:
    """The ledger and the pages name people by it: two must not read the same, however they are written."""
    key = name_key(display_name)
    names = connection.execute(select(accounts.c.username, accounts.c.display_name))
    same = next((row.username for row in names if name_key(row.display_name) == key), None)
    if same is not None:
        raise ConflictError(f"the display name reads like that of {same}; give one that nobody else has")


def _find(connection: Connection, account_id: AccountId) -> Account:
    row = connection.execute(_ONE, {"wanted": account_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no account {account_id}")
    return _account(row)


def _account(row: Sequence[Any]) -> Account:
    return made("accounts", row[0], Account, row)


def _operator(row: Sequence[Any]) -> Operator:
    return made("operators", row[0], Operator, row)
