"""Accounts, sign-ins and operators in the database. Services check passwords and rights."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, true, update
from typing_extensions import override

from telephony.domain.accounts import Account, Operator, Role, Session
from telephony.domain.text.visible import name_key
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import AccountId, SeatNumber
from telephony.ports.people.accounts import AccountStore
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import accounts, operators, sessions
from telephony.storage.tables.rows import made, readable

LONGEST: Final = 64
"""Maximum number of stored characters of a typed username."""
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


class Accounts(Capability, AccountStore):
    """Implements ``AccountStore``."""

    @override
    @write
    def add(
        self, tx: Transaction, username: str, display_name: str, role: Role, password_hash: str, at: datetime
    ) -> Account:
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

    @override
    @read
    def by_username(self, connection: Connection, username: str) -> Account | None:
        row = connection.execute(_NAMED, {"wanted": username}).one_or_none()
        return None if row is None else _account(row)

    @override
    @read
    def get(self, connection: Connection, account_id: AccountId) -> Account:
        return _find(connection, account_id)

    @override
    @read
    def all(self, connection: Connection) -> Sequence[Account]:
        return readable(connection, connection.execute(_ALL), _account)

    @override
    @write
    def set_password(self, tx: Transaction, account_id: AccountId, password_hash: str, at: datetime) -> None:
        _find(tx.connection, account_id)
        change = update(accounts).where(accounts.c.account_id == account_id).values(password_hash=password_hash)
        tx.connection.execute(change)
        theirs = update(sessions).where(sessions.c.account_id == account_id, sessions.c.revoked_at.is_(None))
        revoked = tx.connection.execute(theirs.values(revoked_at=at)).rowcount
        tx.enter("password_set", account_id, at, {"sessions_revoked": revoked})

    @override
    @write
    def open_session(self, tx: Transaction, session: Session) -> None:
        tx.connection.execute(insert(sessions), asdict(session))
        expires = session.expires_at.isoformat()
        tx.enter("session_opened", session.account_id, session.created_at, {"expires_at": expires})

    @override
    @read
    def session(self, connection: Connection, token_sha256: str, at: datetime) -> Session | None:
        row = connection.execute(_VALID, {"wanted": token_sha256, "now": at}).one_or_none()
        return None if row is None else made("sessions", "", Session, row)

    @override
    @write
    def close_session(self, tx: Transaction, token_sha256: str, at: datetime) -> None:
        still_open = update(sessions).where(sessions.c.token_sha256 == token_sha256, sessions.c.revoked_at.is_(None))
        row = tx.connection.execute(still_open.values(revoked_at=at).returning(sessions.c.account_id)).one_or_none()
        if row is not None:
            tx.enter("session_closed", row.account_id, at, {})

    @override
    @write
    def log_refusal(self, tx: Transaction, username: str, rule: str, address: str, at: datetime) -> None:
        tx.enter("access_refused", username[:LONGEST], at, {"rule": rule, "address": address})

    @override
    @write
    def add_operator(self, tx: Transaction, account_id: AccountId, name: str, seat: SeatNumber) -> Operator:
        _find(tx.connection, account_id)
        for row in tx.connection.execute(_OPERATORS):
            if row.seat == seat:
                raise ConflictError(f"seat {seat} has operator {row.operator_id} already; give another seat")
            if row.account_id == account_id:
                raise ConflictError(f"account {account_id} is operator {row.operator_id} already")
        values = {"account_id": account_id, "name": name, "seat": seat}
        return Operator(*tx.connection.execute(insert(operators).returning(*_OPERATOR), values).one())

    @override
    @read
    def operators(self, connection: Connection) -> Sequence[Operator]:
        return readable(connection, connection.execute(_OPERATORS), _operator)


def _refuse_same_name(connection: Connection, display_name: str) -> None:
    """Refuse a display name that reads like another one: the ledger and the pages identify people by it."""
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
