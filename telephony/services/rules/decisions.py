"""Decides for one lead before it is dialled: the route that the rules allow, a refusal, or the start of the attempt.

The rules are in ``telephony.domain.rules.decision``; this module gathers their facts and reserves a trunk line. The
caller writes the attempt down and dials.
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
    """Decides for one lead at a time, without state of its own."""

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
        """Reserve a line on the first route that the rules allow; None when the lead must wait for a free line.

        Args:
            campaign: as last read.
            lead: whom to call.
            standing: the lead's row and its rules in the database.
            is_guaranteed: an operator pressed call and waits for it.
        """
        refusals = []
        for route, refused in self._routes_of(campaign, lead, standing, is_guaranteed=is_guaranteed):
            if refused is None and self._trunks.take(route.trunk, campaign.campaign_id):
                return route
            refusals.append(refused)
        return _first(refusals)

    def give_back(self, route: Route) -> None:
        """Give back the room on a trunk that ``choose_route`` took for a call that is not made."""
        self._trunks.give_back(route.trunk)

    def refused(self, campaign: Campaign, lead: Lead, standing: Standing | None) -> Refused | None:
        """Return why an operator may not call a lead now, free lines aside; None when they may."""
        return _first([refused for _, refused in self._routes_of(campaign, lead, standing, is_guaranteed=True)])

    def _routes_of(
        self, campaign: Campaign, lead: Lead, standing: Standing | None, *, is_guaranteed: bool
    ) -> Iterator[tuple[Route, Refused | None]]:
        """Yield the routes that have not failed for the lead, each with its refusal or None."""
        campaign = standing.campaign if standing is not None else campaign  # its trunks may have changed since
        routes = self._failover.untried(lead.lead_id, self._trunks.routes(campaign.campaign_id, campaign.routes))
        for route in routes:
            call = AskedCall(
                lead.number,
                lead.campaign_id,
                route.trunk,
                route.caller_id,
                is_guaranteed,
                is_operator_gone=False,  # the operator has just pressed call; the gate checks again
            )
            yield route, decide(self._rule_facts.of(call, campaign, standing))

    def refusal(self, lead: Lead, refused: Refused) -> Refusal:
        """Return the record of a refused lead, to be written by the caller."""
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

    def start(
        self, lead: Lead, route: Route, standing: Standing | None, answers: Preview | None = None
    ) -> AttemptStart:
        """Issue a permit and return the attempt that must be durable before it is dialled.

        Args:
            lead: whom to call.
            route: trunk and caller ID.
            standing: the lead's row and its rules in the database.
            answers: the offer whose operator pressed call; None when a pacer ordered the call.
        """
        now = self._clock.now()
        request = PermitRequest(
            attempt_id=AttemptId(self._dice.uuid()),
            recording_id=RecordingId(self._dice.uuid()),
            campaign_id=lead.campaign_id,
            list_id=lead.list_id,
            lead_id=lead.lead_id,
            number=lead.number,
            caller_id=route.caller_id,
            trunk=route.trunk,
            gate=GATE,
        )
        permit = give_permit(request, self._dice.digits(PERMIT_DIGITS), now, self._life)
        terms = standing.terms if standing is not None else NO_TERMS
        if answers is None:
            return AttemptStart(permit, now, terms.record())
        return AttemptStart(permit, now, terms.record(), answers.operator_id, answers.preview_id)


def _first(refusals: Sequence[Refused | None]) -> Refused | None:
    """Return a refusal when every route is refused; None when a route is allowed or no route is left.

    A refusal of the lead itself comes first: then a fault of another route must not hold the campaign.
    """
    refused = [refusal for refusal in refusals if refusal is not None]
    if len(refused) < len(refusals):
        return None
    return next((refusal for refusal in refused if not refusal.holds_campaign), refused[0] if refused else None)
