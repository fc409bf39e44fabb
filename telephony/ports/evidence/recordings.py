"""Store interface for recordings: their rows and who listened. ``archive`` stores the files.

Part of ``telephony.ports.store``, with the same guarantees: one transaction per method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Protocol

from telephony.domain.calls.attempts import Attempt
from telephony.domain.evidence.recordings import Listening, Recording, RecordingQuery, RecordingStep
from telephony.ids import RecordingId
from telephony.ports.evidence.ledger import Incident
from telephony.ports.pages import PAGE

NOTHING_LEFT: Final[Mapping[RecordingStep, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StepLeft:
    """One step that is left to do; ``detail`` is its parameter."""

    recording_id: RecordingId
    step: RecordingStep
    detail: str


class RecordingStore(Protocol):
    """Recordings, and who listened."""

    async def add(self, recording: Recording, steps: Mapping[RecordingStep, str] = NOTHING_LEFT) -> None:
        """Store a finished recording and the steps left to do for it, entered in the ledger.

        Args:
            recording: the row.
            steps: the steps left to do, each with its detail; stored in the same transaction.

        Raises:
            ConflictError: there is already a recording of that id or attempt.
            NotFoundError: no attempt has that recording id.
        """

    async def steps_of(self, recording_id: RecordingId) -> Sequence[StepLeft]:
        """Return the steps left to do for one recording."""

    async def steps_left(self, limit: int, after: RecordingId | None = None) -> Sequence[StepLeft]:
        """Return at most ``limit`` open steps of recordings with ids greater than ``after``, by recording id."""

    async def step_done(
        self, recording_id: RecordingId, step: RecordingStep, incident: Incident | None, at: datetime
    ) -> None:
        """Mark a step as done, together with the incident it led to; does nothing if it is already done."""

    async def get(self, recording_id: RecordingId) -> Recording:
        """Return the recording; NotFoundError when there is none."""

    async def search(self, query: RecordingQuery) -> Sequence[Recording]:
        """Return the matching recordings, newest first."""

    async def missing(self, limit: int = PAGE, after: Attempt | None = None) -> Sequence[Attempt]:
        """Return ended attempts with a trunk leg but no recording row yet, oldest first."""

    async def log_listening(self, listening: Listening) -> None:
        """Store one stated reason, listening or refusal; each has its own kind of ledger entry."""

    async def times_listened(self, recording_ids: Sequence[RecordingId]) -> Mapping[RecordingId, int]:
        """Return how often each was listened to, in one query for a whole page; zeros are left out."""

    async def listenings(self, recording_id: RecordingId) -> Sequence[Listening]:
        """Return who listened or was refused, oldest first."""
