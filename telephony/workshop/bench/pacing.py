"""``telephony bench pacing``: the product's pacer beside its peers, on scenarios nobody tuned on and the public twelve.

Days are simulated in processes of their own; a decision's time is the processor's, so a busy machine changes it little.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from telephony.simulation.baselines import CLAIRVOYANT, PROGRESSIVE, VICIDIAL
from telephony.simulation.engine import run_day
from telephony.simulation.heldout import held_out
from telephony.simulation.pacers import maker
from telephony.simulation.results import DayResult
from telephony.simulation.scenarios import PUBLIC, Scenario
from telephony.workshop.bench.pacing_figures import CAP, Days, Figures, figures
from telephony.workshop.bench.parallel import in_processes

NEEDED: Final = (PROGRESSIVE, VICIDIAL, CLAIRVOYANT)
"""The pacers that every comparison needs."""
LARGE: Final = 200
GAP_MARK: Final = 60.0
LARGE_GAP_MARK: Final = 95.0
POINTS_MARK: Final = 12.0
DECISION_MARK_US: Final = 1000.0

Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured.

    Attributes:
        pacers: names, the three needed ones included.
        held_out: how many scenarios nobody tuned on.
        public: the public scenarios to measure as well.
        days: days per scenario.
        seed: names the days; the scenarios have their own.
        processes: days simulated at a time.
        tells_cancels: a dial that a pacer cancelled ends with an event; otherwise it disappears without one.
    """

    pacers: tuple[str, ...]
    held_out: int = 20
    public: tuple[Scenario, ...] = PUBLIC
    days: int = 5
    seed: int = 1
    processes: int = 2
    tells_cancels: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """One set of scenarios: figures over all of it, and per scenario, pacer by pacer."""

    name: str
    total: tuple[Figures, ...]
    scenarios: tuple[tuple[str, tuple[Figures, ...]], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark, and what a pacer reached."""

    what: str
    target: str
    reached: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class _Job:
    part: str
    scenario: Scenario
    number: int
    pacer: str
    day: int
    seed: int
    tells_cancels: bool


def bench_pacing(plan: Plan, report: Report) -> list[Part]:
    """Simulate every pacer on every day and compare.

    Args:
        plan: what is measured.
        report: called with the step, how much is done and of how much.
    """
    sets = {"held out": tuple(held_out(plan.held_out)), "public": plan.public}
    jobs = [
        _Job(part, scenario, number, pacer, day, (plan.seed * 1000 + number) * 1000 + day, plan.tells_cancels)
        for part, scenarios in sets.items()
        for number, scenario in enumerate(scenarios)
        for pacer in plan.pacers
        for day in range(plan.days)
    ]
    # The longest first, so that no process is left alone with a long day at the end.
    jobs.sort(key=lambda job: (-job.scenario.operators, job.part, job.number, job.pacer, job.day))
    results: dict[_Job, DayResult] = {}
    for job, result in in_processes(_simulate, jobs, plan.processes):
        results[job] = result
        report("days", len(results), len(jobs))
    return [_part(name, scenarios, plan, results) for name, scenarios in sets.items() if scenarios]


def marks(parts: Sequence[Part], pacer: str) -> list[Mark]:
    """Compare one pacer with its marks: gap closed, points over the peer, the cap on every day, time per decision."""
    judged = []
    for part in parts:
        total = next(row for row in part.total if row.pacer == pacer)
        where = f"{part.name}, {len(part.scenarios)} scenarios"
        over = f"{total.days_over} of {total.days}, worst {total.worst_day:.2f} %"
        judged.append(Mark(f"days over {CAP:.0%} abandoned ({where})", "0", over, total.days_over == 0))
        if part.name == "held out":
            gap, points = total.gap_closed, total.points
            judged += [
                Mark(f"gap closed, % ({where})", f"≥ {GAP_MARK:g}", gap.text(), gap.mean >= GAP_MARK),
                Mark(
                    f"points over VICIdial ({where})", f"≥ {POINTS_MARK:g}", points.text(), points.mean >= POINTS_MARK
                ),
            ]
        spent = f"{total.decision_us:.0f}"
        judged.append(
            Mark(f"µs per decision ({where})", f"≤ {DECISION_MARK_US:g}", spent, total.decision_us <= DECISION_MARK_US)
        )
        for name, rows in part.scenarios:
            if name.startswith(f"{LARGE} "):
                gap = next(row for row in rows if row.pacer == pacer).gap_closed
                what = f"gap closed, % ({name})"
                judged.append(Mark(what, f"≥ {LARGE_GAP_MARK:g}", gap.text(), gap.mean >= LARGE_GAP_MARK))
    return judged


def _simulate(job: _Job) -> DayResult:
    pacer = maker(job.pacer)(job.scenario)
    result = run_day(job.scenario, pacer, job.seed, tells_cancels=job.tells_cancels)
    return replace(result, samples=())


def _part(name: str, scenarios: Sequence[Scenario], plan: Plan, results: dict[_Job, DayResult]) -> Part:
    lived = {
        pacer: [
            [result for _, result in sorted(_of(results, name, number, pacer), key=lambda pair: pair[0])]
            for number in range(len(scenarios))
        ]
        for pacer in plan.pacers
    }
    whole = tuple(_compared(pacer, lived, slice(None)) for pacer in plan.pacers)
    each = tuple(
        (scenario.name, tuple(_compared(pacer, lived, slice(number, number + 1)) for pacer in plan.pacers))
        for number, scenario in enumerate(scenarios)
    )
    return Part(name, whole, each)


def _of(results: dict[_Job, DayResult], part: str, number: int, pacer: str) -> Iterable[tuple[int, DayResult]]:
    return (
        (job.day, result)
        for job, result in results.items()
        if (job.part, job.number, job.pacer) == (part, number, pacer)
    )


def _compared(pacer: str, lived: dict[str, list[list[DayResult]]], which: slice) -> Figures:
    days: dict[str, Days] = {name: lived[name][which] for name in {pacer, *NEEDED}}
    return figures(pacer, days[pacer], days[PROGRESSIVE], days[CLAIRVOYANT], days[VICIDIAL])
