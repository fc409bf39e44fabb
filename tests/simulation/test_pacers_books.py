"""The pacers' books: the view decides what is on the line, whatever events are lost, doubled or late."""

from dataclasses import replace
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.domain.pacing.predictive import Predictive
from telephony.ids import CampaignId
from telephony.simulation.engine import run_day
from telephony.simulation.scenarios import B2B, HOUR, SURVEY, Scenario
from tests.effort import cases
from tests.simulation.spoiled_news import HardOfHearing, SpoiledSharedDay

DAY = Scenario("survey", 12, SURVEY, 0.2, ((0.0, 2 * HOUR),), limit=0.03)
NOISE = 0.02
"""Of utilisation: what the mean of a few days of two hours differs by when nothing is wrong."""
ONE_DAY = 0.05
"""The same of one day."""
SEEDS = range(1, cases(3, long=6))

shares = st.floats(0.0, 0.3)


@pytest.fixture(scope="module")
def clean() -> dict[int, float]:
    """The results of days on which no event is lost."""
    return {seed: run_day(DAY, Predictive(), seed).utilisation for seed in SEEDS}


@pytest.mark.slow
def test_a_dial_that_was_cancelled_and_is_gone_without_a_word_risks_nothing_more(clean: dict[int, float]):
    """It was taken for spent: days of three hours ended with 11 to 15 abandoned calls unused, five points lower."""
    days = {seed: run_day(DAY, Predictive(), seed, tells_cancels=False) for seed in SEEDS}
    assert all(day.withdrawn > 100 for day in days.values())
    assert all(day.abandoned_share <= DAY.limit for day in days.values())
    assert mean(days[seed].utilisation - clean[seed] for seed in SEEDS) > -NOISE


@pytest.mark.slow
@settings(max_examples=cases(2, long=40))
@given(
    seed=st.sampled_from(SEEDS),
    dice=st.integers(0, 10**6),
    lost=shares,
    twice=shares,
    late=shares,
    tells_cancels=st.booleans(),
)
def test_events_lost_doubled_or_out_of_order_change_a_day_by_no_more_than_noise(
    clean: dict[int, float], seed: int, dice: int, lost: float, twice: float, late: float, *, tells_cancels: bool
):
    pacer = HardOfHearing(Predictive(), dice, lost=lost, twice=twice, late=late)
    day = run_day(DAY, pacer, seed, tells_cancels=tells_cancels)
    assert day.abandoned_share <= DAY.limit
    assert abs(day.utilisation - clean[seed]) < ONE_DAY


@pytest.mark.slow
def test_several_campaigns_keep_their_pace_when_their_events_are_lost():
    pair = [replace(DAY, operators=8), replace(DAY, operators=8, name="b2b", talk=B2B, answer_rate=0.35)]
    gains = []
    for seed in range(1, cases(2, long=4)):
        spoiled = SpoiledSharedDay(pair, (0.03, 0.03), seed, lost=0.2, twice=0.2).lived()
        heard = SpoiledSharedDay(pair, (0.03, 0.03), seed).lived()
        gains.append(spoiled.floor.utilisation - heard.floor.utilisation)
        assert all(spoiled.abandoned_share(CampaignId(number)) <= 0.03 for number in (0, 1))
    assert mean(gains) > -NOISE
