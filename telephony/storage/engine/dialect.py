"""The interface that hides every difference between SQLite and PostgreSQL from the rest of storage.

It covers URLs and drivers, preparing a connection, making a write transaction exclusive, writing a batch of leads, and
naming the database without its password. Each database has its own module (``sqlite``, ``postgresql``). Statements
that both understand are in the capability modules. The store's own threads use the blocking drivers: see
docs/storage.md.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import URL, Connection, Engine

from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.lead_order.buckets import fresh_bucket
from telephony.domain.leads.leads import NewLead
from telephony.ids import CampaignId, ListId
from telephony.storage.engine.single_controller import SingleControllerLock
from telephony.storage.tables.types import dump_json

BUSY_S: Final = 5
"""Seconds a write waits for another process's write, and a connection for the server."""
LEAD_COLUMNS: Final = "number, name, fields, row, priority, numbers, terms, clock, bucket, client_key"
"""The columns ``lead_values`` returns; list and campaign are added to them."""


class Dialect(ABC):
    """One kind of database at one URL."""

    driver: str

    def __init__(self, url: URL) -> None:
        self.url = url.set(drivername=self.driver)

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the database is, for messages; without the password."""

    @property
    @abstractmethod
    def mend(self) -> str:
        """What to check when the database cannot be reached."""

    @abstractmethod
    def engine(self, *, writes: bool, connections: int) -> Engine:
        """Create an engine with prepared connections; readers use autocommit and cannot write."""

    @abstractmethod
    def exists(self) -> bool:
        """Return False only if there is certainly no schema; does not connect."""

    @abstractmethod
    def prepare(self) -> None:
        """Prepare the database for its first schema."""

    @abstractmethod
    def lock(self, connection: Connection) -> None:
        """Make the transaction just begun the only writing one across all processes."""

    @abstractmethod
    def add_leads(
        self, connection: Connection, campaign_id: CampaignId, list_id: ListId, leads: Sequence[NewLead]
    ) -> set[int]:
        """Write waiting leads in order, skipping numbers the campaign already has; return the rows written."""

    @abstractmethod
    def analyze(self, connection: Connection) -> None:
        """Refresh the planner's statistics about leads after a large load."""

    def start_tidying(self) -> Callable[[], None]:
        """Start the maintenance the database does not do by itself; return a function that stops it."""
        return lambda: None

    @abstractmethod
    def sole_lock(self) -> SingleControllerLock:
        """Return the lock of this database's single controller; it is not acquired yet."""

    @abstractmethod
    def interrupt(self, connection: Connection) -> None:
        """Interrupt, from another thread, what the connection is waiting for."""


def lead_values(lead: NewLead) -> tuple[object, ...]:
    """Return a lead's values for ``LEAD_COLUMNS``, for a hand-written statement."""
    terms = lead.terms.record()
    return (
        lead.number,
        lead.name,
        dump_json(lead.fields),
        lead.row,
        lead.priority,
        dump_json(lead.numbers) if lead.others else None,
        dump_json(terms) if terms else None,
        CallingZone.of(lead.number, lead.terms).word,
        fresh_bucket(lead.number),
        lead.client_key,
    )
