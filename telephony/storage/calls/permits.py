"""Permits at the gate. A single statement consumes a permit, so it is used at most once under concurrency (I1).

``attempts`` issues permits; ``telephony.domain.rules.decision`` decides whether one may be issued.
"""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update
from typing_extensions import override

from telephony.domain.calls.permits import SET_BACK, DialPermit
from telephony.ids import PermitId, is_permit_id
from telephony.ports.calls.permits import RULES_CHANGED, AtGate, PermitStore
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.rules_version import VERSION
from telephony.storage.engine.transaction import Transaction
from telephony.storage.rules.standings import LEADS, STANDING, standings
from telephony.storage.tables import PermitState, attempts, leads, permits
from telephony.storage.tables.rows import made

_OWN: Final = ("gate", "issued_at", "expires_at")
_COLUMNS: Final = tuple(
    (permits if name in _OWN else attempts).c[name] for name in (f.name for f in fields(DialPermit))
)
_FIND: Final = (
    select(*_COLUMNS)
    .select_from(permits.join(attempts, attempts.c.permit_id == permits.c.permit_id))
    .where(permits.c.permit_id == bindparam("wanted"))
)
_AT_GATE: Final = (
    select(*_COLUMNS, *STANDING)
    .select_from(
        permits.join(attempts, attempts.c.permit_id == permits.c.permit_id).join(
            LEADS, leads.c.lead_id == attempts.c.lead_id
        )
    )
    .where(permits.c.permit_id == bindparam("wanted"))
)
_USE: Final = (
    update(permits)
    .where(
        permits.c.permit_id == bindparam("wanted"),
        permits.c.state == PermitState.ISSUED,
        permits.c.expires_at > bindparam("now"),
        permits.c.issued_at <= bindparam("latest"),
        permits.c.gate == bindparam("at_gate"),
    )
    .values(state=PermitState.USED, settled_at=bindparam("now"))
)
_USE_AS_OF: Final = _USE.where(VERSION.scalar_subquery() == bindparam("version"))
MANY: Final = 500
"""Maximum number of ids in one statement."""
_USED: Final = select(permits.c.permit_id).where(
    permits.c.permit_id.in_(bindparam("ids", expanding=True)), permits.c.state == PermitState.USED
)
_STANDING: Final = select(permits.c.state, permits.c.issued_at, permits.c.expires_at).where(
    permits.c.permit_id == bindparam("wanted")
)


class Permits(Capability, PermitStore):
    """Implements ``PermitStore``."""

    @override
    @read
    def at_gate(self, connection: Connection, permit_id: PermitId) -> AtGate | None:
        row = connection.execute(_AT_GATE, {"wanted": permit_id}).one_or_none()
        if row is None:
            return None
        permit, lead = _permit(row[: len(_COLUMNS)]), row[len(_COLUMNS) :]
        return AtGate(permit, standings(connection, [lead])[permit.lead_id])

    @override
    @read
    def find(self, connection: Connection, permit_id: PermitId) -> DialPermit | None:
        row = connection.execute(_FIND, {"wanted": permit_id}).one_or_none()
        return None if row is None else _permit(row)

    @override
    @write
    def use(self, tx: Transaction, permit_id: PermitId, gate: str, at: datetime, as_of: int | None = None) -> str:
        values = {"wanted": permit_id, "now": at, "latest": at + SET_BACK, "at_gate": gate}
        if as_of is None:
            done = tx.connection.execute(_USE, values)
        else:
            done = tx.connection.execute(_USE_AS_OF, {**values, "version": as_of})
            if done.rowcount == 0 and tx.connection.execute(VERSION).scalar_one() != as_of:
                return RULES_CHANGED
        if done.rowcount == 1:
            tx.enter("permit_used", permit_id, at, {"gate": gate})
            return ""
        rule = _refusal(tx.connection, permit_id, at)
        tx.enter("permit_refused", _subject(permit_id), at, {"gate": gate, "rule": rule})
        return rule

    @override
    @write
    def refuse(self, tx: Transaction, permit_id: PermitId, rule: str, at: datetime) -> None:
        change = update(permits).where(permits.c.permit_id == permit_id, permits.c.state == PermitState.ISSUED)
        tx.connection.execute(change.values(state=PermitState.VOID, rule=rule, settled_at=at))
        tx.enter("permit_refused", _subject(permit_id), at, {"rule": rule})

    @override
    @read
    def used(self, connection: Connection, permit_ids: Collection[PermitId]) -> frozenset[PermitId]:
        ids = sorted(permit_ids)
        used: set[str] = set()
        for start in range(0, len(ids), MANY):
            used |= set(connection.execute(_USED, {"ids": ids[start : start + MANY]}).scalars())
        return frozenset(map(PermitId, used))

    @override
    @write
    def void_unused(self, tx: Transaction, at: datetime) -> int:
        change = update(permits).where(permits.c.state == PermitState.ISSUED)
        count = tx.connection.execute(change.values(state=PermitState.VOID, rule="void", settled_at=at)).rowcount
        if count:
            tx.enter("permits_voided", "", at, {"count": count})
        return count


def _permit(row: Sequence[Any]) -> DialPermit:
    return made("permits", row[0], DialPermit, row)


def _refusal(connection: Connection, permit_id: PermitId, at: datetime) -> str:
    """Return why the permit could not be consumed; read in the same transaction, so it cannot have changed."""
    row = connection.execute(_STANDING, {"wanted": permit_id}).one_or_none()
    if row is None:
        return "permit_unknown"
    if row.state is PermitState.USED:
        return "permit_used"
    if row.state is PermitState.VOID:
        return "permit_void"
    if row.issued_at > at + SET_BACK:
        return "permit_early"
    return "permit_expired" if row.expires_at <= at else "permit_gate"


def _subject(permit_id: PermitId) -> str:
    """Return the subject for the ledger. Text that is not shaped like a permit could be a phone number."""
    return permit_id if is_permit_id(permit_id) else "not a permit"
