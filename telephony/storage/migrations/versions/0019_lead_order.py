"""What is known of each lead, beside it and beside its attempts, and which campaigns choose by it."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# As ``telephony.domain.lead_order.contact_rate.kind_of`` had it. What attempts made before told is not kept beside
# them: leads begin as if untried, and the choice learns from the attempts made from now on.
_KIND = """
    UPDATE leads SET bucket = CASE
        WHEN substr(number, 1, 3) IN ('262', '508', '590', '594', '596', '681', '687', '689') THEN 'overseas'
        WHEN substr(number, 1, 2) <> '33' THEN 'foreign'
        WHEN substr(number, 3, 1) IN ('6', '7') THEN 'mobile'
        WHEN substr(number, 3, 1) IN ('8', '9') THEN 'non_geographic'
        ELSE 'landline'
    END
"""


def upgrade() -> None:
    """Campaigns made before go on in list order."""
    empty = sa.text("''")
    op.add_column("campaigns", sa.Column("call_order", sa.Text, nullable=False, server_default=sa.text("'list'")))
    op.add_column("attempts", sa.Column("bucket", sa.Text, nullable=False, server_default=empty))
    op.add_column("leads", sa.Column("bucket", sa.Text, nullable=False, server_default=empty))
    op.execute(_KIND)
    where = sa.text("state = 'waiting'")
    op.create_index(
        "leads_by_bucket",
        "leads",
        ["list_id", "clock", "priority", "bucket", "not_before", "row"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
