"""Opposition lists in the database, and the withdrawals that two persons agree on.

A list binds from the batch on that a number was written in. What was withdrawn is looked up no more: a list by its
date, an entry because its keys are gone; who asked, who agreed and why stay, here and in the ledger. That nobody
approves their own wish is checked here once more, inside the transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from telephony.domain.law.contacts import is_same_company
from telephony.domain.law.opposition import OppositionList, OppositionWithdrawal, keys_of, keys_under
from telephony.domain.whitelist import is_same_person
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import Number
from telephony.storage.database import Database
from telephony.storage.given_back import give_back_opposed
from telephony.storage.law import changed
from telephony.storage.reading import made, readable
from telephony.storage.tables import (
    attempts,
    campaigns,
    opposition_lists,
    opposition_numbers,
    opposition_withdrawals,
    permits,
)
from telephony.storage.tables.calls import PermitState
from telephony.storage.transaction import Body, Transaction

CHUNK: Final = 200
"""Keys written in one statement."""
HAS_OPPOSITION: Final = select(opposition_lists.c.list_id).limit(1).scalar_subquery()
"""Null where there are none, so that a site without them pays no look-up."""

Call = tuple[Number, str]
"""A number, and the company it is called for."""

_LIST: Final = tuple(opposition_lists.c[field.name] for field in fields(OppositionList))
_WITHDRAWAL: Final = tuple(opposition_withdrawals.c[field.name] for field in fields(OppositionWithdrawal))
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
"""Numbers that permits are out for: what binds them from now on must be seen at the gate."""
_GREW: Final = (
    update(opposition_lists)
    .where(opposition_lists.c.list_id == bindparam("b_list_id"))
    .values(entries=opposition_lists.c.entries + bindparam("b_added"))
)
_ADD_KEY: Final = upsert(opposition_numbers).on_conflict_do_nothing().returning(opposition_numbers.c.key)


class Oppositions:
    """Implements ``OppositionStore``."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def begin(self, name: str, client_company: str, file_sha256: str, by: str, at: datetime) -> int:
        """Make an empty list that holds from now on; return its number."""
        values = {"name": name, "client_company": client_company, "file_sha256": file_sha256}
        values |= {"loaded_by": by}
        added = insert(opposition_lists).returning(opposition_lists.c.list_id)
        return await self._database.write(
            lambda tx: int(tx.connection.execute(added, {**values, "loaded_at": at}).scalar_one())
        )

    async def oppose(self, list_id: int, keys: Sequence[str]) -> int:
        """Add keys; return how many were not on the list yet.

        Permits given are decided again only where they are for one of these numbers: a long list would else keep every
        call of its time from the gate.
        """
        rows = [{"key": key, "list_id": list_id} for key in dict.fromkeys(keys)]
        if not rows:
            return 0
        wanted = {str(row["key"]) for row in rows}

        def work(tx: Transaction) -> int:
            now = datetime.now(UTC)
            if any(not wanted.isdisjoint(keys_of(one)) for one in tx.connection.execute(_GIVEN, {"at": now}).scalars()):
                changed(tx, "opposition_grew", list_id, now)
            added = 0
            for start in range(0, len(rows), CHUNK):
                values = rows[start : start + CHUNK]
                added += len(tx.connection.execute(_ADD_KEY.values(values)).all())
            tx.connection.execute(_GREW, {"b_list_id": list_id, "b_added": added})
            return added

        return await self._database.write(work)

    async def finish(self, list_id: int, at: datetime) -> OppositionList:
        """Enter it in the ledger."""

        def work(tx: Transaction) -> OppositionList:
            changed(tx, "opposition_loaded", list_id, at)
            mine = opposition_lists.c.list_id == list_id
            one = _list_of(tx.connection.execute(select(*_LIST).where(mine)).one())
            body: Body = {"name": one.name, "client_company": one.client_company, "entries": one.entries}
            tx.enter("opposition_loaded", list_id, at, {**body, "by": one.loaded_by, "file_sha256": one.file_sha256})
            return one

        return await self._database.write(work)

    async def lists(self) -> Sequence[OppositionList]:
        """Return them all, oldest first."""
        wanted = select(*_LIST).order_by(opposition_lists.c.list_id)
        return await self._database.read(lambda connection: readable(connection, connection.execute(wanted), _list_of))

    async def opposed(self, number: Number, client_company: str) -> Sequence[str]:
        """Return the names of the lists that hold a number and bind that company."""
        return await self._database.read(
            lambda connection: opposed_among(connection, [(number, client_company)])[number, client_company]
        )

    async def ask_withdrawal(
        self, list_id: int, entry: str, by: str, reason: str, at: datetime
    ) -> OppositionWithdrawal:
        """Write down that somebody wants a list, or one entry, to bind no more."""
        values = {"list_id": list_id, "entry": entry, "asked_by": by, "asked_at": at, "reason": reason}

        def work(tx: Transaction) -> OppositionWithdrawal:
            _refuse_gone(tx.connection, list_id, entry)
            added = insert(opposition_withdrawals).values(**values).returning(*_WITHDRAWAL)
            one = _withdrawal_of(tx.connection.execute(added).one())
            _enter(tx, "opposition_withdrawal_asked", one, by, at)
            return one

        return await self._database.write(work)

    async def approve_withdrawal(self, withdrawal_id: int, by: str, at: datetime) -> OppositionWithdrawal:
        """Agree as the second person, with effect at once."""

        def work(tx: Transaction) -> OppositionWithdrawal:
            one = _waiting(tx.connection, withdrawal_id)
            if is_same_person(one.asked_by, by):
                raise ConflictError(f"{by} asked for this withdrawal: a second person approves it")
            of = _list(tx.connection, one.list_id)
            mine = opposition_lists.c.list_id == one.list_id
            if one.entry:
                keys = opposition_numbers.c.key.in_(keys_under(one.entry))
                gone = delete(opposition_numbers).where(opposition_numbers.c.list_id == one.list_id, keys)
                left = of.entries - tx.connection.execute(gone).rowcount
                tx.connection.execute(update(opposition_lists).where(mine).values(entries=left))
            else:
                tx.connection.execute(update(opposition_lists).where(mine).values(withdrawn_at=at))
            changed(tx, "opposition_withdrawn", one.list_id, at)
            give_back_opposed(tx, one, _bound(tx.connection, of), at)
            return _move(tx, one, "opposition_withdrawn", by, at, approved_by=by, approved_at=at)

        return await self._database.write(work)

    async def drop_withdrawal(self, withdrawal_id: int, by: str, at: datetime) -> OppositionWithdrawal:
        """Give the wish up."""

        def work(tx: Transaction) -> OppositionWithdrawal:
            one = _waiting(tx.connection, withdrawal_id)
            return _move(tx, one, "opposition_withdrawal_dropped", by, at, dropped_by=by, dropped_at=at)

        return await self._database.write(work)

    async def withdrawals(self) -> Sequence[OppositionWithdrawal]:
        """Return them all, oldest first."""
        return await self._database.read(
            lambda connection: readable(connection, connection.execute(_WITHDRAWALS), _withdrawal_of)
        )


def opposed_among(connection: Connection, calls: Collection[Call]) -> dict[Call, tuple[str, ...]]:
    """Return the names of the opposition lists that hold each number and bind the company called for."""
    under = {number: frozenset(keys_of(number)) for number, _ in calls}
    keys = sorted(frozenset[str]().union(*under.values()))
    found: dict[Call, dict[str, None]] = {call: {} for call in calls}
    for key, name, company in connection.execute(_OPPOSED, {"keys": keys}) if keys else ():
        for number, mine in calls:
            if key in under[number] and (not company or is_same_company(company, mine)):
                found[number, mine][name] = None
    return {call: tuple(names) for call, names in found.items()}


def _bound(connection: Connection, one: OppositionList) -> list[int]:
    """Return the campaigns whose calls a list binds."""
    found = connection.execute(select(campaigns.c.campaign_id, campaigns.c.client_company))
    return [
        row.campaign_id
        for row in found
        if not one.client_company or is_same_company(one.client_company, row.client_company)
    ]


def _list(connection: Connection, list_id: int) -> OppositionList:
    row = connection.execute(select(*_LIST).where(opposition_lists.c.list_id == list_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no opposition list {list_id}; `telephony opposition list` shows those there are")
    return _list_of(row)


def _list_of(row: Sequence[Any]) -> OppositionList:
    return made("opposition_lists", row[0], OppositionList, row)


def _refuse_gone(connection: Connection, list_id: int, entry: str) -> None:
    """Refuse to ask for what is not there, is withdrawn, or was asked for already."""
    if _list(connection, list_id).withdrawn_at is not None:
        raise ConflictError(f"opposition list {list_id} is withdrawn already: nothing to do")
    here = opposition_numbers.c.list_id == list_id
    if (
        entry
        and not connection.execute(
            select(opposition_numbers.c.key).where(here, opposition_numbers.c.key.in_(keys_under(entry))).limit(1)
        ).first()
    ):
        raise NotFoundError(f"that number does not stand on opposition list {list_id}, plain or as a digest")
    same = _WITHDRAWALS.where(
        opposition_withdrawals.c.list_id == list_id,
        opposition_withdrawals.c.entry == entry,
        opposition_withdrawals.c.approved_at.is_(None),
        opposition_withdrawals.c.dropped_at.is_(None),
    )
    asked = connection.execute(same.limit(1)).first()
    if asked is not None:
        raise ConflictError(f"{asked.asked_by} has asked for that already: withdrawal {asked.withdrawal_id} waits")


def _waiting(connection: Connection, withdrawal_id: int) -> OppositionWithdrawal:
    one = _find(connection, withdrawal_id)
    if not one.is_waiting:
        what = f"approved by {one.approved_by}" if one.approved_by else f"dropped by {one.dropped_by}"
        raise ConflictError(f"withdrawal {withdrawal_id} was {what} already: nothing waits")
    return one


def _find(connection: Connection, withdrawal_id: int) -> OppositionWithdrawal:
    mine = opposition_withdrawals.c.withdrawal_id == withdrawal_id
    row = connection.execute(_WITHDRAWALS.where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(
            f"there is no withdrawal {withdrawal_id}; `telephony opposition withdrawals` shows those there are"
        )
    return _withdrawal_of(row)


def _withdrawal_of(row: Sequence[Any]) -> OppositionWithdrawal:
    return made("opposition_withdrawals", row[0], OppositionWithdrawal, row)


def _move(
    tx: Transaction, one: OppositionWithdrawal, kind: str, by: str, at: datetime, **values: Any
) -> OppositionWithdrawal:
    mine = opposition_withdrawals.c.withdrawal_id == one.withdrawal_id
    tx.connection.execute(update(opposition_withdrawals).where(mine).values(**values))
    _enter(tx, kind, one, by, at)
    return _find(tx.connection, one.withdrawal_id)


def _enter(tx: Transaction, kind: str, one: OppositionWithdrawal, by: str, at: datetime) -> None:
    what = "entry" if one.entry else "list"
    body: Body = {"list": one.list_id, "what": what, "by": by, "asked_by": one.asked_by, "reason": one.reason}
    tx.enter(kind, one.withdrawal_id, at, body)
