"""Ledger searches: a day's entries of one kind, and everything about one subject, without reading the whole chain."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two indexes."""
    op.create_index("ledger_by_kind", "ledger", ["kind", "at"])
    op.create_index("ledger_by_subject", "ledger", ["subject", "sequence"])
