"""The interface of pacing, to the letter; progressive: never more dials than free operators, within the lines."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.pacing import Pacer
from telephony.domain.pacing.interface import Dial, Kind, Progressive, completed
from telephony.words import english


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
    assert "No seat is free" in english(pacer.reason())
    pacer.start(view(2, 0, 0, 9))  # type: ignore[arg-type]
    assert "One call per free seat" in english(pacer.reason())


class Documented:
    """A view with what the interface names, and nothing else."""

    max_lines, cps, grace, ring_timeout, end = 60, 5.0, 2.0, 25.0, 28_800.0

    def __init__(self) -> None:
        self.free: dict[int, float] = {}
        self.talking: dict[int, float] = {}
        self.wrapping: dict[int, float] = {}
        self.inflight: dict[int, list[float | None]] = {}
        self.waiting: dict[int, float] = {}
        self.n_dials = self.n_human = self.n_connected = self.n_abandoned = 0
        self.now = 0.0
        self.cancelled: list[int] = []

    def cancel(self, call: int) -> bool:
        self.cancelled.append(call)
        return True


def test_the_pacer_is_made_without_anything_and_driven_by_a_view_of_the_documented_fields_alone():
    """Ten operators, one dial in two answered at once: it dials one to one, then ahead, and asks for no other field."""
    view, pacer = Documented(), Pacer()
    pacer.start(view)
    assert 0 < pacer.tick <= 1
    numbers: list[int] = []
    for call in range(200):
        view.now = call * 30.0
        view.free = dict.fromkeys(range(10), view.now)
        events = [(Kind.READY, -1, 0), (Kind.TICK, -1, -1)]
        numbers += [pacer.step(view.now, kind, which, agent) for kind, which, agent in events][1:]
        view.inflight[call] = [view.now, None, None]
        view.n_dials += 1
        pacer.step(view.now, Kind.DIAL, call, -1)
        view.inflight[call][1] = view.now + 2
        pacer.step(view.now + 2, Kind.RING, call, -1)
        if call % 2:
            view.inflight[call][2] = view.now + 8
            pacer.step(view.now + 8, Kind.ANSWER, call, -1)
            view.n_human += 1
            pacer.step(view.now + 8, Kind.HUMAN, call, -1)
            view.n_connected += 1
            del view.inflight[call]
            pacer.step(view.now + 8, Kind.CONNECT, call, 0)
        else:
            del view.inflight[call]
            pacer.step(view.now + 27, Kind.NOANSWER, call, -1)
    assert numbers[0] == 10, "one to one"
    assert numbers[-1] > 10, "ahead of the ten"
    assert english(pacer.reason()).startswith("Predicting")


def test_what_a_view_was_written_without_is_completed_and_the_rest_stays_live():
    view = Documented()
    whole = completed(view)
    assert (whole.ordered, whole.min_ring) == (0, 15.0)
    assert completed(view, min_ring=math.inf).min_ring == math.inf
    view.now = 7.0
    assert whole.now == 7.0
    assert completed(whole) is whole
    with pytest.raises(AttributeError):
        whole.nothing_of_that_name  # noqa: B018


def test_a_dial_is_read_like_the_list_of_three_that_the_interface_documents():
    assert [*Dial(1.0)] == [1.0, None, None]
    assert Dial(*[1.0, 2.0, None]) == Dial(1.0, rang_at=2.0)
    assert Dial(1.0)[0] == 1.0


def test_a_cap_of_nothing_is_one_to_one():
    view, pacer = Documented(), Pacer(limit=0.0)
    view.free = dict.fromkeys(range(3), 0.0)
    view.n_human = view.n_connected = 1_000
    pacer.start(view)
    assert pacer.step(1.0, Kind.TICK, -1, -1) == 3
