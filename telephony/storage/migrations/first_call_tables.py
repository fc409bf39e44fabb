"""What a call leaves, in the tables of migration 0001: attempts, permits, events, recordings, the ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def make_call_tables() -> None:
    """Make them, then lock the ledger against change."""
    _attempts()
    _attempt_indexes()
    _permits_and_events()
    _recordings()
    _ledger()
    _append_only()


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("attempt_id", sa.Text, primary_key=True),
        sa.Column("campaign_id", KEY, sa.ForeignKey("campaigns.campaign_id"), nullable=False),
        sa.Column("list_id", KEY, nullable=False),
        sa.Column("lead_id", KEY, sa.ForeignKey("leads.lead_id"), nullable=False),
        sa.Column("permit_id", sa.Text, nullable=False, unique=True),
        sa.Column("recording_id", sa.Text, nullable=False, unique=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("caller_id", sa.Text, nullable=False),
        sa.Column("trunk", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'permitted'")),
        sa.Column("outcome", sa.Text),
        sa.Column("operator_id", KEY, sa.ForeignKey("operators.operator_id")),
        sa.Column("seat", sa.SmallInteger),
        sa.Column("hangup_cause", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("tech_cause", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("trunk_channel", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("result", sa.Text),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("rang_at", MOMENT),
        sa.Column("early_media_at", MOMENT),
        sa.Column("answered_at", MOMENT),
        sa.Column("connected_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("is_recorded", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.CheckConstraint("(state = 'ended') = (outcome IS NOT NULL)", name="ended_has_outcome"),
        sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_has_time"),
        sa.CheckConstraint(
            "outcome IN ('answered', 'abandoned', 'busy', 'no_answer', 'failed', 'refused', 'interrupted')",
            name="outcome",
        ),
        sa.CheckConstraint(
            "result IN ('complete', 'call_back', 'not_today', 'no_more_calls', 'wrong_person', 'machine', 'other')",
            name="result",
        ),
        sa.CheckConstraint(
            "state IN ('permitted', 'dialling', 'at_gate', 'ringing', 'answered', 'connected', 'ended')",
            name="state",
        ),
    )


def _attempt_indexes() -> None:
    op.create_index("attempts_by_campaign", "attempts", ["campaign_id", "started_at", "attempt_id"])
    op.create_index("attempts_by_end", "attempts", ["campaign_id", "ended_at", "outcome"])
    op.create_index("attempts_by_lead", "attempts", ["lead_id"])
    op.create_index("attempts_by_time", "attempts", ["started_at", "attempt_id"])
    _index("attempts_by_trunk_channel", "attempts", ["trunk_channel"], "trunk_channel <> ''")
    _index("attempts_one_open_per_lead", "attempts", ["lead_id"], "state <> 'ended'", unique=True)
    _index("attempts_unfinished", "attempts", ["started_at", "attempt_id"], "state <> 'ended'")
    _index(
        "attempts_unrecorded",
        "attempts",
        ["started_at", "attempt_id"],
        "state = 'ended' AND trunk_channel <> '' AND NOT is_recorded",
    )


def _permits_and_events() -> None:
    op.create_table(
        "permits",
        sa.Column("permit_id", sa.Text, sa.ForeignKey("attempts.permit_id"), primary_key=True),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("rule", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.CheckConstraint("expires_at > issued_at", name="life"),
        sa.CheckConstraint("state IN ('issued', 'used', 'void')", name="state"),
    )
    _index("permits_issued", "permits", ["permit_id"], "state = 'issued'")
    op.create_table(
        "call_events",
        sa.Column("event_id", KEY, primary_key=True),
        sa.Column("attempt_id", sa.Text, sa.ForeignKey("attempts.attempt_id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_index("call_events_by_attempt", "call_events", ["attempt_id", "event_id"])
    op.create_table(
        "seats",
        sa.Column("seat", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("operator_id", KEY, sa.ForeignKey("operators.operator_id")),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempt_id", sa.Text, sa.ForeignKey("attempts.attempt_id")),
        sa.Column("since_at", MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('offline', 'ready', 'reserved', 'talking', 'wrap_up', 'paused')", name="state"),
    )


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("recording_id", sa.Text, sa.ForeignKey("attempts.recording_id"), primary_key=True),
        sa.Column("attempt_id", sa.Text, sa.ForeignKey("attempts.attempt_id"), nullable=False, unique=True),
        sa.Column("campaign_id", KEY, nullable=False),
        sa.Column("campaign", sa.Text, nullable=False),
        sa.Column("list_id", KEY, nullable=False),
        sa.Column("lead_id", KEY, nullable=False),
        sa.Column("operator_id", KEY),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("seat", sa.SmallInteger),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("last2", sa.Text, nullable=False),
        sa.Column("last4", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("path", sa.Text),
        sa.Column("length_s", sa.Float),
        sa.Column("before_answer_s", sa.Float),
        sa.Column("sha256", sa.Text),
        sa.Column("size", sa.BigInteger),
        sa.Column("channels", sa.SmallInteger),
        sa.CheckConstraint("(path IS NULL) = (sha256 IS NULL)", name="file_has_digest"),
    )
    op.create_index("recordings_by_campaign", "recordings", ["campaign_id", "started_at", "last2"])
    op.create_index("recordings_by_last2", "recordings", ["last2", "started_at"])
    op.create_index("recordings_by_last4", "recordings", ["last4", "started_at"])
    op.create_index("recordings_by_operator", "recordings", ["operator_id", "started_at", "last2"])
    op.create_index("recordings_by_time", "recordings", ["started_at"])
    op.create_table(
        "listenings",
        sa.Column("listening_id", KEY, primary_key=True),
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("account_id", KEY, sa.ForeignKey("accounts.account_id")),
        sa.Column("reason", sa.Text),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("refused", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("reason IN ('complaint', 'check', 'incident', 'persons_request')", name="reason"),
    )
    op.create_index("listenings_by_recording", "listenings", ["recording_id", "listening_id"])


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("sequence", KEY, primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "incidents",
        sa.Column("incident_id", KEY, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
    )
    _index("incidents_open", "incidents", ["kind", "subject"], "closed_at IS NULL", unique=True)


def _append_only() -> None:
    """The database itself refuses to change or remove an entry; whoever owns it can still, and breaks the chain."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER ledger_refuses_{verb.lower()} BEFORE {verb} ON ledger"
                " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"
    )
