"""Incidents as people deal with them: which are open, what each says, and closing one: a cause, and two persons.

Opening is left to whoever finds something (watch, tripwire, recorder, readiness), but for a listener who finds a file
altered. Closing changes nothing of what was found: the ledger keeps both, and while an incident is open no day after
it proves whole.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from telephony.domain.accounts import RIGHTS, Account, Right, may
from telephony.domain.ledger_reason import reason_of
from telephony.errors import ConflictError, InputError
from telephony.ids import RecordingId
from telephony.ports.clock import Clock
from telephony.ports.evidence.ledger import Incident, KeptIncident, LedgerStore

RECORDING_ALTERED: Final = "recording_altered"
SHOWN: Final = 200
"""Most incidents on one page or in one table."""


class Incidents:
    """Lists and closes."""

    def __init__(self, ledger: LedgerStore, clock: Clock) -> None:
        """Keep the parts."""
        self._ledger = ledger
        self._clock = clock

    async def report_recording(self, recording_id: RecordingId, who: Account) -> None:
        """Open an incident about a recording that somebody found altered; nothing happens when it is open already."""
        text = (
            f"Recording {recording_id} is not the one that was kept: {who.username} found it altered. See the archive."
        )
        await self._ledger.open_incident(Incident(RECORDING_ALTERED, recording_id, text, self._clock.now()))

    async def recent(self, limit: int = SHOWN) -> Sequence[KeptIncident]:
        """Return open ones, oldest first, then closed ones, newest first."""
        return await self._ledger.incidents(limit)

    async def get(self, incident_id: int) -> KeptIncident:
        """Return it; NotFoundError when there is none."""
        return await self._ledger.incident(incident_id)

    async def explain(
        self, incident_id: int, who: Account, reason: str, *, typed_by: str | None = None
    ) -> KeptIncident:
        """Say what was the cause, and what was decided; it stays open until a second person agrees.

        Args:
            incident_id: which.
            who: the named person who says it.
            reason: cause and decision, in words; no telephone number.
            typed_by: who was at the keyboard, where no password of ``who`` was asked.

        Raises:
            InputError: the role may not, the account is deactivated, or there is no reason.
            ConflictError: it is closed already.
        """
        _needs_right(who)
        why = reason_of(reason)
        return await self._ledger.explain_incident(incident_id, who.username, typed_by, why, self._clock.now())

    async def close(self, incident_id: int, who: Account, read: datetime | None) -> KeptIncident:
        """Agree to the cause that somebody else gave: it is closed.

        Args:
            incident_id: which.
            who: the second person.
            read: when the cause that ``who`` read was given (``explained_at``): another one is not agreed to.

        Raises:
            InputError: the role may not, or the account is deactivated.
            ConflictError: it has no cause yet, or another one than was read, ``who`` gave it, or it is closed already.
        """
        _needs_right(who)
        incident = await self._ledger.incident(incident_id)
        if incident.is_open and incident.explained_at not in (None, read):
            raise ConflictError(f"incident {incident_id} has another cause since: read it, then agree")
        return await self._ledger.close_incident(incident_id, who.username, self._clock.now())


def _needs_right(who: Account) -> None:
    if not who.is_active or not may(who.role, Right.CLOSE_INCIDENTS):
        allowed = ", ".join(str(role) for role, rights in RIGHTS.items() if Right.CLOSE_INCIDENTS in rights)
        raise InputError(f"{who.username} may not close incidents; those who may: {allowed}, with an active account")
