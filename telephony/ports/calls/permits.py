"""What services need of permits at the gate: looking one up, consuming it once, voiding it.

Part of ``telephony.ports.store``, under the same promises: one transaction a method, everything in the ledger, only
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
"""Answer of ``PermitStore.use`` when the whitelist has changed since the rules were decided."""


@dataclass(frozen=True, slots=True)
class AtGate:
    """A permit as it was given, and what its lead's list, campaign and number stand at now."""

    permit: DialPermit
    standing: Standing


class PermitStore(Protocol):
    """Permits at the gate."""

    async def at_gate(self, permit_id: PermitId) -> AtGate | None:
        """Return it, whatever its state, with all that the whitelist decides it on; None when it was never given."""

    async def find(self, permit_id: PermitId) -> DialPermit | None:
        """Return it, whatever its state; None when it was never given."""

    async def use(self, permit_id: PermitId, gate: str, at: datetime, as_of: int | None = None) -> str:
        """Consume it if it is unused, of this moment and for ``gate``; entered in the ledger either way.

        Args:
            permit_id: the permit asked about.
            gate: who asks.
            at: aware UTC, the moment of the decision.
            as_of: version of the whitelist the rules were decided on. When it has changed since, the answer is
                ``RULES_CHANGED``, nothing is done or entered, and the rules are to be decided again.

        Returns:
            "" when it was consumed by this very call (at most once in the life of a permit, whatever the
            concurrency), otherwise the rule that refused: ``permit_unknown``, ``permit_used``, ``permit_void``,
            ``permit_early`` (the clock was set back), ``permit_expired`` or ``permit_gate``.
        """

    async def refuse(self, permit_id: PermitId, rule: str, at: datetime) -> None:
        """Void it because a rule decided again says no; a used one stays used; entered in the ledger either way."""

    async def used(self, permit_ids: Collection[PermitId]) -> frozenset[PermitId]:
        """Return those of these permits that the gate consumed: a trunk leg may exist, whatever was told of it."""

    async def void_unused(self, at: datetime) -> int:
        """Void every unused permit (at start, before the gate is answered again); return how many.

        Entered in the ledger, unless it is none.
        """
