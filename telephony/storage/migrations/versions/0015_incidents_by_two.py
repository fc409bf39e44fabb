"""Incidents are closed by two persons: one says cause and decision, another one agrees."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Incidents closed before keep the one name they have."""
    for column in (
        sa.Column("explained_by", sa.Text),
        sa.Column("typed_by", sa.Text),
        sa.Column("explained_at", MOMENT),
    ):
        op.add_column("incidents", column)


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
