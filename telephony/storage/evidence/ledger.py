"""Notes from services to the ledger, reading the chain, and incidents. ``transaction`` does the chaining."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Row, bindparam, insert, select, update
from typing_extensions import override

from telephony.domain.evidence.ledger import LedgerEntry, LedgerNote
from telephony.domain.rules.whitelist import is_same_person
from telephony.errors import ConflictError, NotFoundError
from telephony.ports.evidence.ledger import Incident, KeptIncident, LedgerStore
from telephony.ports.pages import PAGE
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.tables import incidents, ledger
from telephony.storage.tables.rows import made, readable, readable_page

_PAGE: Final = select(ledger).where(ledger.c.sequence > bindparam("last")).order_by(ledger.c.sequence).limit(PAGE)
_COLUMNS: Final = tuple(incidents.c[field.name] for field in fields(Incident))
_OPEN: Final = select(*_COLUMNS).where(incidents.c.closed_at.is_(None)).order_by(incidents.c.incident_id)
_MOST: Final[BindParameter[int]] = bindparam("most")
_KEPT_OPEN: Final = (
    select(incidents).where(incidents.c.closed_at.is_(None)).order_by(incidents.c.incident_id).limit(_MOST)
)
_KEPT_CLOSED: Final = (
    select(incidents)
    .where(incidents.c.closed_at.is_not(None))
    .order_by(incidents.c.closed_at.desc(), incidents.c.incident_id.desc())
    .limit(_MOST)
)
_ONE: Final = select(incidents).where(incidents.c.incident_id == bindparam("wanted"))
_SAME: Final = select(incidents.c.incident_id).where(
    incidents.c.kind == bindparam("a_kind"),
    incidents.c.subject == bindparam("a_subject"),
    incidents.c.closed_at.is_(None),
)


class Ledger(Capability, LedgerStore):
    """Implements ``LedgerStore``."""

    @override
    async def enter(self, notes: Sequence[LedgerNote]) -> None:
        if notes:
            await self._enter(notes)

    @write
    def _enter(self, tx: Transaction, notes: Sequence[LedgerNote]) -> None:
        for note in notes:
            tx.enter_note(note)

    @override
    async def entries(self, after: int = 0) -> AsyncIterator[LedgerEntry]:
        last = after
        while page := await self._page(last):
            for entry in page:
                yield entry
            last = page[-1].sequence

    @override
    @write
    def open_incident(self, tx: Transaction, incident: Incident) -> bool:
        return open_once(tx, incident)

    @override
    @read
    def open_incidents(self, connection: Connection, limit: int = PAGE) -> Sequence[Incident]:
        return readable_page(connection, _OPEN, limit, _incident)

    @override
    @read
    def incidents(self, connection: Connection, limit: int) -> Sequence[KeptIncident]:
        queries = (_KEPT_OPEN, _KEPT_CLOSED)
        return [
            incident
            for query in queries
            for incident in readable(connection, connection.execute(query, {"most": limit}), _kept)
        ]

    @override
    @read
    def incident(self, connection: Connection, incident_id: int) -> KeptIncident:
        return _find(connection, incident_id)

    @override
    @write
    def explain_incident(
        self, tx: Transaction, incident_id: int, by: str, typed_by: str | None, reason: str, at: datetime
    ) -> KeptIncident:
        stored = _open(tx.connection, incident_id)
        _change(tx, incident_id, close_reason=reason, explained_by=by, typed_by=typed_by, explained_at=at)
        body: Body = {"kind": stored.incident.kind, "incident": incident_id, "by": by, "reason": reason}
        tx.enter("incident_explained", stored.incident.subject, at, {**body, "typed_by": typed_by})
        return _find(tx.connection, incident_id)

    @override
    @write
    def close_incident(self, tx: Transaction, incident_id: int, by: str, at: datetime) -> KeptIncident:
        stored = _open(tx.connection, incident_id)
        if stored.explained_at is None:
            raise ConflictError(f"incident {incident_id} has no cause yet: give it first with telephony incident close")
        if any(is_same_person(first, by) for first in (stored.explained_by, stored.typed_by)):
            raise ConflictError(f"{by} gave the cause of incident {incident_id}: a second person closes it")
        _change(tx, incident_id, closed_at=at, closed_by=by)
        body: Body = {
            "kind": stored.incident.kind,
            "incident": incident_id,
            "by": by,
            "explained_by": stored.explained_by,
        }
        tx.enter("incident_closed", stored.incident.subject, at, {**body, "reason": stored.close_reason})
        return _find(tx.connection, incident_id)

    @read
    def _page(self, connection: Connection, last: int) -> Sequence[LedgerEntry]:
        return [
            LedgerEntry(row.sequence, LedgerNote(row.kind, row.subject, row.body, row.at), row.previous, row.hash)
            for row in connection.execute(_PAGE, {"last": last})
        ]


def _find(connection: Connection, incident_id: int) -> KeptIncident:
    row = connection.execute(_ONE, {"wanted": incident_id}).one_or_none()
    if row is None:
        raise NotFoundError(
            f"there is no incident {incident_id}; `telephony incident list --all` shows those there are"
        )
    return _kept(row)


def open_once(tx: Transaction, incident: Incident) -> bool:
    """Open an incident and enter it in the ledger; return False if one of that kind and subject is open."""
    same = {"a_kind": incident.kind, "a_subject": incident.subject}
    if tx.connection.execute(_SAME, same).first():
        return False
    tx.connection.execute(insert(incidents), asdict(incident))
    tx.enter("incident_opened", incident.subject, incident.opened_at, {"kind": incident.kind})
    return True


def _open(connection: Connection, incident_id: int) -> KeptIncident:
    stored = _find(connection, incident_id)
    if not stored.is_open:
        raise ConflictError(f"incident {incident_id} was closed by {stored.closed_by} already: nothing to do")
    return stored


def _change(tx: Transaction, incident_id: int, **values: object) -> None:
    tx.connection.execute(update(incidents).where(incidents.c.incident_id == incident_id).values(**values))


def _incident(row: Sequence[Any]) -> Incident:
    return made("incidents", f"{row[0]} {row[1]}", Incident, row)


def _kept(row: Row[Any]) -> KeptIncident:
    incident = _incident((row.kind, row.subject, row.text, row.opened_at))
    values = (row.incident_id, incident, row.closed_at, row.closed_by, row.close_reason)
    more = (row.explained_by, row.typed_by, row.explained_at)
    return made("incidents", row.incident_id, KeptIncident, (*values, *more))
