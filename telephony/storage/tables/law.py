"""Do-not-call lists, and dated exemptions from the law."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text, text

from telephony.domain.law.provisions import Law
from telephony.storage.tables.base import Count, metadata
from telephony.storage.tables.types import TextOrNone, UtcTime, Word

opposition_lists: Final = Table(
    "opposition_lists",
    metadata,
    Column("list_id", Count, primary_key=True),
    Column("name", Text, nullable=False),
    Column("client_company", Text, nullable=False, server_default=text("''")),
    Column("file_sha256", Text, nullable=False),
    Column("entries", Integer, nullable=False, server_default=text("0")),
    Column("loaded_at", UtcTime, nullable=False),
    Column("loaded_by", Text, nullable=False),
    Column("withdrawn_at", UtcTime),
    sqlite_autoincrement=True,
)
"""``client_company`` is "" for a list that applies to every campaign."""

opposition_numbers: Final = Table(
    "opposition_numbers",
    metadata,
    Column("key", Text, primary_key=True),
    Column("list_id", Count, ForeignKey("opposition_lists.list_id"), primary_key=True),
)
"""``key`` is a number, or a digest of one in lower case hexadecimal."""

opposition_withdrawals: Final = Table(
    "opposition_withdrawals",
    metadata,
    Column("withdrawal_id", Count, primary_key=True),
    Column("list_id", Count, ForeignKey("opposition_lists.list_id"), nullable=False),
    Column("entry", Text, nullable=False, server_default=text("''")),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("approved_by", TextOrNone, nullable=False, server_default=text("''")),
    Column("approved_at", UtcTime),
    Column("dropped_by", TextOrNone, nullable=False, server_default=text("''")),
    Column("dropped_at", UtcTime),
    CheckConstraint("approved_by <> asked_by", name="second_person"),
    sqlite_autoincrement=True,
)
"""``entry`` is the number or digest to remove, "" for the whole list."""

law_exemptions: Final = Table(
    "law_exemptions",
    metadata,
    Column("exemption_id", Count, primary_key=True),
    Column("law", Word(Law), nullable=False),
    Column("campaign_id", Count, ForeignKey("campaigns.campaign_id")),
    Column("valid_from", UtcTime, nullable=False),
    Column("valid_until", UtcTime, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("approved_by", TextOrNone, nullable=False, server_default=text("''")),
    Column("approved_at", UtcTime),
    Column("ended_by", TextOrNone, nullable=False, server_default=text("''")),
    Column("ended_at", UtcTime),
    CheckConstraint("valid_until > valid_from", name="dates"),
    CheckConstraint("approved_by <> asked_by", name="second_person"),
    sqlite_autoincrement=True,
)
