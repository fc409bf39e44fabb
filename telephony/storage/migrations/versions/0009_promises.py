"""Lists that are paused or mixed by share; callbacks; survey quotas."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Add the columns and make the tables."""
    op.add_column("lists", sa.Column("share", sa.SmallInteger, nullable=False, server_default=sa.text("0")))
    op.add_column("lists", sa.Column("paused_by", sa.Text))
    op.add_column("lists", sa.Column("paused_at", MOMENT))
    op.create_table(
        "callbacks",
        sa.Column("callback_id", KEY, primary_key=True),
        sa.Column("campaign_id", KEY, sa.ForeignKey("campaigns.campaign_id"), nullable=False),
        sa.Column("lead_id", KEY, sa.ForeignKey("leads.lead_id"), nullable=False),
        sa.Column("attempt_id", sa.Text, sa.ForeignKey("attempts.attempt_id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("operator_id", KEY, sa.ForeignKey("operators.operator_id")),
        sa.Column("anyone_from", MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'open'")),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.CheckConstraint("state IN ('open', 'made', 'cancelled')", name="state"),
        sqlite_autoincrement=True,
    )
    op.create_index("callbacks_by_lead", "callbacks", ["lead_id"])
    few = sa.text("state = 'open'")
    op.create_index("callbacks_open", "callbacks", ["campaign_id", "lead_id"], sqlite_where=few, postgresql_where=few)
    op.create_table(
        "quotas",
        sa.Column("quota_id", KEY, primary_key=True),
        sa.Column("campaign_id", KEY, sa.ForeignKey("campaigns.campaign_id"), nullable=False),
        sa.Column("cell", sa.Text, nullable=False),
        sa.Column("target", sa.Integer, nullable=False),
        sa.Column("completed", sa.Integer, nullable=False, server_default=sa.text("0")),
        sqlite_autoincrement=True,
    )
    op.create_index("quotas_by_campaign", "quotas", ["campaign_id"])


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
