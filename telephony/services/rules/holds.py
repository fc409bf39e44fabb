"""Holds a whole campaign when every lead would be refused, so that its list is not used up lead by lead.

There are two cases. The fault is in the campaign or the settings, for example a caller ID that the settings no longer
have. Or every waiting lead is outside calling hours. The leads stay unchanged; the ledger gets one entry when the hold
begins, and a fault opens an incident. The campaign is decided again every few seconds, so a fix takes effect by itself.
The dialer refuses single leads.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.evidence.ledger import LedgerNote
from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.law.places import clock as clock_of
from telephony.domain.law.verdict import LawRefusal
from telephony.domain.leads.leads import Lead
from telephony.domain.rules.decision import Refused
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId
from telephony.ports.clock import Clock
from telephony.ports.evidence.ledger import Incident
from telephony.ports.store import Store
from telephony.words import english

log = structlog.get_logger(__name__)

AGAIN: Final = timedelta(seconds=10)
"""Time after which a held campaign is decided again."""
CAMPAIGN_HELD: Final = "campaign_held"
"""Kind of the incident: a fault of the campaign or of its settings holds it."""
CHOSEN: Final = frozenset({"campaign_not_running", "locked", "recorder", "not_watched"})
"""Rules that open no incident here: somebody's choice, or a fault that has an incident of its own."""


@dataclass(frozen=True, slots=True)
class _Hold:
    rule: str
    why: Reason
    until: datetime


class Holds:
    """The held campaigns, each with its reason."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._held: dict[CampaignId, _Hold] = {}
        self._next: dict[CampaignId, _Hold] = {}

    def blocking_reason(self, campaign: Campaign) -> Reason | None:
        """Return why a campaign is held now, or None."""
        hold = self._held.get(campaign.campaign_id)
        return hold.why if hold is not None and self._clock.now() < hold.until else None

    def why_empty(self, campaign_id: CampaignId) -> Reason | None:
        """Return when the first of the postponed leads may be called, None when none is postponed."""
        soonest = self._next.get(campaign_id)
        return soonest.why if soonest is not None and self._clock.now() < soonest.until else None

    async def take(self, campaign_id: CampaignId, lead: Lead, refused: Refused) -> bool:
        """Hold the whole campaign if the refusal concerns every lead of it.

        Returns:
            False when the refusal concerns this lead only.

        Raises:
            StoreError: the database cannot be written.
        """
        if not refused.holds_campaign:
            self._postponed(campaign_id, lead, refused, self._clock.now())
            return False
        await self._hold(campaign_id, refused, _reason(lead.clock, refused), is_fault=refused.rule not in CHOSEN)
        return True

    async def shut(self, campaign_id: CampaignId, zone: str, refusal: LawRefusal) -> None:
        """Hold a campaign whose leads are all outside calling hours.

        Args:
            campaign_id: the campaign.
            zone: code of the calling zone whose hours begin first.
            refusal: why not now, and until when.

        Raises:
            StoreError: the database cannot be written.
        """
        refused = Refused(str(refusal.law), refusal.reason, refusal.until)
        await self._hold(campaign_id, refused, _reason(zone, refused), is_fault=False)

    async def _hold(self, campaign_id: CampaignId, refused: Refused, why: Reason, *, is_fault: bool) -> None:
        now = self._clock.now()
        hold = _Hold(refused.rule, why, min(refused.until or now + AGAIN, now + AGAIN))
        before = self._held.get(campaign_id)
        if before is None or before.rule != hold.rule or now - before.until > AGAIN:
            log.warning("campaign_waits", campaign=campaign_id, rule=refused.rule)
            until = refused.until.isoformat() if refused.until else None
            body = {"rule": refused.rule, "text": english(refused.reason), "until": until}
            await self._store.ledger.enter([LedgerNote("campaign_waits", str(campaign_id), body, now)])
            if is_fault:
                why_en = english(refused.reason)
                text = f"No call leaves for campaign {campaign_id}: {why_en} Its leads stay unchanged until then."
                await self._store.ledger.open_incident(Incident(CAMPAIGN_HELD, str(campaign_id), text, now))
        self._held[campaign_id] = hold

    def _postponed(self, campaign_id: CampaignId, lead: Lead, refused: Refused, now: datetime) -> None:
        soonest = self._next.get(campaign_id)
        if refused.until is not None and (soonest is None or soonest.until <= now or refused.until < soonest.until):
            self._next[campaign_id] = _Hold(refused.rule, _reason(lead.clock, refused), refused.until)


def _reason(zone: str, refused: Refused) -> Reason:
    if refused.until is None:
        return refused.reason
    on = CallingZone.read(zone)
    zones = on.place.zones
    at = refused.until.astimezone(clock_of(zones[0] if zones else "UTC"))
    return Reason("nobody.before", at=at, why=refused.reason)
