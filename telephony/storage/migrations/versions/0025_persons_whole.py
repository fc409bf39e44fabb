"""The leads of a key by campaign, so that a person is found whole among other companies' leads; promises by moment."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_KEYED = sa.text("client_key <> ''")


def upgrade() -> None:
    """Nothing stored changes."""
    op.drop_index("leads_by_client_key", "leads")
    op.create_index(
        "leads_by_client_key", "leads", ["client_key", "campaign_id"], sqlite_where=_KEYED, postgresql_where=_KEYED
    )
    op.create_index("callbacks_by_promise", "callbacks", ["set_at"])


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
