"""AMD review: people listen to a sample of the calls that AMD classified as machines; this gives an error estimate.

The estimate goes into the floor's abandon rate and into the pacer's view. Asterisk does the detection.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from telephony.domain.calls.amd_review import Reviewed, is_sampled
from telephony.domain.calls.attempts import Attempt, CallEvent
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.evidence.ledger import LedgerNote
from telephony.errors import InputError, StoreError
from telephony.ids import AttemptId, CampaignId
from telephony.ports.calls.attempts import REVIEW
from telephony.ports.clock import Clock
from telephony.ports.pages import every
from telephony.ports.store import Store

log = structlog.get_logger(__name__)

WINDOW: Final = timedelta(days=30)
"""Age of the oldest reviews that count for the estimate."""
REFRESH_S: Final = 30.0
PERSON, IS_MACHINE = "person", "machine"


class AmdReview:
    """Reviews of AMD verdicts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._reviews: dict[CampaignId, Reviewed] = {}

    def share(self, campaign_id: CampaignId) -> float:
        """Return the estimated share of people among the calls that AMD classified as machines."""
        return self._reviews.get(campaign_id, Reviewed()).share

    async def counts(self, campaign_id: CampaignId, begins_at: datetime) -> Reviewed:
        """Return the counts only: no call is read, however many AMD classified as machines."""
        machines, heard = await self._store.attempts.machine_counts(campaign_id, begins_at)
        return Reviewed(machines, sum(heard.values()), heard.get(PERSON, 0))

    async def to_review(self, campaign_id: CampaignId) -> Sequence[Attempt]:
        """Return the sampled calls that nobody has reviewed yet, oldest first."""
        begins_at = self._clock.now() - WINDOW

        async def page(last: tuple[Attempt, str] | None) -> Sequence[tuple[Attempt, str]]:
            return await self._store.attempts.machines(campaign_id, begins_at, after=last[0] if last else None)

        return [attempt async for attempt, heard in every(page) if not heard and is_sampled(attempt.attempt_id)]

    async def review(self, attempt_id: AttemptId, *, was_person: bool, by: str) -> None:
        """Store what a person heard, with a ledger entry; a later review replaces it, and both entries remain.

        Raises:
            InputError: AMD did not classify the call as a machine.
        """
        attempt = await self._store.attempts.get(attempt_id)
        if attempt.outcome is not Outcome.MACHINE:
            raise InputError(
                f"attempt {attempt_id} was not classified as a machine by AMD; telephony amd list shows those that were"
            )
        now, heard = self._clock.now(), PERSON if was_person else IS_MACHINE
        await self._store.attempts.save([CallEvent(attempt_id, REVIEW, now, {"heard": heard, "by": by})], [])
        body: dict[str, str | int] = {"campaign": attempt.campaign_id, "heard": heard, "by": by}
        await self._store.ledger.enter([LedgerNote("machine_reviewed", attempt_id, body, now)])

    async def run(self) -> None:
        """Refresh the estimates of running campaigns until cancelled."""
        while True:
            try:
                for campaign in await self._store.campaigns.all():
                    if campaign.dialing.detects_machines and campaign.state is CampaignState.RUNNING:
                        self._reviews[campaign.campaign_id] = await self.counts(
                            campaign.campaign_id, self._clock.now() - WINDOW
                        )
            except StoreError as error:
                log.error("amd_reviews_unreadable", reason=str(error))
            await asyncio.sleep(REFRESH_S)
