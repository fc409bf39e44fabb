"""A client company is one in whatever characters it is written: attempts that are open get their person's word so."""

import sqlalchemy as sa
from alembic import op

from telephony.domain.leads.persons import person_of

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_OPEN = sa.text(
    "SELECT attempts.attempt_id, attempts.lead_id, attempts.person, leads.client_key, campaigns.client_company"
    " FROM attempts"
    " JOIN leads ON leads.lead_id = attempts.lead_id"
    " JOIN campaigns ON campaigns.campaign_id = attempts.campaign_id"
    " WHERE attempts.state <> 'ended' AND attempts.person LIKE 'client:%'"
)
_WRITE = sa.text("UPDATE attempts SET person = :person WHERE attempt_id = :attempt_id")


def upgrade() -> None:
    """An ended attempt's word tells of that day's callbacks alone. Of two open ones of one person one keeps its old."""
    rows = op.get_bind().execute(_OPEN).all()
    taken = {row.person for row in rows}
    for row in rows:
        word = person_of(row.client_company, row.client_key, row.lead_id)
        if word not in taken:
            taken.add(word)
            op.get_bind().execute(_WRITE, {"person": word, "attempt_id": row.attempt_id})


def downgrade() -> None:
    """Refuse: older versions are restored from a backup."""
    raise NotImplementedError("restore the backup made before the upgrade")
