"""Open the store: the only place where all capabilities are connected to one database."""

import asyncio
from types import TracebackType
from typing import Self

from telephony.ports.store import Store
from telephony.storage.calls.attempts import Attempts
from telephony.storage.calls.permits import Permits
from telephony.storage.calls.seats import Seats
from telephony.storage.campaigns.campaigns import Campaigns
from telephony.storage.engine.database import Database
from telephony.storage.engine.dialects import dialect_of
from telephony.storage.engine.schema import check_schema
from telephony.storage.engine.single_controller import SingleControllerLock
from telephony.storage.evidence.ledger import Ledger
from telephony.storage.evidence.recordings import Recordings
from telephony.storage.leads.callbacks import Callbacks
from telephony.storage.leads.lead_order import LeadChoice
from telephony.storage.leads.leads import Leads
from telephony.storage.leads.loading import sweep
from telephony.storage.leads.management import LeadWork
from telephony.storage.leads.previews import Previews
from telephony.storage.leads.quotas import Quotas
from telephony.storage.people.accounts import Accounts
from telephony.storage.rules.do_not_call import DoNotCallLists
from telephony.storage.rules.law import Laws
from telephony.storage.rules.whitelist import Whitelist
from telephony.storage.security.dtmf import Keys
from telephony.storage.security.locks import Locks


class OpenStore:
    """An open database: use ``store``, then call ``close``; or use ``async with``."""

    def __init__(self, database: Database, single_controller: SingleControllerLock) -> None:
        """Connect all capabilities to ``database``; the lock ``single_controller`` is not acquired yet."""
        self.database = database
        self.single_controller = single_controller
        """The lock of this database's single controller."""
        self.store = Store(
            campaigns=Campaigns(database),
            leads=Leads(database),
            attempts=Attempts(database),
            permits=Permits(database),
            recordings=Recordings(database),
            seats=Seats(database),
            accounts=Accounts(database),
            ledger=Ledger(database),
            locks=Locks(database),
            whitelist=Whitelist(database),
            keys=Keys(database),
            law=Laws(database),
            do_not_call=DoNotCallLists(database),
            work=LeadWork(database),
            callbacks=Callbacks(database),
            quotas=Quotas(database),
            previews=Previews(database),
            choice=LeadChoice(database),
            unreadable=database.unreadable,
        )

    async def close(self) -> None:
        """Finish pending work and close every connection; a second call does nothing."""
        try:
            await self.database.close()
        finally:
            await asyncio.to_thread(self.single_controller.release)

    async def __aenter__(self) -> Self:
        """Return the open store."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        await self.close()


async def open_store(url: str) -> OpenStore:
    """Open the database at ``url``, for the running event loop.

    Args:
        url: ``sqlite:////absolute/path.db`` or ``postgresql://user:password@host/name``.

    Raises:
        SchemaError: its schema is unknown or missing; the message names the command to run.
        StoreUnavailableError: it cannot be reached; the message names the place and what to check.
    """
    dialect = dialect_of(url)
    await check_schema(dialect)
    opened = OpenStore(Database(dialect), dialect.sole_lock())
    try:
        await sweep(opened.database)
    except BaseException:
        await opened.close()
        raise
    return opened
