"""Recordings and who listened, in the database. ``telephony.archive`` stores the files."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, or_, select, text, update
from typing_extensions import override

from telephony.domain.calls.attempts import Attempt
from telephony.domain.evidence.recordings import (
    Listening,
    ListeningKind,
    Recording,
    RecordingQuery,
    RecordingStep,
    RecordingTag,
    StoredFile,
)
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import RecordingId
from telephony.ports.evidence.ledger import Incident
from telephony.ports.evidence.recordings import NOTHING_LEFT, RecordingStore, StepLeft
from telephony.ports.pages import PAGE
from telephony.storage.engine.capability import Capability, read, write
from telephony.storage.engine.transaction import Body, Transaction
from telephony.storage.evidence.ledger import open_once
from telephony.storage.tables import UNRECORDED, attempts, listenings, recording_steps, recordings
from telephony.storage.tables.attempt_rows import ATTEMPT, attempt_of
from telephony.storage.tables.rows import made, readable, readable_page

TAG: Final = tuple(recordings.c[field.name] for field in fields(RecordingTag))
FILE: Final = tuple(recordings.c[field.name] for field in fields(StoredFile))
_ONE: Final = select(*TAG, *FILE).where(recordings.c.recording_id == bindparam("wanted"))
_ADD: Final = insert(recordings)
_KNOWN: Final = select(recordings.c.recording_id).where(
    or_(recordings.c.recording_id == bindparam("b_recording"), recordings.c.attempt_id == bindparam("b_attempt"))
)
_MARK: Final = (
    update(attempts)
    .where(attempts.c.attempt_id == bindparam("b_attempt"), attempts.c.recording_id == bindparam("b_recording"))
    .values(is_recorded=True)
)
_MISSING: Final = select(*ATTEMPT).where(text(UNRECORDED)).order_by(attempts.c.started_at, attempts.c.attempt_id)
_STEP: Final = insert(recording_steps)
_STEPS: Final = select(recording_steps.c.recording_id, recording_steps.c.step, recording_steps.c.detail).order_by(
    recording_steps.c.recording_id, recording_steps.c.step
)
ENTERED: Final = {
    ListeningKind.STATED: "listening_reason_stated",
    ListeningKind.LISTENED: "recording_listened",
    ListeningKind.REFUSED: "listening_refused",
    ListeningKind.EXPORTED: "recording_exported",
}
"""Ledger kinds of listening entries. Before migration 0022 a reason was entered as a listening."""
_LISTENING: Final = tuple(listenings.c[field.name] for field in fields(Listening))
_LISTENINGS: Final = (
    select(*_LISTENING).where(listenings.c.recording_id == bindparam("wanted")).order_by(listenings.c.listening_id)
)


class Recordings(Capability, RecordingStore):
    """Implements ``RecordingStore``."""

    @override
    @write
    def add(self, tx: Transaction, recording: Recording, steps: Mapping[RecordingStep, str] = NOTHING_LEFT) -> None:
        tag, file = recording.tag, recording.file
        same = {"b_recording": tag.recording_id, "b_attempt": tag.attempt_id}
        if tx.connection.execute(_KNOWN, same).first():
            raise ConflictError(f"recording {tag.recording_id} of attempt {tag.attempt_id} is already stored")
        if tx.connection.execute(_MARK, same).rowcount != 1:
            raise NotFoundError(f"no attempt {tag.attempt_id} was bound to recording {tag.recording_id}")
        tx.connection.execute(_ADD, _row(recording))
        for step, detail in steps.items():
            tx.connection.execute(_STEP, {"recording_id": tag.recording_id, "step": step, "detail": detail})
        body: Body = {
            "attempt": tag.attempt_id,
            "campaign": tag.campaign_id,
            "operator": tag.operator_id,
            "length_s": file.length_s if file else None,
            "size": file.size if file else None,
            "sha256": file.sha256 if file else None,
            "operator_s": file.operator_s if file else None,
            "called_s": file.called_s if file else None,
        }
        tx.enter("recording_kept", tag.recording_id, tag.ended_at, body)

    @override
    @read
    def get(self, connection: Connection, recording_id: RecordingId) -> Recording:
        row = connection.execute(_ONE, {"wanted": recording_id}).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no recording {recording_id}")
        return recording_of(row)

    @override
    @read
    def search(self, connection: Connection, query: RecordingQuery) -> Sequence[Recording]:
        statement = search_statement(query)
        return readable(connection, connection.execute(statement), recording_of)

    @override
    @read
    def missing(self, connection: Connection, limit: int = PAGE, after: Attempt | None = None) -> Sequence[Attempt]:
        at, key = attempts.c.started_at, attempts.c.attempt_id
        query = _MISSING
        if after is not None:
            last = after.started_at, after.attempt_id
            query = query.where(at >= last[0], or_(at > last[0], key > last[1]))
        return readable_page(connection, query, limit, attempt_of)

    @override
    @read
    def steps_of(self, connection: Connection, recording_id: RecordingId) -> Sequence[StepLeft]:
        query = _STEPS.where(recording_steps.c.recording_id == recording_id)
        return readable(connection, connection.execute(query), _step)

    @override
    @read
    def steps_left(self, connection: Connection, limit: int, after: RecordingId | None = None) -> Sequence[StepLeft]:
        query = _STEPS.where(recording_steps.c.recording_id > (after or ""))
        return readable_page(connection, query, limit, _step)

    @override
    @write
    def step_done(
        self, tx: Transaction, recording_id: RecordingId, step: RecordingStep, incident: Incident | None, at: datetime
    ) -> None:
        c = recording_steps.c
        gone = delete(recording_steps).where(c.recording_id == recording_id, c.step == step)
        if tx.connection.execute(gone).rowcount and incident is not None:
            open_once(tx, replace(incident, opened_at=at))

    @override
    @write
    def log_listening(self, tx: Transaction, listening: Listening) -> None:
        tx.connection.execute(insert(listenings), asdict(listening))
        body: Body = {
            "account": listening.account_id,
            "reason": str(listening.reason) if listening.reason else None,
            "refused": listening.refused,
            "address": listening.address,
        }
        if listening.kind is ListeningKind.EXPORTED:
            body = {"reason": body["reason"], "reference": listening.reference, "by": listening.note}
        tx.enter(ENTERED[listening.kind], listening.recording_id, listening.at, body)

    @override
    async def times_listened(self, recording_ids: Sequence[RecordingId]) -> Mapping[RecordingId, int]:
        return await self._times_listened(recording_ids) if recording_ids else {}

    @read
    def _times_listened(
        self, connection: Connection, recording_ids: Sequence[RecordingId]
    ) -> Mapping[RecordingId, int]:
        c = listenings.c
        query = (
            select(c.recording_id, func.count())
            .where(c.recording_id.in_(list(recording_ids)), c.kind == ListeningKind.LISTENED)
            .group_by(c.recording_id)
        )
        return {RecordingId(recording_id): count for recording_id, count in connection.execute(query)}

    @override
    @read
    def listenings(self, connection: Connection, recording_id: RecordingId) -> Sequence[Listening]:
        return readable(connection, connection.execute(_LISTENINGS, {"wanted": recording_id}), _listening)


def search_statement(query: RecordingQuery) -> Select[Any]:
    """Return the SQL statement of a search.

    Every field has an index whose second column is the time, so reading a page costs the same at any table size. The
    last two and the last four digits have one index each; more digits filter the result of four.
    """
    c = recordings.c
    statement = select(*TAG, *FILE).order_by(c.started_at.desc(), c.recording_id.desc()).limit(query.limit)
    # Four digits select one row in ten thousand. Adding 0 keeps a planner without statistics from using another index.
    zero = 0 if len(query.last_digits or "") >= 4 else None
    for column, value in ((c.operator_id, query.operator_id), (c.campaign_id, query.campaign_id)):
        if value is not None:
            statement = statement.where((column if zero is None else column + zero) == value)
    if query.attempt_id is not None:
        statement = statement.where(c.attempt_id == query.attempt_id)
    if query.last_digits:
        statement = _ending_with(statement, query.last_digits)
    if query.begins_at is not None:
        statement = statement.where(c.started_at >= query.begins_at)
    if query.ends_at is not None:
        statement = statement.where(c.started_at < query.ends_at)
    if query.answered_only:
        statement = statement.where(c.answered_at.is_not(None))
    if query.after is not None:
        at, key = query.after
        statement = statement.where(c.started_at <= at, or_(c.started_at < at, c.recording_id < key))
    return statement


def _ending_with(statement: Select[Any], digits: str) -> Select[Any]:
    c = recordings.c
    if len(digits) >= 4:
        statement = statement.where(c.last4 == digits[-4:])
    elif len(digits) >= 2:
        statement = statement.where(c.last2 == digits[-2:])
    return statement if len(digits) in {2, 4} else statement.where(c.number.endswith(digits, autoescape=True))


def _row(recording: Recording) -> dict[str, object]:
    file = recording.file
    stored: dict[str, object] = asdict(file) if file else dict.fromkeys((column.name for column in FILE), None)
    number = recording.tag.number
    return asdict(recording.tag) | stored | {"last2": number[-2:], "last4": number[-4:]}


def recording_of(row: Row[Any]) -> Recording:
    """Return a row of the columns ``TAG`` and ``FILE`` as a ``Recording``."""
    tag, file = row[: len(TAG)], row[len(TAG) :]
    stored = None if file[0] is None else made("recordings", tag[0], StoredFile, file)
    return Recording(made("recordings", tag[0], RecordingTag, tag), stored)


def _listening(row: Sequence[Any]) -> Listening:
    return made("listenings", row[0], Listening, row)


def _step(row: Sequence[Any]) -> StepLeft:
    return made("recording_steps", row[0], StepLeft, row)
