"""Outages: when a trunk's breaker opens, an incident is opened, and a campaign without another trunk is paused.

So a carrier that fails all calls costs some seconds and a few leads' place in the list, never the list. ``capacity``
and the domain's breaker count the failures.
"""

import asyncio
from collections import deque
from datetime import timedelta
from typing import Final

import structlog

from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.text.reason import Reason
from telephony.domain.trunks.breaker import Breaker, BreakerBounds
from telephony.errors import ConflictError, StoreError
from telephony.ports.clock import Clock
from telephony.ports.evidence.ledger import Incident
from telephony.ports.store import Store
from telephony.services.trunks.capacity import TrunkCapacity
from telephony.settings import BreakerSettings

log = structlog.get_logger(__name__)

TRUNK_FAILING: Final = "trunk_failing"
CAMPAIGN_WITHOUT_TRUNK: Final = "campaign_without_trunk"
BY: Final = "trunks"
"""Name under which the ledger has the pause of a campaign."""
RECALLED: Final = 100
"""Number of attempts from which a trunk's breaker is rebuilt at start."""
AGAIN_S: Final = 1.0
"""Seconds before a failed write is tried again."""


def breaker_bounds(settings: BreakerSettings) -> BreakerBounds:
    """Return the settings as the domain's bounds."""
    return BreakerBounds(
        window=settings.calls,
        least=settings.faults,
        share=settings.share,
        in_a_row=settings.in_a_row,
        pause=timedelta(seconds=settings.pause_s),
        longest_pause=timedelta(seconds=settings.longest_pause_s),
    )


class Outages:
    """Acts on open breakers."""

    def __init__(self, store: Store, trunks: TrunkCapacity, clock: Clock) -> None:
        self._store = store
        self._trunks = trunks
        self._clock = clock
        self._opened: deque[str] = deque()
        self._wake = asyncio.Event()

    async def recall(self) -> None:
        """Rebuild the breakers from the latest attempts; at start."""
        for name in self._trunks.names:
            self._trunks.recall(await self._store.attempts.on_trunk(name, RECALLED))

    def blocking_reason(self, campaign: Campaign) -> Reason | None:
        """Return why no trunk of the campaign takes a call now, or None."""
        if self._trunks.routes(campaign.campaign_id, campaign.routes):
            return None
        names = ", ".join(route.trunk for route in campaign.routes)
        return Reason("blocked.trunks", names=names)

    def on_breaker(self, name: str, breaker: Breaker) -> None:
        """Queue a breaker that opened, to be acted on."""
        if breaker.until_at is None:
            log.info("trunk_works_again", trunk=name)
            return
        log.error("trunk_failing", trunk=name, failed=breaker.failed, of=len(breaker.seen))
        self._opened.append(name)
        self._wake.set()

    async def run(self) -> None:
        """Act on every breaker that opens, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.act()
            except StoreError as error:
                log.error("trunk_incident_not_saved", reason=str(error))
                await asyncio.sleep(AGAIN_S)
                self._wake.set()

    async def act(self) -> None:
        """Open the incidents and pause campaigns that have no other trunk; a failed write is tried again."""
        while self._opened:
            name = self._opened[0]
            await self._store.ledger.open_incident(self._incident(name))
            for campaign in await self._store.campaigns.all():
                names = [route.trunk for route in campaign.routes]
                is_without = name in names and all(self._trunks.is_failing(trunk) for trunk in names)
                if is_without and campaign.state is CampaignState.RUNNING:
                    await self._pause(campaign)
            self._opened.popleft()

    def _incident(self, name: str) -> Incident:
        state = self._trunks.state(name)
        text = (
            f"Trunk {name} fails: {state.failed} of its last {state.seen} calls got nowhere ({state.causes}). No call"
            " goes out on it but one test call after each pause. Ask the carrier; telephony trunk state shows how it"
            " stands, and it comes back by itself with the first call that rings."
        )
        return Incident(TRUNK_FAILING, name, text, self._clock.now())

    async def _pause(self, campaign: Campaign) -> None:
        at = self._clock.now()
        names = ", ".join(route.trunk for route in campaign.routes)
        text = (
            f"Campaign {campaign.campaign_id} was paused: every trunk it has fails ({names}). Its leads wait untouched."
            " When the carrier works again, or the campaign has another trunk, start it with telephony campaign start."
        )
        try:
            await self._store.campaigns.set_state(campaign.campaign_id, CampaignState.PAUSED, BY, at)
        except ConflictError:
            return  # somebody paused it before
        await self._store.ledger.open_incident(Incident(CAMPAIGN_WITHOUT_TRUNK, str(campaign.campaign_id), text, at))
