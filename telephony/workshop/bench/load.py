"""The load of the call benchmark: numbers that behave by their last digits, and a pacer that dials at a steady rate."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from telephony.domain.calls.outcomes import Outcome
from telephony.domain.numbers.numbers import FICTION
from telephony.domain.pacing.interface import View
from telephony.domain.text.reason import Reason

PREFIXES: Final = tuple(f"0{prefix}" for prefix in FICTION)
"""Ranges reserved for fiction (ARCEP numbering plan)."""
ANSWERED_SHARE: Final = 0.3
EXPECTED: Final = {
    "50": Outcome.BUSY,
    "52": Outcome.FAILED,
    "53": Outcome.FAILED,
    "54": Outcome.NO_ANSWER,
    "9": Outcome.ANSWERED,
}
"""The outcome an attempt must have, by the first digits of the last four; see docs/lab.md."""


def expected(number: str) -> Outcome:
    """Return the outcome that the carrier's table gives a number."""
    tail = number[-4:]
    return EXPECTED["9"] if tail[0] == "9" else EXPECTED[tail[:2]]


def numbers(count: int) -> list[str]:
    """Return ``count`` different numbers: three in ten answer after 0-0.4 s and talk 2-3.9 s, the others fail at once.

    Args:
        count: at most 1,900.
    """
    answered = (f"{prefix}9{ring}{talk:02d}" for talk, ring, prefix in product(range(20, 40), range(3), PREFIXES))
    others = (f"{prefix}{kind}{n:02d}" for n, kind, prefix in product(range(100), ("50", "52", "53", "54"), PREFIXES))
    return [next(source) for source in _mixed(answered, others, count)]


def _mixed(answered: Iterator[str], others: Iterator[str], count: int) -> Iterator[Iterator[str]]:
    due = 0.0
    for _ in range(count):
        due += ANSWERED_SHARE
        if due >= 1.0:
            due -= 1.0
            yield answered
        else:
            yield others


class Steady:
    """A pacer that dials at a fixed rate, whatever the operators do: for measuring, never for calling people."""

    tick = 0.02

    def __init__(self) -> None:
        self.rate = 0.0
        self._due = 0.0
        self._at: float | None = None

    def start(self, view: View) -> None:
        """Start; the view is not read."""

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Return the calls that are due since the last step."""
        del kind, call, agent
        since, self._at = self._at, t
        if since is None:
            return 0
        self._due += (t - since) * self.rate
        count = int(self._due)
        self._due -= count
        return count

    def reason(self) -> Reason:
        """Return the reason code of measuring."""
        return Reason("pace.fixed_rate")
