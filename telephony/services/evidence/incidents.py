"""Incidents as people handle them: listing, explaining, and closing with two persons.

The services that find a fault (watch, tripwire, recorder, readiness) open incidents; only an altered file that a
listener finds is reported here. The ledger keeps the opening and the closing. While an incident is open, no later day
is proved complete.
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
    """Lists, explains and closes incidents."""

    def __init__(self, ledger: LedgerStore, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def report_recording(self, recording_id: RecordingId, who: Account) -> None:
        """Open an incident about an altered recording; nothing happens when it is open already."""
        text = (
            f"Recording {recording_id} differs from the stored one: {who.username} found it altered. Check the archive."
        )
        await self._ledger.open_incident(Incident(RECORDING_ALTERED, recording_id, text, self._clock.now()))

    async def recent(self, limit: int = SHOWN) -> Sequence[KeptIncident]:
        """Return open incidents, oldest first, then closed ones, newest first."""
        return await self._ledger.incidents(limit)

    async def get(self, incident_id: int) -> KeptIncident:
        """Return an incident; NotFoundError when there is none."""
        return await self._ledger.incident(incident_id)

    async def explain(
        self, incident_id: int, who: Account, reason: str, *, typed_by: str | None = None
    ) -> KeptIncident:
        """Record the cause and the decision; the incident stays open until a second person agrees.

        Args:
            incident_id: the incident.
            who: the person who explains it.
            reason: cause and decision; no telephone number.
            typed_by: who was at the keyboard when no password of ``who`` was asked.

        Raises:
            InputError: the role may not, the account is deactivated, or there is no reason.
            ConflictError: it is closed already.
        """
        _needs_right(who)
        why = reason_of(reason)
        return await self._ledger.explain_incident(incident_id, who.username, typed_by, why, self._clock.now())

    async def close(self, incident_id: int, who: Account, read: datetime | None) -> KeptIncident:
        """Close an incident by agreeing, as the second person, to the cause that somebody else gave.

        Args:
            incident_id: the incident.
            who: the second person.
            read: ``explained_at`` of the cause that ``who`` read; a newer cause is not agreed to.

        Raises:
            InputError: the role may not, or the account is deactivated.
            ConflictError: it has no cause, a newer cause, a cause that ``who`` gave, or it is closed already.
        """
        _needs_right(who)
        incident = await self._ledger.incident(incident_id)
        if incident.is_open and incident.explained_at not in (None, read):
            raise ConflictError(f"incident {incident_id} has a newer cause: read it, then agree")
        return await self._ledger.close_incident(incident_id, who.username, self._clock.now())


def _needs_right(who: Account) -> None:
    if not who.is_active or not may(who.role, Right.CLOSE_INCIDENTS):
        allowed = ", ".join(str(role) for role, rights in RIGHTS.items() if Right.CLOSE_INCIDENTS in rights)
        raise InputError(f"{who.username} may not close incidents; those who may: {allowed}, with an active account")
