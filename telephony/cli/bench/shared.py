"""``telephony bench shared``: two campaigns on one team, each under its own abandon cap, in simulated time."""

import dataclasses
import os
from typing import Annotated

import typer

from telephony.cli.prove import progress
from telephony.cli.session import AsJson, print_json, print_table
from telephony.workshop.bench.shared import SharedFigures, SharedPlan, bench_shared


def shared(
    operators: Annotated[int, typer.Option(min=1, max=200, help="Operators of the team.")] = 12,
    days: Annotated[int, typer.Option(min=1, max=100, help="Days for each pair of caps.")] = 5,
    hours: Annotated[float, typer.Option(min=0.5, max=12, help="Length of a day, hours.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="The first day.")] = 11,
    processes: Annotated[int, typer.Option(min=1, help="Days simulated at a time.")] = os.cpu_count() or 1,
    as_json: AsJson = False,
) -> None:
    """Two campaigns on one team: each one's abandoned calls and operators' time.

    Exit status 1 when a cap is not kept, or operators are used less than one to one.

    Example: telephony bench shared --operators 7 --days 3
    """
    plan = SharedPlan(operators, hours, tuple(range(seed, seed + days)), processes)
    with progress() as report:
        found = bench_shared(plan, report)
    is_kept = all(one.keeps_caps and one.utilisation >= found[0].utilisation for one in found)
    if as_json:
        parts = [dataclasses.asdict(one) | {"keeps_caps": one.keeps_caps} for one in found]
        print_json({"plan": plan, "parts": parts, "holds": is_kept})
    else:
        columns = ("caps, survey / business", "utilisation, mean (lowest day)", "abandoned on the worst day", "kept")
        title = f"shared: {operators} operators, {days} days of {hours:g} h"
        print_table(title, columns, [_cells(one) for one in found], "")
    if not is_kept:
        raise typer.Exit(1)


def _cells(one: SharedFigures) -> tuple[str, ...]:
    caps = " / ".join(f"{cap:.0%}" if cap else "one to one" for cap in one.caps)
    worst = " / ".join(f"{share:.2%}" for share in one.worst)
    return caps, f"{one.utilisation:.1%} ({one.lowest:.1%})", worst, "yes" if one.keeps_caps else "NO"
