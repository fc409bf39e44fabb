"""The ledger's notes from services, reading the chain, and incidents. Chaining is done by ``transaction``."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, fields
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from telephony.domain.ledger import LedgerEntry, LedgerNote
from telephony.ports.store import Incident
from telephony.storage.database import Database
from telephony.storage.tables import incidents, ledger
from telephony.storage.transaction import Transaction

PAGE: Final = 1000
"""Entries read at once."""
_PAGE: Final = select(ledger).where(ledger.c.sequence > bindparam("last")).order_by(ledger.c.sequence).limit(PAGE)
_COLUMNS: Final = tuple(incidents.c[field.name] for field in fields(Incident))
_OPEN: Final = select(*_COLUMNS).where(incidents.c.closed_at.is_(None)).order_by(incidents.c.incident_id)
_SAME: Final = select(incidents.c.incident_id).where(
    incidents.c.kind == bindparam("a_kind"),
    incidents.c.subject == bindparam("a_subject"),
    incidents.c.closed_at.is_(None),
)


class Ledger:
    """Implements ``LedgerStore``."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def enter(self, notes: Sequence[LedgerNote]) -> None:
        """Append, in order."""

        def work(tx: Transaction) -> None:
            for note in notes:
                tx.enter_note(note)

        if notes:
            await self._database.write(work)

    async def entries(self, after: int = 0) -> AsyncIterator[LedgerEntry]:
        """Iterate over the chain from sequence ``after + 1`` on, up to what there is when the end is reached."""
        last = after
        while page := await self._page(last):
            for entry in page:
                yield entry
            last = page[-1].sequence

    async def open_incident(self, incident: Incident) -> bool:
        """Open it unless one of the same kind and subject is open; entered in the ledger; True when opened."""

        def work(tx: Transaction) -> bool:
            same = {"a_kind": incident.kind, "a_subject": incident.subject}
            if tx.connection.execute(_SAME, same).first():
                return False
            tx.connection.execute(insert(incidents), asdict(incident))
            tx.enter("incident_opened", incident.subject, incident.opened_at, {"kind": incident.kind})
            return True

        return await self._database.write(work)

    async def open_incidents(self) -> Sequence[Incident]:
        """Return the open ones, oldest first."""

        def work(connection: Connection) -> Sequence[Incident]:
            return [Incident(*row) for row in connection.execute(_OPEN)]

        return await self._database.read(work)

    async def _page(self, last: int) -> Sequence[LedgerEntry]:
        def work(connection: Connection) -> Sequence[LedgerEntry]:
            return [
                LedgerEntry(row.sequence, LedgerNote(row.kind, row.subject, row.body, row.at), row.previous, row.hash)
                for row in connection.execute(_PAGE, {"last": last})
            ]

        return await self._database.read(work)
