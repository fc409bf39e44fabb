"""The breaker: what opens it, how long it stays open, what brings the trunk back; and which trunk is tried first."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.trunks.breaker import Breaker, BreakerBounds, BreakerState, Seen, follow
from telephony.domain.trunks.routes import Route, Sign, preferred
from telephony.ids import LeadId

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
BOUNDS = BreakerBounds(window=10, least=3, share=0.5, in_a_row=6)
F, C, U = Sign.FAULT, Sign.CARRIED, Sign.UNREACHED


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def after(signs: list[Sign], breaker: Breaker | None = None, *, begins: float = 0, lead: int | None = None) -> Breaker:
    """One call a second, each to a lead of its own unless one is given."""
    breaker = breaker or Breaker()
    for place, sign in enumerate(signs):
        moment = begins + place
        who = LeadId(lead if lead is not None else 1000 * int(begins) + place)
        breaker = follow(breaker, Seen(sign, who, at(moment), at(moment + 0.5)), BOUNDS)
    return breaker


@pytest.mark.parametrize(
    ("signs", "is_open"),
    [
        ([F, F], False),
        ([F, F, F], True),
        ([C, C, C, F, F], False),
        ([C, C, C, F, F, F], True),
        ([C] * 10 + [F] * 4, False),
        ([C] * 10 + [F] * 5, True),
        ([U] * 5, False),
        ([U] * 6, True),
        ([U] * 5 + [C] + [U] * 5, False),
        ([C, U, U, U, U, F, F], True),
    ],
)
def test_faults_open_it_and_so_does_a_long_run_without_one_ring(signs: list[Sign], is_open: bool):
    assert (after(signs).until_at is not None) is is_open


def test_a_number_that_no_carrier_reaches_opens_nothing():
    assert after([F] * 50, lead=7).until_at is None
    assert after([U] * 50, lead=7).until_at is None


def test_open_then_half_open_then_closed_by_one_call_that_is_carried():
    breaker = after([F, F, F])
    assert breaker.state(at(3)) is BreakerState.OPEN
    assert breaker.state(at(32.4)) is BreakerState.OPEN
    assert breaker.state(at(32.5)) is BreakerState.HALF_OPEN
    breaker = after([C], breaker, begins=40)
    assert breaker.state(at(41)) is BreakerState.CLOSED
    assert breaker.openings == 0
    assert after([F, F], breaker, begins=50).until_at is None, "what was before is forgotten"


def test_calls_begun_before_the_pause_was_over_say_nothing():
    breaker = after([F, F, F])
    assert after([C, F, C], breaker, begins=5) == breaker


@pytest.mark.parametrize("sign", [F, U])
def test_every_failed_test_call_doubles_the_pause_up_to_the_longest(sign: Sign):
    breaker, pauses = after([F, F, F]), []
    for _ in range(6):
        assert breaker.until_at is not None
        begins = (breaker.until_at - NOW).total_seconds() + 1
        breaker = after([sign], breaker, begins=begins)
        assert breaker.until_at is not None
        pauses.append((breaker.until_at - at(begins + 0.5)).total_seconds())
    assert pauses == [60, 120, 240, 300, 300, 300]


@given(st.lists(st.tuples(st.sampled_from([F, C, U]), st.integers(1, 9), st.integers(0, 90)), max_size=60))
def test_it_is_never_open_for_longer_than_the_longest_pause_and_one_carried_test_call_closes_it(
    calls: list[tuple[Sign, int, int]],
):
    breaker, moment = Breaker(), NOW
    for sign, lead, wait in calls:
        moment += timedelta(seconds=wait)
        breaker = follow(breaker, Seen(sign, LeadId(lead), moment, moment), BOUNDS)
        assert len(breaker.seen) <= BOUNDS.window
        if breaker.until_at is not None:
            assert breaker.until_at - moment <= BOUNDS.longest_pause
    moment += BOUNDS.longest_pause
    assert follow(breaker, Seen(C, LeadId(1), moment, moment), BOUNDS).until_at is None


NORTH, SOUTH, WEST = Route("north", "331"), Route("south", "332"), Route("west", "333")


def test_without_shares_the_campaigns_order_stands():
    assert preferred([NORTH, SOUTH], {"north": 1000}) == (NORTH, SOUTH)


def test_shares_are_kept_call_by_call_and_share_0_stands_in():
    routes = [Route("north", "331", 70), Route("south", "332", 30), WEST]
    carried: Counter[str] = Counter()
    for count in range(1, 201):
        first, second, last = preferred(routes, carried)
        assert last == WEST
        assert {first.trunk, second.trunk} == {"north", "south"}
        carried[first.trunk] += 1
        assert abs(carried["north"] - 0.7 * count) <= 1
