"""Recordings: how long each side is, what is left to do, and what an entry about listening says."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# What an entry was, as its empty texts told it until now.
_KINDS = """
    UPDATE listenings SET kind = CASE
        WHEN refused <> '' THEN 'refused'
        WHEN note <> '' THEN 'stated'
        ELSE 'listened'
    END
"""


def upgrade() -> None:
    """Recordings kept before say nothing of their sides; what was left to do for them is not known."""
    op.add_column("recordings", sa.Column("operator_s", sa.Float))
    op.add_column("recordings", sa.Column("called_s", sa.Float))
    op.create_table(
        "recording_steps",
        sa.Column("recording_id", sa.Text, sa.ForeignKey("recordings.recording_id"), primary_key=True),
        sa.Column("step", sa.Text, primary_key=True),
        sa.Column("detail", sa.Text, nullable=False),
        sa.CheckConstraint("step IN ('incident', 'tones', 'discard')", name="step"),
    )
    op.add_column("listenings", sa.Column("kind", sa.Text, nullable=False, server_default=sa.text("'listened'")))
    op.execute(_KINDS)


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
