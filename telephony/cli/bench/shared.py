"""``telephony bench shared``: two campaigns that share a team, each with its own abandon cap, in simulated time."""

import dataclasses
import os
from typing import Annotated

import typer

from telephony.cli.prove import progress
from telephony.cli.session import AsJson, print_json, print_table
from telephony.workshop.bench.shared import SharedFigures, SharedPlan, bench_shared


def shared(
    operators: Annotated[int, typer.Option(min=1, max=200, help="Number of operators of the team.")] = 12,
    days: Annotated[int, typer.Option(min=1, max=100, help="Days per pair of caps.")] = 5,
    hours: Annotated[float, typer.Option(min=0.5, max=12, help="Hours per day.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="First random seed.")] = 11,
    processes: Annotated[int, typer.Option(min=1, help="Simulations in parallel.")] = os.cpu_count() or 1,
    as_json: AsJson = False,
) -> None:
    """Measure abandoned calls and utilisation of two campaigns that share a team.

    Exit status 1 if a cap is exceeded, or utilisation is lower than one call per free operator.

    Example: telephony bench shared --operators 7 --days 3
    """
    plan = SharedPlan(operators, hours, tuple(range(seed, seed + days)), processes)
    with progress() as report:
        results = bench_shared(plan, report)
    is_kept = all(result.keeps_caps and result.utilisation >= results[0].utilisation for result in results)
    if as_json:
        parts = [dataclasses.asdict(result) | {"keeps_caps": result.keeps_caps} for result in results]
        print_json({"plan": plan, "parts": parts, "holds": is_kept})
    else:
        columns = ("caps, survey / business", "utilisation, mean (lowest day)", "abandoned on the worst day", "kept")
        title = f"shared: {operators} operators, {days} days of {hours:g} h"
        print_table(title, columns, [_cells(result) for result in results], "")
    if not is_kept:
        raise typer.Exit(1)


def _cells(figures: SharedFigures) -> tuple[str, ...]:
    caps = " / ".join(f"{cap:.0%}" if cap else "one per operator" for cap in figures.caps)
    worst = " / ".join(f"{share:.2%}" for share in figures.worst)
    return caps, f"{figures.utilisation:.1%} ({figures.lowest:.1%})", worst, "yes" if figures.keeps_caps else "NO"
