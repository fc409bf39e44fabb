"""Campaigns that have answering machines told from people."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Campaigns made before go on without."""
    op.add_column("campaigns", sa.Column("detects_machines", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
