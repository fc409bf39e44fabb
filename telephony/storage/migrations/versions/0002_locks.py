"""Locks: nothing leaves for the site, a campaign or a seat until somebody lifts it and says why."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the table; at most one lock holds for a scope and target."""
    op.create_table(
        "locks",
        sa.Column("lock_id", KEY, primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ends_calls", sa.Boolean, nullable=False),
        sa.Column("released_by", sa.Text),
        sa.Column("released_at", MOMENT),
        sa.Column("release_reason", sa.Text),
        sa.CheckConstraint("scope IN ('site', 'campaign', 'seat')", name="scope"),
        sqlite_autoincrement=True,
    )
    still = sa.text("released_at IS NULL")
    op.create_index(
        "locks_active", "locks", ["scope", "target"], unique=True, sqlite_where=still, postgresql_where=still
    )


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
