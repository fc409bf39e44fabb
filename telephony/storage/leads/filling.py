"""Fill a database with millions of leads for benchmarks; the database generates the rows.

Numbers use the unassigned country code 999, so they belong to nobody. Real lists are loaded by ``loading``.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import insert, text, update

from telephony.ids import CampaignId, ListId
from telephony.storage.engine.database import Database
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import ListState, lists

CHUNK: Final = 100_000
"""Rows in one transaction; it takes about a second."""
LIMIT: Final = 999_999_999
"""Maximum number of phone numbers: nine digits after the country code."""
_FILL: Final = text(
    "INSERT INTO leads (list_id, campaign_id, number, name, fields, row)"
    " WITH RECURSIVE one(n) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT n + 1 FROM one WHERE n < :last)"
    " SELECT CAST(:list AS BIGINT), CAST(:campaign AS BIGINT), CAST(999000000000 + n AS TEXT), '', '{}',"
    " CAST(n - :before AS INTEGER) + 1 FROM one"
)


async def begin_list(database: Database, campaign_id: CampaignId, name: str, at: datetime) -> ListId:
    """Create an empty list in state loaded; not entered in the ledger, since nobody loaded it.

    Args:
        database: the database.
        campaign_id: the list's campaign.
        name: the list's name.
        at: aware UTC.
    """
    values = {
        "campaign_id": campaign_id,
        "name": name,
        "file_sha256": "0" * 64,
        "loaded_at": at,
        "loaded_by": "bench",
        "state": ListState.LOADED,
        "touched_at": at,
    }
    added = insert(lists).returning(lists.c.list_id)
    return await database.write(lambda tx: ListId(tx.connection.execute(added, values).scalar_one()))


async def fill_list(
    database: Database, campaign_id: CampaignId, list_id: ListId, first: int, count: int, before: int
) -> None:
    """Add ``count`` waiting leads in one transaction; their numbers count up from 999 and ``first`` in nine digits.

    Args:
        database: the database.
        campaign_id: the list's campaign.
        list_id: a list of that campaign.
        first: not used in this campaign yet, nor the ``count - 1`` numbers after it.
        count: at most ``CHUNK``, or the database may cancel the statement.
        before: ``first`` of the list's first row.
    """
    values = {
        "first": first,
        "last": first + count - 1,
        "list": list_id,
        "campaign": campaign_id,
        "before": before,
    }
    more = {"rows_read": lists.c.rows_read + count, "accepted": lists.c.accepted + count}

    def work(tx: Transaction) -> None:
        tx.connection.execute(_FILL, values)
        tx.connection.execute(update(lists).where(lists.c.list_id == list_id).values(**more))

    await database.write(work)


async def refresh_statistics(database: Database) -> None:
    """Refresh the planner's statistics after filling."""
    await database.write(lambda tx: database.dialect.analyze(tx.connection))
