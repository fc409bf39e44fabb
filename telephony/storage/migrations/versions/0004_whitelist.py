"""The whitelist: rules with their approval, the standard ones among them; approval and withdrawal of lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from telephony.domain.rules.standard import INSTALLATION, STANDARD_2026_11
from telephony.storage.tables.types import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables; lists loaded before wait for approval like new ones."""
    _rules()
    op.create_table(
        "whitelist_changes",
        sa.Column("version", KEY, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sqlite_autoincrement=True,
    )
    for name in ("approved_by", "withdrawn_by", "withdrawal_reason"):
        op.add_column("lists", sa.Column(name, sa.Text))
    for name in ("approved_at", "withdrawn_at"):
        op.add_column("lists", sa.Column(name, MOMENT))
    _standard()


def _rules() -> None:
    op.create_table(
        "number_rules",
        sa.Column("rule_id", KEY, primary_key=True),
        sa.Column("effect", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("digits", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_until", MOMENT),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("length", sa.SmallInteger),
        sa.Column("is_immediate", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("approved_by", sa.Text),
        sa.Column("approved_at", MOMENT),
        sa.Column("withdrawal_asked_by", sa.Text),
        sa.Column("withdrawal_reason", sa.Text),
        sa.Column("withdrawn_by", sa.Text),
        sa.Column("withdrawn_at", MOMENT),
        sa.CheckConstraint("effect IN ('allow', 'deny')", name="effect"),
        sa.CheckConstraint("kind IN ('prefix', 'exact')", name="kind"),
        sa.CheckConstraint("scope IN ('site', 'trunk', 'campaign')", name="scope"),
        sa.CheckConstraint("valid_until > valid_from", name="dates"),
        sa.CheckConstraint("approved_by <> author", name="second_person"),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval"),
        sa.CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="withdrawal"),
        sqlite_autoincrement=True,
    )
    op.create_index("number_rules_by_digits", "number_rules", ["digits"])


def _standard() -> None:
    """Write the rules every site begins with; that set is dated and never changes."""
    texts = ("effect", "kind", "digits", "reason", "author", "scope", "target", "approved_by")
    moments = ("valid_from", "added_at", "approved_at")
    table = sa.table(
        "number_rules",
        *(sa.column(name, sa.Text) for name in texts),
        *(sa.column(name, UtcTime) for name in moments),
        sa.column("length", sa.SmallInteger),
    )
    rows = [
        {name: str(getattr(one, name)) for name in texts[:-1]}
        | {"approved_by": INSTALLATION, "length": one.length}
        | dict.fromkeys(moments, one.valid_from)
        for one in STANDARD_2026_11
    ]
    op.bulk_insert(table, rows)


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
