"""Playback of recordings: searching, stating a reason, listening, and seeing who listened.

Nobody listens unless the same account stated a reason for the same recording within the last 15 minutes. Every reason,
listening and refusal is entered before it takes effect, each with its own ``ListeningKind``: stating a reason is not
listening. ``telephony.web`` serves the bytes.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from telephony.domain.accounts import Operator
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.evidence.recordings import (
    Listening,
    ListeningKind,
    ListeningReason,
    Recording,
    RecordingQuery,
    StoredFile,
)
from telephony.domain.text.visible import says_something, visible
from telephony.errors import ArchiveError, InputError, TelephonyError
from telephony.ids import AccountId, RecordingId
from telephony.ports.clock import Clock
from telephony.ports.evidence.archive import Archive
from telephony.ports.store import Store
from telephony.services.evidence.refusals import KNOWN_APART, MINUTE, Refusals

REASON_HOLDS: Final = timedelta(minutes=15)
"""How long a stated reason is valid for one account and one recording."""
NOTE_LENGTH: Final = 10
TEXT_LIMIT: Final = 500
_PLAYS_KEPT: Final = 2_000


class ReasonMissingError(TelephonyError):
    """No reason was stated for this recording within the last 15 minutes; state one, then listen."""


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """One line of a search; ``listened`` counts listenings, without reasons and refusals."""

    recording: Recording
    listened: int


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some lines, newest first, and the key of the next page (None on the last one)."""

    rows: tuple[RecordingRow, ...]
    next_after: tuple[datetime, RecordingId] | None


@dataclass(frozen=True, slots=True)
class Listener:
    """One line of the listening log; ``name`` is the display name, "" when the account is unknown."""

    listening: Listening
    name: str


@dataclass(frozen=True, slots=True)
class StatedReason:
    """The reason that a person states before listening."""

    reason: ListeningReason
    reference: str
    note: str


class ListeningService:
    """What compliance officers do with recordings."""

    def __init__(self, store: Store, archive: Archive, clock: Clock, refusals: Refusals | None = None) -> None:
        self._store = store
        self._archive = archive
        self._clock = clock
        self._refusals = refusals or Refusals(store.ledger, clock)
        self._refused_at: dict[AccountId, deque[datetime]] = {}
        self._plays: OrderedDict[tuple[AccountId, RecordingId, str], datetime] = OrderedDict()

    async def choices(self) -> tuple[Sequence[Operator], Sequence[Campaign]]:
        """Return the operators and campaigns a search can be narrowed to."""
        return await self._store.accounts.operators(), await self._store.campaigns.all()

    async def search(self, query: RecordingQuery) -> SearchPage:
        """Return one page of matching recordings, newest first."""
        matching = await self._store.recordings.search(replace(query, limit=query.limit + 1))
        shown = matching[: query.limit]
        times = await self._store.recordings.times_listened([recording.tag.recording_id for recording in shown])
        rows = [RecordingRow(recording, times.get(recording.tag.recording_id, 0)) for recording in shown]
        last = shown[-1].tag if len(matching) > len(shown) else None
        return SearchPage(tuple(rows), (last.started_at, last.recording_id) if last else None)

    async def get(self, recording_id: RecordingId) -> Recording:
        """Return a recording; NotFoundError when there is none."""
        return await self._store.recordings.get(recording_id)

    async def state_reason(
        self, recording_id: RecordingId, account_id: AccountId, stated: StatedReason, address: str
    ) -> None:
        """Enter why this account wants to listen; it may then listen for ``REASON_HOLDS``.

        Raises:
            InputError: the note is shorter than ten characters, or a text is too long.
        """
        note, reference = visible(stated.note), visible(stated.reference)
        if len(note) < NOTE_LENGTH or not says_something(note):
            raise InputError(f"the note has at least {NOTE_LENGTH} characters: say why you listen")
        if max(len(note), len(reference)) > TEXT_LIMIT:
            raise InputError(f"keep the reference and the note below {TEXT_LIMIT} characters each")
        entry = Listening(
            ListeningKind.STATED, recording_id, account_id, stated.reason, reference, note, "", address, self._now()
        )
        await self._store.recordings.log_listening(entry)

    async def reason_of(self, recording_id: RecordingId, account_id: AccountId) -> Listening | None:
        """Return the latest reason of this account that is still valid, or None."""
        since = self._clock.now() - REASON_HOLDS
        mine = [
            entry
            for entry in await self._log(recording_id)
            if entry.kind is ListeningKind.STATED and entry.account_id == account_id and entry.at > since
        ]
        return max(mine, key=lambda entry: entry.at) if mine else None

    async def may_listen(self, recording_id: RecordingId, account_id: AccountId) -> bool:
        """Return True if a reason of this account is valid now."""
        return await self.reason_of(recording_id, account_id) is not None

    async def listen(self, recording_id: RecordingId, account_id: AccountId, play: str, address: str) -> Path:
        """Enter the listening and return the path of the audio file.

        A player requests one play in many pieces; ``play`` is its id, so that it is entered once.

        Raises:
            ReasonMissingError: no valid reason; the refusal is entered.
            ArchiveError: the recording has no audio, or its file is missing.
        """
        stated = await self.reason_of(recording_id, account_id)
        if stated is None:
            await self.refuse(recording_id, account_id, "reason_missing", address)
            raise ReasonMissingError("state a reason before you listen to this recording; it is valid for 15 minutes")
        path = self._archive.location(await self._file(recording_id))
        if not path.is_file():
            raise ArchiveError(f"recording {recording_id}: its file is missing from the archive; see the incidents")
        if self._is_new(account_id, recording_id, play):
            heard = replace(stated, kind=ListeningKind.LISTENED, note="", address=address, at=self._now())
            await self._store.recordings.log_listening(heard)
            if play:
                self._plays[account_id, recording_id, play] = self._clock.now()
        return path

    def _is_new(self, account_id: AccountId, recording_id: RecordingId, play: str) -> bool:
        begun_at = self._plays.get((account_id, recording_id, play))
        while len(self._plays) > _PLAYS_KEPT:
            self._plays.popitem(last=False)
        return begun_at is None or self._clock.now() - begun_at >= REASON_HOLDS

    async def refuse(self, recording_id: RecordingId, account_id: AccountId | None, rule: str, address: str) -> None:
        """Enter that somebody was refused a recording."""
        body: dict[str, str | int | None] = {"account": account_id, "reason": None, "refused": rule, "address": address}
        if account_id is None:  # not signed in: no entry beside the recording
            await self._refusals.note("listening_refused", recording_id, address, rule, body)
        elif self._is_entered_singly(account_id):
            entry = Listening(ListeningKind.REFUSED, recording_id, account_id, None, "", "", rule, address, self._now())
            await self._store.recordings.log_listening(entry)
        else:
            await self._refusals.note("listening_refused", recording_id, f"account {account_id}", rule, body)

    def _is_entered_singly(self, account_id: AccountId) -> bool:
        """Return True for an account's first refusals of a minute: they are entered beside their recordings."""
        now = self._now()
        times = self._refused_at.setdefault(account_id, deque(maxlen=KNOWN_APART))
        is_full = len(times) == KNOWN_APART and now - times[0] < MINUTE
        if not is_full:
            times.append(now)
        return not is_full

    async def export(self, recording_id: RecordingId, reason: ListeningReason, reference: str, by: str) -> None:
        """Enter an export before the file leaves: anybody with the copy can listen to it.

        Args:
            recording_id: the recording.
            reason: why it is exported.
            reference: the case it belongs to.
            by: display name of the person who exports it.
        """
        entry = Listening(ListeningKind.EXPORTED, recording_id, None, reason, reference, by, "", "", self._now())
        await self._store.recordings.log_listening(entry)

    async def peaks(self, recording_id: RecordingId, points: int) -> tuple[list[float], list[float]]:
        """Return ``points`` levels (0-1) each of the operator's and of the called person's voice."""
        return await self._archive.peaks(await self._file(recording_id), points)

    async def is_intact(self, recording_id: RecordingId) -> bool:
        """Return True if the file is byte for byte the one that was stored."""
        return await self._archive.verify(await self._file(recording_id))

    async def listeners(self, recording_id: RecordingId) -> Sequence[Listener]:
        """Return who listened, stated a reason or was refused, newest first."""
        names: Mapping[AccountId, str] = {
            account.account_id: account.display_name for account in await self._store.accounts.all()
        }
        entries = sorted(await self._log(recording_id), key=lambda entry: entry.at, reverse=True)
        return [Listener(entry, _name(entry, names)) for entry in entries]

    async def _file(self, recording_id: RecordingId) -> StoredFile:
        recording = await self._store.recordings.get(recording_id)
        if recording.file is None:
            raise ArchiveError(f"recording {recording_id} carries no audio: nobody answered and nothing was heard")
        return recording.file

    async def _log(self, recording_id: RecordingId) -> Sequence[Listening]:
        return await self._store.recordings.listenings(recording_id)

    def _now(self) -> datetime:
        return self._clock.now()


def _name(entry: Listening, names: Mapping[AccountId, str]) -> str:
    if entry.kind is ListeningKind.EXPORTED:
        return entry.note
    return names.get(entry.account_id, "") if entry.account_id else ""
