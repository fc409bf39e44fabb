"""Which clocks calls may be made on now: the days and hours of the law, of the site, and what exemptions lift.

The feed asks before it reads leads, so that a list whose leads live on several clocks gives those whose day it is, and
nothing is written to the others. Judging a lead is left to the dialer and the gate, which decide it again.
"""

from dataclasses import replace

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.law import decision
from telephony.domain.law.basis import LeadTerms
from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.law.facts import DialingPolicy
from telephony.domain.law.places import is_zone
from telephony.domain.law.site import Exemption
from telephony.domain.law.verdict import LawRefusal
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.ports.unreadable import UnreadableRow
from telephony.services.rules.facts import law_facts


class CallingHours:
    """Days and hours by clock, for a campaign."""

    def __init__(self, store: Store, clock: Clock, policy: DialingPolicy) -> None:
        """Begin without exemptions; ``refresh`` reads them.

        Args:
            store: where exemptions are.
            clock: the present moment.
            policy: how this site dials, with the site's own rules.
        """
        self._store = store
        self._clock = clock
        self._policy = policy
        self._exemptions: tuple[Exemption, ...] = ()

    async def refresh(self) -> None:
        """Read the exemptions; StoreError leaves those of before."""
        self._exemptions = tuple(await self._store.law.exemptions())

    def shut(self, campaign: Campaign, word: str) -> LawRefusal | None:
        """Return why nobody on the clock of that word may be called now, with the moment it opens; None: some may."""
        on = CallingZone.read(word)
        if on.zone and not is_zone(on.zone):
            why = "their time zone is none any more: no call is made on a guessed clock"
            self._store.unreadable.note(
                UnreadableRow("leads", f"campaign {campaign.campaign_id}, clock {word:.40}", why)
            )
        facts = law_facts(None, campaign, on.number, campaign.caller_id, self._policy)
        facts = replace(facts, terms=LeadTerms(zone=on.zone), exemptions=self._exemptions)
        return decision.shut(facts, self._clock.now(), any_time=on.any_time)
