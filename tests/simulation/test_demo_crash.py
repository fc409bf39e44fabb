"""What a crash in the middle of the demonstration came to, judged."""

from dataclasses import replace

import pytest

from telephony.ids import SeatNumber
from telephony.workshop.demo.crash import Crash, unattended
from tests.domain.days import attempt


@pytest.mark.parametrize(
    ("crash", "words"),
    [
        (Crash(40, 6, 3.2), ""),
        (Crash(40, 0, 1.0), ""),
        (Crash(40, 6, 10.4), "not all had ended or were taken over 10 s later"),
        (Crash(40, 6), "not all had ended or were taken over 10 s later"),
        (Crash(400), "ended before a crash 400 s after the start could be judged"),
    ],
)
def test_a_crash_that_leaves_a_call_in_nobodys_hands_is_a_fault(crash: Crash, words: str):
    assert words in crash.fault
    assert bool(crash.fault) is bool(words)


def test_a_call_is_attended_when_it_ended_or_its_seat_is_shown_talking():
    ringing, talking, waiting, new = (replace(attempt(n), seat=None) for n in range(4))
    talking, waiting = replace(talking, seat=SeatNumber(2)), replace(waiting, seat=SeatNumber(3))
    left = {row.attempt_id for row in (ringing, talking, waiting)}
    floor = {"seats": [{"seat": 2, "state": "talking"}, {"seat": 3, "state": "reserved"}]}
    rows = [ringing, talking, waiting, new]
    assert unattended(left, rows, floor) == {ringing.attempt_id, waiting.attempt_id}
    assert unattended(left, rows, None) == left
    assert unattended(left, [talking, new], floor) == set()
