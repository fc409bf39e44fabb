"""The tables as the code sees them, with the constraints and indexes each question needs.

The schema of a real database is made by the migrations alone; a test holds the two equal. Which differences the two
databases ask for is named in ``dialects``.
"""

from collections.abc import Iterable
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
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from telephony.domain.accounts import Role
from telephony.domain.attempts import CallState, Result
from telephony.domain.campaigns import CampaignKind, CampaignState
from telephony.domain.leads import LeadState
from telephony.domain.locks import LockScope
from telephony.domain.operators import OperatorState
from telephony.domain.outcomes import Outcome
from telephony.domain.recordings import ListeningReason
from telephony.storage.columns import JsonText, UtcTime, Word


class ListState(StrEnum):
    """Whether a list can be seen yet."""

    LOADING = "loading"
    """Its rows are being written, in many short transactions; nobody sees them."""
    LOADED = "loaded"


class PermitState(StrEnum):
    """What became of a permit."""

    ISSUED = "issued"
    USED = "used"
    VOID = "void"


metadata: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
        "ck": "%(table_name)s_%(constraint_name)s_ck",
    }
)

# SQLite counts rows itself only in a column declared exactly INTEGER; ``sqlite_autoincrement`` keeps the id of what was
# removed from being given again, since tags and ledger entries go on naming it.
Count: Final = BigInteger().with_variant(Integer(), "sqlite")


def _one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _some(name: str, *columns: str, table: Table, where: str) -> Index:
    """An index over the few rows that ``where`` holds for, so that it stays small at ten million."""
    return Index(name, *(table.c[column] for column in columns), sqlite_where=text(where), postgresql_where=text(where))


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
    _one_of("kind", CampaignKind),
    _one_of("state", CampaignState),
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
    _one_of("kind", ("lead", "outcome", "result")),
)
"""Running counts of leads by state, outcomes and results: progress is asked every second, over millions of leads."""

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
    _one_of("state", ListState),
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
    _one_of("state", LeadState),
    UniqueConstraint("campaign_id", "number"),
    Index("leads_by_list", "list_id", "state", "row"),
    sqlite_autoincrement=True,
)

attempts: Final = Table(
    "attempts",
    metadata,
    Column("attempt_id", Text, primary_key=True),
    Column("campaign_id", Count, ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("list_id", Count, nullable=False),
    Column("lead_id", Count, ForeignKey("leads.lead_id"), nullable=False),
    Column("permit_id", Text, nullable=False, unique=True),
    Column("recording_id", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False),
    Column("caller_id", Text, nullable=False),
    Column("trunk", Text, nullable=False),
    Column("state", Word(CallState), nullable=False, server_default=text("'permitted'")),
    Column("outcome", Word(Outcome)),
    Column("operator_id", Count, ForeignKey("operators.operator_id")),
    Column("seat", SmallInteger),
    Column("hangup_cause", SmallInteger, nullable=False, server_default=text("0")),
    Column("tech_cause", Text, nullable=False, server_default=text("''")),
    Column("trunk_channel", Text, nullable=False, server_default=text("''")),
    Column("result", Word(Result)),
    Column("started_at", UtcTime, nullable=False),
    Column("rang_at", UtcTime),
    Column("early_media_at", UtcTime),
    Column("answered_at", UtcTime),
    Column("connected_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("is_recorded", Boolean, nullable=False, server_default=false()),
    _one_of("state", CallState),
    _one_of("outcome", Outcome),
    _one_of("result", Result),
    CheckConstraint("(state = 'ended') = (outcome IS NOT NULL)", name="ended_has_outcome"),
    CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_has_time"),
    Index("attempts_by_time", "started_at", "attempt_id"),
    Index("attempts_by_campaign", "campaign_id", "started_at", "attempt_id"),
    Index("attempts_by_end", "campaign_id", "ended_at", "outcome"),
    Index("attempts_by_lead", "lead_id"),
)
_some("attempts_unfinished", "started_at", "attempt_id", table=attempts, where="state <> 'ended'")
_some("attempts_by_trunk_channel", "trunk_channel", table=attempts, where="trunk_channel <> ''")
UNRECORDED: Final = "state = 'ended' AND trunk_channel <> '' AND NOT is_recorded"
_some("attempts_unrecorded", "started_at", "attempt_id", table=attempts, where=UNRECORDED)
# An attempt that has not ended holds its lead: two at once would be the lead dialled twice (I4).
Index(
    "attempts_one_open_per_lead",
    attempts.c.lead_id,
    unique=True,
    sqlite_where=text("state <> 'ended'"),
    postgresql_where=text("state <> 'ended'"),
)

permits: Final = Table(
    "permits",
    metadata,
    Column("permit_id", Text, ForeignKey("attempts.permit_id"), primary_key=True),
    Column("gate", Text, nullable=False),
    Column("state", Word(PermitState), nullable=False),
    Column("issued_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    Column("rule", Text, nullable=False, server_default=text("''")),
    _one_of("state", PermitState),
    CheckConstraint("expires_at > issued_at", name="life"),
)
_some("permits_issued", "permit_id", table=permits, where="state = 'issued'")

call_events: Final = Table(
    "call_events",
    metadata,
    Column("event_id", Count, primary_key=True),
    Column("attempt_id", Text, ForeignKey("attempts.attempt_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("details", JsonText, nullable=False),
    Index("call_events_by_attempt", "attempt_id", "event_id"),
)

recordings: Final = Table(
    "recordings",
    metadata,
    Column("recording_id", Text, ForeignKey("attempts.recording_id"), primary_key=True),
    Column("attempt_id", Text, ForeignKey("attempts.attempt_id"), nullable=False, unique=True),
    Column("campaign_id", Count, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("list_id", Count, nullable=False),
    Column("lead_id", Count, nullable=False),
    Column("operator_id", Count),
    Column("operator", Text, nullable=False),
    Column("seat", SmallInteger),
    Column("number", Text, nullable=False),
    Column("last2", Text, nullable=False),
    Column("last4", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("answered_at", UtcTime),
    Column("ended_at", UtcTime, nullable=False),
    Column("path", Text),
    Column("length_s", Float),
    Column("before_answer_s", Float),
    Column("sha256", Text),
    Column("size", BigInteger),
    Column("channels", SmallInteger),
    CheckConstraint("(path IS NULL) = (sha256 IS NULL)", name="file_has_digest"),
    Index("recordings_by_time", "started_at"),
    Index("recordings_by_operator", "operator_id", "started_at", "last2"),
    Index("recordings_by_campaign", "campaign_id", "started_at", "last2"),
    Index("recordings_by_last2", "last2", "started_at"),
    Index("recordings_by_last4", "last4", "started_at"),
)
"""The tag is a copy on purpose: it says what was true when the call was made, whatever becomes of the rest."""

listenings: Final = Table(
    "listenings",
    metadata,
    Column("listening_id", Count, primary_key=True),
    Column("recording_id", Text, nullable=False),
    Column("account_id", Count, ForeignKey("accounts.account_id")),
    Column("reason", Word(ListeningReason)),
    Column("reference", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("refused", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    _one_of("reason", ListeningReason),
    Index("listenings_by_recording", "recording_id", "listening_id"),
)
"""No foreign key to recordings: asking for one that does not exist is refused, and the refusal is kept."""

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
    _one_of("role", Role),
    _one_of("language", ("fr", "en")),
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
    _one_of("state", OperatorState),
)

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
"""Append-only: triggers of the first migration refuse every change and removal."""

incidents: Final = Table(
    "incidents",
    metadata,
    Column("incident_id", Count, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
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
    _one_of("scope", LockScope),
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
