"""The seam: every difference between SQLite and PostgreSQL that the rest of storage would otherwise have to know.

URLs and drivers, how a connection is prepared, how a write transaction is made the only one, how a batch of leads is
written, and how a place is named without its password; each database in a module of its own (``sqlite``,
``postgresql``). Statements that both understand stand in the capability modules. Both databases are spoken to by their
blocking driver on the store's own threads: see docs/storage.md.
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
"""What ``lead_values`` gives, beside list and campaign."""


class Dialect(ABC):
    """One kind of database, at one place."""

    driver: str

    def __init__(self, url: URL) -> None:
        self.url = url.set(drivername=self.driver)

    @property
    @abstractmethod
    def place(self) -> str:
        """Where it is, for people; never the password."""

    @property
    @abstractmethod
    def mend(self) -> str:
        """What to look at when it cannot be reached."""

    @abstractmethod
    def engine(self, *, writes: bool, connections: int) -> Engine:
        """Make an engine whose connections are prepared; readers are in autocommit and cannot write."""

    @abstractmethod
    def exists(self) -> bool:
        """Return True if there can be a schema; False only when there is certainly none, without connecting."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the place ready for its first schema."""

    @abstractmethod
    def lock(self, connection: Connection) -> None:
        """Make the transaction just begun the only writing one, in whatever process."""

    @abstractmethod
    def add_leads(
        self, connection: Connection, campaign_id: CampaignId, list_id: ListId, leads: Sequence[NewLead]
    ) -> set[int]:
        """Write one or more waiting leads in order, without numbers the campaign has; return the rows taken."""

    @abstractmethod
    def analyze(self, connection: Connection) -> None:
        """Refresh what the planner knows of the leads after a large load."""

    def start_tidying(self) -> Callable[[], None]:
        """Start what the database does not do by itself beside its work; return what stops it."""
        return lambda: None

    @abstractmethod
    def sole_lock(self) -> SingleControllerLock:
        """Return the lock that the one controller of this database holds; it is not taken yet."""

    @abstractmethod
    def interrupt(self, connection: Connection) -> None:
        """Break off, from another thread, whatever the connection is waiting for."""


def lead_values(lead: NewLead) -> tuple[object, ...]:
    """Return what ``LEAD_COLUMNS`` hold of a lead, for a statement written out by hand."""
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
