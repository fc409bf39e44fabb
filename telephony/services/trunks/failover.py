"""Failover: what becomes of a lead whose attempt ended by its carrier's fault.

The next trunk of its campaign at once, each time as a new attempt under a new permit; when every trunk has failed, the
lead waits a little and is tried anew. What fails twice on every trunk while they carry other calls is the number's:
it is set aside with its reason, or one bad number would be dialled for ever. Kept in memory: after a restart such a
lead simply waits like any other.
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
"""How long a lead waits when every trunk has failed for it: long enough for a hiccup of a carrier to pass."""
ROUNDS: Final = 2
"""Times all trunks are tried for one number while they carry others."""
RULE: Final = "number_not_carried"


class Failover:
    """The leads that a carrier failed for."""

    def __init__(self, trunks: TrunkCapacity, clock: Clock, deferred: DeferredLeads) -> None:
        self._trunks = trunks
        self._clock = clock
        self._deferred = deferred
        self._failed: dict[bool, dict[LeadId, CampaignId]] = {False: {}, True: {}}
        """By whether an operator had pressed call."""
        self._tried: dict[LeadId, set[str]] = {}
        self._rounds: dict[LeadId, int] = {}

    def on_call(self, call: Call, _event: CallEventValue) -> None:
        """Note a call that its carrier failed; any other end of a call to that lead forgets it."""
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
        """Return True when no lead waits for a decision, of those that a pacer dialled or an operator pressed for."""
        return not self._failed[guaranteed]

    def take(self, *, guaranteed: bool) -> dict[LeadId, CampaignId]:
        """Return the leads that a carrier failed for since the last time; the attempt must be written down first."""
        taken, self._failed[guaranteed] = self._failed[guaranteed], {}
        return taken

    def untried(self, lead_id: LeadId, routes: Sequence[Route]) -> tuple[Route, ...]:
        """Return the ways out that have not failed for the lead in this round."""
        tried = self._tried.get(lead_id, set())
        return tuple(route for route in routes if route.trunk not in tried)

    def all_failed(self, lead_id: LeadId, campaign_id: CampaignId, routes: Sequence[Route]) -> Refusal | None:
        """End a round: the lead rests, or is set aside because the number is what fails.

        Without a way out, since the campaign does not run now, nothing is known of the number: the lead waits.
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
