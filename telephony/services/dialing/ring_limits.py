"""Ring limits: a call that rang long enough without an answer is cancelled.

The pacer chooses the call, through the view. Here it is decided if it may be cancelled: by the campaign's limit, the
law's rules on ringing, and the fact that it rings. The decision is written down before the pbx is told. A call that is
answered by then is kept; one answered after it counts as abandoned (docs/adr/0402-withdrawn-dials.md). ``enforcement``
handles calls that are no longer allowed.
"""

import asyncio
import contextlib
import math
from typing import Final

import structlog

from telephony.domain.calls.events import CallWithdrawn
from telephony.domain.calls.lifecycle import Call
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.law.basis import LEAST_RING_S
from telephony.domain.law.ringing import may_give_up_after_s
from telephony.domain.law.site import SiteRules
from telephony.errors import StoreError, SwitchError
from telephony.ids import AttemptId, ChannelId
from telephony.ports.calls.switch import Switch
from telephony.ports.clock import Clock
from telephony.services.calls.tracker import Tracker
from telephony.services.dialing.lead_feed import LeadFeed

log = structlog.get_logger(__name__)

AGAIN_S: Final = 1.0
"""Seconds after which a failed write or hangup is tried again."""


class RingLimits:
    """Decides which ringing calls may be cancelled, and hangs them up."""

    def __init__(
        self,
        tracker: Tracker,
        switch: Switch,
        clock: Clock,
        site: SiteRules,
        feed: LeadFeed,
    ) -> None:
        """Build it; nothing is cancelled yet.

        Args:
            tracker: the live calls, and where their events are recorded.
            switch: the pbx.
            clock: the time that selects the law in force.
            site: the site's rules stricter than the law.
            feed: the running campaigns.
        """
        self._tracker = tracker
        self._switch = switch
        self._clock = clock
        self._site = site
        self._feed = feed
        self._ordered: set[AttemptId] = set()
        self._news = asyncio.Event()

    def least_ring_s(self) -> float:
        """Return the seconds of ringing after which any call may be cancelled; infinite if no campaign does."""
        delays = (_ring_limit_s(campaign) for campaign in self._feed.running.values())
        return min((after_s for after_s in delays if after_s is not None), default=math.inf)

    def withdraw(self, attempt_id: AttemptId, rung_s: float) -> bool:
        """Cancel a ringing call if it may be; return True if it will be, unless somebody answers first.

        Args:
            attempt_id: the call's attempt.
            rung_s: seconds it has rung, by a monotonic clock.
        """
        call = self._tracker.call(attempt_id)
        if call is None or not _is_ringing(call) or call.is_withdrawn or call.is_interrupted:
            return False
        least_s = self._may_after_s(call)
        if least_s is None or rung_s < least_s:
            return False
        if self._tracker.record_event(attempt_id, CallWithdrawn(self._clock.now())) is None:
            return False
        self._ordered.add(attempt_id)
        self._news.set()
        return True

    def _may_after_s(self, call: Call) -> float | None:
        attempt = call.attempt
        campaign = self._feed.running.get(attempt.campaign_id)
        limit_s = _ring_limit_s(campaign) if campaign is not None else None
        if campaign is None or limit_s is None:
            return None
        by_law_s = may_give_up_after_s(attempt.number, campaign.kind, self._site, self._clock.now())
        return None if by_law_s is None else max(by_law_s, limit_s)

    async def run(self) -> None:
        """Hang up the calls to be cancelled, until this task is cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S if self._ordered else None):
                    await self._news.wait()
            self._news.clear()
            await self._hang_up_all()

    async def _hang_up_all(self) -> None:
        """Write first: a call that cannot be written rings on, one that was answered meanwhile is kept."""
        self._ordered = {attempt_id for attempt_id in self._ordered if self._still_rings(attempt_id)}
        if not self._ordered:
            return
        try:
            await self._tracker.flush()
        except StoreError as error:
            log.error("cancelled_calls_not_saved", calls=len(self._ordered), reason=str(error))
            return
        await asyncio.gather(
            *(self._hang_up(attempt_id) for attempt_id in self._ordered if self._still_rings(attempt_id))
        )

    async def _hang_up(self, attempt_id: AttemptId) -> None:
        try:
            await self._switch.hang_up(ChannelId(attempt_id))
        except SwitchError as error:
            log.warning("cancelled_call_not_ended", attempt=attempt_id, reason=str(error))

    def _still_rings(self, attempt_id: AttemptId) -> bool:
        call = self._tracker.call(attempt_id)
        return call is not None and _is_ringing(call)


def _is_ringing(call: Call) -> bool:
    """Return True if the call rings, nobody has answered, and both legs exist."""
    attempt = call.attempt
    is_up = call.customer_gone_at is None and call.trunk_gone_at is None
    return is_up and attempt.rang_at is not None and attempt.answered_at is None


def _ring_limit_s(campaign: Campaign) -> float | None:
    """Return the campaign's ring limit, seconds; None if it has none or is not predictive."""
    after_s = campaign.dialing.withdraw_after_s
    has_limit = after_s > 0 and campaign.dialing.mode is DialMode.PREDICTIVE
    return max(LEAST_RING_S, after_s) if has_limit else None
