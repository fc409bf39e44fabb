"""The pacing benchmark: paired days, honest intervals, marks that can be missed."""

from dataclasses import replace

import numpy as np
import pytest

from telephony.simulation.baselines import CLAIRVOYANT, PROGRESSIVE
from telephony.simulation.heldout import held_out
from telephony.simulation.scenarios import B2B, Scenario
from telephony.workshop.bench.pacing import NEEDED, Part, Plan, bench_pacing, marks
from telephony.workshop.bench.pacing_figures import Figures, estimate

HOUR = ((0.0, 3600.0),)
SMALL = (Scenario("200 in name", 7, B2B, 0.3, HOUR), Scenario("other", 8, B2B, 0.5, HOUR))


@pytest.mark.slow
def test_pacers_are_compared_on_the_same_days():
    said: list[tuple[int, int]] = []
    plan = Plan((*NEEDED, "fixed ratio 2"), held_out=0, public=SMALL, days=2, processes=1)
    (part,) = bench_pacing(plan, lambda _, done, total: said.append((done, total)))
    assert said[-1] == (16, 16)
    assert part.name == "public"
    assert [name for name, _ in part.scenarios] == ["200 in name", "other"]
    of = {figures.pacer: figures for figures in part.total}
    assert of[PROGRESSIVE].gap_closed.mean == 0.0
    assert of[CLAIRVOYANT].gap_closed.mean == pytest.approx(100.0)
    assert 0 < of["fixed ratio 2"].gap_closed.mean < 100
    assert of["fixed ratio 2"].days_over > 0
    again = bench_pacing(plan, lambda *_: None)[0]
    assert again.total[0].utilisation == part.total[0].utilisation


def test_an_interval_narrows_with_scenarios_and_holds_the_mean():
    dice = np.random.default_rng(1)
    few, many = (estimate(dice.normal(50, 10, (scenarios, 3))) for scenarios in (4, 64))
    for estimated in (few, many):
        assert estimated.low < estimated.mean < estimated.high
    assert many.high - many.low < (few.high - few.low) / 2
    alone = estimate(np.array([[40.0, 50.0, 60.0]]))
    assert (alone.low, alone.mean, alone.high) == pytest.approx((40, 50, 60), abs=4)


def part(name: str, figures: Figures) -> Part:
    return Part(name, (figures,), (("200 survey", (figures,)),))


def test_a_mark_that_is_missed_is_told():
    fine = estimate(np.full((2, 2), 96.0))
    figures = Figures("x", fine, 2.0, 2.9, 10, 0, fine, estimate(np.full((2, 2), 12.5)), 1.0, 1.0, 900.0, 5.0)
    assert all(mark.is_kept for mark in marks([part("held out", figures), part("public", figures)], "x"))
    for worse in (
        replace(figures, days_over=1),
        replace(figures, gap_closed=estimate(np.full((2, 2), 59.0))),
        replace(figures, points=estimate(np.full((2, 2), 11.9))),
        replace(figures, decision_us=1001.0),
    ):
        assert not all(mark.is_kept for mark in marks([part("held out", worse)], "x"))
    large = replace(figures, gap_closed=estimate(np.full((2, 2), 94.0)))
    assert [mark.is_kept for mark in marks([part("public", large)], "x") if "gap" in mark.what] == [False]


def test_held_out_scenarios_are_small_teams_of_every_kind_and_always_the_same():
    drawn = held_out(60)
    assert drawn[:20] == held_out(20)
    assert {scenario.operators for scenario in drawn} <= set(range(7, 25))
    assert all(0.08 <= scenario.answer_rate <= 0.60 for scenario in drawn)
    assert len({scenario.event for scenario in drawn}) == 6
    assert len({scenario.talk.name for scenario in drawn}) == 3
    assert len({scenario.name for scenario in drawn}) == 60
    assert {scenario.has_detection for scenario in drawn} == {True, False}
    assert held_out(3, seed=1) != held_out(3)
