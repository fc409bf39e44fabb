"""The day's counts that pacers look at: the whole floor's and each campaign's, with estimates of what nobody sees.

People taken for machines, and people who answered just as their call was hung up, were abandoned although no event says
so: they are estimated and counted.
"""

import math
from collections import defaultdict
from typing import Protocol

from telephony.domain.law.abandonment import CROSSED_SHARE
from telephony.domain.pacing.shared import DayCounts
from telephony.ids import CampaignId


class FalsePositiveShare(Protocol):
    """How often a person is taken for a machine."""

    def share(self, campaign_id: CampaignId) -> float:
        """Return the share of people among a campaign's machines, 0 to 1."""


class DayCounters:
    """Counts since midnight."""

    def __init__(self, machines: FalsePositiveShare) -> None:
        self._machines = machines
        self.days: dict[CampaignId, DayCounts] = {}
        """Each campaign's counts of today."""
        self.floor = DayCounts()
        """Those of the whole floor, or of the one campaign that runs alone."""
        self._amd_false_positives: defaultdict[CampaignId, float] = defaultdict(float)
        self._crossed: defaultdict[CampaignId, float] = defaultdict(float)

    def count(
        self, campaign_id: CampaignId, *, dials: int = 0, human: int = 0, connected: int = 0, abandoned: int = 0
    ) -> None:
        """Count for the floor and for a campaign."""
        for day in (self.floor, self.days.setdefault(campaign_id, DayCounts())):
            day.n_dials += dials
            day.n_human += human
            day.n_connected += connected
            day.n_abandoned += abandoned

    def begin_estimates(self, campaign_id: CampaignId, machines: int, cancelled: int) -> int:
        """Begin a day's estimates again from its counts; return how many unseen people they come to."""
        self._amd_false_positives[campaign_id] = machines * self._machines.share(campaign_id)
        self._crossed[campaign_id] = cancelled * CROSSED_SHARE
        return math.ceil(self._amd_false_positives[campaign_id]) + round(self._crossed[campaign_id])

    def count_machine(self, campaign_id: CampaignId) -> None:
        """Count a call that a machine answered: some of them were people."""
        before = self._amd_false_positives[campaign_id]
        self._amd_false_positives[campaign_id] += self._machines.share(campaign_id)
        self.count(campaign_id, abandoned=math.ceil(self._amd_false_positives[campaign_id]) - math.ceil(before))

    def count_cancelled(self, campaign_id: CampaignId) -> None:
        """Count a ringing call that was hung up: some were answered in that moment."""
        before = self._crossed[campaign_id]
        self._crossed[campaign_id] += CROSSED_SHARE
        self.count(campaign_id, abandoned=round(self._crossed[campaign_id]) - round(before))

    def show_alone(self, campaign_id: CampaignId) -> None:
        """Make the floor's counts those of a campaign, which runs alone."""
        day = self.days.get(campaign_id, DayCounts())
        self.floor = DayCounts(day.n_dials, day.n_human, day.n_connected, day.n_abandoned)
