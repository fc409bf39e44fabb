"""The crowd benchmark on a small floor: what it says of its own calls must add up."""

import asyncio

import pytest

from telephony.domain.pacing.interface import Progressive
from telephony.errors import InputError
from telephony.workshop.bench.load_500 import bench_crowd
from telephony.workshop.bench.load_500_exchange import People
from telephony.workshop.bench.load_500_meters import share

QUICK = People(answer_rate=0.9, ring_s=0.3, talk_s=1.0, ring_timeout_s=2.0)


@pytest.mark.slow
def test_a_small_floor_is_measured():
    found = asyncio.run(bench_crowd(4, 20, 6.0, QUICK, Progressive(), lambda _: None))
    assert found.dials >= 2
    assert 0 < found.talking < 1
    assert 1 <= found.most_calls <= 4  # one call per free operator, at most
    assert 0 < found.loop_share < found.process_share
    assert found.verdict_p99_ms > 0
    assert found.beat_max_ms > 0 < found.machine_max_ms
    assert found.order_p99_ms >= found.order_p50_ms > 0
    assert found.route_p99_ms >= found.route_p50_ms > 0


def test_nobody_sits_at_seat_1000():
    with pytest.raises(InputError, match="--operators"):
        asyncio.run(bench_crowd(1000, 20, 1.0, QUICK, Progressive(), lambda _: None))


def test_a_percentile_of_nothing_is_zero():
    assert share([], 0.99) == 0
    assert share([1.0, 2.0, 3.0], 0.99) == 3.0
