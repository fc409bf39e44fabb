"""Leads offered to operators."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, text

from telephony.domain.leads.preview import PreviewEnding
from telephony.storage.tables.base import Count, metadata, one_of
from telephony.storage.tables.types import UtcTime, Word

previews: Final = Table(
    "previews",
    metadata,
    Column("preview_id", Count, primary_key=True),
    Column("campaign_id", Count, ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("lead_id", Count, ForeignKey("leads.lead_id"), nullable=False),
    Column("operator_id", Count, ForeignKey("operators.operator_id"), nullable=False),
    Column("offered_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("ending", Word(PreviewEnding)),
    Column("reason", Text, nullable=False, server_default=text("''")),
    one_of("ending", PreviewEnding),
    CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", name="ended_has_ending"),
    Index("previews_by_lead", "lead_id"),
    Index("previews_by_end", "ended_at"),
    sqlite_autoincrement=True,
)
# A lead is offered to at most one operator, and an operator has at most one open offer.
for _column in ("lead", "operator"):
    Index(
        f"previews_one_open_per_{_column}",
        previews.c[f"{_column}_id"],
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    )
