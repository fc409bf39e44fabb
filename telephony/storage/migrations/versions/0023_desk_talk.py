"""What operators see of a call: how much of the name, and the first sentence."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Campaigns made before show the whole name, as they did, and no sentence."""
    op.add_column("campaigns", sa.Column("shown_name", sa.Text, nullable=False, server_default=sa.text("'full'")))
    op.add_column("campaigns", sa.Column("first_sentence", sa.Text, nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
