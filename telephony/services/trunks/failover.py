"""Failover: what happens to a lead whose attempt failed because of its carrier.

It is tried at once on the next trunk of its campaign, each time as a new attempt under a new permit. When every trunk
has failed, the lead waits for ``REST`` and is tried again. If it fails twice on every trunk while they carry other
calls, the number is the cause: the lead is refused, or one bad number would be dialled forever. All this is in memory:
after a restart such a lead waits like any other.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from telephony.domain.calls.attempts import Refusal
from telephony.domain.calls.events import CallEventValue
from telephony.domain.calls.lifecycle import Call
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.deferred import DeferredLeads
from telephony.domain.trunks.routes import Route
from telephony.ids import CampaignId, LeadId
from telephony.ports.clock import Clock
from telephony.services.trunks.capacity import TrunkCapacity

REST: Final = timedelta(seconds=20)
"""How long a lead waits when every trunk has failed for it: long enough for a short fault of a carrier to end."""
ROUNDS: Final = 2
"""How often all trunks are tried for one number while they carry other calls."""
RULE: Final = "number_not_carried"


class Failover:
    """The leads whose carrier failed."""

    def __init__(self, trunks: TrunkCapacity, clock: Clock, deferred: DeferredLeads) -> None:
        self._trunks = trunks
        self._clock = clock
        self._deferred = deferred
        self._failed: dict[bool, dict[LeadId, CampaignId]] = {False: {}, True: {}}
        """Key: True if an operator had pressed call."""
        self._tried: dict[LeadId, set[str]] = {}
        self._rounds: dict[LeadId, int] = {}

    def on_call(self, call: Call, _event: CallEventValue) -> None:
        """Record a call that its carrier failed; any other end of a call to that lead clears it."""
        attempt = call.attempt
        if not call.has_ended:
            return
        if attempt.outcome is Outcome.CARRIER_FAILED:
            self._tried.setdefault(attempt.lead_id, set()).add(attempt.trunk)
            self._failed[attempt.guaranteed_to is not None][attempt.lead_id] = attempt.campaign_id
        elif attempt.outcome is not Outcome.INTERRUPTED:
            self._forget(attempt.lead_id)

    def _forget(self, lead_id: LeadId) -> None:
        self._tried.pop(lead_id, None)
        self._rounds.pop(lead_id, None)
        self._deferred.end(lead_id)

    def is_idle(self, *, guaranteed: bool) -> bool:
        """Return True if no failed lead waits for a decision; ``guaranteed``: an operator had pressed call."""
        return not self._failed[guaranteed]

    def take(self, *, guaranteed: bool) -> dict[LeadId, CampaignId]:
        """Return the leads whose carrier failed since the last call; the attempts must be written down first."""
        taken, self._failed[guaranteed] = self._failed[guaranteed], {}
        return taken

    def untried(self, lead_id: LeadId, routes: Sequence[Route]) -> tuple[Route, ...]:
        """Return the routes that have not failed for the lead in this round."""
        tried = self._tried.get(lead_id, set())
        return tuple(route for route in routes if route.trunk not in tried)

    def all_failed(self, lead_id: LeadId, campaign_id: CampaignId, routes: Sequence[Route]) -> Refusal | None:
        """End a round: the lead waits, or is refused because its number is the cause.

        Without a route, as the campaign does not run now, nothing is known about the number: the lead waits.
        """
        if not routes:
            self._forget(lead_id)
            return None
        self._tried.pop(lead_id, None)
        now = self._clock.now()
        if not any(self._trunks.is_failing(route.trunk) for route in routes):
            self._rounds[lead_id] = self._rounds.get(lead_id, 0) + 1
        if self._rounds.get(lead_id, 0) < ROUNDS:
            self._deferred.defer(lead_id, now + REST)
            return None
        self._forget(lead_id)
        text = "No trunk of the campaign carries calls to this number, and they carry others: check the number."
        return Refusal(campaign_id, lead_id, RULE, text, now)
