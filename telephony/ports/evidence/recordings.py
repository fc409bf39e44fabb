"""What services need to keep of recordings: their rows and who listened. The files are left to ``archive``.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only the
``StoreError`` family raised.
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
    """One step that is left to do; ``detail`` is what it needs to know."""

    recording_id: RecordingId
    step: RecordingStep
    detail: str


class RecordingStore(Protocol):
    """Recordings, and who listened."""

    async def add(self, recording: Recording, steps: Mapping[RecordingStep, str] = NOTHING_LEFT) -> None:
        """Keep a finished recording and what is left to do for it, entered in the ledger.

        Args:
            recording: the row.
            steps: what is left to do for it, each with what it needs to know; kept in the same transaction.

        Raises:
            ConflictError: there is one of that id, or of that attempt, already.
            NotFoundError: no attempt was bound to that recording id.
        """

    async def steps_of(self, recording_id: RecordingId) -> Sequence[StepLeft]:
        """Return what is left to do for one recording."""

    async def steps_left(self, limit: int, after: RecordingId | None = None) -> Sequence[StepLeft]:
        """Return at most ``limit`` steps that are left, by recording id, of ids greater than ``after``."""

    async def step_done(
        self, recording_id: RecordingId, step: RecordingStep, incident: Incident | None, at: datetime
    ) -> None:
        """Cross a step out, together with the incident it led to; one that is crossed out already changes nothing."""

    async def get(self, recording_id: RecordingId) -> Recording:
        """Return it; NotFoundError when there is none."""

    async def search(self, query: RecordingQuery) -> Sequence[Recording]:
        """Return what matches, newest first."""

    async def missing(self, limit: int = PAGE, after: Attempt | None = None) -> Sequence[Attempt]:
        """Return ended attempts that had a trunk leg and have no recording row yet, oldest first."""

    async def log_listening(self, listening: Listening) -> None:
        """Keep one stated reason, listening or refusal, each entered in the ledger as what it is."""

    async def times_listened(self, recording_ids: Sequence[RecordingId]) -> Mapping[RecordingId, int]:
        """Return how often each was listened to, one question for a whole page; 0 is left out."""

    async def listenings(self, recording_id: RecordingId) -> Sequence[Listening]:
        """Return who listened or was refused, oldest first."""
