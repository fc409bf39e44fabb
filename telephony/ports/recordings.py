"""What services need to keep of recordings: their rows and who listened. The files are left to ``archive``.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only the
``StoreError`` family raised.
"""

from collections.abc import Sequence
from typing import Protocol

from telephony.domain.attempts import Attempt
from telephony.domain.recordings import Listening, Recording, RecordingQuery
from telephony.ids import RecordingId


class RecordingStore(Protocol):
    """Recordings, and who listened."""

    async def add(self, recording: Recording) -> None:
        """Keep a finished recording, entered in the ledger; adding the same id twice is a ConflictError."""

    async def get(self, recording_id: RecordingId) -> Recording:
        """Return it; NotFoundError when there is none."""

    async def search(self, query: RecordingQuery) -> Sequence[Recording]:
        """Return what matches, newest first."""

    async def missing(self) -> Sequence[Attempt]:
        """Return ended attempts that had a trunk leg and have no recording row yet, oldest first."""

    async def log_listening(self, listening: Listening) -> None:
        """Keep one listening or refusal, entered in the ledger."""

    async def listenings(self, recording_id: RecordingId) -> Sequence[Listening]:
        """Return who listened or was refused, oldest first."""
