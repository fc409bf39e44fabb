"""The day's counts for the pacers, of the whole floor and of each campaign, with estimates of unseen abandons.

People whom AMD took for machines, and people who answered just as their call was cancelled, were abandoned although no
event shows it. Their numbers are estimated and counted.
"""

import math
from collections import defaultdict
from typing import Protocol

from telephony.domain.law.abandonment import CROSSED_SHARE
from telephony.domain.pacing.shared import DayCounts
from telephony.ids import CampaignId


class FalsePositiveShare(Protocol):
    """The share of false positives of AMD."""

    def share(self, campaign_id: CampaignId) -> float:
        """Return the share of people among a campaign's calls that AMD took for machines, 0 to 1."""


class DayCounters:
    """Counts since midnight."""

    def __init__(self, machines: FalsePositiveShare) -> None:
        self._machines = machines
        self.days: dict[CampaignId, DayCounts] = {}
        """Each campaign's counts of today."""
        self.floor = DayCounts()
        """Counts of the whole floor, or of the only campaign that runs."""
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
        """Restart a day's estimates from its counts; return the estimated number of unseen abandons."""
        self._amd_false_positives[campaign_id] = machines * self._machines.share(campaign_id)
        self._crossed[campaign_id] = cancelled * CROSSED_SHARE
        return math.ceil(self._amd_false_positives[campaign_id]) + round(self._crossed[campaign_id])

    def count_machine(self, campaign_id: CampaignId) -> None:
        """Count a call that AMD took for a machine: some of these are people."""
        before = self._amd_false_positives[campaign_id]
        self._amd_false_positives[campaign_id] += self._machines.share(campaign_id)
        self.count(campaign_id, abandoned=math.ceil(self._amd_false_positives[campaign_id]) - math.ceil(before))

    def count_cancelled(self, campaign_id: CampaignId) -> None:
        """Count a cancelled ringing call: some of these are answered at the same time."""
        before = self._crossed[campaign_id]
        self._crossed[campaign_id] += CROSSED_SHARE
        self.count(campaign_id, abandoned=round(self._crossed[campaign_id]) - round(before))

    def show_alone(self, campaign_id: CampaignId) -> None:
        """Make the floor's counts those of the only campaign that runs."""
        day = self.days.get(campaign_id, DayCounts())
        self.floor = DayCounts(day.n_dials, day.n_human, day.n_connected, day.n_abandoned)
