"""The first tables: people, campaigns and leads, calls, recordings, the ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make every table, then lock the ledger against change."""
    _people()
    _campaigns()
    _lists()
    _attempts()
    _permits_and_events()
    _recordings()
    _ledger()
    _append_only()


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", KEY, primary_key=True),
        sa.Column("username", sa.Text, nullable=False, unique=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("language", sa.Text, nullable=False, server_default=sa.text("'fr'")),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("language IN ('fr', 'en')", name="language"),
        sa.CheckConstraint(
            "role IN ('operator', 'supervisor', 'campaign_manager', 'compliance', 'administrator')",
            name="role",
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.Text, primary_key=True),
        sa.Column("account_id", KEY, sa.ForeignKey("accounts.account_id"), nullable=False),
        sa.Column("form_token", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
    )
    op.create_index("sessions_by_account", "sessions", ["account_id"])
    op.create_table(
        "operators",
        sa.Column("operator_id", KEY, primary_key=True),
        sa.Column("account_id", KEY, sa.ForeignKey("accounts.account_id"), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("seat", sa.SmallInteger, nullable=False, unique=True),
        sa.CheckConstraint("seat >= 1 AND seat <= 999", name="seat"),
        sqlite_autoincrement=True,
    )


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", KEY, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("client_company", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("caller_id", sa.Text, nullable=False),
        sa.Column("trunk", sa.Text, nullable=False),
        sa.Column("abandon_cap", sa.Float, nullable=False),
        sa.Column("wrap_up_s", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("abandon_cap >= 0 AND abandon_cap <= 0.03", name="abandon_cap"),
        sa.CheckConstraint("kind IN ('survey', 'existing_contract', 'consumer_prospecting', 'b2b')", name="kind"),
        sa.CheckConstraint("state IN ('ready', 'running', 'paused', 'stopped')", name="state"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tallies",
        sa.Column("campaign_id", KEY, sa.ForeignKey("campaigns.campaign_id"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("word", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.CheckConstraint("kind IN ('lead', 'outcome', 'result')", name="kind"),
    )


def _lists() -> None:
    op.create_table(
        "lists",
        sa.Column("list_id", KEY, primary_key=True),
        sa.Column("campaign_id", KEY, sa.ForeignKey("campaigns.campaign_id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("file_sha256", sa.Text, nullable=False),
        sa.Column("rows_read", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("accepted", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("rejected", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("duplicates", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("loaded_at", MOMENT, nullable=False),
        sa.Column("loaded_by", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("touched_at", MOMENT, nullable=False),
        sa.CheckConstraint("rows_read = accepted + rejected + duplicates", name="rows_add_up"),
        sa.CheckConstraint("state IN ('loading', 'loaded')", name="state"),
        sqlite_autoincrement=True,
    )
    op.create_index("lists_by_campaign", "lists", ["campaign_id", "list_id"])
    op.create_table(
        "rejected_rows",
        sa.Column("list_id", KEY, sa.ForeignKey("lists.list_id"), primary_key=True),
        sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("values", sa.Text, nullable=False),
        sa.Column("is_duplicate", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "leads",
        sa.Column("lead_id", KEY, primary_key=True),
        sa.Column("list_id", KEY, sa.ForeignKey("lists.list_id"), nullable=False),
        sa.Column("campaign_id", KEY, sa.ForeignKey("campaigns.campaign_id"), nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'waiting'")),
        sa.CheckConstraint("state IN ('waiting', 'claimed', 'done', 'refused')", name="state"),
        sa.UniqueConstraint("campaign_id", "number"),
        sqlite_autoincrement=True,
    )
    op.create_index("leads_by_list", "leads", ["list_id", "state", "row"])


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
