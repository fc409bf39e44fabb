"""What is decided for one lead before it is dialled: which way out the rules allow, the refusal, or the start.

The rules are ``telephony.domain.rules.decision``; here their facts are gathered and room on a trunk is taken. Writing
down and dialling are left to the caller.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import structlog

from telephony.domain.calls.attempts import AttemptStart, Refusal
from telephony.domain.calls.permits import PERMIT_DIGITS, PermitRequest, give_permit
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.law.basis import NO_TERMS
from telephony.domain.leads.leads import Lead
from telephony.domain.leads.preview import Preview
from telephony.domain.rules.decision import Refused, decide
from telephony.domain.trunks.routes import Route
from telephony.ids import AttemptId, RecordingId
from telephony.ports.clock import Clock, Dice
from telephony.ports.rules.whitelist import Standing
from telephony.services.rules.permits import GATE
from telephony.services.rules.rule_facts import AskedCall, RuleFacts
from telephony.services.trunks.capacity import TrunkCapacity
from telephony.services.trunks.failover import Failover
from telephony.words import english

log = structlog.get_logger(__name__)


class Decisions:
    """Decides for one lead at a time; keeps nothing."""

    def __init__(
        self,
        trunks: TrunkCapacity,
        facts: RuleFacts,
        failover: Failover,
        clock: Clock,
        dice: Dice,
        permit_life_s: int,
    ) -> None:
        self._trunks = trunks
        self._rule_facts = facts
        self._failover = failover
        self._clock = clock
        self._dice = dice
        self._life = timedelta(seconds=permit_life_s)

    def choose_route(
        self, campaign: Campaign, lead: Lead, standing: Standing | None, *, is_guaranteed: bool = False
    ) -> Route | Refused | None:
        """Take room on the first way out that the rules allow; None when the lead must wait for room.

        Args:
            campaign: as of the last look.
            lead: whom to call.
            standing: what the database holds of the lead.
            is_guaranteed: an operator pressed call and waits for it.
        """
        said = []
        for route, refused in self._routes_of(campaign, lead, standing, is_guaranteed=is_guaranteed):
            if refused is None and self._trunks.take(route.trunk, campaign.campaign_id):
                return route
            said.append(refused)
        return _first(said)

    def refused(self, campaign: Campaign, lead: Lead, standing: Standing | None) -> Refused | None:
        """Return why an operator may not call a lead now whatever room there is; None when they may."""
        return _first([refused for _, refused in self._routes_of(campaign, lead, standing, is_guaranteed=True)])

    def _routes_of(
        self, campaign: Campaign, lead: Lead, standing: Standing | None, *, is_guaranteed: bool
    ) -> Iterator[tuple[Route, Refused | None]]:
        """Yield the ways out that have not failed for the lead, and what the rules say of each."""
        campaign = standing.campaign if standing is not None else campaign  # it may have other trunks since the look
        routes = self._failover.untried(lead.lead_id, self._trunks.routes(campaign.campaign_id, campaign.routes))
        for route in routes:
            asked = AskedCall(
                lead.number,
                lead.campaign_id,
                route.trunk,
                route.caller_id,
                is_guaranteed,
                is_operator_gone=False,  # whoever presses waits: asked again at the gate
            )
            yield route, decide(self._rule_facts.of(asked, campaign, standing))

    def refusal(self, lead: Lead, refused: Refused) -> Refusal:
        """Return what is written of a lead that a rule refused."""
        log.info("lead_refused", lead=lead.lead_id, rule=refused.rule)
        now = self._clock.now()
        return Refusal(
            lead.campaign_id,
            lead.lead_id,
            refused.rule,
            english(refused.reason),
            now,
            refused.is_lasting,
            refused.until,
        )

    def start(self, lead: Lead, way: Route, standing: Standing | None, answers: Preview | None = None) -> AttemptStart:
        """Give a permit and return what must be durable before it is dialled.

        Args:
            lead: whom to call.
            way: on which trunk, under which caller ID.
            standing: what the database holds of the lead.
            answers: the offer whose operator pressed call; None when a pacer asked.
        """
        now = self._clock.now()
        request = PermitRequest(
            attempt_id=AttemptId(self._dice.uuid()),
            recording_id=RecordingId(self._dice.uuid()),
            campaign_id=lead.campaign_id,
            list_id=lead.list_id,
            lead_id=lead.lead_id,
            number=lead.number,
            caller_id=way.caller_id,
            trunk=way.trunk,
            gate=GATE,
        )
        permit = give_permit(request, self._dice.digits(PERMIT_DIGITS), now, self._life)
        terms = standing.terms if standing is not None else NO_TERMS
        if answers is None:
            return AttemptStart(permit, now, terms.record())
        return AttemptStart(permit, now, terms.record(), answers.operator_id, answers.preview_id)


def _first(said: Sequence[Refused | None]) -> Refused | None:
    """Return a refusal when every way out is refused, None when one is not, or none is left.

    What one way out that is in order refuses is the lead's; that another one is out of order holds nobody up then.
    """
    refused = [one for one in said if one is not None]
    if len(refused) < len(said):
        return None
    return next((one for one in refused if not one.holds_campaign), refused[0] if refused else None)
