"""The predictive pacer: when it predicts, what it may spend, and what it says; figures are the benchmark's."""

import itertools
import random

import pytest

from telephony.domain.pacing import Kind, Progressive
from telephony.domain.predicting.budget import Budget
from telephony.domain.predicting.race import Race
from telephony.domain.predicting.tuning import Tuning
from telephony.domain.predictive import Predictive
from telephony.simulation.engine import Day, run_day
from telephony.simulation.scenarios import B2B, SURVEY, Scenario

HOUR = 3600.0
SMALL = Scenario("small", 5, B2B, 0.3, ((0.0, 1.5 * HOUR),))


def test_no_cap_is_one_call_per_free_operator():
    assert run_day(SMALL, Predictive(0.0), 3).abandoned == 0
    assert run_day(SMALL, Predictive(0.0), 3).dials == run_day(SMALL, Progressive(0.0), 3).dials


@pytest.mark.slow
@pytest.mark.parametrize("limit", [0.01, 0.03])
def test_it_dials_ahead_and_keeps_the_cap(limit: float):
    gains = []
    for seed in range(3, 7):
        ahead, one_to_one = run_day(SMALL, Predictive(limit), seed), run_day(SMALL, Progressive(limit), seed)
        assert ahead.abandoned_share <= limit
        gains.append(ahead.utilisation - one_to_one.utilisation)
    assert sum(gains) / len(gains) > 0.03
    assert gains[0] > 0.03


def test_with_little_seen_it_dials_one_to_one_and_says_what_it_needs():
    day = Day(SMALL, Progressive(), 1)
    pacer = Predictive()
    day.floor.free.update({1: 0.0, 2: 0.0})
    pacer.start(day.floor)
    assert pacer.step(0.0, Kind.TICK, -1, -1) == 2
    reason = pacer.reason()
    assert reason.en == "1:1: 0 answers seen, need 10."
    assert "0 réponses vues" in reason.fr


@pytest.mark.slow
def test_it_says_when_it_predicts_and_when_it_holds():
    said = set()

    class Listening(Predictive):
        def step(self, t: float, kind: int, call: int, agent: int) -> int:
            count = super().step(t, kind, call, agent)
            said.add(self.reason().en.partition(":")[0])
            return count

    run_day(Scenario("talks", 3, SURVEY, 0.5, ((0.0, 2 * HOUR),)), Listening(), 5)
    assert {"1", "Predicting"} <= said <= {"1", "Predicting", "Holding"}


def test_events_of_calls_begun_before_it_are_no_harm():
    day = Day(SMALL, Progressive(), 1)
    pacer = Predictive()
    pacer.start(day.floor)
    for kind in Kind:
        assert pacer.step(1.0, kind, 99, 7) == 0


def test_a_budget_never_lets_a_whole_call_go_that_it_does_not_hold():
    dice = random.Random(1)
    for limit, _ in itertools.product((0.01, 0.03), range(200)):
        budget = Budget(limit, Tuning())
        connected = abandoned = 0
        for _ in range(dice.randrange(100, 3000)):
            # the worst people: whoever may be risked finds nobody
            if budget.may_risk(abandoned, connected, None, 0.0):
                abandoned += 1
            else:
                connected += 1
        people = connected + abandoned
        assert abandoned <= limit * people + 1.0  # the one call in advance at the start of a day
        if people * limit >= 3:
            assert abandoned <= limit * people


def test_late_in_the_day_a_burst_must_be_left_that_people_to_come_no_longer_earn():
    budget = Budget(0.03, Tuning())
    abandoned, connected = 28, 972  # two calls left
    assert budget.may_risk(abandoned, connected, to_come=500.0, expected=0.1)
    assert not budget.may_risk(abandoned, connected, to_come=50.0, expected=0.1)
    assert budget.may_risk(abandoned - 3, connected, to_come=50.0, expected=0.1)
    assert not budget.may_risk(abandoned - 3, connected, to_come=50.0, expected=1.0)


def test_what_is_expected_of_dials_in_the_air_is_not_spent_twice():
    budget = Budget(0.03, Tuning())
    rates = [budget.rate(56, 1944, None, expected) for expected in (0.0, 0.5, 2.0, 8.0)]
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
