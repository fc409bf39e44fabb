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
    figures = asyncio.run(bench_crowd(4, 20, 6.0, QUICK, Progressive(), lambda _: None))
    assert figures.dials >= 2
    assert 0 < figures.talking < 1
    assert 1 <= figures.most_calls <= 4  # one call per free operator, at most
    assert 0 < figures.loop_share < figures.process_share
    assert figures.verdict_p99_ms > 0
    assert figures.beat_max_ms > 0 < figures.machine_max_ms
    assert figures.order_p99_ms >= figures.order_p50_ms > 0
    assert figures.route_p99_ms >= figures.route_p50_ms > 0


def test_nobody_sits_at_seat_1000():
    with pytest.raises(InputError, match="--operators"):
        asyncio.run(bench_crowd(1000, 20, 1.0, QUICK, Progressive(), lambda _: None))


def test_a_percentile_of_nothing_is_zero():
    assert share([], 0.99) == 0
    assert share([1.0, 2.0, 3.0], 0.99) == 3.0
