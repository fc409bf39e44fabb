"""Recordings, and who listened."""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Float, ForeignKey, Index, SmallInteger, Table, Text, text

from telephony.domain.evidence.recordings import ListeningKind, ListeningReason, RecordingStep
from telephony.storage.tables.base import Count, metadata, one_of
from telephony.storage.tables.types import UtcTime, Word

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
    Column("operator_s", Float),
    Column("called_s", Float),
    CheckConstraint("(path IS NULL) = (sha256 IS NULL)", name="file_has_digest"),
    Index("recordings_by_time", "started_at"),
    Index("recordings_by_operator", "operator_id", "started_at", "last2"),
    Index("recordings_by_campaign", "campaign_id", "started_at", "last2"),
    Index("recordings_by_last2", "last2", "started_at"),
    Index("recordings_by_last4", "last4", "started_at"),
)
"""The tag is a copy on purpose: it records the facts at the time of the call, even if other rows change."""

recording_steps: Final = Table(
    "recording_steps",
    metadata,
    Column("recording_id", Text, ForeignKey("recordings.recording_id"), primary_key=True),
    Column("step", Word(RecordingStep), primary_key=True),
    Column("detail", Text, nullable=False),
    one_of("step", RecordingStep),
)
"""Steps left to do after a recording's row is stored; empty when all is done."""

listenings: Final = Table(
    "listenings",
    metadata,
    Column("listening_id", Count, primary_key=True),
    Column("kind", Word(ListeningKind), nullable=False, server_default=text("'listened'")),
    Column("recording_id", Text, nullable=False),
    Column("account_id", Count, ForeignKey("accounts.account_id")),
    Column("reason", Word(ListeningReason)),
    Column("reference", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("refused", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    one_of("reason", ListeningReason),
    Index("listenings_by_recording", "recording_id", "listening_id"),
)
"""No foreign key to recordings: a request for a missing recording is refused, and the refusal is stored."""
