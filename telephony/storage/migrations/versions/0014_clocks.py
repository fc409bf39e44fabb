"""Leads by the clock they live on, so that those whose day it is are found without the others."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from telephony.domain.law.basis import LeadTerms
from telephony.domain.law.calling_zone import CallingZone

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MAINLAND = "33"
_OTHERS = sa.text(
    "SELECT lead_id, number, terms FROM leads"
    " WHERE lead_id > :last AND (own_clock OR number NOT LIKE '33%') ORDER BY lead_id LIMIT 10000"
)
_SET = sa.text("UPDATE leads SET clock = :word WHERE lead_id = :lead_id")


def upgrade() -> None:
    """Give every lead its clock, most of them the mainland's, and read them by it."""
    op.add_column("leads", sa.Column("clock", sa.Text, nullable=False, server_default=sa.text("''")))
    connection = op.get_bind()
    connection.execute(
        sa.text(f"UPDATE leads SET clock = '{MAINLAND}' WHERE number LIKE '33%' AND NOT own_clock")  # noqa: S608
    )
    last = 0
    while rows := connection.execute(_OTHERS, {"last": last}).all():
        connection.execute(_SET, [{"lead_id": row.lead_id, "word": _word(row)} for row in rows])
        last = rows[-1].lead_id
    op.drop_index("leads_own_clock", "leads")
    op.drop_column("leads", "own_clock")
    op.drop_index("leads_by_list", "leads")
    op.create_index("leads_by_list", "leads", ["list_id", "state", "clock", "priority", "not_before", "row"])


def _word(row: sa.Row[Any]) -> str:
    return CallingZone.of(row.number, LeadTerms.of(json.loads(row.terms) if row.terms else None)).word


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
