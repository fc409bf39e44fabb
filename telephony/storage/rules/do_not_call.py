"""Do-not-call lists in the database, and removals that two persons agree on.

A number is blocked from the batch on that wrote it. A removed list is ignored by its date; a removed entry has no keys
left. Who asked, who agreed and why remain, here and in the ledger. The transaction checks again that nobody approves
their own request.
"""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from typing_extensions import override

from telephony.domain.law.contacts import is_same_company
from telephony.domain.law.do_not_call import DoNotCallList, DoNotCallRemoval, keys_of, keys_under
from telephony.domain.rules.whitelist import is_same_person
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import Number
from telephony.ports.rules.do_not_call import DoNotCallStore
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.rules_version import bump_version
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.leads.requeue import requeue_opposed
from telephony.storage.tables import (
    attempts,
    campaigns,
    opposition_lists,
    opposition_numbers,
    opposition_withdrawals,
    permits,
)
from telephony.storage.tables.calls import PermitState
from telephony.storage.tables.rows import made, readable

CHUNK: Final = 200
"""Maximum number of keys in one statement."""
HAS_OPPOSITION: Final = select(opposition_lists.c.list_id).limit(1).scalar_subquery()
"""Null where there are no lists, so that a site without them needs no look-up."""

Call = tuple[Number, str]
"""A number and the company it is called for."""

_LIST: Final = tuple(opposition_lists.c[field.name] for field in fields(DoNotCallList))
_WITHDRAWAL: Final = tuple(opposition_withdrawals.c[field.name] for field in fields(DoNotCallRemoval))
_WITHDRAWALS: Final = select(*_WITHDRAWAL).order_by(opposition_withdrawals.c.withdrawal_id)
_OPPOSED: Final = (
    select(opposition_numbers.c.key, opposition_lists.c.name, opposition_lists.c.client_company)
    .join(opposition_lists, opposition_lists.c.list_id == opposition_numbers.c.list_id)
    .where(opposition_numbers.c.key.in_(bindparam("keys", expanding=True)), opposition_lists.c.withdrawn_at.is_(None))
    .order_by(opposition_lists.c.list_id)
)
_GIVEN: Final = (
    select(attempts.c.number)
    .join(permits, permits.c.permit_id == attempts.c.permit_id)
    .where(permits.c.state == PermitState.ISSUED, permits.c.expires_at > bindparam("at"))
)
"""Numbers with an unused permit: the gate must check new entries for them."""
_GREW: Final = (
    update(opposition_lists)
    .where(opposition_lists.c.list_id == bindparam("b_list_id"))
    .values(entries=opposition_lists.c.entries + bindparam("b_added"))
)
_ADD_KEY: Final = upsert(opposition_numbers).on_conflict_do_nothing().returning(opposition_numbers.c.key)


class DoNotCallLists(Capability, DoNotCallStore):
    """Implements ``DoNotCallStore``."""

    @override
    @write
    def begin(self, tx: Transaction, name: str, client_company: str, file_sha256: str, by: str, at: datetime) -> int:
        values = {"name": name, "client_company": client_company, "file_sha256": file_sha256}
        values |= {"loaded_by": by}
        added = insert(opposition_lists).returning(opposition_lists.c.list_id)
        return int(tx.connection.execute(added, {**values, "loaded_at": at}).scalar_one())

    @override
    async def oppose(self, list_id: int, keys: Sequence[str]) -> int:
        return await self._oppose(list_id, list(dict.fromkeys(keys))) if keys else 0

    @write
    def _oppose(self, tx: Transaction, list_id: int, keys: Sequence[str]) -> int:
        now, new = datetime.now(UTC), frozenset(keys)
        # Only permits for one of these numbers are decided again; otherwise a long list would delay every call at the
        # gate while it is loaded.
        if any(not new.isdisjoint(keys_of(number)) for number in tx.connection.execute(_GIVEN, {"at": now}).scalars()):
            bump_version(tx, "opposition_grew", list_id, now)
        added = 0
        for start in range(0, len(keys), CHUNK):
            rows = [{"key": key, "list_id": list_id} for key in keys[start : start + CHUNK]]
            added += len(tx.connection.execute(_ADD_KEY.values(rows)).all())
        tx.connection.execute(_GREW, {"b_list_id": list_id, "b_added": added})
        return added

    @override
    @write
    def finish(self, tx: Transaction, list_id: int, at: datetime) -> DoNotCallList:
        bump_version(tx, "opposition_loaded", list_id, at)
        mine = opposition_lists.c.list_id == list_id
        loaded = _list_of(tx.connection.execute(select(*_LIST).where(mine)).one())
        body: Body = {"name": loaded.name, "client_company": loaded.client_company, "entries": loaded.entries}
        tx.enter("opposition_loaded", list_id, at, {**body, "by": loaded.loaded_by, "file_sha256": loaded.file_sha256})
        return loaded

    @override
    @read
    def lists(self, connection: Connection) -> Sequence[DoNotCallList]:
        query = select(*_LIST).order_by(opposition_lists.c.list_id)
        return readable(connection, connection.execute(query), _list_of)

    @override
    @read
    def opposed(self, connection: Connection, number: Number, client_company: str) -> Sequence[str]:
        return opposed_among(connection, [(number, client_company)])[number, client_company]

    @override
    @write
    def ask_withdrawal(
        self, tx: Transaction, list_id: int, entry: str, by: str, reason: str, at: datetime
    ) -> DoNotCallRemoval:
        values = {"list_id": list_id, "entry": entry, "asked_by": by, "asked_at": at, "reason": reason}
        _refuse_gone(tx.connection, list_id, entry)
        added = insert(opposition_withdrawals).values(**values).returning(*_WITHDRAWAL)
        withdrawal = _withdrawal_of(tx.connection.execute(added).one())
        _enter(tx, "opposition_withdrawal_asked", withdrawal, by, at)
        return withdrawal

    @override
    @write
    def approve_withdrawal(self, tx: Transaction, withdrawal_id: int, by: str, at: datetime) -> DoNotCallRemoval:
        withdrawal = _waiting(tx.connection, withdrawal_id)
        if is_same_person(withdrawal.asked_by, by):
            raise ConflictError(f"{by} asked for this removal: a second person approves it")
        of = _list(tx.connection, withdrawal.list_id)
        mine = opposition_lists.c.list_id == withdrawal.list_id
        if withdrawal.entry:
            keys = opposition_numbers.c.key.in_(keys_under(withdrawal.entry))
            gone = delete(opposition_numbers).where(opposition_numbers.c.list_id == withdrawal.list_id, keys)
            left = of.entries - tx.connection.execute(gone).rowcount
            tx.connection.execute(update(opposition_lists).where(mine).values(entries=left))
        else:
            tx.connection.execute(update(opposition_lists).where(mine).values(withdrawn_at=at))
        bump_version(tx, "opposition_withdrawn", withdrawal.list_id, at)
        requeue_opposed(tx, withdrawal, _bound(tx.connection, of), at)
        return _move(tx, withdrawal, "opposition_withdrawn", by, at, approved_by=by, approved_at=at)

    @override
    @write
    def drop_withdrawal(self, tx: Transaction, withdrawal_id: int, by: str, at: datetime) -> DoNotCallRemoval:
        withdrawal = _waiting(tx.connection, withdrawal_id)
        return _move(tx, withdrawal, "opposition_withdrawal_dropped", by, at, dropped_by=by, dropped_at=at)

    @override
    @read
    def withdrawals(self, connection: Connection) -> Sequence[DoNotCallRemoval]:
        return readable(connection, connection.execute(_WITHDRAWALS), _withdrawal_of)


def opposed_among(connection: Connection, calls: Collection[Call]) -> dict[Call, tuple[str, ...]]:
    """Return the names of the do-not-call lists that contain each number and apply to the company called for."""
    under = {number: frozenset(keys_of(number)) for number, _ in calls}
    keys = sorted(frozenset[str]().union(*under.values()))
    names_by_call: dict[Call, dict[str, None]] = {call: {} for call in calls}
    for key, name, company in connection.execute(_OPPOSED, {"keys": keys}) if keys else ():
        for number, mine in calls:
            if key in under[number] and (not company or is_same_company(company, mine)):
                names_by_call[number, mine][name] = None
    return {call: tuple(names) for call, names in names_by_call.items()}


def _bound(connection: Connection, opposition_list: DoNotCallList) -> list[int]:
    """Return the campaigns that a list applies to."""
    rows = connection.execute(select(campaigns.c.campaign_id, campaigns.c.client_company))
    return [
        row.campaign_id
        for row in rows
        if not opposition_list.client_company or is_same_company(opposition_list.client_company, row.client_company)
    ]


def _list(connection: Connection, list_id: int) -> DoNotCallList:
    row = connection.execute(select(*_LIST).where(opposition_lists.c.list_id == list_id)).one_or_none()
    if row is None:
        raise NotFoundError(
            f"there is no do-not-call list {list_id}; `telephony do-not-call list` shows those there are"
        )
    return _list_of(row)


def _list_of(row: Sequence[Any]) -> DoNotCallList:
    return made("opposition_lists", row[0], DoNotCallList, row)


def _refuse_gone(connection: Connection, list_id: int, entry: str) -> None:
    """Refuse a removal of something that is not there, is removed, or was requested already."""
    if _list(connection, list_id).withdrawn_at is not None:
        raise ConflictError(f"do-not-call list {list_id} is already removed: nothing to do")
    here = opposition_numbers.c.list_id == list_id
    if (
        entry
        and not connection.execute(
            select(opposition_numbers.c.key).where(here, opposition_numbers.c.key.in_(keys_under(entry))).limit(1)
        ).first()
    ):
        raise NotFoundError(f"that number is not on do-not-call list {list_id}, plain or as a digest")
    same = _WITHDRAWALS.where(
        opposition_withdrawals.c.list_id == list_id,
        opposition_withdrawals.c.entry == entry,
        opposition_withdrawals.c.approved_at.is_(None),
        opposition_withdrawals.c.dropped_at.is_(None),
    )
    earlier = connection.execute(same.limit(1)).first()
    if earlier is not None:
        raise ConflictError(f"{earlier.asked_by} has already asked for that: removal {earlier.withdrawal_id} waits")


def _waiting(connection: Connection, withdrawal_id: int) -> DoNotCallRemoval:
    withdrawal = _find(connection, withdrawal_id)
    if not withdrawal.is_waiting:
        what = (
            f"approved by {withdrawal.approved_by}" if withdrawal.approved_by else f"dropped by {withdrawal.dropped_by}"
        )
        raise ConflictError(f"removal {withdrawal_id} was already {what}: nothing waits")
    return withdrawal


def _find(connection: Connection, withdrawal_id: int) -> DoNotCallRemoval:
    mine = opposition_withdrawals.c.withdrawal_id == withdrawal_id
    row = connection.execute(_WITHDRAWALS.where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(
            f"there is no removal {withdrawal_id}; `telephony do-not-call removals` shows those there are"
        )
    return _withdrawal_of(row)


def _withdrawal_of(row: Sequence[Any]) -> DoNotCallRemoval:
    return made("opposition_withdrawals", row[0], DoNotCallRemoval, row)


def _move(
    tx: Transaction, withdrawal: DoNotCallRemoval, kind: str, by: str, at: datetime, **values: Any
) -> DoNotCallRemoval:
    mine = opposition_withdrawals.c.withdrawal_id == withdrawal.withdrawal_id
    tx.connection.execute(update(opposition_withdrawals).where(mine).values(**values))
    _enter(tx, kind, withdrawal, by, at)
    return _find(tx.connection, withdrawal.withdrawal_id)


def _enter(tx: Transaction, kind: str, withdrawal: DoNotCallRemoval, by: str, at: datetime) -> None:
    what = "entry" if withdrawal.entry else "list"
    body: Body = {
        "list": withdrawal.list_id,
        "what": what,
        "by": by,
        "asked_by": withdrawal.asked_by,
        "reason": withdrawal.reason,
    }
    tx.enter(kind, withdrawal.withdrawal_id, at, body)
