"""Each baseline does what its maker's documents say, and nobody without foresight beats the clairvoyant."""

from dataclasses import replace

import pytest

from telephony.domain.pacing.interface import AnyPacer, Kind
from telephony.simulation.baselines import BASELINES, CLAIRVOYANT, PROGRESSIVE
from telephony.simulation.baselines.clairvoyant import Clairvoyant
from telephony.simulation.baselines.issabel import Issabel
from telephony.simulation.baselines.ratio import FixedRatio
from telephony.simulation.baselines.vicidial import Mode, Vicidial
from telephony.simulation.baselines.webitel import Webitel
from telephony.simulation.engine import run_day
from telephony.simulation.scenarios import PUBLIC, Scenario
from telephony.words import english, say
from tests.simulation.floor_double import floor, ticks

HOUR = 3600.0
TWO_HOURS = replace(PUBLIC[0], windows=((0.0, 2 * HOUR),))
OVER = {"n_dials": 200, "n_human": 60, "n_abandoned": 3}
"""5 % abandoned today."""


def started(pacer: AnyPacer, view: object, **counts: int) -> AnyPacer:
    for name, value in counts.items():
        setattr(view, name, value)
    pacer.start(view)  # type: ignore[arg-type]
    return pacer


def test_every_baseline_stays_between_idle_and_clairvoyant():
    best = run_day(TWO_HOURS, BASELINES[CLAIRVOYANT](TWO_HOURS), seed=1)
    assert best.abandoned == 0
    assert best.utilisation > 0.97
    progressive = run_day(TWO_HOURS, BASELINES[PROGRESSIVE](TWO_HOURS), seed=1).utilisation
    assert 0.55 < progressive < 0.75
    for name, make in BASELINES.items():
        pacer = make(TWO_HOURS)
        result = run_day(replace(TWO_HOURS, windows=((0.0, HOUR / 2),)), pacer, seed=1)
        assert 0.5 < result.utilisation < 1.0, name
        assert english(pacer.reason())
        assert say(pacer.reason(), "fr")


def test_a_fixed_ratio_counts_calls_under_way():
    assert started(FixedRatio(1.5), floor(free=4, inflight=2, waiting=1)).step(0.0, Kind.TICK, -1, -1) == 3


def test_clairvoyant_without_a_day_dials_nothing():
    assert started(Clairvoyant(), floor(free=4)).step(0.0, Kind.TICK, -1, -1) == 0


# VICIdial


def test_vicidial_places_dials_every_two_and_a_half_seconds():
    placed = ticks(started(Vicidial(Mode.RATIO, level=2.0), floor(free=3)), 0.0, 8.0)
    assert placed == [(0.0, 6), (2.5, 6), (5.0, 6), (7.5, 6)]


def test_vicidial_available_only_leaves_operators_on_a_call_out():
    view = floor(free=3, talking=4, wrapping=1, inflight=2)
    assert started(Vicidial(Mode.RATIO, level=2.0), view).step(0.0, Kind.TICK, -1, -1) == 2 * (3 + 4) - 2 - 4
    only = Vicidial(Mode.RATIO, level=2.0, is_available_only=True)
    assert started(only, view).step(0.0, Kind.TICK, -1, -1) == 2 * 3 - 2


def test_vicidial_level_rises_with_ready_operators_up_to_three_and_never_under_one():
    idle = Vicidial(Mode.TAPERED)
    ticks(started(idle, floor(free=5, talking=5)), 0.0, 15.5)
    assert idle.level == pytest.approx(1.5**2)  # at 0 and at 15 s, half of the operators ready
    ticks(idle, 15.5, 60.0)
    assert idle.level == 3.0
    swamped = Vicidial(Mode.TAPERED, level=2.0)
    ticks(started(swamped, floor(talking=5, waiting=4)), 0.0, 60.0)
    assert swamped.level == 1.0


@pytest.mark.parametrize(
    ("mode", "opens_hour", "level"),
    [
        (Mode.HARD_LIMIT, 9.0, 1.0),
        (Mode.AVERAGE, 9.0, 1.4),
        (Mode.TAPERED, 9.0, 2.8),  # before 11:00 nothing is taken off
        (Mode.TAPERED, 15.0, 1.68),
        (Mode.TAPERED, 20.0, 1.0),
    ],
)
def test_vicidial_holds_back_over_three_percent(mode: Mode, opens_hour: float, level: float):
    pacer = Vicidial(mode, level=2.0, opens_hour=opens_hour)
    started(pacer, floor(free=4, talking=6), **OVER).step(0.0, Kind.TICK, -1, -1)
    assert pacer.level == pytest.approx(level)


def test_vicidial_ignores_drops_before_fifty_calls():
    pacer = Vicidial(Mode.HARD_LIMIT, level=2.0)
    started(pacer, floor(free=4, talking=6), **{**OVER, "n_dials": 50}).step(0.0, Kind.TICK, -1, -1)
    assert pacer.level == pytest.approx(2.8)


def test_vicidial_halves_when_most_of_the_last_minutes_calls_dropped():
    pacer = Vicidial(Mode.AVERAGE, level=2.4)
    started(pacer, floor(talking=10))
    for n in range(22):
        pacer.step(30.0, Kind.ABANDON if n < 12 else Kind.CONNECT, n, -1)
    pacer.step(60.0, Kind.TICK, -1, -1)
    assert pacer.level == pytest.approx(1.2)


# Issabel


def test_issabel_dials_per_free_operator_every_five_seconds():
    assert ticks(started(Issabel(), floor(free=3, waiting=1, inflight=1)), 0.0, 11.0) == [(0.0, 1), (5.0, 1), (10.0, 1)]


def test_issabel_counts_an_operator_after_three_and_a_half_mean_talks():
    view = floor(talking=1)
    pacer = started(Issabel(), view)
    view.inflight[7] = [0.0, 1.0, 10.0]
    pacer.step(10.0, Kind.ANSWER, 7, -1)
    del view.inflight[7]
    pacer.step(10.0, Kind.CONNECT, 7, 9)
    pacer.step(110.0, Kind.TALKEND, -1, 9)  # mean talk 100 s, mean ring 10 s
    assert ticks(pacer, 300.0, 339.0) == []
    assert ticks(pacer, 345.0, 346.0) == [(345.0, 1)]


def test_issabel_divides_by_answers_but_never_by_less_than_a_fifth():
    pacer = started(Issabel(divides_by_answers=True), floor(free=2))
    assert pacer.step(0.0, Kind.TICK, -1, -1) == 2
    for n in range(10):
        pacer.step(1.0, Kind.NOANSWER if n else Kind.HUMAN, n, -1)
    assert pacer.step(5.0, Kind.TICK, -1, -1) == 10
    assert pacer.step(1802.0, Kind.TICK, -1, -1) == 2  # the half hour is over


# Webitel


def test_webitel_dials_by_the_last_hours_answers_and_adds_ten_percent_per_unused_point():
    pacer = started(Webitel(), floor(free=10))
    for n in range(40):
        pacer.step(10.0, Kind.NOANSWER if n % 4 else Kind.CONNECT, n, -1)
    assert pacer.step(29.0, Kind.TICK, -1, -1) == 10
    assert pacer.step(30.0, Kind.TICK, -1, -1) == 52  # 4 per answer, 3 points unused: 4 · 1.3 · 10
    assert pacer.step(3700.0, Kind.TICK, -1, -1) == 10


def test_webitel_falls_to_one_at_the_cap():
    pacer = started(Webitel(), floor(free=10))
    for n in range(97):
        pacer.step(10.0, Kind.NOANSWER if n % 4 else Kind.CONNECT, n, -1)
    pacer.step(11.0, Kind.ABANDON, 98, -1)
    assert pacer.step(30.0, Kind.TICK, -1, -1) == 10


def test_the_bound_makes_nobody_wait_when_the_team_is_halved_at_lunch():
    lunch = Scenario("lunch", 6, PUBLIC[1].talk, 0.4, ((0.0, HOUR),), PUBLIC[5].event)
    result = run_day(lunch, Clairvoyant(), seed=2)
    assert result.abandoned == 0
    assert result.utilisation > 0.95
