"""What the daily proof needs: a day from the database, the gate's own records, the gate's spool, a key.

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
    """Questions about a day and about the ledger that only proofs ask; nothing here writes."""

    async def attempts_of(self, day: Day) -> int:
        """Count the attempts of a day and the hour around it."""

    async def day(self, day: Day, share: Share) -> DayFacts:
        """Return what is known of a share of a day and the hour around it.

        What is of the day as a whole (incidents and counts) stands with the last share alone.
        """

    async def claimed(self, recording_ids: Collection[RecordingId]) -> frozenset[RecordingId]:
        """Return those that an attempt is bound to."""

    async def head(self) -> LedgerHead:
        """Return the newest entry's sequence and hash; sequence 0 when there is none."""

    async def earlier(self, day: str) -> EarlierProof | None:
        """Return the newest proof entered for a day before ``day`` (ISO date), of the latest such day."""

    async def entries(self, kind: str | None, subject: str | None, limit: int) -> Sequence[LedgerEntry]:
        """Return entries, newest first; None does not narrow."""


class GateEvidence(Protocol):
    """What the gate itself keeps."""

    async def records(self, since: datetime, until: datetime, share: Share) -> GateRecords:
        """Return its call records of calls that came in from ``since`` on and before ``until``, of a share.

        A file that cannot be read is told with every share.
        """

    async def spool(self) -> Sequence[RawFile]:
        """Return every file in its recordings' spool."""


class CallRecords(Protocol):
    """The gate's own call records, asked while calls are being settled."""

    async def of(self, permits: Collection[PermitId], since: datetime) -> GateRecords:
        """Return what the gate kept of calls under these permits that came in from ``since`` on; SwitchError."""


class Signer(Protocol):
    """A signing key."""

    @property
    def public_key(self) -> str:
        """Ed25519, 64 hexadecimal digits."""

    def sign(self, data: bytes) -> str:
        """Return the Ed25519 signature of ``data``, 128 hexadecimal digits."""
