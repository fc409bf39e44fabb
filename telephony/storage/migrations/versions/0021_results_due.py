"""Conversations without a result are found at once, and a seat may stand ready with nobody at its desk."""

import sqlalchemy as sa
from alembic import op

from telephony.storage.migrations.words import widen

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BEFORE = ("offline", "ready", "preview", "reserved", "talking", "wrap_up", "paused")
AFTER = (*BEFORE[:2], "absent", *BEFORE[2:])


def upgrade() -> None:
    """Whoever is at a seat now stays as they are."""
    where = sa.text("connected_at IS NOT NULL AND result IS NULL")
    op.create_index(
        "attempts_without_result",
        "attempts",
        ["started_at", "attempt_id"],
        sqlite_where=where,
        postgresql_where=where,
    )
    widen("seats", "state", BEFORE, AFTER)


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
