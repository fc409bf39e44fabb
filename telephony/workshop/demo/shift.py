"""A shift of some minutes: the outcome of each lead, drawn ahead, for the real floor and for its simulation alike.

The lab's world behaves by a number's last digits (docs/lab.md), so the same draw makes a list of numbers for real
Asterisk and the fates of the simulated dials. ``shift_run`` plays the shift.
"""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.numbers.numbers import FICTION
from telephony.domain.pacing.interface import AnyPacer, Kind, Progressive
from telephony.domain.pacing.power import Power
from telephony.domain.pacing.predictive import Predictive
from telephony.errors import InputError
from telephony.simulation.engine import Day
from telephony.simulation.outcomes import RING_TIMEOUT_S, Fate
from telephony.simulation.results import DayResult
from telephony.simulation.scenarios import Scenario, Talk

PREFIXES: Final = tuple(f"0{prefix}" for prefix in FICTION)
"""Ranges reserved for fiction (ARCEP numbering plan)."""
RINGS_S: Final = (1, 9)
"""Shortest and longest ring before an answer that a number can ask for, seconds."""
TALK_S: Final = (3, 99)
"""Shortest and longest conversation that a number can ask for, seconds."""
MEAN_RING_S: Final = 5.0
MEAN_TALK_S: Final = 40.0
WRAP_UP_S: Final = (3.0, 9.0)
"""Shortest and longest time a robot takes to choose a result."""
FAILS: Final = 0.1
"""Share of the unanswered dials that the network refuses."""
SETUP_S: Final = 0.2
SIMULATIONS: Final = 60
CAP: Final = 0.03
"""The example campaign's abandon cap."""


@dataclass(frozen=True, slots=True)
class Shift:
    """The options of a shift.

    Attributes:
        operators: at work.
        minutes: how long dials may leave.
        answer_rate: share of dials that a person answers, 0 to 1.
        seed: of the draw.
        mode: how calls are paced.
    """

    operators: int
    minutes: float
    answer_rate: float
    seed: int = 1
    mode: DialMode = DialMode.PREDICTIVE

    def pacer(self) -> AnyPacer:
        """Return a fresh pacer, as production would choose it."""
        match self.mode:
            case DialMode.PREDICTIVE:
                return Predictive(CAP)
            case DialMode.POWER:
                return Power(CAP)
            case DialMode.PROGRESSIVE:
                return Progressive(CAP)
            case DialMode.PREVIEW:
                raise InputError(
                    "a shift is compared with its simulation, which has no preview: choose another mode than preview"
                )

    @property
    def leads(self) -> int:
        """More leads than can be dialled."""
        busiest_s = MEAN_TALK_S * 0.6
        return math.ceil(1.5 * self.operators * self.minutes * 60 / busiest_s / self.answer_rate)


def draw(shift: Shift, seed: int) -> list[Fate]:
    """Draw the outcome of each lead, in list order."""
    dice = random.Random(f"shift {seed}")  # noqa: S311  repeatable, not secret
    return [_fate(shift, dice) for _ in range(shift.leads)]


def _fate(shift: Shift, dice: random.Random) -> Fate:
    if dice.random() < shift.answer_rate:
        ring = _clipped(dice.gammavariate(3, MEAN_RING_S / 3), RINGS_S)
        sigma2 = math.log(1 + 0.9**2)
        talk = _clipped(MEAN_TALK_S * dice.lognormvariate(-sigma2 / 2, math.sqrt(sigma2)), TALK_S)
        return Fate(Kind.HUMAN, SETUP_S, ring, 0.0, talk, dice.uniform(*WRAP_UP_S), 0.0)
    if dice.random() < FAILS:
        return Fate(Kind.FAIL, SETUP_S, 0.0, 0.0, 0.0, 0.0, 0.0)
    return Fate(Kind.NOANSWER, SETUP_S, RING_TIMEOUT_S, 0.0, 0.0, 0.0, 0.0)


def _clipped(value: float, bounds: tuple[int, int]) -> float:
    return float(min(bounds[1], max(bounds[0], round(value))))


def numbers(fates: Sequence[Fate]) -> list[str]:
    """Return a different fiction number for each outcome; its last digits make the lab's world behave that way.

    Raises:
        InputError: more leads than there are numbers of their kind.
    """
    refused = (f"{prefix}52{n:02d}" for n, prefix in product(range(100), PREFIXES))
    silent = (f"{prefix}7{n:03d}" for n, prefix in product(range(1000), PREFIXES))
    people: dict[tuple[int, int], Iterator[str]] = {}
    try:
        return [
            next(refused)
            if fate.kind == Kind.FAIL
            else next(silent)
            if fate.kind == Kind.NOANSWER
            else _person(people, int(fate.ring), int(fate.talk))
            for fate in fates
        ]
    except StopIteration:
        raise InputError(
            "there are not enough fiction numbers for a shift of this length: choose fewer minutes or operators"
        ) from None


def _person(people: dict[tuple[int, int], Iterator[str]], ring: int, talk: int) -> str:
    """Return the next number that rings and talks that long; a second more or less when all are taken."""
    for other in sorted(range(TALK_S[0], TALK_S[1] + 1), key=lambda length: abs(length - talk)):
        fresh = (f"{prefix}{voice}{ring}{other:02d}" for voice, prefix in product(range(5), PREFIXES))
        number = next(people.setdefault((ring, other), fresh), None)
        if number is not None:
            return number
    raise StopIteration


class _Known:
    """Fates drawn ahead, in place of the simulation's own."""

    def __init__(self, fates: Sequence[Fate]) -> None:
        self._fates = fates

    def fate(self, n: int, t: float) -> Fate:
        del t
        return self._fates[n]

    def left(self, t: float) -> int:
        del t
        return len(self._fates)


def simulate(shift: Shift, seed: int) -> DayResult:
    """Simulate the shift once, with the draw of a seed."""
    talk = Talk("shift", ((1.0, MEAN_TALK_S, 0.9),))
    end_s = shift.minutes * 60
    scenario = Scenario("shift", shift.operators, talk, shift.answer_rate, ((0.0, end_s),), leads=shift.leads)
    day = Day(scenario, shift.pacer(), seed, _Known(draw(shift, seed)))
    day.floor.min_ring = math.inf  # the shift's campaign cancels none
    return day.run()


@dataclass(frozen=True, slots=True)
class Interval:
    """The interval in which 95 of 100 simulated shifts end."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Return True if a measured value lies within."""
        return self.low <= value <= self.high


def intervals(results: Sequence[DayResult]) -> Mapping[str, Interval]:
    """Return the intervals of ``utilisation`` and ``abandoned`` (share of people who answered)."""
    return {
        "utilisation": _middle([result.utilisation for result in results]),
        "abandoned": _middle([result.abandoned_share for result in results]),
    }


def _middle(values: Sequence[float]) -> Interval:
    ordered = sorted(values)
    out = int(len(ordered) * 0.025)
    return Interval(ordered[out], ordered[-1 - out])
