"""Power: a ratio of dials per free operator that never outruns what is left of the day's abandoned calls (I9)."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.campaigns.dialing_options import DialMode, tenths_of
from telephony.domain.pacing.interface import Kind
from telephony.domain.pacing.modes import effect_of
from telephony.domain.pacing.power import Power
from telephony.domain.pacing.predicting.budget import Budget
from telephony.domain.pacing.predicting.tuning import Tuning
from telephony.errors import InputError
from telephony.words import english, say


def view(free: int, *, inflight: int = 0, waiting: int = 0, connected: int = 0, abandoned: int = 0, lines: int = 99):
    return SimpleNamespace(
        free=dict.fromkeys(range(free), 0.0),
        inflight={call: [0.0, None, None] for call in range(inflight)},
        waiting=dict.fromkeys(range(100, 100 + waiting), 0.0),
        n_connected=connected,
        n_abandoned=abandoned,
        n_human=connected + abandoned + waiting,
        max_lines=lines,
    )


def step(power: Power, look: SimpleNamespace) -> int:
    power.start(look)  # type: ignore[arg-type]
    return power.step(0.0, Kind.TICK, -1, -1)


def test_thin_data_and_no_cap_are_one_to_one():
    assert step(Power(0.03, 30), view(4)) == 4
    assert step(Power(0.0, 30), view(4, connected=500)) == 4


def test_with_a_budget_the_ratio_is_kept_and_counts_calls_under_way():
    rich = {"connected": 1000}
    assert step(Power(0.03, 20), view(4, **rich)) == 8
    assert step(Power(0.03, 15), view(1, **rich)) == 2  # rounded up: a small team has one free at a time
    assert step(Power(0.03, 11), view(10, **rich)) == 11
    assert step(Power(0.03, 20), view(4, inflight=5, waiting=1, **rich)) == 2
    assert step(Power(0.03, 20), view(4, lines=6, **rich)) == 6
    assert step(Power(0.03, 20), view(0, **rich)) == 0


def test_less_than_one_abandoned_call_left_is_one_to_one_and_says_so():
    power = Power(0.03, 30)
    assert step(power, view(4, connected=100, abandoned=3)) == 4
    assert "less than one abandoned call" in english(power.reason())
    assert step(power, view(4, connected=200, abandoned=3)) == 7
    assert english(power.reason()) == "3.0 calls per free seat, budget 3.1 calls."


@given(
    st.integers(0, 30), st.integers(0, 30), st.integers(0, 9), st.integers(0, 2000), st.integers(0, 60),
    st.sampled_from([0.0, 0.01, 0.03]), st.integers(10, 30),
)  # fmt: skip
def test_were_every_dial_answered_at_once_the_cap_would_hold(
    free: int, inflight: int, waiting: int, connected: int, abandoned: int, cap: float, tenths: int
):
    look = view(free, inflight=inflight, waiting=waiting, connected=connected, abandoned=abandoned)
    count = step(Power(cap, tenths), look)
    assert count >= 0
    if count:
        nobody = max(0, inflight + waiting + count - free)
        assert nobody <= Budget(cap, Tuning()).whole_calls_left(abandoned, connected)


def test_a_ratio_is_tenths_from_one_to_three():
    assert [tenths_of(value) for value in (1.0, 1.1, 2.3, 3.0)] == [10, 11, 23, 30]
    for wrong in (0.9, 3.1, 1.55):
        with pytest.raises(InputError, match=r"1\.0 to 3\.0"):
            tenths_of(wrong)


def test_every_mode_says_what_it_does_in_both_languages():
    said = [effect_of(mode, 20, 0.03) for mode in DialMode]
    assert len({english(reason) for reason in said}) == len({say(reason, "fr") for reason in said}) == len(DialMode)
    assert "Up to 2.0 calls" in english(effect_of(DialMode.POWER, 20, 0.03))
    assert "2,0 appels" in say(effect_of(DialMode.POWER, 20, 0.03), "fr")
