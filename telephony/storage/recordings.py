"""Recordings and who listened, in the database. The files are left to ``telephony.archive``."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, insert, or_, select, text, update

from telephony.domain.attempts import Attempt
from telephony.domain.recordings import Listening, Recording, RecordingQuery, RecordingTag, StoredFile
from telephony.errors import ConflictError, NotFoundError
from telephony.ids import RecordingId
from telephony.storage.attempts import ATTEMPT, attempt_of
from telephony.storage.database import Database
from telephony.storage.tables import UNRECORDED, attempts, listenings, recordings
from telephony.storage.transaction import Body, Transaction

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
_LISTENING: Final = tuple(listenings.c[field.name] for field in fields(Listening))
_LISTENINGS: Final = (
    select(*_LISTENING).where(listenings.c.recording_id == bindparam("wanted")).order_by(listenings.c.listening_id)
)


class Recordings:
    """Implements ``RecordingStore``."""

    def __init__(self, database: Database) -> None:
        """Keep the database."""
        self._database = database

    async def add(self, recording: Recording) -> None:
        """Keep a finished recording, entered in the ledger.

        Raises:
            ConflictError: there is one of that id, or of that attempt, already.
            NotFoundError: no attempt was bound to that recording id.
        """
        tag, file = recording.tag, recording.file

        def work(tx: Transaction) -> None:
            same = {"b_recording": tag.recording_id, "b_attempt": tag.attempt_id}
            if tx.connection.execute(_KNOWN, same).first():
                raise ConflictError(f"recording {tag.recording_id} of attempt {tag.attempt_id} is kept already")
            if tx.connection.execute(_MARK, same).rowcount != 1:
                raise NotFoundError(f"no attempt {tag.attempt_id} was bound to recording {tag.recording_id}")
            tx.connection.execute(_ADD, _row(recording))
            body: Body = {
                "attempt": tag.attempt_id,
                "campaign": tag.campaign_id,
                "operator": tag.operator_id,
                "length_s": file.length_s if file else None,
                "size": file.size if file else None,
                "sha256": file.sha256 if file else None,
            }
            tx.enter("recording_kept", tag.recording_id, tag.ended_at, body)

        await self._database.write(work)

    async def get(self, recording_id: RecordingId) -> Recording:
        """Return it; NotFoundError when there is none."""

        def work(connection: Connection) -> Recording:
            row = connection.execute(_ONE, {"wanted": recording_id}).one_or_none()
            if row is None:
                raise NotFoundError(f"there is no recording {recording_id}")
            return recording_of(row)

        return await self._database.read(work)

    async def search(self, query: RecordingQuery) -> Sequence[Recording]:
        """Return what matches, newest first."""
        asked = search_statement(query)
        return await self._database.read(lambda connection: [recording_of(row) for row in connection.execute(asked)])

    async def missing(self) -> Sequence[Attempt]:
        """Return ended attempts that had a trunk leg and have no recording row yet, oldest first."""
        return await self._database.read(lambda connection: [attempt_of(row) for row in connection.execute(_MISSING)])

    async def log_listening(self, listening: Listening) -> None:
        """Keep one listening or refusal, entered in the ledger."""

        def work(tx: Transaction) -> None:
            tx.connection.execute(insert(listenings), asdict(listening))
            body: Body = {
                "account": listening.account_id,
                "reason": str(listening.reason) if listening.reason else None,
                "refused": listening.refused,
                "address": listening.address,
            }
            kind = "listening_refused" if listening.refused else "recording_listened"
            tx.enter(kind, listening.recording_id, listening.at, body)

        await self._database.write(work)

    async def listenings(self, recording_id: RecordingId) -> Sequence[Listening]:
        """Return who listened or was refused, oldest first."""

        def work(connection: Connection) -> Sequence[Listening]:
            return [Listening(*row) for row in connection.execute(_LISTENINGS, {"wanted": recording_id})]

        return await self._database.read(work)


def search_statement(query: RecordingQuery) -> Select[Any]:
    """Return the search as a statement.

    Every field leads to an index whose second column is the time, so that a page is read in order and no further,
    whatever the size of the table. The two and the four last digits have one each; more digits narrow those of four.
    """
    c = recordings.c
    asked = select(*TAG, *FILE).order_by(c.started_at.desc(), c.recording_id.desc()).limit(query.limit)
    # Four digits leave one row in ten thousand: adding nought keeps a planner without statistics from another index.
    nought = 0 if len(query.last_digits or "") >= 4 else None
    for column, value in ((c.operator_id, query.operator_id), (c.campaign_id, query.campaign_id)):
        if value is not None:
            asked = asked.where((column if nought is None else column + nought) == value)
    if query.attempt_id is not None:
        asked = asked.where(c.attempt_id == query.attempt_id)
    if query.last_digits:
        asked = _ending_with(asked, query.last_digits)
    if query.begins_at is not None:
        asked = asked.where(c.started_at >= query.begins_at)
    if query.ends_at is not None:
        asked = asked.where(c.started_at < query.ends_at)
    if query.answered_only:
        asked = asked.where(c.answered_at.is_not(None))
    if query.after is not None:
        at, key = query.after
        asked = asked.where(c.started_at <= at, or_(c.started_at < at, c.recording_id < key))
    return asked


def _ending_with(asked: Select[Any], digits: str) -> Select[Any]:
    c = recordings.c
    if len(digits) >= 4:
        asked = asked.where(c.last4 == digits[-4:])
    elif len(digits) >= 2:
        asked = asked.where(c.last2 == digits[-2:])
    return asked if len(digits) in {2, 4} else asked.where(c.number.endswith(digits, autoescape=True))


def _row(recording: Recording) -> dict[str, object]:
    file = recording.file
    stored: dict[str, object] = asdict(file) if file else dict.fromkeys((column.name for column in FILE), None)
    number = recording.tag.number
    return asdict(recording.tag) | stored | {"last2": number[-2:], "last4": number[-4:]}


def recording_of(row: Row[Any]) -> Recording:
    """Return a row of the columns ``TAG`` and ``FILE`` as the domain's value."""
    tag, file = row[: len(TAG)], row[len(TAG) :]
    return Recording(RecordingTag(*tag), None if file[0] is None else StoredFile(*file))
