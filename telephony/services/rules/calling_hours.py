"""Which calling zones are within calling hours now: by the law, by the site's own hours, and by exemptions.

The lead feed asks before it reads leads. A list with leads in several zones then yields those within calling hours, and
the others stay unchanged. The dialer and the gate decide each lead again.
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
    """Days and hours by calling zone, for a campaign.

    Args:
        store: the exemptions; ``refresh`` reads them.
        clock: the current time.
        policy: how this site dials, with the site's own rules.
    """

    def __init__(self, store: Store, clock: Clock, policy: DialingPolicy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._exemptions: tuple[Exemption, ...] = ()

    async def refresh(self) -> None:
        """Read the exemptions; on StoreError the previous ones stay."""
        self._exemptions = tuple(await self._store.law.exemptions())

    def shut(self, campaign: Campaign, code: str) -> LawRefusal | None:
        """Return why nobody in a calling zone may be called now, and until when; None within calling hours.

        ``code`` is the zone as stored with the leads.
        """
        on = CallingZone.read(code)
        if on.zone and not is_zone(on.zone):
            why = "their time zone is no longer known: no call is made in a guessed zone"
            self._store.unreadable.note(
                UnreadableRow("leads", f"campaign {campaign.campaign_id}, clock {code:.40}", why)
            )
        facts = law_facts(None, campaign, on.number, campaign.caller_id, self._policy)
        facts = replace(facts, terms=LeadTerms(zone=on.zone), exemptions=self._exemptions)
        return decision.shut(facts, self._clock.now(), any_time=on.any_time)
