"""A shift's draw: the numbers that are dialled ask the lab's world for the very fates that are simulated."""

import asyncio
import json
import struct
from datetime import timedelta

import pytest
from rich.console import Console

from telephony.cli.session import plain
from telephony.domain.campaigns.campaigns import CampaignProgress
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.evidence.proof import Proof
from telephony.domain.pacing.interface import Kind
from telephony.errors import InputError
from telephony.workshop.demo.audio_probe import Heard, delays_ms, loudness
from telephony.workshop.demo.shift import Interval, Shift, draw, intervals, numbers, simulate
from telephony.workshop.demo.shift_run import ShiftFigures, play
from telephony.workshop.demo.verdict import Verdict

SHIFT = Shift(operators=7, minutes=5, answer_rate=0.25, mode=DialMode.PROGRESSIVE)


def test_each_number_asks_for_its_fate_and_none_comes_twice():
    fates = draw(SHIFT, 1)
    questions = numbers(fates)
    assert len(set(questions)) == len(questions) == SHIFT.leads
    for fate, number in zip(fates, questions, strict=True):
        kind, ring, talk = number[6], int(number[7]), int(number[8:])
        if fate.kind == Kind.HUMAN:
            assert kind in "01234"
            assert ring == fate.ring
            assert abs(talk - fate.talk) <= 3  # the very second, while there are numbers for it
        else:
            assert number[6:8] == "52" if fate.kind == Kind.FAIL else kind == "7"


def test_the_draw_is_the_seeds_and_has_the_rate_asked_for():
    assert draw(SHIFT, 1) == draw(SHIFT, 1) != draw(SHIFT, 2)
    people = [call for seed in range(20) for call in draw(SHIFT, seed) if call.kind == Kind.HUMAN]
    assert len(people) / (20 * SHIFT.leads) == pytest.approx(0.25, abs=0.02)


def test_too_long_a_shift_is_refused_for_want_of_numbers():
    with pytest.raises(InputError, match="fiction numbers"):
        numbers(draw(Shift(operators=24, minutes=60, answer_rate=0.05), 1))


def test_a_simulated_shift_serves_its_draw():
    day = simulate(SHIFT, 1)
    people = [call for call in draw(SHIFT, 1)[: day.dials] if call.kind == Kind.HUMAN]
    assert day.connected == len(people)
    assert day.abandoned == 0
    assert 0 < day.utilisation < 1
    expected = intervals([simulate(SHIFT, seed) for seed in range(1, 11)])
    assert expected["abandoned"] == Interval(0.0, 0.0)
    assert expected["utilisation"].contains(day.utilisation)


def test_a_shift_that_cannot_be_compared_is_refused_before_anything_starts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("telephony.workshop.demo.shift_run.staged", None)  # nothing may be started
    preview = Shift(operators=7, minutes=10, answer_rate=0.25, mode=DialMode.PREVIEW)
    with pytest.raises(InputError, match="no preview: choose another mode"):
        asyncio.run(play(preview, Console(quiet=True), keep=False))


def test_each_answer_is_given_the_next_voice_once():
    heard = Heard(answers=[10.0, 10.5, 30.0], onsets={4000: [10.02, 40.0], 4002: [10.56]})
    assert delays_ms(heard) == pytest.approx([20.0, 60.0])


def test_silence_is_not_heard_and_speech_is():
    assert loudness(bytes([0xD5] * 160)) < 20
    assert loudness(bytes([0x2A, 0xAA] * 80)) > 10_000
    assert struct.calcsize("HBBI") == 8  # a line of the packet filter, as the kernel reads it


@pytest.mark.parametrize(
    ("utilisation", "heard", "words"),
    [(0.5, [30.0], ""), (0.9, [30.0], "utilisation 90.0% lies outside"), (0.5, [30.0] * 9 + [180.0] * 2, "180 ms")],
)
def test_what_lies_outside_is_said(utilisation: float, heard: list[float], words: str):
    simulated = {"utilisation": Interval(0.4, 0.6), "abandoned": Interval(0.0, 0.03)}
    faults = ShiftFigures(utilisation, 0.01, 50, 200, heard, simulated).faults()
    assert [words in fault for fault in faults] == ([True] if words else [])


def test_the_result_of_a_demonstration_can_be_written_as_json():
    whole = ShiftFigures(0.7, 0.01, 50, 200, [21.0], {"utilisation": Interval(0.6, 0.8)})
    assert json.loads(json.dumps(plain(whole)))["simulated"]["utilisation"] == {"low": 0.6, "high": 0.8}
    progress = CampaignProgress(3, 0, 0, 3, {}, {})
    verdict = Verdict(
        3, 1, 1, Proof(3, 1, 0, 0, 0, ()), progress, {"busy": 2}, {"Claire": (1, timedelta(seconds=9))}, ()
    )
    assert json.loads(json.dumps(plain(verdict)))["talks"] == {"Claire": [1, 9.0]}
