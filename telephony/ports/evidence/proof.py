"""Interfaces for the daily proof: a day from the database, the gate's own records, the gate's spool, a key.

``ProofStore`` raises only the ``StoreError`` family, ``GateEvidence`` only ``SwitchError`` and ``ArchiveError``,
``Signer`` only ``SettingsError``.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.evidence.day_facts import Day, DayFacts, RawFile, Share
from telephony.domain.evidence.ledger import LedgerEntry
from telephony.domain.evidence.proof import GateRecords
from telephony.domain.evidence.proof_document import EarlierProof, LedgerHead
from telephony.ids import PermitId, RecordingId


class ProofStore(Protocol):
    """Queries about a day and about the ledger that only proofs need; nothing here writes."""

    async def attempts_of(self, day: Day) -> int:
        """Count the attempts of a day, plus one hour before and after it."""

    async def day(self, day: Day, share: Share) -> DayFacts:
        """Return the facts about a share of a day, plus one hour before and after it.

        Facts about the day as a whole (incidents and counts) are in the last share only.
        """

    async def claimed(self, recording_ids: Collection[RecordingId]) -> frozenset[RecordingId]:
        """Return those of these recordings that belong to an attempt."""

    async def head(self) -> LedgerHead:
        """Return the newest entry's sequence and hash; sequence 0 when there is none."""

    async def earlier(self, day: str) -> EarlierProof | None:
        """Return the newest proof entered for a day before ``day`` (ISO date), of the latest such day."""

    async def entries(self, kind: str | None, subject: str | None, limit: int) -> Sequence[LedgerEntry]:
        """Return entries, newest first; None means any."""


class GateEvidence(Protocol):
    """Evidence stored by the gate itself."""

    async def records(self, since: datetime, until: datetime, share: Share) -> GateRecords:
        """Return the call records of a share, of calls that came in from ``since`` on and before ``until``.

        A file that cannot be read is reported in every share.
        """

    async def spool(self) -> Sequence[RawFile]:
        """Return every file in the gate's recording spool."""


class CallRecords(Protocol):
    """The gate's own call records, read while calls are being settled."""

    async def of(self, permits: Collection[PermitId], since: datetime) -> GateRecords:
        """Return the records of calls under these permits that came in from ``since`` on; may raise SwitchError."""


class Signer(Protocol):
    """A signing key."""

    @property
    def public_key(self) -> str:
        """Return the Ed25519 public key, 64 hexadecimal digits."""

    def sign(self, data: bytes) -> str:
        """Return the Ed25519 signature of ``data``, 128 hexadecimal digits."""
