"""Campaigns that the law lets wait as a whole, so that no list is worn down lead by lead for nothing.

Two cases: the fault is the campaign's or the site's (a trunk or caller ID that the settings no longer hold, say), so
every lead would be refused alike; or it is no calling hour on any clock that its waiting leads live on. Nothing is
written to the leads; the ledger gets one entry when the waiting begins, and a fault is an incident. Every few seconds
it is decided again, so whatever mends it is seen. Refusing single leads is left to the dialer.
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
"""After so long a held campaign is decided again."""


CAMPAIGN_HELD: Final = "campaign_held"
"""Kind of the incident: a fault of the campaign, or of the settings it stands on, holds it."""
CHOSEN: Final = frozenset({"campaign_not_running", "locked", "recorder", "not_watched"})
"""What somebody chose, and what has an incident of its own."""


@dataclass(frozen=True, slots=True)
class _Wait:
    rule: str
    why: Reason
    until: datetime


class Holds:
    """Which campaigns wait, and why."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Begin with none."""
        self._store = store
        self._clock = clock
        self._held: dict[CampaignId, _Wait] = {}
        self._next: dict[CampaignId, _Wait] = {}

    def blocking_reason(self, campaign: Campaign) -> Reason | None:
        """Return why a campaign waits now, None when it does not."""
        held = self._held.get(campaign.campaign_id)
        return held.why if held is not None and self._clock.now() < held.until else None

    def why_empty(self, campaign_id: CampaignId) -> Reason | None:
        """Say when the soonest of the leads that were postponed one by one may be called, None when none waits."""
        soonest = self._next.get(campaign_id)
        return soonest.why if soonest is not None and self._clock.now() < soonest.until else None

    async def take(self, campaign_id: CampaignId, lead: Lead, refused: Refused) -> bool:
        """Let the whole campaign wait if the refusal says it must.

        Returns:
            False when the refusal is the lead's alone.

        Raises:
            StoreError: the database cannot be asked.
        """
        if not refused.holds_campaign:
            self._postponed(campaign_id, lead, refused, self._clock.now())
            return False
        await self._wait(campaign_id, refused, _said(lead.clock, refused), is_fault=refused.rule not in CHOSEN)
        return True

    async def shut(self, campaign_id: CampaignId, word: str, no: LawRefusal) -> None:
        """Let a campaign wait whose leads all live on clocks that are shut.

        Args:
            campaign_id: which.
            word: the clock that opens first.
            no: why not now, and when it opens.

        Raises:
            StoreError: the database cannot be asked.
        """
        refused = Refused(str(no.law), no.reason, no.until)
        await self._wait(campaign_id, refused, _said(word, refused), is_fault=False)

    async def _wait(self, campaign_id: CampaignId, refused: Refused, why: Reason, *, is_fault: bool) -> None:
        now = self._clock.now()
        wait = _Wait(refused.rule, why, min(refused.until or now + AGAIN, now + AGAIN))
        before = self._held.get(campaign_id)
        if before is None or before.rule != wait.rule or now - before.until > AGAIN:
            log.warning("campaign_waits", campaign=campaign_id, rule=refused.rule)
            until = refused.until.isoformat() if refused.until else None
            body = {"rule": refused.rule, "text": english(refused.reason), "until": until}
            await self._store.ledger.enter([LedgerNote("campaign_waits", str(campaign_id), body, now)])
            if is_fault:
                why_en = english(refused.reason)
                text = f"No call leaves for campaign {campaign_id}: {why_en} Its leads wait untouched until then."
                await self._store.ledger.open_incident(Incident(CAMPAIGN_HELD, str(campaign_id), text, now))
        self._held[campaign_id] = wait

    def _postponed(self, campaign_id: CampaignId, lead: Lead, refused: Refused, now: datetime) -> None:
        soonest = self._next.get(campaign_id)
        if refused.until is not None and (soonest is None or soonest.until <= now or refused.until < soonest.until):
            self._next[campaign_id] = _Wait(refused.rule, _said(lead.clock, refused), refused.until)


def _said(word: str, refused: Refused) -> Reason:
    if refused.until is None:
        return refused.reason
    on = CallingZone.read(word)
    zones = on.place.zones
    at = refused.until.astimezone(clock_of(zones[0] if zones else "UTC"))
    return Reason("nobody.before", at=at, why=refused.reason)
