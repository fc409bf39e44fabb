"""What the law is decided on, gathered: the settings' tightening, the standing of a lead, how this site dials.

The decision itself is ``telephony.domain.law.decision``; reading the database is left to storage.
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
"""Seconds from the decision until the telephone rings, at most: the carrier's set-up included."""


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
    """Return how a call is made that an operator pressed and waits for: no machine dials, an operator is there."""
    return replace(policy, is_automated=False, has_operator=True)


def law_facts(
    standing: Standing | None,
    campaign: Campaign,
    number: Number,
    caller_id: str,
    policy: DialingPolicy,
    own: tuple[datetime, AttemptId] | None = None,
) -> LawFacts:
    """Return what the law looks at for one call.

    Args:
        standing: what the database holds of the lead; None when there is none.
        campaign: whose call it would be.
        number: what would be dialled.
        caller_id: what would be presented.
        policy: how this site dials.
        own: beginning and id of the attempt decided on when it is written down already: it does not count itself.
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
