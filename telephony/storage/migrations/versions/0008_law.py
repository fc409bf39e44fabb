"""The law: legal basis per lead and attempt, attempts by number, opposition lists, exemptions, a campaign's sector."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Leads loaded before have no basis: a consumer campaign refuses them until they are loaded with one."""
    op.add_column("campaigns", sa.Column("sector", sa.Text, nullable=False, server_default=sa.text("'general'")))
    op.add_column("leads", sa.Column("terms", sa.Text))
    op.add_column("leads", sa.Column("own_clock", sa.Boolean, nullable=False, server_default=sa.false()))
    own = sa.text("own_clock")
    op.create_index("leads_own_clock", "leads", ["campaign_id"], sqlite_where=own, postgresql_where=own)
    op.add_column("attempts", sa.Column("legal_basis", sa.Text, nullable=False, server_default=sa.text("'{}'")))
    op.create_index("attempts_by_number", "attempts", ["number", "started_at"])
    _opposition()
    _exemptions()


def _opposition() -> None:
    op.create_table(
        "opposition_lists",
        sa.Column("list_id", KEY, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("client_company", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("file_sha256", sa.Text, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("loaded_at", MOMENT, nullable=False),
        sa.Column("loaded_by", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "opposition_numbers",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("list_id", KEY, sa.ForeignKey("opposition_lists.list_id"), primary_key=True),
    )


def _exemptions() -> None:
    op.create_table(
        "law_exemptions",
        sa.Column("exemption_id", KEY, primary_key=True),
        sa.Column("law", sa.Text, nullable=False),
        sa.Column("campaign_id", KEY, sa.ForeignKey("campaigns.campaign_id")),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_until", MOMENT, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("approved_by", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("approved_at", MOMENT),
        sa.Column("ended_by", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("valid_until > valid_from", name="dates"),
        sa.CheckConstraint("approved_by <> asked_by", name="second_person"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
