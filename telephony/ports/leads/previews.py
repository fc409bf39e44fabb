"""Store interface for previews: which lead is presented to which operator, and how each offer ended.

Part of ``telephony.ports.store``, with the same guarantees. ``AttemptStore.begin`` ends an offer as called, together
with the attempt it leads to.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from telephony.domain.leads.leads import Lead
from telephony.domain.leads.preview import Preview, PreviewEnding
from telephony.ids import OperatorId, PreviewId


class PreviewStore(Protocol):
    """Offers of leads to operators."""

    async def offer(self, lead: Lead, operator_id: OperatorId, at: datetime) -> Preview | None:
        """Present a lead to an operator, entered in the ledger.

        Returns:
            None when it is not allowed: the lead no longer waits under this number, or waits until a later time; it or
            the operator has an open offer; or the operator once said they know this person.
        """

    async def end(
        self,
        preview_id: PreviewId,
        ending: PreviewEnding,
        at: datetime,
        reason: str = "",
        not_before: datetime | None = None,
    ) -> bool:
        """End an open offer, entered in the ledger; with ``not_before`` its lead waits until then.

        Returns:
            False when it had already ended; nothing was changed.
        """

    async def open(self) -> Sequence[Preview]:
        """Return the open offers, oldest first."""

    async def skipped(self, since: datetime) -> Sequence[Preview]:
        """Return the offers skipped since a time, oldest first."""
