"""Attempts, their permits and their events."""

from enum import StrEnum
from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, SmallInteger, Table, Text, false, text

from telephony.domain.calls.attempts import CallState, Result
from telephony.domain.calls.outcomes import Outcome
from telephony.storage.tables.base import Count, metadata, one_of, some
from telephony.storage.tables.types import JsonText, UtcTime, Word


class PermitState(StrEnum):
    """State of a permit."""

    ISSUED = "issued"
    USED = "used"
    VOID = "void"


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
    Column("legal_basis", JsonText, nullable=False, server_default=text("'{}'")),
    Column("guaranteed_to", Count),
    Column("is_recorded", Boolean, nullable=False, server_default=false()),
    Column("bucket", Text, nullable=False, server_default=text("''")),
    Column("person", Text, nullable=False, server_default=text("''")),
    one_of("state", CallState),
    one_of("outcome", Outcome),
    one_of("result", Result),
    CheckConstraint("(state = 'ended') = (outcome IS NOT NULL)", name="ended_has_outcome"),
    CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_has_time"),
    Index("attempts_by_time", "started_at", "attempt_id"),
    Index("attempts_by_campaign", "campaign_id", "started_at", "attempt_id"),
    Index("attempts_by_end", "campaign_id", "ended_at", "outcome"),
    Index("attempts_by_lead", "lead_id"),
    Index("attempts_by_trunk", "trunk", "started_at"),
    Index("attempts_by_number", "number", "started_at"),
)
"""``bucket``: the lead's bucket when it was dialled; the lead order learns from it. ``person``: code of the person
(``telephony.domain.leads.persons``), "" for attempts from before it was stored."""
some("attempts_unfinished", "started_at", "attempt_id", table=attempts, where="state <> 'ended'")
RESULT_DUE: Final = "connected_at IS NOT NULL AND result IS NULL"
some("attempts_without_result", "started_at", "attempt_id", table=attempts, where=RESULT_DUE)
some("attempts_by_trunk_channel", "trunk_channel", table=attempts, where="trunk_channel <> ''")
UNRECORDED: Final = "state = 'ended' AND trunk_channel <> '' AND NOT is_recorded"
some("attempts_unrecorded", "started_at", "attempt_id", table=attempts, where=UNRECORDED)
# An attempt that has not ended reserves its lead: two at once would dial the lead twice (I4).
Index(
    "attempts_one_open_per_lead",
    attempts.c.lead_id,
    unique=True,
    sqlite_where=text("state <> 'ended'"),
    postgresql_where=text("state <> 'ended'"),
)
# It reserves the number and the person too: nobody is rung twice at once, whatever campaign, mode or number calls. The
# end of the attempt, by the call or by the sweep after a restart, releases them in the same statement.
ON_THE_LINE: Final = "state <> 'ended' AND person <> ''"
for column in (attempts.c.number, attempts.c.person):
    Index(
        f"attempts_one_open_per_{column.name}",
        column,
        unique=True,
        sqlite_where=text(ON_THE_LINE),
        postgresql_where=text(ON_THE_LINE),
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
    one_of("state", PermitState),
    CheckConstraint("expires_at > issued_at", name="life"),
)
some("permits_issued", "permit_id", table=permits, where="state = 'issued'")

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
