"""Several campaigns on one team (I9): each keeps its own cap, whatever the others dial ahead."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.domain.pacing.interface import Kind
from telephony.domain.pacing.shared import DayCounts, Order, SharedPace
from telephony.ids import CampaignId
from telephony.simulation.scenarios import B2B, HOUR, SURVEY, Scenario
from telephony.simulation.shared_day import SharedDay, SharedFloor
from telephony.words import english
from tests.effort import cases

TEAM = Scenario("survey", 8, SURVEY, 0.2, ((0.0, 3 * HOUR),))
OTHER = replace(TEAM, name="b2b", talk=B2B, answer_rate=0.35)
A, B = CampaignId(0), CampaignId(1)


class Hand:
    """A floor that a test writes by hand, and what is ordered on it."""

    def __init__(self, free: int, caps: dict[CampaignId, float]) -> None:
        self.floor = SharedFloor(TEAM, len(caps))
        self.floor.free = {-operator - 10: 0.0 for operator in range(free)}
        self.ready = set(caps)
        self.pace = SharedPace(self.floor, self.ready.__contains__)
        self.pace.follow(caps)

    def dial(self, campaign: CampaignId, *, is_reserved: bool, is_reported: bool = True) -> int:
        call = self.floor.n_dials
        self.floor.n_dials += 1
        self.floor.inflight[call] = [self.floor.now, None, None]
        self.floor.campaigns[call] = campaign
        if is_reserved:
            self.floor.reserved.add(call)
        if is_reported:
            list(self.pace.step(self.floor.now, Kind.DIAL, call, -1))
        return call

    def orders(self, kind: Kind = Kind.TICK, call: int = -1) -> list[Order]:
        orders_given = []
        for order in self.pace.step(self.floor.now, kind, call, -1):
            orders_given.append(order)
            self.dial(order.campaign_id, is_reserved=order.is_reserved, is_reported=False)
        return orders_given

    def learn(self, campaign: CampaignId, *, connected: int, abandoned: int = 0) -> None:
        """Let a campaign see enough to predict: one dial in four is answered."""
        for row in range(4 * connected):
            call = self.dial(campaign, is_reserved=True)
            self.floor.now += 0.1
            kind = Kind.HUMAN if row % 4 == 0 else Kind.NOANSWER
            self.floor.inflight[call][1:] = [self.floor.now, self.floor.now if kind == Kind.HUMAN else None]
            self.ended(call, kind)
        self.floor.days[campaign] = DayCounts(4 * connected, connected + abandoned, connected, abandoned)

    def ended(self, call: int, kind: Kind) -> None:
        del self.floor.inflight[call], self.floor.campaigns[call]
        self.floor.reserved.discard(call)
        consumed = self.pace.step(self.floor.now, kind, call, -1)
        for _ in consumed:
            pytest.fail("nobody is free: nothing is dialled")


def test_one_call_per_free_operator_campaigns_in_turn_an_operator_kept_for_each():
    hand = Hand(4, {A: 0.0, B: 0.0})
    orders = hand.orders()
    assert [order.campaign_id for order in orders] == [A, B, A, B]
    assert all(order.is_reserved for order in orders)
    assert hand.orders() == []


def test_a_campaign_without_leads_takes_no_turn_and_makes_up_for_none():
    hand = Hand(6, {A: 0.0, B: 0.0})
    hand.ready.discard(B)
    assert [order.campaign_id for order in hand.orders()] == [A] * 6
    hand.ready.add(B)
    for call in range(6):
        del hand.floor.inflight[call], hand.floor.campaigns[call]
    hand.floor.reserved.clear()
    assert [order.campaign_id for order in hand.orders()].count(A) >= 2


def test_a_campaign_that_knows_enough_dials_ahead_and_risks_its_own_calls():
    hand = Hand(0, {A: 0.03, B: 0.0})
    hand.learn(A, connected=200)
    hand.floor.free = {-1: 0.0, -2: 0.0, -3: 0.0}
    hand.ready.discard(B)
    orders = hand.orders()
    assert len(orders) > 3, "ahead of the free operators"
    assert {order.is_reserved for order in orders} == {False}


def test_no_operator_kept_for_a_call_is_counted_on():
    hand = Hand(0, {A: 0.03, B: 0.0})
    hand.learn(A, connected=200)
    hand.floor.free = {-1: 0.0}
    hand.dial(B, is_reserved=True)
    hand.ready.discard(B)
    assert hand.orders() == []


def test_with_more_covered_calls_than_free_operators_nothing_is_risked():
    hand = Hand(0, {A: 0.03, B: 0.0})
    hand.learn(A, connected=200)
    hand.floor.free = {-1: 0.0}
    hand.floor.talking = {-operator - 20: -600.0 for operator in range(7)}
    hand.dial(B, is_reserved=True)
    hand.dial(B, is_reserved=True)
    assert hand.orders() == []


def test_a_campaign_with_calls_in_the_air_and_no_budget_left_stops_what_would_displace_them():
    hand = Hand(0, {A: 0.03, B: 0.03})
    hand.learn(A, connected=200)
    hand.learn(B, connected=200)
    hand.floor.free = {-1: 0.0}
    hand.floor.days[B] = DayCounts(800, 206, 200, 6)
    hand.dial(B, is_reserved=False)
    assert hand.orders() == [], "B's call may need the one operator, and B has no call left to abandon"
    assert "another campaign" in english(hand.pace.reason(A))
    assert "budget" in english(hand.pace.reason(B))


def test_each_campaign_says_why_it_dials_as_it_does():
    hand = Hand(1, {A: 0.03, B: 0.0})
    assert english(hand.pace.reason(A)) == "1:1: 0 answers seen, need 10."
    assert "progressive" in english(hand.pace.reason(B))
    assert "is not running" in english(hand.pace.reason(CampaignId(9)))


def test_a_cap_changed_in_the_day_holds_from_then_on():
    hand = Hand(0, {A: 0.03, B: 0.0})
    hand.learn(A, connected=200)
    hand.floor.free = {-1: 0.0}
    hand.ready.discard(B)
    hand.pace.follow({A: 0.0, B: 0.0})
    assert [order.is_reserved for order in hand.orders()] == [True]


@pytest.mark.slow
@settings(max_examples=40)
@given(
    seed=st.integers(1, 10_000),
    operators=st.integers(1, 6),
    caps=st.lists(st.sampled_from([0.0, 0.01, 0.03]), min_size=1, max_size=2).map(lambda others: [*others, 0.0]),
)
def test_covered_calls_are_never_abandoned_whatever_others_dial(seed: int, operators: int, caps: list[float]):
    team = replace(TEAM, operators=operators, windows=((0.0, 600.0),))
    scenarios = [replace(team, answer_rate=rate) for rate in (0.6, 0.3, 0.8)][: len(caps)]
    day = SharedDay(scenarios, caps, seed).lived()
    for place, cap in enumerate(caps):
        if cap == 0:
            assert day.campaigns[CampaignId(place)].n_abandoned == 0


@pytest.mark.slow
@pytest.mark.parametrize("caps", [(0.03, 0.03), (0.03, 0.01), (0.03, 0.0)])
def test_caps_are_kept_each_day_by_each_campaign_and_operators_talk_more_than_one_to_one(caps: tuple[float, float]):
    gains = []
    pair = [replace(scenario, windows=((0.0, 5 * HOUR),)) for scenario in (TEAM, OTHER)]
    for seed in range(1, 1 + cases(2, long=3)):
        day = SharedDay(pair, caps, seed).lived()
        one_to_one = SharedDay(pair, (0.0, 0.0), seed).lived()
        for place, cap in enumerate(caps):
            assert day.abandoned_share(place) <= cap
        dials = [campaign.n_dials for campaign in day.campaigns.values()]
        assert max(dials) - min(dials) <= 0.1 * max(dials), "in turn"
        gains.append(day.floor.utilisation - one_to_one.floor.utilisation)
    assert min(gains) > 0.01
    assert sum(gains) / len(gains) > (0.03 if min(caps) > 0 else 0.01), "one that risks nothing slows the other"


def test_three_campaigns_take_turns():
    hand = Hand(6, {CampaignId(place): 0.0 for place in range(3)})
    orders = [order.campaign_id for order in hand.orders()]
    assert [orders.count(number) for number in range(3)] == [2, 2, 2]
    assert all(campaign_id != after for campaign_id, after in itertools.pairwise(orders))
