"""The gate service: answers the gate's only question, "may this permit be dialled now?" (I1, I5).

It looks the permit up, decides the rules again, consumes it, and only then answers with its number. Every other answer
is empty, and the dialplan takes an empty answer as no. The dialer issues permits.
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
"""Name of the only gate; permits are bound to it."""
KEYS_ALLOWED: Final = "allowed"
"""The value with which the gate's dialplan lets DTMF pass on both legs of a call."""
CALL_ENDED: Final = "call_ended"
"""Rule of a verdict that comes too late: its call has ended."""
SETTLED_KEPT: Final = 1024
"""Used or void permits to remember, so that repeated requests for one write one entry a minute."""
_FINAL: Final = frozenset({"permit_used", "permit_void", CALL_ENDED})
DECISIONS: Final = 5
"""How often the rules are decided while the whitelist keeps changing; after that the permit is refused."""


class AllowedDtmf(Protocol):
    """Which campaigns' calls may carry DTMF."""

    def allows(self, campaign_id: CampaignId) -> bool:
        """Return True if DTMF may pass in this campaign's calls now."""


class WaitingOperators(Protocol):
    """Operators who wait for the call they pressed for."""

    def is_kept(self, attempt_id: AttemptId) -> bool:
        """Return True if an operator is reserved for this call now."""


class Gate:
    """Consumes permits for one gate.

    Args:
        store: permits, campaigns and leads.
        tracker: receives the events of used and refused permits.
        clock: the time of the decision.
        facts: the facts for the rules.
        keys: whether a campaign's calls may carry DTMF.
        operators: whether the operator who pressed for a call still waits for it.
        refusals: counts refusals; its owner calls ``settle`` at the end.
    """

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
        self._store = store
        self._refusals = refusals
        self._settled: OrderedDict[PermitId, str] = OrderedDict()
        self._tracker = tracker
        self._clock = clock
        self._rule_facts = facts
        self._keys = keys
        self._operators = operators

    async def verdict(self, ask: AgiCall) -> Mapping[str, str]:
        """Return the verdict on the permit in the channel's extension; an empty one refuses."""
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
            log.warning("verdict_too_late", permit=permit_id, attempt=permit.attempt_id, rule=CALL_ENDED)
            return {}  # nobody would be there to talk to the person
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

        A permit is consumed only on the whitelist version it was decided on: what is revoked in between wins.
        """
        permits = self._store.permits
        for _ in range(DECISIONS):
            at_gate = await permits.at_gate(permit_id)
            call = self._tracker.call(at_gate.permit.attempt_id) if at_gate is not None else None
            if at_gate is None:
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
            refused = decide(self._facts(at_gate.permit, at_gate.standing, call.attempt))
            if refused is not None:
                await permits.refuse(permit_id, refused.rule, self._clock.now())
                return None, refused.rule
            rule = await permits.use(permit_id, GATE, self._clock.now(), at_gate.standing.version)
            if rule != RULES_CHANGED:
                return at_gate.permit, rule
        await permits.refuse(permit_id, RULES_CHANGED, self._clock.now())
        return None, RULES_CHANGED

    def _remembered(self, permit_id: PermitId, rule: str) -> str:
        """Remember a permit that is used or void: a repeated request for it only adds to a count."""
        if rule in _FINAL:
            self._settled[permit_id] = rule
            while len(self._settled) > SETTLED_KEPT:
                self._settled.popitem(last=False)
        return rule

    async def _counted(self, permit_id: PermitId, rule: str) -> str:
        """Enter the refusal of an unknown or used permit; those of one minute share an entry."""
        await self._refusals.note("permit_refused", permit_id, GATE, rule, {"gate": GATE, "rule": rule})
        return rule

    def _is_up(self, attempt_id: AttemptId) -> bool:
        """Return False if the call ended while the verdict was decided or written."""
        call = self._tracker.call(attempt_id)
        return call is not None and not call.has_ended and call.customer_gone_at is None

    def _refuse(self, permit_id: PermitId, rule: str) -> Mapping[str, str]:
        attempt_id = self._tracker.by_permit(permit_id)
        log.warning("permit_refused", permit=permit_id, rule=rule, attempt=attempt_id)
        call = self._tracker.call(attempt_id) if attempt_id is not None else None
        # Somebody else tries a permit that is used already: the call it belongs to goes on.
        if attempt_id is not None and rule != "permit_used" and not (call and call.permit_used):
            now = self._clock.now()
            is_refused = is_the_leads(rule) and rule != CALL_ENDED
            self._tracker.record_event(attempt_id, PermitRefused(now, rule) if is_refused else CallInterrupted(now))
        return {}

    def _undecided(self, permit_id: PermitId) -> None:
        """Interrupt the call of a permit that could not be decided: its lead or callback is tried again."""
        attempt_id = self._tracker.by_permit(permit_id)
        call = self._tracker.call(attempt_id) if attempt_id is not None else None
        if call is not None and not call.permit_used:
            self._tracker.record_event(call.attempt.attempt_id, CallInterrupted(self._clock.now()))

    def _facts(self, permit: DialPermit, standing: Standing, attempt: Attempt) -> DialFacts:
        is_guaranteed = attempt.guaranteed_to is not None
        call = AskedCall(
            permit.number,
            permit.campaign_id,
            permit.trunk,
            permit.caller_id,
            is_guaranteed,
            own=(attempt.started_at, permit.attempt_id),
            is_operator_gone=is_guaranteed and not self._operators.is_kept(permit.attempt_id),
        )
        return self._rule_facts.of(call, standing.campaign, standing)
