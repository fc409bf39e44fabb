"""A simulated day: what it counts adds up, every pacer meets the same dials, and the seed decides everything."""

from collections import Counter
from dataclasses import replace

import pytest

from telephony.domain.pacing.interface import Kind, Progressive, View
from telephony.domain.text.reason import Reason
from telephony.simulation.engine import run_day
from telephony.simulation.outcomes import Fates
from telephony.simulation.results import DayResult
from telephony.simulation.scenarios import B2B, MIXED, PUBLIC, Event, Scenario

HOUR = 3600.0
SHORT = Scenario("short", 7, B2B, 0.3, windows=((0.0, HOUR),))


class Eager:
    """Keeps ``ratio`` dials per operator under way and remembers all events; cancels calls if asked to."""

    tick = 1.0

    def __init__(self, ratio: float = 4.0, *, withdraws_after_s: float | None = None) -> None:
        self.ratio = ratio
        self.heard: list[tuple[float, int, int, int]] = []
        self.rings_at_withdrawal: list[float] = []
        self.refused_at: list[float] = []
        self._after = withdraws_after_s

    def start(self, view: View) -> None:
        self.view = view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        view = self.view
        assert view.now == t
        self.heard.append((t, kind, call, agent))
        if self._after is not None:
            self._withdraw(t, self._after)
        staffed = len(view.free) + len(view.talking) + len(view.wrapping)
        return int(self.ratio * staffed) - len(view.inflight)

    def _withdraw(self, t: float, after: float) -> None:
        for call, (_, rang, answered) in self.view.inflight.items():
            if rang is not None and answered is None and t - rang >= after:
                values = self.rings_at_withdrawal if self.view.cancel(call) else self.refused_at
                values.append(t - rang)

    def reason(self) -> Reason:
        return Reason("pace.fixed_rate")


def untimed(result: DayResult) -> DayResult:
    return replace(result, decision_ns=0, longest_ns=0)


@pytest.mark.slow
@pytest.mark.parametrize("event", list(Event))
def test_every_dial_ends_exactly_once_and_operator_time_adds_up(event: Event):
    scenario = replace(SHORT, event=event, has_detection=event is not Event.SWINGS)
    pacer = Eager(withdraws_after_s=20.0)
    result = run_day(scenario, pacer, seed=1)
    ends = {Kind.FAIL, Kind.NOANSWER, Kind.MACHINE, Kind.CONNECT, Kind.ABANDON}
    ended = Counter(call for _, kind, call, _ in pacer.heard if kind in ends)
    assert ended == Counter(range(result.dials))
    counter = Counter(kind for _, kind, _, _ in pacer.heard)
    assert (counter[Kind.FAIL], counter[Kind.MACHINE]) == (result.failed, result.machines)
    assert counter[Kind.NOANSWER] == result.unanswered + result.withdrawn
    assert (counter[Kind.CONNECT], counter[Kind.ABANDON]) == (result.connected, result.abandoned)
    assert counter[Kind.HUMAN] == result.humans
    assert result.logged_s <= scenario.operators * HOUR + 1e-6
    assert result.logged_s > 0.5 * scenario.operators * HOUR
    last = result.samples[-1]
    assert last.t == HOUR
    assert (last.busy_s, last.free_s) == pytest.approx((result.talk_s + result.wrap_s, result.free_s))


def test_the_seed_decides_everything():
    once, again, other = (untimed(run_day(SHORT, Progressive(), seed)) for seed in (3, 3, 4))
    assert once == again
    assert once != other


def test_every_pacer_meets_the_same_dials():
    fates, again = Fates(SHORT, 5), Fates(SHORT, 5)
    met = [fates.fate(n, 60.0) for n in range(3000)]
    assert [again.fate(n, 60.0) for n in reversed(range(3000))] == met[::-1]
    raised = Fates(replace(SHORT, answer_rate=0.6), 5)
    people = [n for n, fate in enumerate(met) if fate.kind == Kind.HUMAN and fate.talk > 10.0]
    assert len(people) > 300
    assert all(raised.fate(n, 60.0) == met[n] for n in people)


def test_people_answer_at_the_scenarios_rate_within_the_drift():
    fates = Fates(Scenario("flat", 7, B2B, 0.25, has_detection=False), 1)
    rates = [fates.rate(60.0 * minute) for minute in range(480)]
    assert min(rates) == pytest.approx(0.225, abs=1e-3)
    assert max(rates) == pytest.approx(0.275, abs=1e-3)
    doubled = Fates(Scenario("twice", 7, B2B, 0.25, event=Event.DOUBLE), 1)
    assert doubled.rate(0.5 * 8 * HOUR) == pytest.approx(2 * fates.rate(0.5 * 8 * HOUR))


def test_abandoned_means_nobody_within_two_seconds_of_routing():
    pacer = Eager()
    result = run_day(SHORT, pacer, seed=2)
    assert result.abandoned > 20
    handed = {call: t for t, kind, call, _ in pacer.heard if kind == Kind.HUMAN}
    for t, kind, call, _ in pacer.heard:
        if kind == Kind.ABANDON:
            assert t - handed[call] == pytest.approx(2.0)
        elif kind == Kind.CONNECT:
            assert t - handed[call] <= 2.0
    assert result.abandoned_share == result.abandoned / len(handed)


def test_one_dial_per_free_operator_abandons_nobody_unless_operators_leave():
    for scenario in (PUBLIC[0], PUBLIC[2]):
        assert run_day(scenario, Progressive(), seed=1).abandoned == 0


@pytest.mark.slow
def test_a_dial_is_withdrawn_only_after_fifteen_seconds_of_ringing():
    early, late = Eager(withdraws_after_s=0.0), Eager(withdraws_after_s=15.0)
    assert run_day(SHORT, early, seed=1).withdrawn == len(early.rings_at_withdrawal) > 0
    assert run_day(SHORT, late, seed=1).withdrawn == len(late.rings_at_withdrawal) > 0
    assert min(early.rings_at_withdrawal) >= 15.0 > max(early.refused_at)
    assert late.refused_at == []


def test_lines_and_calls_per_second_are_never_exceeded():
    class Greedy(Eager):
        def step(self, t: float, kind: int, call: int, agent: int) -> int:
            super().step(t, kind, call, agent)
            view = self.view
            assert len(view.inflight) + len(view.waiting) + len(view.talking) <= view.max_lines
            return 1000

    pacer = Greedy()
    run_day(replace(SHORT, windows=((0.0, 300.0),)), pacer, seed=1)
    dialled = [t for t, kind, _, _ in pacer.heard if kind == Kind.DIAL]
    most = max(sum(1 for t in dialled if begin <= t <= begin + 10.0) for begin in dialled)
    assert 5 < most <= 10 * 5 + 5


def test_no_dial_leaves_outside_the_windows_or_after_the_last_lead():
    scenario = replace(SHORT, talk=MIXED, windows=((0.0, HOUR), (2 * HOUR, 3 * HOUR)))
    pacer = Eager()
    result = run_day(scenario, pacer, seed=1)
    dialled = [t for t, kind, _, _ in pacer.heard if kind == Kind.DIAL]
    assert result.list_ended_s is None
    assert not [t for t in dialled if HOUR <= t < 2 * HOUR or t >= 3 * HOUR]
    assert len([t for t in dialled if t >= 2 * HOUR]) > 100
    assert result.logged_s == pytest.approx(7 * 2 * HOUR, rel=0.1)
    ended = run_day(replace(scenario, leads=200), Progressive(), seed=1)
    assert ended.dials == 200
    assert ended.list_ended_s is not None
    assert 0 < ended.list_ended_s < HOUR
    assert ended.logged_s == pytest.approx(7 * ended.list_ended_s, rel=0.1)


def test_half_of_the_operators_leave_for_lunch_and_all_arrive_by_half_past():
    lunch, start = PUBLIC[5], PUBLIC[8]
    assert run_day(lunch, Eager(0), seed=1).free_s == pytest.approx(12 * 8 * HOUR - 6 * 40 * 60)
    assert run_day(start, Eager(0), seed=1).free_s == pytest.approx(24 * (8 * HOUR - 15 * 60), rel=2e-3)
