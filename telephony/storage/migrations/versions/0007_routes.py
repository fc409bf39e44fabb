"""Several ways out per campaign, the latest attempts of a trunk, the outcomes ``machine`` and ``carrier_failed``."""

import sqlalchemy as sa
from alembic import op

from telephony.storage.migrations.words import widen

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BEFORE = ("answered", "abandoned", "busy", "no_answer", "failed", "refused", "interrupted")
AFTER = (
    "answered",
    "abandoned",
    "busy",
    "no_answer",
    "machine",
    "failed",
    "carrier_failed",
    "refused",
    "interrupted",
)


def upgrade() -> None:
    """Campaigns made before have one way out."""
    op.add_column("campaigns", sa.Column("trunk_share", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("campaigns", sa.Column("more_routes", sa.Text, nullable=False, server_default=sa.text("'[]'")))
    op.create_index("attempts_by_trunk", "attempts", ["trunk", "started_at"])
    widen("attempts", "outcome", BEFORE, AFTER)


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
