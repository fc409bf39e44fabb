"""The pace of the floor: chooses the pacer for the running campaigns and the day, and returns its dial orders.

Operators serve every running campaign. A single campaign has the pacer of its mode. Several campaigns share
``telephony.domain.pacing.shared``: each has its own cap and its own counts of the day, so that no forecast spends
another campaign's budget (I9). Counts are read again after a restart. ``telephony.domain`` decides how many to dial;
the dialer gives the orders to the launcher.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.campaigns.dialing_options import DialingOptions, DialMode
from telephony.domain.pacing.interface import AnyPacer, Progressive, View
from telephony.domain.pacing.power import Power
from telephony.domain.pacing.predictive import Predictive
from telephony.domain.pacing.shared import DayCounts, SharedPace
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId
from telephony.ports.campaigns.campaigns import CampaignStore
from telephony.ports.clock import Clock
from telephony.services.dialing.lead_feed import LeadFeed
from telephony.services.dialing.live_view import LiveView

log = structlog.get_logger(__name__)

AHEAD: Final = frozenset({DialMode.POWER, DialMode.PREDICTIVE})
"""Modes in which more calls may ring than operators are free."""


@dataclass(frozen=True, slots=True)
class DialOrder:
    """One dial to launch.

    Attributes:
        campaign_id: the campaign; None: campaigns in turn.
        is_reserved: an operator is reserved for it.
    """

    campaign_id: CampaignId | None = None
    is_reserved: bool = False


class FloorPacer(Protocol):
    """Decides for the whole floor which dials to launch."""

    tick: float
    """Seconds between TICK calls, at most 1."""

    def start(self) -> None:
        """Start the pacer; called once."""

    async def follow(self, running: Collection[Campaign]) -> None:
        """Pace exactly these campaigns; StoreError if their counts cannot be read yet."""

    def step(self, t: float, kind: int, call: int, agent: int) -> Iterator[DialOrder]:
        """Yield the dials to launch now; the view must count each dial before the next is taken."""

    def reason(self, campaign_id: CampaignId) -> Reason:
        """Return why a campaign dials as it does."""


class OnePacer:
    """A floor paced by one pacer of ``telephony.domain.pacing``'s interface, whatever runs."""

    def __init__(self, pacer: AnyPacer, view: View) -> None:
        self._pacer = pacer
        self._view = view
        self.tick = pacer.tick

    def start(self) -> None:
        """Begin."""
        self._pacer.start(self._view)

    async def follow(self, running: Collection[Campaign]) -> None:
        """Change nothing: the pacer is the same for all campaigns."""

    def step(self, t: float, kind: int, call: int, agent: int) -> Iterator[DialOrder]:
        """Yield as many dials as the pacer orders, of campaigns in turn."""
        for _ in range(self._pacer.step(t, kind, call, agent)):
            yield DialOrder()

    def reason(self, campaign_id: CampaignId) -> Reason:
        """Return the pacer's reason."""
        del campaign_id
        return self._pacer.reason()


class Pace:
    """Implements ``FloorPacer`` by the modes of the running campaigns."""

    tick = 1.0

    def __init__(self, campaigns: CampaignStore, view: LiveView, feed: LeadFeed, clock: Clock, timezone: str) -> None:
        """Begin with one call per free operator.

        Args:
            campaigns: the day's counts.
            view: what pacers read; its counts of the day are set here.
            feed: whether a campaign has somebody to call now.
            clock: the present time.
            timezone: the site's time zone; its midnight begins a day's budget.
        """
        self._campaigns = campaigns
        self._view = view
        self._clock = clock
        self._zone = ZoneInfo(timezone)
        self._feed = feed
        self._key: tuple[CampaignId, DialMode, int, float, date] | None = None
        self._days: dict[CampaignId, date] = {}
        self._modes: dict[CampaignId, DialMode] = {}
        self._pacer: AnyPacer = Progressive()
        self._shared: SharedPace | None = None

    async def follow(self, running: Collection[Campaign]) -> None:
        """Choose the pacer for the running campaigns.

        Raises:
            StoreError: a campaign's counts of the day cannot be read: nothing may be dialled until they can.
        """
        self._modes = {campaign.campaign_id: campaign.dialing.mode for campaign in running}
        midnight = self._clock.now().astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        for campaign in running:
            if self._days.get(campaign.campaign_id) != midnight.date():
                await self._begin_day(campaign.campaign_id, midnight)
        if len(running) > 1:
            self._share(running)
        else:
            self._alone(next(iter(running), None), midnight.date())

    async def _begin_day(self, campaign_id: CampaignId, midnight: datetime) -> None:
        counts = await self._campaigns.answered_since(campaign_id, midnight)
        people = counts.connected + counts.abandoned
        abandoned = counts.abandoned + self._view.counters.begin_estimates(
            campaign_id, counts.machines, counts.withdrawn
        )
        self._view.set_day(campaign_id, DayCounts(counts.dials, people, counts.connected, abandoned))
        self._days[campaign_id] = midnight.date()
        if self._shared is not None:
            self._shared.renew(campaign_id)

    def _share(self, running: Collection[Campaign]) -> None:
        if self._shared is None:
            # A campaign that runs alone later begins with a new pacer of its own mode, cap and counts.
            self._key, self._pacer = None, self._started(Progressive())
            self._shared = SharedPace(self._view, self._feed.may_call)
            log.info("pace_shared", campaigns=[campaign.campaign_id for campaign in running])
        is_ahead = DialMode.PREDICTIVE
        self._shared.follow(
            {
                campaign.campaign_id: campaign.dialing.abandon_cap if campaign.dialing.mode is is_ahead else 0.0
                for campaign in running
            }
        )

    def _alone(self, only: Campaign | None, day: date) -> None:
        self._shared = None
        key = None
        if only is not None and only.dialing.mode in AHEAD:
            key = (only.campaign_id, only.dialing.mode, only.dialing.power_tenths, only.dialing.abandon_cap, day)
        if key == self._key:
            return
        self._key = key
        if key is None or only is None:
            self._pacer = self._started(Progressive())
            return
        self._view.counters.show_alone(only.campaign_id)
        self._pacer = self._started(_pacer(only.dialing))
        log.info(
            "pace_chosen", campaign=only.campaign_id, mode=str(only.dialing.mode), abandon_cap=only.dialing.abandon_cap
        )

    def _started(self, pacer: AnyPacer) -> AnyPacer:
        pacer.start(self._view)
        return pacer

    def start(self) -> None:
        """Begin."""
        self._pacer.start(self._view)

    def step(self, t: float, kind: int, call: int, agent: int) -> Iterator[DialOrder]:
        """Yield the dials to launch now; with several campaigns each names its campaign."""
        if self._shared is not None:
            for order in self._shared.step(t, kind, call, agent):
                yield DialOrder(order.campaign_id, order.is_reserved)
            return
        for _ in range(self._pacer.step(t, kind, call, agent)):
            yield DialOrder()

    def reason(self, campaign_id: CampaignId) -> Reason:
        """Return why a campaign dials as it does."""
        if self._shared is None:
            return self._pacer.reason()
        if self._modes.get(campaign_id) is DialMode.POWER:
            return Reason("pace.power_alone")
        return self._shared.reason(campaign_id)


def _pacer(dialing: DialingOptions) -> AnyPacer:
    if dialing.mode is DialMode.POWER:
        return Power(dialing.abandon_cap, dialing.power_tenths)
    return Predictive(dialing.abandon_cap)
