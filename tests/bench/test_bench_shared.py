"""Two campaigns on one team: what the benchmark says of a cap that is not kept, and that its days are repeatable."""

from dataclasses import replace

from telephony.workshop.bench.shared import CAPS, SharedFigures, SharedPlan, bench_shared

PLAN = SharedPlan(operators=3, hours=0.5, seeds=(1,), processes=1)


def test_days_are_repeatable_and_one_to_one_comes_first():
    progress: list[tuple[str, int, int]] = []
    figures = bench_shared(PLAN, lambda *said: progress.append(said))
    assert tuple(figures.caps for figures in figures) == CAPS
    assert figures[0].worst == (0.0, 0.0)
    assert 0 < figures[0].lowest <= figures[0].utilisation < 1
    assert progress[-1] == ("days simulated", 4, 4)
    assert bench_shared(PLAN, lambda *_: None) == figures


def test_a_campaign_over_its_cap_on_one_day_is_seen():
    figures = SharedFigures((0.03, 0.0), 0.7, 0.6, (0.03, 0.0))
    assert figures.keeps_caps
    assert not replace(figures, worst=(0.031, 0.0)).keeps_caps
    assert not replace(figures, worst=(0.0, 0.001)).keeps_caps
