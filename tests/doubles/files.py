"""What the gate leaves on its disk: recording files as they grow and close, and its own call records."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from telephony.domain.evidence.proof import GateLeg, GateRecords
from telephony.domain.evidence.recordings import RecordingTag, StoredFile
from telephony.errors import ArchiveError, SwitchError
from telephony.ids import PermitId, RecordingId
from telephony.ports.evidence.archive import RawState
from telephony.workshop.bench.memory_exchange import MemoryExchange


class FakeArchive:
    """Recording files as the gate would leave them: there with the trunk leg, closed when it is gone."""

    def __init__(self, exchange: MemoryExchange) -> None:
        self._exchange = exchange
        self.free = (10_000.0, 10_000.0)
        self.tones: tuple[float, ...] = ()
        """When keys were sent as tones, in every recording."""
        self.is_broken = False
        self.lost: set[RecordingId] = set()
        """Recordings whose raw files are not there."""
        self.stuck: set[RecordingId] = set()
        """Recordings whose raw files are never closed."""
        self.length_s = 5.0
        """Of raw files; finished ones are as long as the call, less ``short_s``."""
        self.operator_s = 5.0
        """Of raw files, what went to the called person."""
        self.short_s = 0.0
        self.is_mute = False
        self.sides_lack_s = (0.0, 0.0)
        """How much shorter than the finished file the operator's and the called person's side are."""
        self.damaged: set[RecordingId] = set()
        """Recordings of which a raw file was truncated."""
        self.salvaged: list[RecordingId] = []
        self.before: Callable[[], Any] | None = None
        """Awaited before tones are looked for and before raw files are removed."""
        self.is_unreadable = False
        self.finished: list[RecordingTag] = []
        self.discarded: list[RecordingId] = []

    async def raw_state(self, recording_id: RecordingId) -> RawState:
        if self.is_broken:
            raise ArchiveError("the disk does not answer")
        calls = self._exchange.calls.values()
        call = next((call for call in calls if call.permit.recording_id == recording_id and call.trunk), None)
        if call is None or recording_id in self.lost or recording_id in self.discarded:
            return RawState(is_present=False, is_closed=False, length_s=0.0, size=0)
        is_closed = call.trunk not in self._exchange.gate.live and recording_id not in self.stuck
        is_damaged = recording_id in self.damaged
        operator_s = self.operator_s if is_closed and not is_damaged else None
        return RawState(
            is_present=True,
            is_closed=is_closed,
            length_s=self.length_s,
            size=1,
            is_damaged=is_damaged,
            operator_s=operator_s,
        )

    async def finish(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        if not (await self.raw_state(tag.recording_id)).is_closed:
            raise ArchiveError(f"recording {tag.recording_id} is not closed")
        self.finished.append(tag)
        if (tag.answered_at is None and early_media_at is None) or self.is_mute:
            return None
        length_s = (tag.ended_at - (tag.answered_at or tag.ended_at)).total_seconds() - self.short_s
        sides = (max(0.0, length_s - lack_s) for lack_s in self.sides_lack_s)
        return StoredFile(f"{tag.recording_id}.flac", length_s, 0.0, "ab" * 32, 1, 2, *sides)

    async def salvage(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        self.salvaged.append(tag.recording_id)
        return await self.finish(tag, early_media_at)

    async def discard_raw(self, recording_id: RecordingId) -> None:
        if self.before is not None:
            await self.before()
        self.discarded.append(recording_id)

    async def verify(self, file: StoredFile) -> bool:
        return True

    def location(self, file: StoredFile) -> Path:
        return Path(file.path)

    async def read_tag(self, file: StoredFile) -> dict[str, str]:
        return {}

    async def peaks(self, file: StoredFile, points: int) -> tuple[list[float], list[float]]:
        return [0.5] * points, [0.5] * points

    async def key_tones(self, file: StoredFile) -> tuple[float, ...]:
        if self.before is not None:
            await self.before()
        if self.is_unreadable:
            raise ArchiveError(f"recording {file.path} cannot be read")
        return self.tones

    async def free_mib(self) -> tuple[float, float]:
        if self.is_broken:
            raise ArchiveError("the disk does not answer")
        return self.free


class FakeRecords:
    """The gate's own call records: each call that is over, with or without a trunk leg, as Asterisk writes it."""

    def __init__(self, exchange: MemoryExchange) -> None:
        self._exchange = exchange
        self.lost: set[PermitId] = set()
        """Calls of which the gate died before it wrote them down."""
        self.is_broken = False

    async def of(self, permits: Collection[PermitId], since: datetime) -> GateRecords:
        if self.is_broken:
            raise SwitchError("Master.csv: cannot be read (Permission denied)")
        gate, legs, visits = self._exchange.gate, [], set()
        for call in self._exchange.calls.values():
            permit = call.permit
            if permit.permit_id in self.lost or permit.permit_id not in permits or call.inbound not in gate.ended_at:
                continue
            visits.add(permit.permit_id)
            began, ended = gate.began_at[call.inbound], gate.ended_at[call.inbound]
            answered = gate.answered_at.get(call.trunk)
            if call.trunk and began >= since - timedelta(seconds=1):
                legs.append(GateLeg(permit.permit_id, call.trunk, permit.trunk, began, answered, ended, permit.number))
        return GateRecords(tuple(legs), frozenset(visits))
