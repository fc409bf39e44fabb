"""The floor's figures from the database: campaigns, progress, today's outcomes, incidents, callbacks."""

from collections import Counter, deque
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from telephony.domain.calls.events import CallEventValue, Originated
from telephony.domain.calls.lifecycle import Call
from telephony.domain.campaigns.campaigns import Campaign, CampaignProgress
from telephony.domain.floor.snapshot import IncidentView
from telephony.domain.leads.callbacks import Repeated
from telephony.domain.text.reason import Reason
from telephony.errors import StoreError
from telephony.ids import CampaignId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.calls.tracker import Tracker
from telephony.services.dialing.nobody_due import NobodyDue
from telephony.services.floor.mode_router import ModeRouter

log = structlog.get_logger(__name__)

REPEATED: Final = 20
"""Most people with repeated callbacks that are shown."""
MINUTE: Final = timedelta(seconds=60)


class FloorCounts:
    """Counts in the database every few seconds, and adds each call in between; ``timezone`` is the site's."""

    def __init__(
        self, store: Store, tracker: Tracker, modes: ModeRouter, nobody: NobodyDue, clock: Clock, timezone: str
    ) -> None:
        self._store = store
        self._tracker = tracker
        self._modes = modes
        self._nobody = nobody
        self._clock = clock
        self._zone = ZoneInfo(timezone)
        self.campaigns: dict[CampaignId, Campaign] = {}
        self.progress: dict[CampaignId, CampaignProgress] = {}
        self.incidents: tuple[IncidentView, ...] = ()
        self.repeated: tuple[Reason, ...] = ()
        self._outcomes: dict[CampaignId, Counter[str]] = {}
        self._begun: dict[CampaignId, deque[datetime]] = {}
        self._today: datetime | None = None

    def on_call(self, call: Call, event: CallEventValue) -> None:
        """Count an event of a call."""
        attempt = call.attempt
        if call.has_ended and attempt.outcome is not None:
            self._outcomes.setdefault(attempt.campaign_id, Counter())[attempt.outcome] += 1
        if isinstance(event, Originated):
            self._begun.setdefault(attempt.campaign_id, deque()).append(event.at)

    async def look(self) -> None:
        """Count in the database; figures that cannot be read stay as they were."""
        now = self._clock.now()
        midnight = now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            campaigns = await self._store.campaigns.all()
            self.campaigns = {campaign.campaign_id: campaign for campaign in campaigns}
            for campaign_id in self.campaigns:
                self.progress[campaign_id] = await self._store.campaigns.progress(campaign_id)
                if self._today != midnight or campaign_id not in self._outcomes:
                    await self._tracker.flush()
                    counts = await self._store.attempts.since(campaign_id, midnight)
                    self._outcomes[campaign_id] = Counter(counts)
            self._today = midnight
            await self._nobody.look(
                [campaign for campaign in campaigns if self._modes.has_nobody(campaign.campaign_id)]
            )
            incidents = await self._store.ledger.open_incidents()
            self.incidents = tuple(
                IncidentView(incident.kind, incident.subject, incident.text) for incident in incidents
            )
            repeated = await self._store.callbacks.repeated(midnight, REPEATED)
            self.repeated = tuple(self._repeated(callback) for callback in repeated)
        except StoreError as error:
            log.error("floor_not_counted", reason=str(error))

    def _repeated(self, repeated: Repeated) -> Reason:
        at = repeated.at.astimezone(self._zone)
        return Reason("floor.repeated_callbacks", lead=str(repeated.lead_id), n=repeated.count, at=at)

    def outcomes(self, campaign_id: CampaignId) -> Counter[str]:
        """Return a campaign's calls of today, by outcome."""
        return self._outcomes.get(campaign_id, Counter())

    def per_minute(self, campaign_id: CampaignId) -> int:
        """Return how many calls of a campaign were dialled within the last minute."""
        begun = self._begun.get(campaign_id, deque())
        since = self._clock.now() - MINUTE
        while begun and begun[0] < since:
            begun.popleft()
        return len(begun)
