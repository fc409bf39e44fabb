"""Scenarios nobody tuned on: small teams, drawn from a seed, for measuring a pacer."""

from typing import Final

import numpy as np

from telephony.simulation.scenarios import TALKS, Event, Scenario

SEED: Final = 4711
"""The set that figures are published for; building a pacer on it would make them worthless."""
DOUBLES_UP_TO: Final = 0.45
"""Highest answer rate that may double."""


def held_out(count: int, seed: int = SEED) -> list[Scenario]:
    """Return ``count`` days of teams of 7-24: any talk, answer rate 8-60 %, any event, some without detection.

    Args:
        count: how many.
        seed: the same seed gives the same scenarios; a longer set begins with the shorter one.
    """
    return [_one(n, seed) for n in range(count)]


def _one(n: int, seed: int) -> Scenario:
    dice = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(n,))))
    operators = int(dice.integers(7, 25))
    talk = TALKS[sorted(TALKS)[int(dice.integers(len(TALKS)))]]
    rate = float(dice.uniform(0.08, 0.60))
    event = list(Event)[int(dice.integers(len(Event)))]
    if event is Event.DOUBLE and rate > DOUBLES_UP_TO:
        event = Event.HALVE
    ring_lag_s = float(dice.choice([0.0, 0.0, 0.0, 2.0, 4.0]))
    has_detection = bool(dice.random() < 0.75)
    said = [f"{operators} {talk.name} {rate:.0%}"]
    said += [str(event)] if event is not Event.NONE else []
    said += [f"ring lag {ring_lag_s:g} s"] if ring_lag_s else []
    said += [] if has_detection else ["no detection"]
    return Scenario(
        f"{n + 1:02d}: {', '.join(said)}",
        operators,
        talk,
        rate,
        event=event,
        ring_lag_s=ring_lag_s,
        has_detection=has_detection,
    )
