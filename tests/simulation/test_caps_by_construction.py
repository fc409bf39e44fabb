"""The abandon cap is kept by construction (I9): no random day ends over it, whatever the order, the end, the restarts.

Over means: abandoned / (abandoned + connected) is above the cap once the last call of the day has ended. Nothing is
given in advance: a day of so few answers that one abandoned call would be above the cap ends with none.
"""

import pytest

from telephony.domain.pacing.power import Power
from telephony.domain.pacing.predictive import Predictive
from tests.effort import cases
from tests.simulation.random_days import lived_alone, lived_together

FOUND = (171,)
"""Days that ended over their cap (12.8 % under 12 %) when only the level was asked."""
ALONE = cases(40, long=7_000)
TOGETHER = cases(20, long=2_500)
POWER = cases(20, long=500)
PARTS = cases(1, long=4)
"""Of the days of one campaign, so that every core has some."""


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_no_day_of_one_campaign_ends_over_its_cap(part: int):
    days = [lived_alone(seed, Predictive) for seed in (*FOUND, *range(part, ALONE, PARTS))]
    assert [day for day in days if day.is_over] == []
    assert sum(day.abandoned for day in days) > 0, "they dial ahead"


@pytest.mark.slow
def test_no_day_of_several_campaigns_ends_over_any_cap():
    days = [day for seed in range(TOGETHER) for day in lived_together(seed)]
    assert [day for day in days if day.is_over] == []
    assert [day for day in days if day.cap == 0 and day.abandoned] == []


@pytest.mark.slow
def test_no_day_of_power_ends_over_its_cap():
    days = [lived_alone(seed, lambda cap: Power(cap, 30)) for seed in range(POWER)]
    assert [day for day in days if day.is_over] == []
    assert sum(day.abandoned for day in days) > 0
