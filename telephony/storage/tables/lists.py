"""Campaigns, their lists and their leads."""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.campaigns.dialing_options import CallOrder, DialMode
from telephony.domain.law.basis import CampaignKind, Sector
from telephony.domain.leads.leads import LeadState
from telephony.domain.leads.shown_name import NameShown
from telephony.storage.tables.base import Count, metadata, one_of, some
from telephony.storage.tables.types import JsonText, Routes, UtcTime, Word


class ListState(StrEnum):
    """Whether a list is visible yet."""

    LOADING = "loading"
    """Its rows are being written in many short transactions and are invisible."""
    LOADED = "loaded"


campaigns: Final = Table(
    "campaigns",
    metadata,
    Column("campaign_id", Count, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("client_company", Text, nullable=False),
    Column("kind", Word(CampaignKind), nullable=False),
    Column("state", Word(CampaignState), nullable=False),
    Column("caller_id", Text, nullable=False),
    Column("trunk", Text, nullable=False),
    Column("abandon_cap", Float, nullable=False),
    Column("wrap_up_s", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("trunk_share", Integer, nullable=False, server_default=text("0")),
    Column("more_routes", Routes, nullable=False, server_default=text("'[]'")),
    Column("detects_machines", Boolean, nullable=False, server_default=false()),
    Column("sector", Word(Sector), nullable=False, server_default=text("'general'")),
    Column("mode", Word(DialMode), nullable=False, server_default=text("'progressive'")),
    Column("power_tenths", SmallInteger, nullable=False, server_default=text("15")),
    Column("withdraw_after_s", SmallInteger, nullable=False, server_default=text("0")),
    Column("call_order", Word(CallOrder), nullable=False, server_default=text("'list'")),
    Column("shown_name", Word(NameShown), nullable=False, server_default=text("'full'")),
    Column("first_sentence", Text, nullable=False, server_default=text("''")),
    one_of("kind", CampaignKind),
    one_of("state", CampaignState),
    CheckConstraint("abandon_cap >= 0 AND abandon_cap <= 0.03", name="abandon_cap"),
    sqlite_autoincrement=True,
)

tallies: Final = Table(
    "tallies",
    metadata,
    Column("campaign_id", Count, ForeignKey("campaigns.campaign_id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    one_of("kind", ("lead", "outcome", "result")),
)
"""Running counts of leads by state, outcomes and results: progress is read every second, over millions of leads."""
TAKEN_OVER: Final = "taken_over"
"""Key of the count of leads moved to a later list: both lists accepted them, but each is one person."""

lists: Final = Table(
    "lists",
    metadata,
    Column("list_id", Count, primary_key=True),
    Column("campaign_id", Count, ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("rows_read", Integer, nullable=False, server_default=text("0")),
    Column("accepted", Integer, nullable=False, server_default=text("0")),
    Column("rejected", Integer, nullable=False, server_default=text("0")),
    Column("duplicates", Integer, nullable=False, server_default=text("0")),
    Column("loaded_at", UtcTime, nullable=False),
    Column("loaded_by", Text, nullable=False),
    Column("state", Word(ListState), nullable=False),
    Column("touched_at", UtcTime, nullable=False),
    Column("approved_by", Text),
    Column("withdrawn_by", Text),
    Column("withdrawal_reason", Text),
    Column("approved_at", UtcTime),
    Column("withdrawn_at", UtcTime),
    Column("share", SmallInteger, nullable=False, server_default=text("0")),
    Column("paused_by", Text),
    Column("paused_at", UtcTime),
    one_of("state", ListState),
    CheckConstraint("rows_read = accepted + rejected + duplicates", name="rows_add_up"),
    Index("lists_by_campaign", "campaign_id", "list_id"),
    sqlite_autoincrement=True,
)

rejected_rows: Final = Table(
    "rejected_rows",
    metadata,
    Column("list_id", Count, ForeignKey("lists.list_id"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("values", JsonText, nullable=False),
    Column("is_duplicate", Boolean, nullable=False, server_default=false()),
)

leads: Final = Table(
    "leads",
    metadata,
    Column("lead_id", Count, primary_key=True),
    Column("list_id", Count, ForeignKey("lists.list_id"), nullable=False),
    Column("campaign_id", Count, ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("fields", JsonText, nullable=False),
    Column("row", Integer, nullable=False),
    Column("state", Word(LeadState), nullable=False, server_default=text("'waiting'")),
    Column("priority", SmallInteger, nullable=False, server_default=text("5")),
    Column("not_before", UtcTime),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("numbers", JsonText),
    Column("terms", JsonText),
    Column("clock", Text, nullable=False, server_default=text("''")),
    Column("bucket", Text, nullable=False, server_default=text("''")),
    Column("client_key", Text, nullable=False, server_default=text("''")),
    one_of("state", LeadState),
    UniqueConstraint("campaign_id", "number"),
    Index("leads_by_list", "list_id", "state", "clock", "priority", "not_before", "row"),
    sqlite_autoincrement=True,
)
"""``clock``: code of ``telephony.domain.law.calling_zone``, to find leads within calling hours without reading others.
``bucket``: the lead's features, as ``telephony.domain.lead_order.buckets`` writes them.
``client_key``: the client company's own key of the person (``telephony.domain.leads.persons``), or ""."""
some("leads_by_client_key", "client_key", "campaign_id", table=leads, where="client_key <> ''")
some(
    "leads_by_bucket",
    "list_id",
    "clock",
    "priority",
    "bucket",
    "not_before",
    "row",
    table=leads,
    where="state = 'waiting'",
)

retry_plans: Final = Table(
    "retry_plans",
    metadata,
    Column("campaign_id", Count, ForeignKey("campaigns.campaign_id"), primary_key=True, autoincrement=False),
    Column("plan", JsonText, nullable=False),
)
"""Retry plans; a campaign without a row tries each lead once."""
