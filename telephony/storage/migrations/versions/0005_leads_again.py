"""Leads that are tried again: when, how urgently, how often so far and why; and the campaigns' retry rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Add columns with constant defaults, which costs nothing per row, and make the index anew, which does."""
    op.add_column("leads", sa.Column("priority", sa.SmallInteger, nullable=False, server_default=sa.text("5")))
    op.add_column("leads", sa.Column("not_before", MOMENT))
    op.add_column("leads", sa.Column("tries", sa.SmallInteger, nullable=False, server_default=sa.text("0")))
    op.add_column("leads", sa.Column("reason", sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("leads", sa.Column("numbers", sa.Text))
    op.drop_index("leads_by_list", "leads")
    op.create_index("leads_by_list", "leads", ["list_id", "state", "priority", "not_before", "row"])
    op.create_table(
        "retry_plans",
        sa.Column("campaign_id", KEY, sa.ForeignKey("campaigns.campaign_id"), primary_key=True, autoincrement=False),
        sa.Column("plan", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
