"""Leads laid before operators, and calls guaranteed to the one who pressed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from telephony.storage.migrations.words import widen

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BEFORE = ("offline", "ready", "reserved", "talking", "wrap_up", "paused")
AFTER = (*BEFORE[:2], "preview", *BEFORE[2:])


def upgrade() -> None:
    """Make the table; whoever is at a seat now stays as they are."""
    op.add_column("attempts", sa.Column("guaranteed_to", KEY))
    op.create_table(
        "previews",
        sa.Column("preview_id", KEY, primary_key=True),
        sa.Column("campaign_id", KEY, sa.ForeignKey("campaigns.campaign_id"), nullable=False),
        sa.Column("lead_id", KEY, sa.ForeignKey("leads.lead_id"), nullable=False),
        sa.Column("operator_id", KEY, sa.ForeignKey("operators.operator_id"), nullable=False),
        sa.Column("offered_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ending", sa.Text),
        sa.Column("reason", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.CheckConstraint("ending IN ('called', 'skipped', 'expired', 'taken_back')", name="ending"),
        sa.CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", name="ended_has_ending"),
        sqlite_autoincrement=True,
    )
    op.create_index("previews_by_lead", "previews", ["lead_id"])
    op.create_index("previews_by_end", "previews", ["ended_at"])
    open_ = sa.text("ended_at IS NULL")
    for column in ("lead", "operator"):
        op.create_index(
            f"previews_one_open_per_{column}",
            "previews",
            [f"{column}_id"],
            unique=True,
            sqlite_where=open_,
            postgresql_where=open_,
        )
    widen("seats", "state", BEFORE, AFTER)


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
