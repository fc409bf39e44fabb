"""The outcome of each dial, drawn ahead by (seed, number of dials before it): every pacer meets the same dials.

A dial's outcome also depends on the answer rate at the time it is made; everything else is settled beforehand.
"""

import math
import sys
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from telephony.domain.pacing.interface import Kind
from telephony.simulation.scenarios import HOUR, Event, Scenario, Talk

RING_TIMEOUT_S: Final = 25.0
ROWS: Final = 2048
"""Dials drawn at a time."""
HIGHEST_RATE: Final = 0.95
FAILS: Final = 0.1
MACHINES: Final = 0.3
"""Share of the dials that no person answers."""
DRIFT: Final = 0.10
DRIFT_PERIOD_S: Final = 3 * HOUR
TURN: Final = 0.45
"""Share of the day after which *halve* and *double* happen."""
PEOPLE_TAKEN_FOR_MACHINES: Final = 0.03
MACHINES_TAKEN_FOR_PEOPLE: Final = 0.05
PAUSE: Final = 0.02

_Column = npt.NDArray[np.float64]


class Fate(NamedTuple):
    """One dial. ``kind`` is the last event before an operator is sought: FAIL, NOANSWER, MACHINE or HUMAN.

    Attributes:
        kind: as the dialer sees it; a machine that AMD took for a person is HUMAN.
        setup: seconds from dial to ringing, or to failing.
        ring: seconds from ringing to the answer, or to the time-out.
        detect: seconds from the answer to knowing who answered.
        talk: seconds with the operator.
        wrap: seconds of wrap-up.
        pause: seconds the operator pauses afterwards, mostly 0.
    """

    kind: int
    setup: float
    ring: float
    detect: float
    talk: float
    wrap: float
    pause: float


class Dials(Protocol):
    """The source of dials for the engine."""

    def fate(self, n: int, t: float) -> Fate:
        """Return the outcome of dial ``n`` (from 0) if it is made at ``t``."""

    def left(self, t: float) -> int:
        """Return how many dials could be made at ``t``, were there lines and operators for them."""


class Fates:
    """The dials of one day of one scenario."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        """Prepare the draws of one day.

        Args:
            scenario: the kind of day.
            seed: selects the day; the same scenario and seed give the same dials.
        """
        self._scenario = scenario
        self._seed = seed
        self._chunks: dict[int, list[tuple[float, ...]]] = {}
        dice = _dice(seed, 0)
        self._phase = float(dice.random())
        self._hours = [float(factor) for factor in dice.uniform(0.6, 1.4, 25)]

    def rate(self, t: float) -> float:
        """Return the chance that a person answers a dial made ``t`` seconds into the day."""
        scenario = self._scenario
        rate = scenario.answer_rate * (1 + DRIFT * math.sin(2 * math.pi * (t / DRIFT_PERIOD_S + self._phase)))
        if scenario.event is Event.SWINGS:
            rate *= self._hours[int(t // HOUR) % 24]
        elif t >= TURN * scenario.end:
            rate *= {Event.HALVE: 0.5, Event.DOUBLE: 2.0}.get(scenario.event, 1.0)
        return min(rate, HIGHEST_RATE)

    def fate(self, n: int, t: float) -> Fate:
        """Return the outcome of dial ``n`` (from 0) if it is made at ``t``."""
        return self.drawn(n, self.rate(t))

    def left(self, t: float) -> int:
        """Return how many dials could be made at ``t``; here the scenario alone limits them."""
        del t
        return sys.maxsize

    def drawn(self, n: int, rate: float, fails: float = FAILS, machines: float = MACHINES) -> Fate:
        """Return the outcome of row ``n``.

        Args:
            n: the row, from 0.
            rate: chance that a person answers.
            fails: when none does, chance that the network refuses.
            machines: when none does, chance of a machine.
        """
        chunk, row = divmod(n, ROWS)
        rows = self._chunks.get(chunk)
        if rows is None:
            rows = self._chunks[chunk] = _draw(self._scenario, _dice(self._seed, 1 + chunk))
        chance, other, setup, ring, detect, missed, talk, wrap, pause, machine, heard, brief, fail = rows[row]
        if chance < rate:
            if missed < PEOPLE_TAKEN_FOR_MACHINES and self._scenario.has_detection:
                return Fate(Kind.MACHINE, setup, ring, detect, 0, 0, 0)
            return Fate(Kind.HUMAN, setup, ring, detect, talk, wrap, pause)
        if other < fails:
            return Fate(Kind.FAIL, fail, 0, 0, 0, 0, 0)
        if other >= fails + machines or machine >= RING_TIMEOUT_S:
            return Fate(Kind.NOANSWER, setup, RING_TIMEOUT_S, 0, 0, 0, 0)
        if missed < MACHINES_TAKEN_FOR_PEOPLE or not self._scenario.has_detection:
            return Fate(Kind.HUMAN, setup, machine, heard, brief, brief, pause)
        return Fate(Kind.MACHINE, setup, machine, heard, 0, 0, 0)


def _dice(seed: int, part: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(part,))))


def _draw(scenario: Scenario, dice: np.random.Generator) -> list[tuple[float, ...]]:
    """Return ROWS rows, in the order ``fate`` unpacks them."""
    people, machines = (dice.uniform(0.8, 2.5, ROWS), dice.uniform(1.5, 4.0, ROWS))
    if not scenario.has_detection:
        people = machines = np.zeros(ROWS)
    columns: list[_Column] = [
        dice.random(ROWS),
        dice.random(ROWS),
        dice.uniform(1.0, 3.0, ROWS) + scenario.ring_lag_s,
        _ring(dice),
        people,
        dice.random(ROWS),
        _talk(scenario.talk, dice),
        _lognormal(dice.standard_normal(ROWS), 20.0, 0.7),
        np.where(dice.random(ROWS) < PAUSE, dice.exponential(300.0, ROWS), 0.0),
        np.maximum(dice.normal(17.0, 3.5, ROWS), 0.0),
        machines,
        dice.uniform(4.0, 10.0, ROWS),
        dice.uniform(1.0, 4.0, ROWS),
    ]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _ring(dice: np.random.Generator) -> _Column:
    """Return how long people let it ring; the share of the answer rate answers before the time-out."""
    ring = dice.gamma(3.0, 11.0 / 3, ROWS)
    while (late := ring >= RING_TIMEOUT_S).any():
        ring[late] = dice.gamma(3.0, 11.0 / 3, int(late.sum()))
    return ring


def _talk(talk: Talk, dice: np.random.Generator) -> _Column:
    normal = dice.standard_normal(ROWS)
    shares = np.array([share for share, _, _ in talk.parts])
    part = np.searchsorted(np.cumsum(shares / shares.sum())[:-1], dice.random(ROWS), side="right")
    parts = np.stack([_lognormal(normal, mean, cv) for _, mean, cv in talk.parts])
    return np.asarray(parts[part, np.arange(ROWS)])


def _lognormal(normal: _Column, mean: float, cv: float) -> _Column:
    spread = math.log(1 + cv * cv)
    return np.exp(math.log(mean) - spread / 2 + math.sqrt(spread) * normal)
