"""The pace of the floor: which pacer decides now, for the campaign that runs and its day.

Operators serve every running campaign. With one of them running in power or predictive mode, a pacer of its own
decides, under its cap and on its own counts of the day, which are read back after a restart. With several running, or
none, it is one call per free operator: a pool's forecast would let one campaign spend another's budget (I9). How many
is left to ``telephony.domain.pacing`` and ``predictive``, dialling to the dialer.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from telephony.domain.campaigns import Campaign, DialMode
from telephony.domain.floor import PaceReason
from telephony.domain.pacing import Pacer, Progressive
from telephony.domain.power import Power
from telephony.domain.predictive import Predictive
from telephony.ids import CampaignId
from telephony.ports.clock import Clock
from telephony.ports.store import CampaignStore
from telephony.services.dialing_view import DialingView

log = structlog.get_logger(__name__)

AHEAD: Final = frozenset({DialMode.POWER, DialMode.PREDICTIVE})
"""Modes in which more calls may ring than operators are free."""


class Pace:
    """Implements ``telephony.domain.pacing.Pacer``; ``follow`` tells it what runs."""

    tick = 1.0

    def __init__(self, campaigns: CampaignStore, view: DialingView, clock: Clock, timezone: str) -> None:
        """Begin with one call per free operator.

        Args:
            campaigns: where the day's counts are.
            view: what pacers look at; its counts of the day are set here.
            clock: the present moment.
            timezone: the site's, whose midnight begins a day's budget.
        """
        self._campaigns = campaigns
        self._view = view
        self._clock = clock
        self._zone = ZoneInfo(timezone)
        self._key: tuple[CampaignId, DialMode, int, float, date] | None = None
        self._pacer: Pacer = Progressive()
        self._several = False

    async def follow(self, running: Collection[Campaign]) -> None:
        """Choose the pacer for what runs now.

        Raises:
            StoreError: the day's counts cannot be read; it is one call per free operator until they can.
        """
        ahead = [one for one in running if one.mode in AHEAD]
        self._several = bool(ahead) and len(running) > 1
        only = ahead[0] if len(ahead) == len(running) == 1 else None
        midnight = self._clock.now().astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        key = None
        if only is not None:
            key = (only.campaign_id, only.mode, only.power_tenths, only.abandon_cap, midnight.date())
        if key == self._key:
            return
        self._key = None
        self._pacer = self._started(Progressive())
        if only is None:
            return
        await self._count(only, midnight)
        self._pacer = self._started(_pacer(only))
        self._key = key
        log.info("pace_chosen", campaign=only.campaign_id, mode=str(only.mode), abandon_cap=only.abandon_cap)

    async def _count(self, campaign: Campaign, since: datetime) -> None:
        counts = await self._campaigns.answered_since(campaign.campaign_id, since)
        view = self._view
        # Calls that wait for an operator now are people too, and in neither count yet.
        view.n_dials, view.n_connected = counts.dials, counts.connected
        unheard = view.count_unheard(campaign.campaign_id, counts.machines, counts.withdrawn)
        view.n_abandoned = counts.abandoned + unheard
        view.n_human = counts.connected + counts.abandoned + len(view.waiting)

    def _started(self, pacer: Pacer) -> Pacer:
        pacer.start(self._view)
        return pacer

    def start(self, view: object) -> None:
        """Begin; the view is the one given."""
        del view
        self._pacer.start(self._view)

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return how many new dials to launch now."""
        return self._pacer.step(t, kind, call, agent)

    def reason(self) -> PaceReason:
        """Say why it dials as it does."""
        if self._several:
            return PaceReason(
                fr="Un appel par poste libre\u202f: plusieurs campagnes tournent, aucune n’est anticipée.",
                en="1:1: several campaigns run, so none is dialled ahead.",
            )
        return self._pacer.reason()


def _pacer(campaign: Campaign) -> Pacer:
    if campaign.mode is DialMode.POWER:
        return Power(campaign.abandon_cap, campaign.power_tenths)
    return Predictive(campaign.abandon_cap)
