"""Campaigns that the law lets wait as a whole, so that no list is worn down lead by lead for nothing.

Two cases: the fault is the campaign's (its caller ID, say), so every lead would be refused alike; or it is no calling
hour, and every lead of the campaign is on the same clock. Nothing is written to the leads; the ledger gets one entry
when the waiting begins. The first lead is decided again every few seconds, so whatever mends it is seen. Refusing
single leads is left to the dialer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from telephony.domain.floor import PaceReason
from telephony.domain.law.places import clock as clock_of
from telephony.domain.law.places import one_clock_prefix, place_of
from telephony.domain.law.provisions import Law
from telephony.domain.law.wording import Text, moment
from telephony.domain.leads import Lead
from telephony.domain.ledger import LedgerNote
from telephony.domain.rules import Refused
from telephony.ids import CampaignId
from telephony.ports.clock import Clock
from telephony.ports.store import Store

log = structlog.get_logger(__name__)

AGAIN: Final = timedelta(seconds=10)
"""After so long a held campaign's first lead is decided again."""
_CLOCK: Final = frozenset({Law.CALLING_DAYS, Law.PUBLIC_HOLIDAY, Law.CALLING_HOURS})


@dataclass(frozen=True, slots=True)
class _Wait:
    rule: str
    why: PaceReason
    until: datetime


class Holds:
    """Which campaigns wait, and why."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Begin with none."""
        self._store = store
        self._clock = clock
        self._held: dict[CampaignId, _Wait] = {}
        self._next: dict[CampaignId, _Wait] = {}

    def why_not(self, campaign_id: CampaignId) -> PaceReason | None:
        """Say why a campaign waits now, None when it does not."""
        held = self._held.get(campaign_id)
        return held.why if held is not None and self._clock.now() < held.until else None

    def why_empty(self, campaign_id: CampaignId) -> PaceReason | None:
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
        now = self._clock.now()
        if not refused.holds_campaign and not await self._is_everybodys(campaign_id, lead, refused):
            self._postponed(campaign_id, lead, refused, now)
            return False
        wait = _Wait(refused.rule, _said(lead, refused), min(refused.until or now + AGAIN, now + AGAIN))
        before = self._held.get(campaign_id)
        if before is None or before.rule != wait.rule or now - before.until > AGAIN:
            log.warning("campaign_waits", campaign=campaign_id, rule=refused.rule)
            until = refused.until.isoformat() if refused.until else None
            body = {"rule": refused.rule, "text": refused.text, "until": until}
            await self._store.ledger.enter([LedgerNote("campaign_waits", str(campaign_id), body, now)])
        self._held[campaign_id] = wait
        return True

    async def _is_everybodys(self, campaign_id: CampaignId, lead: Lead, refused: Refused) -> bool:
        prefix = one_clock_prefix(lead.number)
        if refused.until is None or refused.rule not in _CLOCK or not prefix:
            return False
        return await self._store.leads.keeps_one_clock(campaign_id, prefix)

    def _postponed(self, campaign_id: CampaignId, lead: Lead, refused: Refused, now: datetime) -> None:
        soonest = self._next.get(campaign_id)
        if refused.until is not None and (soonest is None or soonest.until <= now or refused.until < soonest.until):
            self._next[campaign_id] = _Wait(refused.rule, _said(lead, refused), refused.until)


def _said(lead: Lead, refused: Refused) -> PaceReason:
    if refused.until is None:
        return PaceReason(fr=refused.french, en=refused.text)
    zones = place_of(lead.number).zones
    at: Text = moment(refused.until, clock_of(zones[0] if zones else "UTC"))
    return PaceReason(
        fr=f"Personne à appeler avant {at.fr}. {refused.french}", en=f"Nobody to call before {at.en}. {refused.text}"
    )
