"""Campaigns that have dials hung up which ring in vain."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Campaigns made before let every dial ring out."""
    ring = sa.Column("withdraw_after_s", sa.SmallInteger, nullable=False, server_default=sa.text("0"))
    op.add_column("campaigns", ring)


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
