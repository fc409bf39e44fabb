"""Leads that are deferred for a while although they are due: their carriers failed, or an operator is reading them.

Failover and previews write, feeds read. Nothing is stored: after a restart such a lead waits like any other.
"""

from datetime import datetime

from telephony.ids import LeadId


class DeferredLeads:
    """Which leads are deferred."""

    def __init__(self) -> None:
        self._until_at: dict[LeadId, datetime] = {}
        self._offered: set[LeadId] = set()

    def defer(self, lead_id: LeadId, until_at: datetime) -> None:
        """Defer a lead until a time."""
        self._until_at[lead_id] = until_at

    def end(self, lead_id: LeadId) -> None:
        """End a deferral before its time."""
        self._until_at.pop(lead_id, None)

    def present(self, lead_id: LeadId) -> None:
        """Defer a lead while an operator reads it."""
        self._offered.add(lead_id)

    def put_back(self, lead_id: LeadId) -> None:
        """Note that no operator reads the lead any more."""
        self._offered.discard(lead_id)

    def is_deferred(self, lead_id: LeadId, now: datetime) -> bool:
        """Return True if a lead is deferred now."""
        until_at = self._until_at.get(lead_id)
        return lead_id in self._offered or (until_at is not None and now < until_at)

    def count(self, now: datetime) -> int:
        """Return how many leads are deferred, so that a window of leads can be large enough to have others."""
        self._until_at = {key: until_at for key, until_at in self._until_at.items() if now < until_at}
        return len(self._until_at.keys() | self._offered)
