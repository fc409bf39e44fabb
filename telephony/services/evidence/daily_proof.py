"""The daily proof: gather a day's facts from gate, database, archive and ledger, reconcile them, sign, enter.

``telephony.domain.evidence.reconciliation`` reconciles, ``signing`` has the key, ``chain`` verifies the ledger. A proof
is entered in the ledger (``day_proved``) with its fingerprint, and contains the fingerprint of the earlier proof. So
the owner of one proof can see whether an earlier one was changed.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from telephony.domain.evidence.day_facts import (
    MARGIN,
    Day,
    DayEvidence,
    DayFacts,
    DayProof,
    FileState,
    RawFile,
    day_of,
    shares_of,
)
from telephony.domain.evidence.ledger import LedgerNote
from telephony.domain.evidence.proof_document import LedgerHead, SignedProof, fingerprint, proof_of, signed_bytes
from telephony.domain.evidence.reconciliation import judge_day, judged_whole
from telephony.domain.evidence.recordings import StoredFile
from telephony.domain.text.years import FIRST_YEAR
from telephony.errors import ArchiveError, InputError, SettingsError
from telephony.ids import RecordingId
from telephony.ports.clock import Clock
from telephony.ports.evidence.archive import Archive
from telephony.ports.evidence.proof import GateEvidence, ProofStore, Signer
from telephony.ports.store import Store
from telephony.services.evidence.chain import START, ChainVerdict, HeadFile, verify_chain

AT_ONCE: Final = 4
"""Files read at the same time."""
Report = Callable[[str, int, int], None]
"""Called with the current step, the progress, and the total (0: not known)."""


class DailyProof:
    """Proves days, and verifies the ledger.

    Args:
        store: the ledger.
        proofs: a day's facts.
        archive: the recordings' files.
        evidence: the gate's own records.
        clock: the time of the proof.
        head_file: the ledger's head outside the database.
        site: code of the site.
        timezone: IANA; a day is from midnight to midnight there.
    """

    def __init__(
        self,
        store: Store,
        proofs: ProofStore,
        archive: Archive,
        evidence: GateEvidence,
        clock: Clock,
        head_file: HeadFile,
        site: str,
        timezone: str,
    ) -> None:
        self._store = store
        self._proofs = proofs
        self._archive = archive
        self._evidence = evidence
        self._clock = clock
        self._head_file = head_file
        self._site = site
        self._timezone = timezone

    def day(self, text: str) -> Day:
        """Return a named day: ``today``, ``yesterday`` or an ISO date.

        Raises:
            InputError: it is not a day, or it has not begun.
        """
        today = self._clock.now().astimezone(ZoneInfo(self._timezone)).date()
        named = {"today": today, "yesterday": today - timedelta(days=1)}
        try:
            which = named[text] if text in named else date.fromisoformat(text)
        except ValueError:
            raise InputError(f"--day {text}: write today, yesterday or a date such as 2026-11-22") from None
        if which.year < FIRST_YEAR:
            raise InputError(f"--day {text}: no call was made that long ago; write a day since {FIRST_YEAR}")
        if which > today:
            raise InputError(f"--day {text}: that day has not begun")
        return day_of(which, self._timezone)

    async def judge(self, day: Day, public_key: str, report: Report) -> DayProof:
        """Gather the facts and reconcile the day, in shares so that any day fits in memory; nothing is written."""
        now = self._clock.now()
        shares = shares_of(await self._proofs.attempts_of(day))
        shares_judged: list[DayProof] = []
        for share in shares:
            report("reconciling the day", len(shares_judged), len(shares))
            records = await self._evidence.records(day.begins_at - MARGIN, day.ends_at + MARGIN, share)
            is_last = share.past is None
            raw = await self._evidence.spool() if is_last else ()
            facts = await self._proofs.day(day, share)
            files = await self._files(facts, report)
            unclaimed = await self._unclaimed(raw)
            chain = await self._chain_since_kept(public_key, report) if is_last else None
            shares_judged.append(judge_day(day, DayEvidence(records, facts, files, unclaimed, chain, now)))
        return judged_whole(day, shares_judged)

    async def prove(self, day: Day, signer: Signer, by: str, report: Report) -> SignedProof:
        """Reconcile a day, sign the result, enter it in the ledger and store the ledger's new head.

        Args:
            day: the day.
            signer: the site's key.
            by: who asked, for the ledger.
            report: called with the progress.
        """
        judged = await self.judge(day, signer.public_key, report)
        earlier = await self._proofs.earlier(day.date.isoformat())
        now, head = self._clock.now(), await self._proofs.head()
        proof = proof_of(judged, self._site, self._timezone, now, head, earlier)
        signed = SignedProof(proof, fingerprint(proof), signer.public_key, signer.sign(signed_bytes(proof)))
        note = LedgerNote(
            "day_proved",
            day.date.isoformat(),
            {
                "by": by,
                "sha256": signed.sha256,
                "verdict": proof["verdict"],
                "gaps": len(judged.gaps),
                "calls_seen": judged.counts.calls_seen,
                "public_key": signer.public_key,
                "earlier": earlier.sha256 if earlier else None,
            },
            now,
        )
        await self._store.ledger.enter([note])
        if not any(gap.kind == "ledger_broken" for gap in judged.gaps):
            await self._keep_head(signer, report)
        return signed

    async def verify_ledger(
        self, signer: Signer | None, others: Mapping[str, LedgerHead], report: Report
    ) -> ChainVerdict:
        """Verify the whole chain against every head stored outside; store the newest head when there is no fault.

        Args:
            signer: the site's key; None when it cannot be read: the stored head is then neither read nor replaced.
            others: heads from elsewhere, for example of signed proofs, by the name of their source.
            report: called with the progress.
        """
        kept_head = self._head_file.read(signer.public_key) if signer else None
        anchors = [*others.values(), *([kept_head] if kept_head else [])]
        total = (await self._proofs.head()).sequence
        verdict = await verify_chain(self._store.ledger, anchors, lambda done: report("reading the chain", done, total))
        if verdict.fault:
            return verdict
        if signer is not None:
            self._head_file.keep(verdict.head, signer)
        newest = max((anchor.sequence for anchor in anchors), default=0)
        if not anchors:
            unseen = "no head was kept outside the table before: an end that was cut off until now cannot be seen"
        elif newest < verdict.head.sequence:
            unseen = f"entries cut off after entry {newest}, the newest head kept outside, cannot be seen"
        else:
            unseen = None
        return ChainVerdict(verdict.head, unseen=unseen)

    async def _files(self, facts: DayFacts, report: Report) -> Mapping[RecordingId, FileState]:
        """Verify every recording file of the day."""
        files = [
            (recording.tag.recording_id, recording.file)
            for recording in facts.recordings.values()
            if recording.file is not None
        ]
        states: dict[RecordingId, FileState] = {}
        for start in range(0, len(files), AT_ONCE):
            few = files[start : start + AT_ONCE]
            file_states = await asyncio.gather(*(self._state(file) for _, file in few))
            states |= {recording_id: state for (recording_id, _), state in zip(few, file_states, strict=True)}
            report("verifying the recordings", len(states), len(files))
        return states

    async def _state(self, file: StoredFile) -> FileState:
        try:
            is_there = self._archive.location(file).is_file()
        except ArchiveError:  # the row's path is outside the archive
            return FileState.ALTERED
        if not is_there:
            return FileState.MISSING
        return FileState.INTACT if await self._archive.verify(file) else FileState.ALTERED

    async def _unclaimed(self, raw: Sequence[RawFile]) -> tuple[RawFile, ...]:
        claimed = await self._proofs.claimed({file.recording_id for file in raw if file.recording_id is not None})
        return tuple(file for file in raw if file.recording_id not in claimed)

    async def _chain_since_kept(self, public_key: str, report: Report) -> str | None:
        """Return the fault of the chain since the stored head, or None; ``ledger verify`` reads all of it."""
        try:
            kept_head = self._head_file.read(public_key)
        except SettingsError as error:
            return str(error)
        total = (await self._proofs.head()).sequence
        verdict = await verify_chain(
            self._store.ledger, (), lambda done: report("reading the ledger", done, total), kept_head or START
        )
        return verdict.fault

    async def _keep_head(self, signer: Signer, report: Report) -> None:
        head = await self._proofs.head()
        report("keeping the ledger's head", head.sequence, head.sequence)
        self._head_file.keep(head, signer)
