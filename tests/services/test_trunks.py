"""Trunks keep what the carrier's contract allows: simultaneous calls, and new calls in any second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.calls.outcomes import Outcome
from telephony.services.trunks.capacity import TrunkCapacity
from telephony.settings import TrunkSettings
from tests.scenes.controller_on_doubles import Fixed, controller_on_doubles
from tests.virtual_time import passes, virtual


class HandTime:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def trunk(channels: int = 1000, rate: float = 500.0) -> TrunkSettings:
    return TrunkSettings.model_validate(
        {
            "name": "carrier",
            "host": "127.0.0.9",
            "caller_ids": ["33199009999"],
            "channels": channels,
            "calls_per_second": rate,
        }
    )


def test_no_more_calls_than_lines():
    trunks = TrunkCapacity([trunk(channels=2)], HandTime())
    assert [trunks.take("carrier") for _ in range(3)] == [True, True, False]
    trunks.give_back("carrier")
    assert trunks.take("carrier")


def test_a_call_taken_over_counts():
    trunks = TrunkCapacity([trunk(channels=1)], HandTime())
    trunks.adopt("carrier")
    assert not trunks.take("carrier")


def test_an_unknown_trunk_has_no_room():
    trunks = TrunkCapacity([trunk()], HandTime())
    assert not trunks.take("other")
    trunks.give_back("other")
    trunks.adopt("other")
    assert trunks.channels == 1000


def test_giving_back_too_often_makes_no_room():
    trunks = TrunkCapacity([trunk(channels=1)], HandTime())
    trunks.give_back("carrier")
    assert [trunks.take("carrier"), trunks.take("carrier")] == [True, False]


@pytest.mark.parametrize(("rate", "in_ten_seconds"), [(0.5, 5), (1.0, 10), (2.5, 20), (5.0, 50)])
def test_the_rate_is_reached_and_kept(rate: float, in_ten_seconds: int):
    now = HandTime()
    trunks = TrunkCapacity([trunk(rate=rate)], now)
    taken = 0
    for _ in range(1000):
        taken += trunks.take("carrier")
        now.at += 0.01
    assert taken == in_ten_seconds


@given(
    rate=st.floats(0.2, 20),
    pauses=st.lists(st.floats(0, 1.2), min_size=1, max_size=60),
    tries=st.integers(1, 12),
)
def test_in_no_second_do_more_calls_begin_than_the_contract_says(rate: float, pauses: list[float], tries: int):
    now = HandTime()
    trunks = TrunkCapacity([trunk(rate=rate)], now)
    begun: list[float] = []
    for pause in pauses:
        now.at += pause
        begun += [now.at for _ in range(tries) if trunks.take("carrier")]
    for first in begun:
        assert sum(1 for at in begun if first <= at < first + 0.999) <= max(1.0, rate)


@virtual
async def test_the_dialer_keeps_within_the_lines():
    table = {
        "name": "carrier", "host": "127.0.0.5", "caller_ids": ["33199009999"], "channels": 3, "calls_per_second": 50
    }  # fmt: skip
    async with controller_on_doubles(leads=9, pacer=Fixed(5), trunks=[table]) as site:
        await site.dials(3)
        await passes(5)
        assert len(site.dialled) == 3
        site.exchange.busy(site.dialled[0].attempt_id)
        assert (await site.ended(site.dialled[0].attempt_id)).outcome is Outcome.BUSY
        await site.dials(4)
        await passes(5)
        assert len(site.dialled) == 4


@virtual
async def test_the_dialer_keeps_within_the_rate():
    table = {"name": "carrier", "host": "127.0.0.5", "caller_ids": ["33199009999"], "calls_per_second": 2}
    async with controller_on_doubles(leads=30, pacer=Fixed(30), trunks=[table]) as site:
        await site.dials(20)
        begun = sorted(permit.issued_at.timestamp() for permit in site.dialled)
        assert all(later - first >= 0.999 for first, later in zip(begun, begun[2:], strict=False))
