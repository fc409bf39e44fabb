"""Power keeps the cap every day, on scenarios nobody tuned on (I9)."""

import pytest

from telephony.domain.pacing.power import Power
from telephony.simulation.engine import run_day
from telephony.simulation.heldout import held_out

SMALL = [scenario for scenario in held_out(20) if scenario.operators <= 10]


@pytest.mark.parametrize("tenths", [15, 30])
def test_no_day_goes_over_the_cap(tenths: int):
    assert len(SMALL) >= 2
    for number, scenario in enumerate(SMALL):
        day = run_day(scenario, Power(scenario.limit, tenths), 7000 + number)
        assert 0 < day.abandoned_share <= scenario.limit, scenario.name
