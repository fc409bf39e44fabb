"""The first tables: people, campaigns and leads, calls, recordings, the ledger."""

import sqlalchemy as sa
from alembic import op

from telephony.storage.migrations.first_call_tables import KEY, MOMENT, make_call_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, then lock the ledger against change."""
    _people()
    _campaigns()
    _lists()
    make_call_tables()


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")


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
