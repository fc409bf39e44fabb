"""Which campaigns may send DTMF, why, and who agreed."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, SmallInteger, Table, Text, text

from telephony.storage.tables.base import Count, metadata
from telephony.storage.tables.types import UtcTime

key_allowances: Final = Table(
    "key_allowances",
    metadata,
    Column("allowance_id", Count, primary_key=True),
    Column("campaign_id", Count, ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("most", SmallInteger, nullable=False),
    Column("valid_until", UtcTime),
    Column("added_at", UtcTime, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", UtcTime),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", UtcTime),
    Column("withdrawal_reason", Text),
    CheckConstraint("approved_by <> author", name="second_person"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval"),
    CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="withdrawal"),
    sqlite_autoincrement=True,
)
Index(
    "key_allowances_one_per_campaign",
    key_allowances.c.campaign_id,
    unique=True,
    sqlite_where=text("withdrawn_at IS NULL"),
    postgresql_where=text("withdrawn_at IS NULL"),
)
