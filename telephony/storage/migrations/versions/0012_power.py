"""Campaigns dialled at a fixed number of calls per free operator."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every campaign has a ratio; it is looked at in power mode alone."""
    op.add_column("campaigns", sa.Column("power_tenths", sa.SmallInteger, nullable=False, server_default=sa.text("15")))


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
