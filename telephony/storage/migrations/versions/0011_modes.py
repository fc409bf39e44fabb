"""Campaigns that are dialled ahead of operators coming free."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Campaigns made before go on with one call per free operator."""
    op.add_column("campaigns", sa.Column("mode", sa.Text, nullable=False, server_default=sa.text("'progressive'")))


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
