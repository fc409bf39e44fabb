"""Progressive pacing: never more dials than free operators, within the lines there are."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.pacing import Kind, Progressive


def view(free: int, inflight: int, waiting: int, lines: int) -> SimpleNamespace:
    return SimpleNamespace(
        free=dict.fromkeys(range(free), 0.0),
        inflight={call: [0.0, None, None] for call in range(inflight)},
        waiting=dict.fromkeys(range(100, 100 + waiting), 0.0),
        max_lines=lines,
    )


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 5), st.integers(0, 40))
def test_calls_under_way_never_exceed_free_operators_or_lines(free: int, inflight: int, waiting: int, lines: int):
    pacer = Progressive()
    pacer.start(view(free, inflight, waiting, lines))  # type: ignore[arg-type]
    count = pacer.step(0.0, Kind.TICK, -1, -1)
    assert count >= 0
    if count:
        assert count + inflight + waiting == min(free, lines)


def test_it_says_why():
    pacer = Progressive()
    pacer.start(view(0, 0, 0, 9))  # type: ignore[arg-type]
    assert "No seat is free" in pacer.reason().en
    pacer.start(view(2, 0, 0, 9))  # type: ignore[arg-type]
    assert "One call per free seat" in pacer.reason().en
