"""Fill a database with leads by the million, for benchmarks: the database makes the rows itself.

Numbers are in the unassigned country code 999, so that nobody is named. Lists of people are loaded by ``loading``.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import insert, text, update

from telephony.ids import CampaignId, ListId
from telephony.storage.engine.database import Database
from telephony.storage.engine.transaction import Transaction
from telephony.storage.tables import ListState, lists

CHUNK: Final = 100_000
"""Rows in one transaction: about a second."""
LIMIT: Final = 999_999_999
"""Most numbers there are: nine digits after the country code."""
_FILL: Final = text(
    "INSERT INTO leads (list_id, campaign_id, number, name, fields, row)"
    " WITH RECURSIVE one(n) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT n + 1 FROM one WHERE n < :last)"
    " SELECT CAST(:list AS BIGINT), CAST(:campaign AS BIGINT), CAST(999000000000 + n AS TEXT), '', '{}',"
    " CAST(n - :before AS INTEGER) + 1 FROM one"
)


async def begin_list(database: Database, campaign_id: CampaignId, name: str, at: datetime) -> ListId:
    """Make a list that is loaded and still empty; not entered in the ledger, since nobody loaded it.

    Args:
        database: where.
        campaign_id: whose.
        name: of the list.
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
    """Add ``count`` waiting leads, their numbers counted up from 999 and ``first`` in nine digits, in one transaction.

    Args:
        database: where.
        campaign_id: whose.
        list_id: a list of that campaign.
        first: not used in this campaign yet, nor the ``count - 1`` after it.
        count: at most ``CHUNK``, or the database may give the statement up.
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
    """Let the planner know of what was filled in."""
    await database.write(lambda tx: database.dialect.analyze(tx.connection))
