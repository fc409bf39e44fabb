"""Gathers the facts for decisions about the law: the site's settings, the lead's standing, how the site dials.

``telephony.domain.law.decision`` decides; the storage layer reads the database.
"""

from dataclasses import replace
from datetime import datetime

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.law.basis import CampaignKind
from telephony.domain.law.contacts import before
from telephony.domain.law.facts import DialingPolicy, LawFacts
from telephony.domain.law.site import SiteRules
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.ids import AttemptId, Number
from telephony.ports.rules.whitelist import Standing
from telephony.settings import DialingSettings, RulesSettings

SETUP_S = 5.0
"""Most seconds from the decision until the telephone rings, the carrier's set-up time included."""


def policy_of(dialing: DialingSettings, rules: RulesSettings) -> DialingPolicy:
    """Return how a site dials, from its settings."""
    return DialingPolicy(
        ring_s=dialing.ring_timeout_s,
        setup_s=SETUP_S,
        route_wait_s=dialing.route_wait_s,
        site=SiteRules(
            home=Jurisdiction(rules.home),
            consumer_times=frozenset(map(CampaignKind, rules.consumer_times)),
            days=frozenset(rules.weekdays) if rules.days else None,
            hours=rules.windows,
            closed=frozenset(rules.closed_dates),
            alsace_moselle=rules.alsace_moselle,
            overseas=rules.overseas_holidays,
            attempts=rules.attempts_in_30_days or None,
            refusal_days=rules.refusal_days,
            protect_hours=rules.protect_hours,
        ),
    )


def guaranteed(policy: DialingPolicy) -> DialingPolicy:
    """Return the policy of a call that an operator pressed and waits for: not automated, an operator is there."""
    return replace(policy, is_automated=False, has_operator=True)


def law_facts(
    standing: Standing | None,
    campaign: Campaign,
    number: Number,
    caller_id: str,
    policy: DialingPolicy,
    own: tuple[datetime, AttemptId] | None = None,
) -> LawFacts:
    """Return the facts of one call for the law.

    Args:
        standing: the lead's row and its rules in the database; None when there is none.
        campaign: the campaign of the call.
        number: the number to dial.
        caller_id: the caller ID to present.
        policy: how this site dials.
        own: start time and id of the call's own attempt when it is stored already: it is not counted.
    """
    facts = LawFacts(
        number=number,
        campaign_id=campaign.campaign_id,
        client_company=campaign.client_company,
        kind=campaign.kind,
        sector=campaign.sector,
        caller_id=caller_id,
        abandon_cap=campaign.dialing.abandon_cap,
        policy=policy,
    )
    if standing is None:
        return facts
    return replace(
        facts,
        terms=standing.terms,
        contacts=before(standing.contacts, own),
        opposed=tuple(standing.opposed),
        exemptions=tuple(standing.exemptions),
        person_contacts=before(standing.person_contacts, own),
        person_opposed=tuple(standing.person_opposed),
    )
