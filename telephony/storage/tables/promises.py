"""Callbacks and survey quotas."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, SmallInteger, Table, Text, text

from telephony.domain.leads.callbacks import CallbackState
from telephony.storage.tables.base import Count, metadata, one_of, some
from telephony.storage.tables.types import JsonText, UtcTime, Word

callbacks: Final = Table(
    "callbacks",
    metadata,
    Column("callback_id", Count, primary_key=True),
    Column("campaign_id", Count, ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("lead_id", Count, ForeignKey("leads.lead_id"), nullable=False),
    Column("attempt_id", Text, ForeignKey("attempts.attempt_id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("zone", Text, nullable=False),
    Column("operator_id", Count, ForeignKey("operators.operator_id")),
    Column("anyone_from", UtcTime, nullable=False),
    Column("state", Word(CallbackState), nullable=False, server_default=text("'open'")),
    Column("set_at", UtcTime, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    one_of("state", CallbackState),
    Index("callbacks_by_lead", "lead_id"),
    Index("callbacks_by_promise", "set_at"),
    sqlite_autoincrement=True,
)
"""``priority`` is the lead's own, restored when the callback ends."""
some("callbacks_open", "campaign_id", "lead_id", table=callbacks, where="state = 'open'")

quotas: Final = Table(
    "quotas",
    metadata,
    Column("quota_id", Count, primary_key=True),
    Column("campaign_id", Count, ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("cell", JsonText, nullable=False),
    Column("target", Integer, nullable=False),
    Column("completed", Integer, nullable=False, server_default=text("0")),
    Index("quotas_by_campaign", "campaign_id"),
    sqlite_autoincrement=True,
)
