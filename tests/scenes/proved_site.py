"""A site whose day is on disk: a database, finished files in an archive, and the gate's own call records."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from telephony.archive import LocalArchive
from telephony.archive.spool import spool_files
from telephony.asterisk.call_records import FILE, gate_records
from telephony.domain.calls.attempts import AttemptStart
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.evidence.day_facts import RawFile, Share
from telephony.domain.evidence.proof import GateRecords
from telephony.domain.evidence.proof_document import SignedProof
from telephony.domain.evidence.recordings import Recording, StoredFile
from telephony.services.evidence.chain import HeadFile
from telephony.services.evidence.daily_proof import DailyProof
from telephony.services.evidence.signing import SigningKey
from telephony.storage import Days, OpenStore
from tests.storage.store_rows import NOW, begun, ended, recording, sql

DAY = NOW.date().isoformat()
LATER = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def silent(_what: str, _done: int, _total: int) -> None:
    """A report nobody reads."""


@dataclass
class FixedClock:
    at: datetime = LATER

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Folders:
    """Implements the port ``GateEvidence`` on real files."""

    log: Path
    spool_folder: Path

    async def records(self, since: datetime, until: datetime, share: Share) -> GateRecords:
        return gate_records(self.log, since, until, share)

    async def spool(self) -> list[RawFile]:
        return spool_files(self.spool_folder)


class ProvedSite:
    """Three calls on ``DAY``; the first two were answered and carry audio."""

    def __init__(self, opened: OpenStore, url: str, folder: Path) -> None:
        self.opened, self.url, self.folder = opened, url, folder
        self.store, self.days, self.clock = opened.store, Days(opened.database), FixedClock()
        self.archive = folder / "archive"
        self.spool = folder / "spool"
        self.spool.mkdir()
        self.records = folder / "log" / FILE
        self.head_file = HeadFile(folder / "ledger_head.json")
        self.key = SigningKey.made(folder / "proof.key")
        self.starts: list[AttemptStart] = []
        self.proving = DailyProof(
            store=self.store,
            proofs=self.days,
            archive=LocalArchive(self.spool, self.archive),
            evidence=Folders(folder / "log", self.spool),
            clock=self.clock,
            head_file=self.head_file,
            site="R1",
            timezone="Europe/Paris",
        )

    async def fill(self) -> None:
        self.starts = await begun(self.store, 3)
        lines = []
        for index, start in enumerate(self.starts):
            is_answered = index < 2
            at = start.started_at + timedelta(milliseconds=50)
            assert await self.store.permits.use(start.permit.permit_id, "gate1", at) == ""
            outcome = Outcome.ANSWERED if is_answered else Outcome.BUSY
            await ended(self.store, start, outcome, channel=f"gate-1.{index}")
            call_recording = recording(start, is_answered=is_answered)
            await self.store.recordings.add(
                Recording(call_recording.tag, self._file(call_recording) if is_answered else None)
            )
            lines += self.lines(start, index, is_answered=is_answered)
        self.records.parent.mkdir(parents=True)
        self.records.write_text("".join(lines), encoding="utf-8")

    def _file(self, call_recording: Recording) -> StoredFile:
        assert call_recording.file
        path = self.archive / call_recording.file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        data = call_recording.tag.recording_id.encode() * 100
        path.write_bytes(data)
        return StoredFile(call_recording.file.path, 55.0, 1.5, hashlib.sha256(data).hexdigest(), len(data), 2)

    def lines(self, start: AttemptStart, index: int, *, is_answered: bool) -> list[str]:
        """What Asterisk writes: the leg's line, and a second one when nobody answered."""
        permit = start.permit
        began, answered, over = (f"{start.started_at + timedelta(seconds=s):%Y-%m-%d %H:%M:%S}" for s in (0, 5, 60))
        front = f'"","","{permit.permit_id}","gate","","PJSIP/pbx-{index}",'
        times = f'"{began}",{f"{chr(34)}{answered}{chr(34)}" if is_answered else ""},"{over}",60,55'
        back = f'{times},"X","DOCUMENTATION","gate-1.{index}"\n'
        leg = f'{front}"PJSIP/main-{index:08x}","Dial","PJSIP/{permit.number}@main,15,irb(record^s^1)",{back}'
        return [leg] if is_answered else [leg, f'{front}"","Hangup","17",{back}']

    def file(self, index: int) -> Path:
        return next(self.archive.rglob(f"{self.starts[index].permit.recording_id}.flac"))

    async def prove(self, day: str = DAY) -> SignedProof:
        return await self.proving.prove(self.proving.day(day), self.key, "cli:tester", silent)

    async def gaps(self) -> list[str]:
        return [gap["kind"] for gap in (await self.prove()).proof["gaps"]]

    def sql(self, text: str, *values: object) -> None:
        sql(self.url, text, *values)
