"""The gate service: answers the gate's one question, "may this permit be dialled now?" (I1, I5).

It looks the permit up, decides the rules again, consumes it, and only then says which number it is for. Every other
answer is empty, and the dialplan reads an empty answer as no. Giving permits is left to the dialer.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, Protocol

import structlog

from telephony.domain.calls.attempts import Attempt
from telephony.domain.calls.events import CallInterrupted, PermitRefused, PermitUsed
from telephony.domain.calls.permits import DialPermit
from telephony.domain.rules.decision import DialFacts, decide
from telephony.domain.rules.responsibility import is_the_leads
from telephony.errors import StoreError
from telephony.ids import AttemptId, CampaignId, PermitId, is_permit_id
from telephony.ports.calls.permits import RULES_CHANGED
from telephony.ports.calls.switch import AgiCall
from telephony.ports.clock import Clock
from telephony.ports.rules.whitelist import Standing
from telephony.ports.store import Store
from telephony.services.calls.tracker import Tracker
from telephony.services.evidence.refusals import Refusals
from telephony.services.rules.rule_facts import AskedCall, RuleFacts

log = structlog.get_logger(__name__)

GATE: Final = "gate"
"""Name of the one gate; permits are bound to it."""
KEYS_ALLOWED: Final = "allowed"
"""What the gate's dialplan must be told before it lets keys pass on a call's two legs."""
CALL_ENDED: Final = "call_ended"
"""Rule of a verdict that comes too late: the call it is for is over."""
SETTLED_KEPT: Final = 1024
"""Permits used or void that were asked for again, so that asking a thousand times writes one entry a minute."""
_FOR_GOOD: Final = frozenset({"permit_used", "permit_void", CALL_ENDED})
DECISIONS: Final = 5
"""Times the rules are decided while the whitelist keeps changing under them; then the permit is refused."""


class AllowedDtmf(Protocol):
    """Which campaigns' calls may carry keys."""

    def allows(self, campaign_id: CampaignId) -> bool:
        """Return True when keys may pass in this campaign's calls now."""


class WaitingOperators(Protocol):
    """Who waits for the call they pressed for."""

    def is_kept(self, attempt_id: AttemptId) -> bool:
        """Return True when an operator is reserved for this call now."""


class Gate:
    """Consumes permits."""

    def __init__(
        self,
        store: Store,
        tracker: Tracker,
        clock: Clock,
        facts: RuleFacts,
        keys: AllowedDtmf,
        operators: WaitingOperators,
        refusals: Refusals,
    ) -> None:
        """Answer for one gate.

        Args:
            store: where permits, campaigns and leads are.
            tracker: told of used and refused permits.
            clock: the moment of the decision.
            facts: what the rules look at.
            keys: whether a campaign's calls may carry keys.
            operators: whether the operator who pressed for a call still waits for it.
            refusals: where refusals are counted; whoever gives it settles it at the end.
        """
        self._store = store
        self._refusals = refusals
        self._settled: OrderedDict[PermitId, str] = OrderedDict()
        self._tracker = tracker
        self._clock = clock
        self._rule_facts = facts
        self._keys = keys
        self._operators = operators

    async def verdict(self, ask: AgiCall) -> Mapping[str, str]:
        """Answer for the permit in the asking channel's extension; an empty answer refuses."""
        permit_id = PermitId(ask.extension)
        if not is_permit_id(permit_id):
            log.warning("permit_refused", rule="permit_form", channel=ask.channel)
            return {}
        try:
            permit, rule = await self._consume(permit_id)
        except StoreError:
            self._undecided(permit_id)
            raise
        if rule or permit is None:
            return self._refuse(permit_id, rule)
        self._tracker.record_event(permit.attempt_id, PermitUsed(self._clock.now()))
        if not self._is_up(permit.attempt_id):
            log.warning("verdict_not_given", permit=permit_id, attempt=permit.attempt_id, rule=CALL_ENDED)
            return {}  # nobody would hear who answers
        return {
            "CANON": permit.number,
            "TRUNK": permit.trunk,
            "CLI": permit.caller_id,
            "RECUUID": permit.recording_id,
            "KEYS": KEYS_ALLOWED if self._keys.allows(permit.campaign_id) else "",
            "RINGS": f"{self._rule_facts.policy.dials_s:.0f}",
            "VERDICT": f"OK-{ask.channel}-{permit_id}-{permit.number}",
        }

    async def _consume(self, permit_id: PermitId) -> tuple[DialPermit | None, str]:
        """Decide again and consume; return the permit, and the rule that refused or "".

        A permit is consumed only on the very whitelist it was decided on: what is withdrawn in between wins.
        """
        permits = self._store.permits
        for _ in range(DECISIONS):
            found = await permits.at_gate(permit_id)
            call = self._tracker.call(found.permit.attempt_id) if found is not None else None
            if found is None:
                return None, await self._counted(permit_id, "permit_unknown")
            is_gone = call is None or call.permit_used or not self._is_up(call.attempt.attempt_id)
            if is_gone and permit_id in self._settled:
                return None, await self._counted(permit_id, self._settled[permit_id])
            if call is None:
                await permits.refuse(permit_id, "attempt_not_followed", self._clock.now())
            elif is_gone and not call.permit_used:
                await permits.refuse(permit_id, CALL_ENDED, self._clock.now())
                return None, self._remembered(permit_id, CALL_ENDED)
            if call is None or call.permit_used:
                return None, self._remembered(permit_id, await permits.use(permit_id, GATE, self._clock.now()))
            refused = decide(self._facts(found.permit, found.standing, call.attempt))
            if refused is not None:
                await permits.refuse(permit_id, refused.rule, self._clock.now())
                return None, refused.rule
            rule = await permits.use(permit_id, GATE, self._clock.now(), found.standing.version)
            if rule != RULES_CHANGED:
                return found.permit, rule
        await permits.refuse(permit_id, RULES_CHANGED, self._clock.now())
        return None, RULES_CHANGED

    def _remembered(self, permit_id: PermitId, rule: str) -> str:
        """Remember a permit that is used or void, for good: whoever asks for it again adds to a count only."""
        if rule in _FOR_GOOD:
            self._settled[permit_id] = rule
            while len(self._settled) > SETTLED_KEPT:
                self._settled.popitem(last=False)
        return rule

    async def _counted(self, permit_id: PermitId, rule: str) -> str:
        """Enter the refusal of a permit that nobody gave, or of one used up; many of a minute are one entry."""
        await self._refusals.note("permit_refused", permit_id, GATE, rule, {"gate": GATE, "rule": rule})
        return rule

    def _is_up(self, attempt_id: AttemptId) -> bool:
        """Return False when the call ended while the verdict was being decided or written down."""
        call = self._tracker.call(attempt_id)
        return call is not None and not call.has_ended and call.customer_gone_at is None

    def _refuse(self, permit_id: PermitId, rule: str) -> Mapping[str, str]:
        attempt_id = self._tracker.by_permit(permit_id)
        log.warning("permit_refused", permit=permit_id, rule=rule, attempt=attempt_id)
        call = self._tracker.call(attempt_id) if attempt_id is not None else None
        # A permit that was used already is being used again by someone else: the call it belongs to goes on.
        if attempt_id is not None and rule != "permit_used" and not (call and call.permit_used):
            now = self._clock.now()
            is_refused = is_the_leads(rule) and rule != CALL_ENDED
            self._tracker.record_event(attempt_id, PermitRefused(now, rule) if is_refused else CallInterrupted(now))
        return {}

    def _undecided(self, permit_id: PermitId) -> None:
        """Nothing leaves, and nobody said no: the lead, and whoever was promised this call, is tried again."""
        attempt_id = self._tracker.by_permit(permit_id)
        call = self._tracker.call(attempt_id) if attempt_id is not None else None
        if call is not None and not call.permit_used:
            self._tracker.record_event(call.attempt.attempt_id, CallInterrupted(self._clock.now()))

    def _facts(self, permit: DialPermit, standing: Standing, attempt: Attempt) -> DialFacts:
        is_guaranteed = attempt.guaranteed_to is not None
        asked = AskedCall(
            permit.number,
            permit.campaign_id,
            permit.trunk,
            permit.caller_id,
            is_guaranteed,
            own=(attempt.started_at, permit.attempt_id),
            is_operator_gone=is_guaranteed and not self._operators.is_kept(permit.attempt_id),
        )
        return self._rule_facts.of(asked, standing.campaign, standing)
