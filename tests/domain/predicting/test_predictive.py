"""The predictive pacer: when it predicts, what it may spend, and what it says; figures are the benchmark's."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.pacing.interface import Kind, Progressive
from telephony.domain.pacing.predicting.budget import Budget
from telephony.domain.pacing.predicting.race import Race
from telephony.domain.pacing.predicting.tuning import Tuning
from telephony.domain.pacing.predictive import Predictive
from telephony.simulation.engine import Day, run_day
from telephony.simulation.scenarios import B2B, SURVEY, Scenario
from telephony.words import english, say

HOUR = 3600.0
SMALL = Scenario("small", 5, B2B, 0.3, ((0.0, 1.5 * HOUR),))


def test_no_cap_is_one_call_per_free_operator():
    assert run_day(SMALL, Predictive(0.0), 3).abandoned == 0
    assert run_day(SMALL, Predictive(0.0), 3).dials == run_day(SMALL, Progressive(0.0), 3).dials


@pytest.mark.slow
@pytest.mark.parametrize(("limit", "least"), [(0.01, 0.015), (0.03, 0.03)])
def test_it_dials_ahead_and_keeps_the_cap(limit: float, least: float):
    """At 1 % the first of the day is held once 99 people are connected: some 25 minutes one to one of ninety."""
    gains = []
    for seed in range(3, 7):
        ahead, one_to_one = run_day(SMALL, Predictive(limit), seed), run_day(SMALL, Progressive(limit), seed)
        assert ahead.abandoned_share <= limit
        gains.append(ahead.utilisation - one_to_one.utilisation)
    assert sum(gains) / len(gains) > least
    assert min(gains) > 0


def test_with_little_seen_it_dials_one_to_one_and_says_what_it_needs():
    day = Day(SMALL, Progressive(), 1)
    pacer = Predictive()
    day.floor.free.update({1: 0.0, 2: 0.0})
    pacer.start(day.floor)
    assert pacer.step(0.0, Kind.TICK, -1, -1) == 2
    reason = pacer.reason()
    assert english(reason) == "1:1: 0 answers seen, need 10."
    assert "0 décrochés vus" in say(reason, "fr")


@pytest.mark.slow
def test_it_says_when_it_predicts_and_when_it_holds():
    said = set()

    class Listening(Predictive):
        def step(self, t: float, kind: int, call: int, agent: int) -> int:
            count = super().step(t, kind, call, agent)
            said.add(english(self.reason()).partition(":")[0])
            return count

    run_day(Scenario("talks", 3, SURVEY, 0.5, ((0.0, 2 * HOUR),)), Listening(), 5)
    assert {"1", "Predicting"} <= said <= {"1", "Predicting", "Holding"}


def test_events_of_calls_begun_before_it_are_no_harm():
    day = Day(SMALL, Progressive(), 1)
    pacer = Predictive()
    pacer.start(day.floor)
    for kind in Kind:
        assert pacer.step(1.0, kind, 99, 7) == 0


@given(st.floats(0.001, 0.5), st.lists(st.booleans(), max_size=400))
def test_a_budget_holds_only_calls_that_leave_the_cap_kept_however_soon_the_day_ends(cap: float, risks: list[bool]):
    """The worst case: no overdialed call finds an operator, all reserved calls are answered at once."""
    budget = Budget(cap, Tuning())
    connected = abandoned = 0
    for is_overdialed in risks:
        if is_overdialed:
            abandoned += budget.whole_calls_left(abandoned, connected)
        else:
            connected += 1
        assert abandoned / max(1, abandoned + connected) <= cap + 1e-9
    one_more = abandoned + budget.whole_calls_left(abandoned, connected) + 1
    assert one_more / (connected + one_more) > cap, "all that is held is given"


def test_nothing_is_given_in_advance_at_the_start_of_a_day():
    budget = Budget(0.03, Tuning())
    assert [budget.whole_calls_left(0, connected) for connected in (0, 10, 32, 33, 65, 66)] == [0, 0, 0, 1, 2, 2]
    assert Budget(0.0, Tuning()).whole_calls_left(0, 1000) == 0


def test_what_is_expected_of_dials_in_the_air_is_not_spent_twice():
    budget = Budget(0.03, Tuning())
    rates = [budget.rate(54, 1946, None, expected) for expected in (0.0, 0.5, 2.0, 8.0)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == pytest.approx(0.03)
    assert rates[-1] < 0.01


@pytest.mark.parametrize("free", [0, 1, 2])
def test_the_race_is_the_brute_forces(free: int):
    dice = random.Random(2)
    for _ in range(30):
        people = [dice.random() for _ in range(dice.randrange(0, 6))]
        operators = [dice.random() for _ in range(dice.randrange(0, 5))]
        race = Race(free, people, operators)
        lost = 0.0
        for answered, released in itertools.product(
            itertools.product((0, 1), repeat=len(people)), itertools.product((0, 1), repeat=len(operators))
        ):
            chance = 1.0
            for happens, odds in [*zip(answered, people, strict=True), *zip(released, operators, strict=True)]:
                chance *= odds if happens else 1 - odds
            lost += chance * (sum(answered) >= free + sum(released))
        assert race.is_lost() == pytest.approx(lost, abs=1e-6)
