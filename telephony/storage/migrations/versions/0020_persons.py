"""The person a lead is, and who is on the line: one call at a time to a number and to a person."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_EMPTY = sa.text("''")
_KEYED = sa.text("client_key <> ''")
# Attempts made before have no person: those that a crash left open must not keep the index from being made.
_ON_THE_LINE = sa.text("state <> 'ended' AND person <> ''")


def upgrade() -> None:
    """Leads loaded before have no key: each is a person of its own."""
    op.add_column("leads", sa.Column("client_key", sa.Text, nullable=False, server_default=_EMPTY))
    op.create_index("leads_by_client_key", "leads", ["client_key"], sqlite_where=_KEYED, postgresql_where=_KEYED)
    op.add_column("attempts", sa.Column("person", sa.Text, nullable=False, server_default=_EMPTY))
    for column in ("number", "person"):
        op.create_index(
            f"attempts_one_open_per_{column}",
            "attempts",
            [column],
            unique=True,
            sqlite_where=_ON_THE_LINE,
            postgresql_where=_ON_THE_LINE,
        )


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
