"""Emergency numbers that lists refused and no rule named: the standard of December 2026."""

import sqlalchemy as sa
from alembic import op

from telephony.domain.rules.standard import INSTALLATION, STANDARD_2026_12
from telephony.storage.tables.types import UtcTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TEXTS = ("effect", "kind", "digits", "reason", "author", "scope", "target", "approved_by")
_TIMES = ("valid_from", "added_at", "approved_at")
_TABLE = sa.table(
    "number_rules",
    *(sa.column(name, sa.Text) for name in _TEXTS),
    *(sa.column(name, UtcTime) for name in _TIMES),
    sa.column("length", sa.SmallInteger),
)


def upgrade() -> None:
    """Write the rules; that set is dated and never changes."""
    rows = [
        {name: str(getattr(rule, name)) for name in _TEXTS[:-1]}
        | {"approved_by": INSTALLATION, "length": rule.length}
        | dict.fromkeys(_TIMES, rule.valid_from)
        for rule in STANDARD_2026_12
    ]
    op.bulk_insert(_TABLE, rows)


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
