"""What the rules look at for one call, gathered the same way when the permit is asked for and when the gate uses it.

Deciding is ``telephony.domain.rules.decision``; what the law looks at is gathered in ``law``.
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
    """A call that is to be decided on.

    Attributes:
        number: what would be dialled.
        campaign_id: whose call it would be.
        trunk: which trunk would carry it.
        caller_id: what would be presented.
        is_guaranteed: an operator pressed for it.
        is_operator_gone: the operator who pressed for it does not wait any more.
        own: beginning and id of its attempt when that is written down already: it does not count itself.
    """

    number: Number
    campaign_id: CampaignId
    trunk: str
    caller_id: str
    is_guaranteed: bool
    is_operator_gone: bool
    own: tuple[datetime, AttemptId] | None = None


class RuleFacts:
    """Gathers them."""

    def __init__(
        self, caller_ids: Mapping[str, frozenset[str]], policy: DialingPolicy, blockers: Blockers, clock: Clock
    ) -> None:
        """Gather for one site.

        Args:
            caller_ids: allowed caller IDs by trunk name.
            policy: how this site dials: how long the carrier may ring, and the site's own rules.
            blockers: whether a recording can be made and is watched, and which lock is in force.
            clock: the moment of the decision.
        """
        self._caller_ids = caller_ids
        self.policy = policy
        self._blockers = blockers
        self._clock = clock

    def of(self, asked: AskedCall, campaign: Campaign, standing: Standing | None) -> DialFacts:
        """Return what the rules look at for one call, as it is now.

        Args:
            asked: the call.
            campaign: whose call it would be, as last read.
            standing: what the database holds of the lead; None when there is nothing.
        """
        now = self._clock.now()
        policy = guaranteed(self.policy) if asked.is_guaranteed else self.policy
        is_campaigns = standing is not None and campaign.campaign_id == asked.campaign_id
        blocking = self._blockers.blocking(campaign)
        lock = blocking.get(Blocker.LOCK)
        return DialFacts(
            campaign=campaign if standing is not None else None,
            asked=asked.number,
            on_list=standing.number if standing is not None and is_campaigns else None,
            is_list_in_force=standing is not None and standing.list.is_in_force(now),
            is_list_paused=standing is not None and standing.list.paused_at is not None,
            whitelist=verdict_on(standing, asked.number, asked.trunk, asked.campaign_id, now),
            caller_id=asked.caller_id,
            trunk=asked.trunk,
            trunks=self._caller_ids,
            law=law_facts(standing, campaign, asked.number, asked.caller_id, policy, asked.own),
            at=now,
            can_record=Blocker.RECORDER not in blocking,
            is_watched=Blocker.WATCH not in blocking and Blocker.LIVENESS not in blocking,
            locked=lock,
            is_operator_gone=asked.is_operator_gone,
        )
