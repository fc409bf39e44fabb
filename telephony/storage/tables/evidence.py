"""The ledger, incidents and locks."""

from typing import Final

from sqlalchemy import Boolean, Column, Index, Table, Text, text

from telephony.domain.security.locks import LockScope
from telephony.storage.tables.base import Count, metadata, one_of
from telephony.storage.tables.types import JsonText, UtcTime, Word

ledger: Final = Table(
    "ledger",
    metadata,
    Column("sequence", Count, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ledger_by_kind", "kind", "at"),
    Index("ledger_by_subject", "subject", "sequence"),
)
"""Append-only: triggers of the first migration refuse updates and deletes."""

incidents: Final = Table(
    "incidents",
    metadata,
    Column("incident_id", Count, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("closed_by", Text),
    Column("close_reason", Text),
    Column("explained_by", Text),
    Column("typed_by", Text),
    Column("explained_at", UtcTime),
)
Index(
    "incidents_open",
    incidents.c.kind,
    incidents.c.subject,
    unique=True,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)

locks: Final = Table(
    "locks",
    metadata,
    Column("lock_id", Count, primary_key=True),
    Column("scope", Word(LockScope), nullable=False),
    Column("target", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("ends_calls", Boolean, nullable=False),
    Column("released_by", Text),
    Column("released_at", UtcTime),
    Column("release_reason", Text),
    one_of("scope", LockScope),
    sqlite_autoincrement=True,
)
Index(
    "locks_active",
    locks.c.scope,
    locks.c.target,
    unique=True,
    sqlite_where=text("released_at IS NULL"),
    postgresql_where=text("released_at IS NULL"),
)
