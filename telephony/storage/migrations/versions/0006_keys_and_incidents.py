"""Keys allowed per campaign; who closed an incident, and why."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the table; incidents closed before, if any, name nobody."""
    op.create_table(
        "key_allowances",
        sa.Column("allowance_id", KEY, primary_key=True),
        sa.Column("campaign_id", KEY, sa.ForeignKey("campaigns.campaign_id"), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("most", sa.SmallInteger, nullable=False),
        sa.Column("valid_until", MOMENT),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("approved_by", sa.Text),
        sa.Column("approved_at", MOMENT),
        sa.Column("withdrawn_by", sa.Text),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("withdrawal_reason", sa.Text),
        sa.CheckConstraint("approved_by <> author", name="second_person"),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval"),
        sa.CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="withdrawal"),
        sqlite_autoincrement=True,
    )
    still = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "key_allowances_one_per_campaign",
        "key_allowances",
        ["campaign_id"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )
    for name in ("closed_by", "close_reason"):
        op.add_column("incidents", sa.Column(name, sa.Text))


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
