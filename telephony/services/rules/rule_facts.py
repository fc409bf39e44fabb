"""Gathers the facts of one call for the rules, in the same way for the dialer and for the gate.

``telephony.domain.rules.decision`` decides; ``facts`` gathers the facts for the law.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.law.facts import DialingPolicy
from telephony.domain.rules.decision import DialFacts
from telephony.ids import AttemptId, CampaignId, Number
from telephony.ports.clock import Clock
from telephony.ports.rules.whitelist import Standing
from telephony.services.rules.blockers import Blocker, Blockers
from telephony.services.rules.facts import guaranteed, law_facts
from telephony.services.rules.whitelist import verdict_on


@dataclass(frozen=True, slots=True)
class AskedCall:
    """A call to decide on.

    Attributes:
        number: the number to dial.
        campaign_id: the campaign of the call.
        trunk: the trunk to use.
        caller_id: the caller ID to present.
        is_guaranteed: an operator pressed call.
        is_operator_gone: the operator who pressed call does not wait any more.
        own: start time and id of its attempt when it is stored already: it is not counted.
    """

    number: Number
    campaign_id: CampaignId
    trunk: str
    caller_id: str
    is_guaranteed: bool
    is_operator_gone: bool
    own: tuple[datetime, AttemptId] | None = None


class RuleFacts:
    """Gathers the facts for the rules.

    Args:
        caller_ids: allowed caller IDs by trunk name.
        policy: how this site dials: how long a call may ring, and the site's own rules.
        blockers: whether a recording can be made and is watched, and which lock is in force.
        clock: the time of the decision.
    """

    def __init__(
        self, caller_ids: Mapping[str, frozenset[str]], policy: DialingPolicy, blockers: Blockers, clock: Clock
    ) -> None:
        self._caller_ids = caller_ids
        self.policy = policy
        self._blockers = blockers
        self._clock = clock

    def of(self, call: AskedCall, campaign: Campaign, standing: Standing | None) -> DialFacts:
        """Return the current facts of one call.

        Args:
            call: the call.
            campaign: its campaign, as last read.
            standing: the lead's row and its rules in the database; None when there is none.
        """
        now = self._clock.now()
        policy = guaranteed(self.policy) if call.is_guaranteed else self.policy
        is_campaigns = standing is not None and campaign.campaign_id == call.campaign_id
        blocking = self._blockers.blocking(campaign)
        lock = blocking.get(Blocker.LOCK)
        return DialFacts(
            campaign=campaign if standing is not None else None,
            number=call.number,
            on_list=standing.number if standing is not None and is_campaigns else None,
            is_list_in_force=standing is not None and standing.list.is_in_force(now),
            is_list_paused=standing is not None and standing.list.paused_at is not None,
            whitelist=verdict_on(standing, call.number, call.trunk, call.campaign_id, now),
            caller_id=call.caller_id,
            trunk=call.trunk,
            trunks=self._caller_ids,
            law=law_facts(standing, campaign, call.number, call.caller_id, policy, call.own),
            at=now,
            can_record=Blocker.RECORDER not in blocking,
            is_watched=Blocker.WATCH not in blocking and Blocker.LIVENESS not in blocking,
            locked=lock,
            is_operator_gone=call.is_operator_gone,
        )
