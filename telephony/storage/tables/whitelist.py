"""The whitelist's rules, and the log of its changes."""

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, Index, SmallInteger, Table, Text, false

from telephony.domain.rules.whitelist import RuleEffect, RuleKind, RuleScope
from telephony.storage.tables.base import Count, metadata, one_of
from telephony.storage.tables.types import UtcTime, Word

number_rules: Final = Table(
    "number_rules",
    metadata,
    Column("rule_id", Count, primary_key=True),
    Column("effect", Word(RuleEffect), nullable=False),
    Column("kind", Word(RuleKind), nullable=False),
    Column("digits", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("valid_from", UtcTime, nullable=False),
    Column("valid_until", UtcTime),
    Column("scope", Word(RuleScope), nullable=False),
    Column("target", Text, nullable=False),
    Column("length", SmallInteger),
    Column("is_immediate", Boolean, nullable=False, server_default=false()),
    Column("added_at", UtcTime, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", UtcTime),
    Column("withdrawal_asked_by", Text),
    Column("withdrawal_reason", Text),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", UtcTime),
    one_of("effect", RuleEffect),
    one_of("kind", RuleKind),
    one_of("scope", RuleScope),
    CheckConstraint("valid_until > valid_from", name="dates"),
    CheckConstraint("approved_by <> author", name="second_person"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval"),
    CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="withdrawal"),
    Index("number_rules_by_digits", "digits"),
    sqlite_autoincrement=True,
)

whitelist_changes: Final = Table(
    "whitelist_changes",
    metadata,
    Column("version", Count, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)
"""One row for every change that may allow or forbid a call; the newest row's number is the whitelist's version."""
