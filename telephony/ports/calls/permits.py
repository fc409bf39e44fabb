"""Store interface for permits at the gate: look one up, consume it once, void it.

Part of ``telephony.ports.store``, with the same guarantees: one transaction per method, everything in the ledger, only
the ``StoreError`` family raised.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from telephony.domain.calls.permits import DialPermit
from telephony.ids import PermitId
from telephony.ports.rules.whitelist import Standing

RULES_CHANGED: Final = "rules_changed"
"""Returned by ``PermitStore.use`` when the whitelist has changed since the rules were decided."""


@dataclass(frozen=True, slots=True)
class AtGate:
    """A permit as it was issued, and the current state of its lead's list, campaign and number."""

    permit: DialPermit
    standing: Standing


class PermitStore(Protocol):
    """Permits at the gate."""

    async def at_gate(self, permit_id: PermitId) -> AtGate | None:
        """Return a permit in any state with everything the whitelist needs; None when it was never issued."""

    async def find(self, permit_id: PermitId) -> DialPermit | None:
        """Return a permit in any state; None when it was never issued."""

    async def use(self, permit_id: PermitId, gate: str, at: datetime, as_of: int | None = None) -> str:
        """Consume a permit if it is unused, valid now and for ``gate``; entered in the ledger in either case.

        Args:
            permit_id: the permit to consume.
            gate: the gate that asks.
            at: aware UTC, the time of the decision.
            as_of: version of the whitelist the rules were decided on. If it has changed since, ``RULES_CHANGED`` is
                returned, nothing is changed or entered, and the caller must decide the rules again.

        Returns:
            "" when this call consumed the permit (at most once per permit, whatever the concurrency), otherwise the
            rule that refused it: ``permit_unknown``, ``permit_used``, ``permit_void``, ``permit_early`` (the clock was
            set back), ``permit_expired`` or ``permit_gate``.
        """

    async def refuse(self, permit_id: PermitId, rule: str, at: datetime) -> None:
        """Void a permit that a rule now refuses; a used one stays used. Entered in the ledger in either case."""

    async def used(self, permit_ids: Collection[PermitId]) -> frozenset[PermitId]:
        """Return those of these permits that the gate consumed; each may have a trunk leg, reported or not."""

    async def void_unused(self, at: datetime) -> int:
        """Void all unused permits (at start, before the gate gets answers again); return their number.

        Entered in the ledger unless there are none.
        """
