"""Load a list in many short, invisible transactions and a last one that makes it visible.

The rows belong to a list in state ``loading`` until the context ends without an error, so a million rows never hold the
single write lock while calls wait. A load that fails leaves invisible rows: they are removed at once, or by ``sweep``
at the next start and before the next load. People of a revoked list are moved last (``taking_over``); a load that
fails moves them back. The importer validates the rows.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from typing_extensions import override

from telephony.domain.leads.leads import LeadList, NewLead, RejectedRow
from telephony.errors import ConflictError, StoreError
from telephony.ids import CampaignId, LeadId, ListId, Number
from telephony.ports.leads.leads import ListLoad, NewList
from telephony.storage.campaigns.campaigns import find_campaign
from telephony.storage.engine.capability import Capability, write
from telephony.storage.engine.database import Database
from telephony.storage.engine.transaction import Transaction
from telephony.storage.leads.taking_over import CHUNK, hand_back, heirs_among, settle, take_over
from telephony.storage.tables import ListState, leads, lists, rejected_rows

ROWS: Final = 1000
"""Leads written in one transaction; about 10 ms, which a call can wait."""
DEAD_AFTER: Final = timedelta(seconds=60)
"""A load that has written nothing for this time is dead: its rows are removed and a new load may begin."""
MANY: Final = 10_000
"""Number of new leads from which the planner's statistics are refreshed."""

_DUPLICATE: Final = "duplicate"
_new: Final = upsert(rejected_rows)
_REJECT: Final = _new.on_conflict_do_update(
    index_elements=[rejected_rows.c.list_id, rejected_rows.c.row],
    # The importer's values replace those noted here, because it has the whole row; the reason duplicate stays.
    set_={
        "reason": _new.excluded.reason,
        "text": _new.excluded.text,
        "values": _new.excluded["values"],
        "is_duplicate": _new.excluded.is_duplicate | rejected_rows.c.is_duplicate,
    },
)
_TOUCH: Final = (
    update(lists)
    .where(lists.c.list_id == bindparam("wanted"), lists.c.state == ListState.LOADING)
    .values(touched_at=bindparam("now"))
)


class Loading(Capability, ListLoad):
    """Implements ``ListLoad``. One load at a time per campaign; campaigns may load in parallel."""

    def __init__(self, database: Database, new: NewList) -> None:
        super().__init__(database)
        self._new = new
        self._list_id = ListId(0)
        self._accepted = 0
        self._finished: LeadList | None = None
        self._moved: dict[Number, tuple[LeadId, NewLead]] = {}
        self._settled: set[int] = set()

    @property
    @override
    def settled(self) -> Collection[int]:
        return self._settled

    @override
    async def __aenter__(self) -> Self:
        await sweep(self._database, self._new.campaign_id)
        self._list_id = await self._begin()
        return self

    @override
    async def add(self, leads: Sequence[NewLead]) -> Sequence[NewLead]:
        left_out: list[NewLead] = []
        for start in range(0, len(leads), ROWS):
            left_out += await self._add(leads[start : start + ROWS])
        return left_out

    @override
    async def reject(self, rows: Sequence[RejectedRow]) -> None:
        for start in range(0, len(rows), ROWS):
            await self._reject(rows[start : start + ROWS])

    @override
    async def finish(self) -> LeadList:
        rejected, duplicates = await self._count_left_out()
        self._finished = LeadList(
            list_id=self._list_id,
            campaign_id=self._new.campaign_id,
            name=self._new.name,
            file_sha256=self._new.file_sha256,
            rows_read=self._accepted + rejected + duplicates,
            accepted=self._accepted,
            rejected=rejected,
            duplicates=duplicates,
            loaded_at=self._new.loaded_at,
            loaded_by=self._new.loaded_by,
        )
        return self._finished

    @override
    async def __aexit__(self, *exc_info: object) -> None:
        if exc_info[0] is None and self._finished is not None:
            try:
                moved = tuple(self._moved.values())
                for start in range(0, len(moved), CHUNK):
                    await self._take_over(moved[start : start + CHUNK])
                await self._show(self._finished)
                if self._finished.accepted >= MANY:
                    await self._analyze()
            except StoreError:
                with suppress(StoreError):  # the first error says more, and a visible list stays
                    await _remove(self._database, self._list_id)
                raise
            return
        try:
            await _remove(self._database, self._list_id)
        except StoreError:
            # The first exception says more; the remaining rows are invisible and removed by the next sweep.
            if exc_info[0] is None:
                raise
        if exc_info[0] is None:
            raise StoreError("the list was not stored: call finish() before its context ends")

    @write
    def _begin(self, tx: Transaction) -> ListId:
        new = self._new
        find_campaign(tx.connection, new.campaign_id)
        busy = select(lists.c.list_id).where(lists.c.campaign_id == new.campaign_id, lists.c.state == ListState.LOADING)
        if tx.connection.execute(busy).first():
            raise ConflictError(
                f"another list is being loaded into campaign {new.campaign_id}; wait until it is done, or one minute"
                " if that load was killed"
            )
        values = {
            "campaign_id": new.campaign_id,
            "name": new.name,
            "file_sha256": new.file_sha256,
            "loaded_at": new.loaded_at,
            "loaded_by": new.loaded_by,
            "state": ListState.LOADING,
            "touched_at": datetime.now(UTC),
        }
        return ListId(tx.connection.execute(insert(lists).returning(lists.c.list_id), values).scalar_one())

    async def _add(self, batch: Sequence[NewLead]) -> list[NewLead]:
        left_out, moved, settled = await self._write_batch(batch)
        self._moved |= moved
        self._settled |= settled
        self._accepted += len(batch) - len(left_out)
        return left_out

    @write
    def _write_batch(
        self, tx: Transaction, batch: Sequence[NewLead]
    ) -> tuple[list[NewLead], dict[Number, tuple[LeadId, NewLead]], set[int]]:
        """Write the new leads; note people of a revoked list, who move when this list becomes visible."""
        self._touch(tx)
        campaign_id = self._new.campaign_id
        heirs = heirs_among(tx.connection, campaign_id, [lead.number for lead in batch])
        moved: dict[Number, tuple[LeadId, NewLead]] = {}
        fresh: list[NewLead] = []
        for lead in batch:
            is_first = lead.number not in self._moved and lead.number not in moved
            if lead.number in heirs.free and is_first:
                moved[lead.number] = (heirs.free[lead.number], lead)
            else:
                fresh.append(lead)
        taken = self._database.dialect.add_leads(tx.connection, campaign_id, self._list_id, fresh) if fresh else ()
        left_out = [lead for lead in fresh if lead.row not in taken]
        if left_out:
            tx.connection.execute(_REJECT, [self._rejected(_as_duplicate(lead)) for lead in left_out])
        return left_out, moved, {lead.row for lead in left_out if lead.number in heirs.settled}

    @write
    def _reject(self, tx: Transaction, rows: Sequence[RejectedRow]) -> None:
        self._touch(tx)
        tx.connection.execute(_REJECT, [self._rejected(row) for row in rows])

    @write
    def _count_left_out(self, tx: Transaction) -> tuple[int, int]:
        """Return the number of rejected rows and of duplicates."""
        self._touch(tx)
        query = select(func.count()).where(rejected_rows.c.list_id == self._list_id)
        rejected = tx.connection.execute(query.where(~rejected_rows.c.is_duplicate)).scalar_one()
        return rejected, tx.connection.execute(query.where(rejected_rows.c.is_duplicate)).scalar_one()

    def _touch(self, tx: Transaction) -> None:
        done = tx.connection.execute(_TOUCH, {"wanted": self._list_id, "now": datetime.now(UTC)})
        if done.rowcount != 1:
            raise ConflictError("this load wrote nothing for a minute and was given up; load the list again")

    def _rejected(self, row: RejectedRow) -> dict[str, object]:
        return {
            "list_id": self._list_id,
            "row": row.row,
            "reason": row.reason,
            "text": row.text,
            "values": list(row.values),
            "is_duplicate": row.reason.startswith(_DUPLICATE),
        }

    @write
    def _take_over(self, tx: Transaction, chunk: Sequence[tuple[LeadId, NewLead]]) -> None:
        self._touch(tx)
        take_over(tx, self._new.campaign_id, self._list_id, chunk)

    @write
    def _show(self, tx: Transaction, done: LeadList) -> None:
        self._touch(tx)
        if self._moved:
            settle(tx, done.campaign_id, done.list_id, len(self._moved))
        counts = {
            "rows_read": done.rows_read,
            "accepted": done.accepted,
            "rejected": done.rejected,
            "duplicates": done.duplicates,
        }
        shown = update(lists).where(lists.c.list_id == done.list_id).values(**counts, state=ListState.LOADED)
        tx.connection.execute(shown)
        body: dict[str, str | int | float | bool | None] = {
            **counts,
            "campaign": done.campaign_id,
            "file_sha256": done.file_sha256,
            "by": done.loaded_by,
        }
        if self._moved:
            body["taken_over"] = len(self._moved)
        tx.enter("list_loaded", done.list_id, done.loaded_at, body)

    @write
    def _analyze(self, tx: Transaction) -> None:
        self._database.dialect.analyze(tx.connection)


def _as_duplicate(lead: NewLead) -> RejectedRow:
    values = (lead.number, lead.name, *lead.fields.values())
    return RejectedRow(lead.row, _DUPLICATE, "the campaign has this number already", values)


async def sweep(database: Database, campaign_id: CampaignId | None = None) -> int:
    """Remove what dead loads have left, in one campaign or all; return the number of such loads."""
    dead = select(lists.c.list_id).where(
        lists.c.state == ListState.LOADING, lists.c.touched_at < datetime.now(UTC) - DEAD_AFTER
    )
    if campaign_id is not None:
        dead = dead.where(lists.c.campaign_id == campaign_id)
    list_ids = await database.read(lambda connection: connection.execute(dead).scalars().all())
    for list_id in list_ids:
        await _remove(database, ListId(list_id))
    return len(list_ids)


async def _remove(database: Database, list_id: ListId) -> None:
    """Remove an unfinished list, a few rows at a time so that calls need not wait."""
    few = select(leads.c.lead_id).where(leads.c.list_id == list_id).limit(ROWS)

    def some_leads(tx: Transaction) -> int:
        _refuse_loaded(tx, list_id)
        return tx.connection.execute(delete(leads).where(leads.c.lead_id.in_(few))).rowcount

    def some_back(tx: Transaction) -> bool:
        _refuse_loaded(tx, list_id)
        return hand_back(tx, list_id)

    def the_rest(tx: Transaction) -> None:
        _refuse_loaded(tx, list_id)
        tx.connection.execute(delete(rejected_rows).where(rejected_rows.c.list_id == list_id))
        tx.connection.execute(delete(lists).where(lists.c.list_id == list_id))

    while await database.write(some_back):
        pass
    while await database.write(some_leads):
        pass
    await database.write(the_rest)


def _refuse_loaded(tx: Transaction, list_id: ListId) -> None:
    state = tx.connection.execute(select(lists.c.state).where(lists.c.list_id == list_id)).scalar_one_or_none()
    if state is ListState.LOADED:
        raise ConflictError(f"list {list_id} has been loaded meanwhile; it was left as it is")
