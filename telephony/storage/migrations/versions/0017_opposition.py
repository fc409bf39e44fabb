"""Opposition lists, and entries of them, that two persons withdraw."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Lists loaded before bind on."""
    op.add_column("opposition_lists", sa.Column("withdrawn_at", MOMENT))
    op.create_table(
        "opposition_withdrawals",
        sa.Column("withdrawal_id", KEY, primary_key=True),
        sa.Column("list_id", KEY, sa.ForeignKey("opposition_lists.list_id"), nullable=False),
        sa.Column("entry", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("approved_by", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("approved_at", MOMENT),
        sa.Column("dropped_by", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("dropped_at", MOMENT),
        sa.CheckConstraint("approved_by <> asked_by", name="second_person"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
