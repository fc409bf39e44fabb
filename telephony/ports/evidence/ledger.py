"""What services need of the ledger: appending to the chain, reading it, and the incidents that stand in it.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, only the
``StoreError`` family raised.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from telephony.domain.evidence.ledger import LedgerEntry, LedgerNote
from telephony.ports.pages import PAGE


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that must not be, open until a person closes it. ``text`` names the thing, the rule and the mend."""

    kind: str
    subject: str
    text: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class KeptIncident:
    """An incident as stored: one person says cause and decision, another one closes it.

    Attributes:
        incident_id: its number.
        incident: what was found.
        closed_at: when a second person agreed.
        closed_by: account of the second person.
        close_reason: cause and decision; None until somebody said them.
        explained_by: account of whoever said them.
        typed_by: who was at the keyboard then, where no password of ``explained_by`` was asked.
        explained_at: when.
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
        """Whether nobody has closed it yet."""
        return self.closed_at is None


class LedgerStore(Protocol):
    """The chain, and incidents."""

    async def enter(self, notes: Sequence[LedgerNote]) -> None:
        """Append, in order."""

    def entries(self, after: int = 0) -> AsyncIterator[LedgerEntry]:
        """Iterate over the chain from sequence ``after + 1`` on, up to its end when that is reached."""

    async def open_incident(self, incident: Incident) -> bool:
        """Open it unless one of the same kind and subject is open; entered in the ledger; True when opened."""

    async def open_incidents(self, limit: int = PAGE) -> Sequence[Incident]:
        """Return the open ones, oldest first."""

    async def incidents(self, limit: int) -> Sequence[KeptIncident]:
        """Return open ones, oldest first, then closed ones, newest first: ``limit`` of each."""

    async def incident(self, incident_id: int) -> KeptIncident:
        """Return it; NotFoundError when there is none."""

    async def explain_incident(
        self, incident_id: int, by: str, typed_by: str | None, reason: str, at: datetime
    ) -> KeptIncident:
        """Keep its cause, or another one, until a second person agrees; ConflictError when it is closed already."""

    async def close_incident(self, incident_id: int, by: str, at: datetime) -> KeptIncident:
        """Close it with the cause it has; ConflictError when it has none, ``by`` gave it, or it is closed already."""
