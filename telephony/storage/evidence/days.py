"""Read a day's facts for the daily proof, and search the ledger. Nothing here writes; the domain evaluates them."""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, func, or_, select
from typing_extensions import override

from telephony.domain.evidence.day_facts import MARGIN, Day, DayFacts, OpenIncident, Share
from telephony.domain.evidence.ledger import GENESIS, LedgerEntry, LedgerNote
from telephony.domain.evidence.proof_document import EarlierProof, LedgerHead
from telephony.domain.evidence.recordings import ListeningKind, Recording
from telephony.ids import PermitId, RecordingId
from telephony.ports.evidence.proof import ProofStore
from telephony.storage.engine.capability import Capability, read
from telephony.storage.engine.database import Database
from telephony.storage.evidence.recordings import FILE, TAG, recording_of
from telephony.storage.tables import PermitState, attempts, incidents, ledger, listenings, permits, recordings
from telephony.storage.tables.attempt_rows import ATTEMPT, attempt_of

T = TypeVar("T")
MANY: Final = 500
"""Maximum number of ids in one statement."""
PAGE: Final = 5000
"""Maximum number of a day's rows in one read."""
_HEAD: Final = select(ledger.c.sequence, ledger.c.hash).order_by(ledger.c.sequence.desc()).limit(1)
_REFUSALS: Final = ("permit_refused", "lead_refused")


class Days(Capability, ProofStore):
    """Implements ``telephony.ports.evidence.proof.ProofStore``."""

    @override
    @read
    def attempts_of(self, connection: Connection, day: Day) -> int:
        at = attempts.c.started_at
        query = select(func.count()).where(at >= day.begins_at - MARGIN, at < day.ends_at + MARGIN)
        return int(connection.execute(query).scalar_one())

    @override
    async def day(self, day: Day, share: Share) -> DayFacts:
        return await _facts(self._database, day, share)

    @override
    async def claimed(self, recording_ids: Collection[RecordingId]) -> frozenset[RecordingId]:
        key = attempts.c.recording_id
        claimed: set[RecordingId] = set()
        for few in _chunks(recording_ids):
            rows = await self._database.read(partial(_page, select(key).where(key.in_(few))))
            claimed |= {RecordingId(row[0]) for row in rows}
        return frozenset(claimed)

    @override
    @read
    def head(self, connection: Connection) -> LedgerHead:
        row = connection.execute(_HEAD).one_or_none()
        return LedgerHead(0, GENESIS) if row is None else LedgerHead(row.sequence, row.hash)

    @override
    @read
    def earlier(self, connection: Connection, day: str) -> EarlierProof | None:
        query = (
            select(ledger.c.subject, ledger.c.body)
            .where(ledger.c.kind == "day_proved", ledger.c.subject < day)
            .order_by(ledger.c.subject.desc(), ledger.c.sequence.desc())
            .limit(1)
        )
        row = connection.execute(query).one_or_none()
        return None if row is None else EarlierProof(row.subject, str(row.body.get("sha256", "")))

    @override
    @read
    def entries(
        self, connection: Connection, kind: str | None, subject: str | None, limit: int
    ) -> Sequence[LedgerEntry]:
        query: Select[Any] = select(ledger)
        if subject is not None:
            query = query.where(ledger.c.subject == subject)
        if kind is not None:
            query = query.where(ledger.c.kind == kind)
        by_kind = kind is not None and subject is None
        order = (ledger.c.at.desc(), ledger.c.sequence.desc()) if by_kind else (ledger.c.sequence.desc(),)
        query = query.order_by(*order).limit(limit)
        return [_entry(row) for row in connection.execute(query)]


async def _facts(database: Database, day: Day, share: Share) -> DayFacts:
    since, until = day.begins_at - MARGIN, day.ends_at + MARGIN
    # The order matters: a permit used after the first query belongs to an attempt that has not ended.
    entered = select(ledger.c.subject, ledger.c.at, ledger.c.sequence).where(ledger.c.kind == "permit_used")
    by_entry = (ledger.c.at, ledger.c.sequence)
    uses = _rows(database, entered.where(*_within(ledger.c.subject, share)), by_entry, since, until)
    used = {PermitId(row.subject): row.at async for row in uses}
    mine, by_time = _within(attempts.c.permit_id, share), (attempts.c.started_at, attempts.c.attempt_id)
    begun = _rows(database, select(*ATTEMPT).where(*mine), by_time, since, until)
    tried = [attempt_of(row) async for row in begun]
    joined = permits.join(attempts, attempts.c.permit_id == permits.c.permit_id)
    states = select(permits.c.permit_id, permits.c.state, *by_time).select_from(joined).where(*mine)
    given = {
        PermitId(row.permit_id): row.state is PermitState.USED
        async for row in _rows(database, states, by_time, since, until)
    }
    of_attempts = recordings.join(attempts, attempts.c.attempt_id == recordings.c.attempt_id)
    of_calls = select(*TAG, *FILE).select_from(of_attempts).where(*mine)
    by_start = (recordings.c.started_at, recordings.c.recording_id)
    recorded = {
        recording.tag.attempt_id: recording
        async for recording in _recordings(_rows(database, of_calls, by_start, since, until))
    }
    keys = [recording.tag.recording_id for recording in recorded.values()]
    sealed = await _sealed(database, keys)
    facts = DayFacts(attempts=tuple(tried), permits=given, used_at=used, recordings=recorded, sealed=sealed)
    return facts if share.past is not None else await _with_the_whole(database, day, facts)


async def _with_the_whole(database: Database, day: Day, facts: DayFacts) -> DayFacts:
    """Add the facts about the day as a whole."""
    heard, people = await database.read(lambda connection: _listenings(connection, day))
    refused = [await database.read(partial(_count, kind=kind, day=day)) for kind in _REFUSALS]
    return replace(
        facts,
        incidents=await _incidents(database, day),
        refusals=sum(refused),
        listenings=heard,
        listeners=people,
        alerts=await database.read(partial(_count, kind="incident_opened", day=day)),
    )


async def _sealed(database: Database, keys: Collection[RecordingId]) -> dict[RecordingId, str | None]:
    """Return the digests of these recordings from the ledger, entered on any day."""
    sealed: dict[RecordingId, str | None] = {}
    for few in _chunks(keys):
        rows = await database.read(partial(_page, entries_of(few)))
        sealed |= {RecordingId(row.subject): row.body.get("sha256") for row in rows if row.kind == "recording_kept"}
    return sealed


def entries_of(subjects: Collection[str]) -> Select[Any]:
    """Return the query for all entries of a few subjects, in order.

    It filters by subject only: with kind and time added, databases scan a whole day of entries each time.
    """
    c = ledger.c
    return select(c.subject, c.kind, c.body).where(c.subject.in_(subjects)).order_by(c.subject, c.sequence)


def _within(column: Column[Any], share: Share) -> tuple[ColumnElement[bool], ...]:
    """Return the SQL conditions of a share; empty for the whole."""
    bounds = ((column >= share.first) if share.first else None, (column < share.past) if share.past else None)
    return tuple(bound for bound in bounds if bound is not None)


async def _recordings(rows: AsyncIterator[Row[Any]]) -> AsyncIterator[Recording]:
    async for row in rows:
        yield recording_of(row)


async def _rows(
    database: Database, query: Select[Any], by: tuple[Column[Any], Column[Any]], since: datetime, until: datetime
) -> AsyncIterator[Row[Any]]:
    """Yield rows page by page, each page in its own read, so that no read grows with the day.

    Args:
        database: the database.
        query: selects both columns of ``by`` among others.
        by: the time column and a key column; together they are unique.
        since: the earliest time, inclusive.
        until: the latest time, exclusive.
    """
    at, key = by
    ordered = query.where(at < until).order_by(at, key).limit(PAGE)
    page = await database.read(partial(_page, ordered.where(at >= since)))
    while page:
        for row in page:
            yield row
        if len(page) < PAGE:
            return
        last_at, last_key = (page[-1]._mapping[column] for column in by)  # noqa: SLF001 - SQLAlchemy's public name
        after = ordered.where(at >= last_at, or_(at > last_at, key > last_key))
        page = await database.read(partial(_page, after))


def _page(query: Select[Any], connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(query).all()


def _count(connection: Connection, kind: str, day: Day) -> int:
    query = select(func.count()).where(ledger.c.kind == kind, ledger.c.at >= day.begins_at, ledger.c.at < day.ends_at)
    return int(connection.execute(query).scalar_one())


def _listenings(connection: Connection, day: Day) -> tuple[int, int]:
    """Return the number of listenings, without reasons and refusals, and of people who listened."""
    c = listenings.c
    query = select(func.count(), func.count(c.account_id.distinct()))
    row = connection.execute(
        query.where(c.kind == ListeningKind.LISTENED, c.at >= day.begins_at, c.at < day.ends_at)
    ).one()
    return int(row[0]), int(row[1])


async def _incidents(database: Database, day: Day) -> tuple[OpenIncident, ...]:
    c = incidents.c
    query = select(c.kind, c.subject, c.text, c.opened_at, c.incident_id).order_by(c.incident_id).limit(PAGE)
    query = query.where(c.closed_at.is_(None), c.opened_at < day.ends_at)
    still_open: list[OpenIncident] = []
    page = await database.read(partial(_page, query))
    while page:
        still_open += [OpenIncident(row.kind, row.subject, row.text, row.opened_at) for row in page]
        if len(page) < PAGE:
            break
        page = await database.read(partial(_page, query.where(c.incident_id > page[-1].incident_id)))
    return tuple(still_open)


def _entry(row: Row[Any]) -> LedgerEntry:
    return LedgerEntry(row.sequence, LedgerNote(row.kind, row.subject, row.body, row.at), row.previous, row.hash)


def _chunks(ids: Collection[T]) -> Iterable[list[T]]:
    every = list(ids)
    for start in range(0, len(every), MANY):
        yield every[start : start + MANY]
