"""Several campaigns on one team, in simulated time: each one's cap on every day, and operators' time beside one to one.

``simulation.shared_day`` simulates the days; the command shows the figures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from telephony.simulation.scenarios import B2B, HOUR, SURVEY, Scenario
from telephony.simulation.shared_day import SharedDay
from telephony.workshop.bench.parallel import in_processes

CAPS: Final = ((0.0, 0.0), (0.03, 0.03), (0.03, 0.01), (0.03, 0.0))
"""Caps of the two campaigns, pair by pair; the first is one call per free operator."""
RATES: Final = (0.2, 0.35)


@dataclass(frozen=True, slots=True)
class SharedPlan:
    """The options of the benchmark.

    Attributes:
        operators: of the team.
        hours: length of a day.
        seeds: one day each, the same dials for every pair of caps.
        processes: days at a time.
    """

    operators: int
    hours: float
    seeds: tuple[int, ...]
    processes: int


@dataclass(frozen=True, slots=True)
class SharedFigures:
    """One pair of caps.

    Attributes:
        caps: abandoned over answered, at most: survey, business.
        utilisation: mean of the days, 0 to 1.
        lowest: utilisation of the worst day.
        worst: each campaign's abandoned share on its worst day.
    """

    caps: tuple[float, float]
    utilisation: float
    lowest: float
    worst: tuple[float, float]

    @property
    def keeps_caps(self) -> bool:
        """Return True if no campaign was over its cap on any day."""
        return all(share <= cap for share, cap in zip(self.worst, self.caps, strict=True))


def bench_shared(plan: SharedPlan, report: Callable[[str, int, int], None]) -> list[SharedFigures]:
    """Simulate every pair of caps on the same days; the first is one to one."""
    jobs = [(caps, seed) for caps in CAPS for seed in plan.seeds]
    days: dict[tuple[float, float], list[tuple[float, tuple[float, float]]]] = {}
    for done, ((caps, _), day) in enumerate(in_processes(partial(_day, plan), jobs, plan.processes), 1):
        days.setdefault(caps, []).append(day)
        report("days simulated", done, len(jobs))
    return [_figures(caps, days[caps]) for caps in CAPS]


def _day(plan: SharedPlan, job: tuple[tuple[float, float], int]) -> tuple[float, tuple[float, float]]:
    """Return one day's utilisation and each campaign's abandoned share."""
    caps, seed = job
    window = ((0.0, plan.hours * HOUR),)
    survey = Scenario("survey", plan.operators, SURVEY, RATES[0], window)
    business = Scenario("business", plan.operators, B2B, RATES[1], window)
    day = SharedDay([survey, business], caps, seed).lived()
    return day.floor.utilisation, (day.abandoned_share(0), day.abandoned_share(1))


def _figures(caps: tuple[float, float], days: list[tuple[float, tuple[float, float]]]) -> SharedFigures:
    used = [utilisation for utilisation, _ in days]
    worst = (max(shares[0] for _, shares in days), max(shares[1] for _, shares in days))
    return SharedFigures(caps, sum(used) / len(used), min(used), worst)
