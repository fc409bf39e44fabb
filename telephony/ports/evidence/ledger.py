"""Store interface for the ledger: append to the chain, read it, and manage incidents.

Part of ``telephony.ports.store``, with the same guarantees: one transaction per method, only the ``StoreError`` family
raised.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telephony.domain.evidence.ledger import LedgerEntry, LedgerNote
from telephony.ports.pages import PAGE


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that must not happen; open until a person closes it. ``text`` names the thing, the rule and the fix."""

    kind: str
    subject: str
    text: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class KeptIncident:
    """An incident as stored: one person gives cause and decision, another one closes it.

    Attributes:
        incident_id: its number.
        incident: what was found.
        closed_at: when a second person agreed.
        closed_by: account of the second person.
        close_reason: cause and decision; None until somebody gave them.
        explained_by: account of the person who gave them.
        typed_by: who was at the keyboard, if ``explained_by`` was not asked for a password.
        explained_at: when they were given.
    """

    incident_id: int
    incident: Incident
    closed_at: datetime | None = None
    closed_by: str | None = None
    close_reason: str | None = None
    explained_by: str | None = None
    typed_by: str | None = None
    explained_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """True if nobody has closed the incident yet."""
        return self.closed_at is None


class LedgerStore(Protocol):
    """The chain, and incidents."""

    async def enter(self, notes: Sequence[LedgerNote]) -> None:
        """Append notes, in order."""

    def entries(self, after: int = 0) -> AsyncIterator[LedgerEntry]:
        """Iterate over the chain from sequence ``after + 1`` on, including entries added meanwhile."""

    async def open_incident(self, incident: Incident) -> bool:
        """Open an incident and enter it in the ledger; return False if one of that kind and subject is open."""

    async def open_incidents(self, limit: int = PAGE) -> Sequence[Incident]:
        """Return the open incidents, oldest first."""

    async def incidents(self, limit: int) -> Sequence[KeptIncident]:
        """Return open incidents, oldest first, then closed ones, newest first: at most ``limit`` of each."""

    async def incident(self, incident_id: int) -> KeptIncident:
        """Return the incident; NotFoundError when there is none."""

    async def explain_incident(
        self, incident_id: int, by: str, typed_by: str | None, reason: str, at: datetime
    ) -> KeptIncident:
        """Store or replace the cause until a second person agrees; ConflictError when it is already closed."""

    async def close_incident(self, incident_id: int, by: str, at: datetime) -> KeptIncident:
        """Close the incident; ConflictError when it has no cause, ``by`` gave the cause, or it is already closed."""
