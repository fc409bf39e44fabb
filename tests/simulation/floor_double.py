"""A floor that a test writes by hand."""

from types import SimpleNamespace
from typing import Any

from telephony.domain.pacing.interface import AnyPacer, Kind


def floor(free: int = 0, talking: int = 0, wrapping: int = 0, inflight: int = 0, waiting: int = 0) -> Any:
    operators = iter(range(free + talking + wrapping))
    return SimpleNamespace(
        free={next(operators): 0.0 for _ in range(free)},
        talking={next(operators): 0.0 for _ in range(talking)},
        wrapping={next(operators): 0.0 for _ in range(wrapping)},
        inflight={call: [0.0, None, None] for call in range(inflight)},
        waiting={100 + call: 0.0 for call in range(waiting)},
        n_dials=0,
        n_human=0,
        n_connected=0,
        n_abandoned=0,
        max_lines=100,
    )


def ticks(pacer: AnyPacer, begin: float, end: float) -> list[tuple[float, int]]:
    """Tick from ``begin`` to before ``end``; return the times when it wants dials, and how many."""
    dials = []
    t = begin
    while t < end:
        expected = pacer.step(t, Kind.TICK, -1, -1)
        if expected > 0:
            dials.append((t, expected))
        t += pacer.tick
    return dials
