"""Withdrawn dials: a call that rang long enough in vain is hung up before anybody answers.

The pacer says which one, through the view; whether it may be is decided here: the campaign's own figure, the law's
rows on ringing, and that it really rings. The decision is written down before the pbx hears of it. An answer known by
then cancels it; one that crosses it on its way ends as abandoned (docs/adr/0402-withdrawn-dials.md). Calls that are no
longer allowed are left to ``withdrawal``.
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
"""Seconds after which what could not be written or ordered is tried again."""


class RingLimits:
    """Decides which dials may be withdrawn, and has them hung up."""

    def __init__(
        self,
        tracker: Tracker,
        switch: Switch,
        clock: Clock,
        site: SiteRules,
        feed: LeadFeed,
    ) -> None:
        """Begin with none.

        Args:
            tracker: the calls that live; what happens to them is written down there.
            switch: the pbx.
            clock: the moment that chooses the rows of the law in force.
            site: the site's tightening of the law.
            feed: campaigns that run now.
        """
        self._tracker = tracker
        self._switch = switch
        self._clock = clock
        self._site = site
        self._feed = feed
        self._ordered: set[AttemptId] = set()
        self._news = asyncio.Event()

    def least_ring_s(self) -> float:
        """Return after how many seconds of ringing any dial may be withdrawn; infinite when no campaign asks for it."""
        delays = (_asked_s(campaign) for campaign in self._feed.running.values())
        return min((after_s for after_s in delays if after_s is not None), default=math.inf)

    def withdraw(self, attempt_id: AttemptId, rung_s: float) -> bool:
        """Have a dial hung up if it may be; True when it will be, unless somebody answers first.

        Args:
            attempt_id: which.
            rung_s: how long it has rung, on a clock that only runs forward.
        """
        call = self._tracker.call(attempt_id)
        if call is None or not _rings_in_vain(call) or call.is_withdrawn or call.is_interrupted:
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
        asked_s = _asked_s(campaign) if campaign is not None else None
        if campaign is None or asked_s is None:
            return None
        by_law_s = may_give_up_after_s(attempt.number, campaign.kind, self._site, self._clock.now())
        return None if by_law_s is None else max(by_law_s, asked_s)

    async def run(self) -> None:
        """Hang up what was withdrawn, until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S if self._ordered else None):
                    await self._news.wait()
            self._news.clear()
            await self._hang_up_all()

    async def _hang_up_all(self) -> None:
        """Write down first; what cannot be written rings on, and whoever answered meanwhile is left alone."""
        self._ordered = {attempt_id for attempt_id in self._ordered if self._stands(attempt_id)}
        if not self._ordered:
            return
        try:
            await self._tracker.flush()
        except StoreError as error:
            log.error("withdrawn_dials_wait", dials=len(self._ordered), reason=str(error))
            return
        await asyncio.gather(*(self._hang_up(attempt_id) for attempt_id in self._ordered if self._stands(attempt_id)))

    async def _hang_up(self, attempt_id: AttemptId) -> None:
        try:
            await self._switch.hang_up(ChannelId(attempt_id))
        except SwitchError as error:
            log.warning("withdrawn_dial_rings_on", attempt=attempt_id, reason=str(error))

    def _stands(self, attempt_id: AttemptId) -> bool:
        call = self._tracker.call(attempt_id)
        return call is not None and _rings_in_vain(call)


def _rings_in_vain(call: Call) -> bool:
    """Tell whether the carrier rings, nobody has answered, and both legs are there."""
    attempt = call.attempt
    is_up = call.customer_gone_at is None and call.trunk_gone_at is None
    return is_up and attempt.rang_at is not None and attempt.answered_at is None


def _asked_s(campaign: Campaign) -> float | None:
    """Return after how long the campaign wants dials withdrawn; None when it does not, or is not dialled ahead."""
    after_s = campaign.dialing.withdraw_after_s
    is_asked = after_s > 0 and campaign.dialing.mode is DialMode.PREDICTIVE
    return max(LEAST_RING_S, after_s) if is_asked else None
