"""Accounts, sign-ins, operators and seats."""

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, SmallInteger, Table, Text, text, true

from telephony.domain.accounts import Role
from telephony.domain.calls.operators import OperatorState
from telephony.storage.tables.base import Count, metadata, one_of
from telephony.storage.tables.types import UtcTime, Word

accounts: Final = Table(
    "accounts",
    metadata,
    Column("account_id", Count, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("role", Word(Role), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("language", Text, nullable=False, server_default=text("'fr'")),
    Column("created_at", UtcTime, nullable=False),
    one_of("role", Role),
    one_of("language", ("fr", "en")),
    sqlite_autoincrement=True,
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("account_id", Count, ForeignKey("accounts.account_id"), nullable=False),
    Column("form_token", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Index("sessions_by_account", "account_id"),
)

operators: Final = Table(
    "operators",
    metadata,
    Column("operator_id", Count, primary_key=True),
    Column("account_id", Count, ForeignKey("accounts.account_id"), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("seat", SmallInteger, nullable=False, unique=True),
    CheckConstraint("seat >= 1 AND seat <= 999", name="seat"),
    sqlite_autoincrement=True,
)

seats: Final = Table(
    "seats",
    metadata,
    Column("seat", SmallInteger, primary_key=True, autoincrement=False),
    Column("operator_id", Count, ForeignKey("operators.operator_id")),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt_id", Text, ForeignKey("attempts.attempt_id")),
    Column("since_at", UtcTime, nullable=False),
    one_of("state", OperatorState),
)
