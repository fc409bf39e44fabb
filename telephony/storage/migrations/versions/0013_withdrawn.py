"""The outcome ``withdrawn``: hung up while it rang."""

from telephony.storage.migrations.words import widen

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE = (
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
AFTER = (*BEFORE[:4], "withdrawn", *BEFORE[4:])


def upgrade() -> None:
    """Attempts may end so from now on."""
    widen("attempts", "outcome", BEFORE, AFTER)


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
