"""``telephony bench pacing``: the utilisation that each pacer reaches within the abandon cap, in simulated time."""

import os
from typing import Annotated

import typer

from telephony.cli.prove import progress
from telephony.cli.session import AsJson, print_json, print_table
from telephony.simulation.pacers import PACERS, PREDICTIVE, maker
from telephony.simulation.scenarios import PUBLIC
from telephony.workshop.bench.pacing import NEEDED, Mark, Part, Plan, bench_pacing, marks
from telephony.workshop.bench.pacing_figures import Figures

QUICK_TEAM = 24
"""Operators of the largest team in a quick run."""


def pacing(
    days: Annotated[int, typer.Option(min=1, max=1000, help="Days per scenario.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the days.")] = 1,
    pacer: Annotated[list[str] | None, typer.Option(help="Pacer to measure; may be repeated; default: all.")] = None,
    scenarios: Annotated[int, typer.Option(min=0, max=1000, help="Number of held-out scenarios.")] = 20,
    quick: Annotated[
        bool, typer.Option("--quick", help="Run four held-out scenarios, no large team, two days.")
    ] = False,
    processes: Annotated[int, typer.Option(min=1, help="Simulations in parallel.")] = os.cpu_count() or 1,
    unreported_cancels: Annotated[
        bool, typer.Option("--unreported-cancels", help="Dials cancelled by a pacer end without an event.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the predictive pacer with others and a clairvoyant on the same dials. Exit 1 if a target is missed.

    Examples:
      telephony bench pacing

      telephony bench pacing --quick --pacer predictive

      telephony bench pacing --days 1 --pacer predictive --unreported-cancels
    """
    names = [name for name in PACERS if name in {*(pacer or PACERS), *NEEDED}]
    for name in pacer or ():
        maker(name)
    public = tuple(scenario for scenario in PUBLIC if scenario.operators <= QUICK_TEAM) if quick else PUBLIC
    held_out, many = (4, 2) if quick else (scenarios, days)
    plan = Plan(tuple(names), held_out, public, many, seed, processes, tells_cancels=not unreported_cancels)
    with progress() as report:
        parts = bench_pacing(plan, report)
    targets = marks(parts, PREDICTIVE) if PREDICTIVE in names else []
    if as_json:
        print_json({"plan": plan, "parts": parts, "marks": targets})
    else:
        _show(parts, targets, plan)
    if not all(mark.is_kept for mark in targets):
        raise typer.Exit(1)


def _show(parts: list[Part], targets: list[Mark], plan: Plan) -> None:
    for part in parts:
        title = f"{part.name}: {len(part.scenarios)} scenarios x {plan.days} days, seed {plan.seed}; 95 % intervals"
        print_table(title, ("pacer", *_COLUMNS), [(figures.pacer, *_cells(figures)) for figures in part.total], "")
        best = PREDICTIVE if PREDICTIVE in plan.pacers else NEEDED[1]
        columns = (
            "scenario",
            "progressive",
            "VICIdial",
            best,
            "clairvoyant",
            "abandoned %",
            "worst day",
            "gap closed %",
        )
        print_table(
            f"{part.name}: utilisation, %", columns, [_scenario(name, rows, best) for name, rows in part.scenarios], ""
        )
    if targets:
        rows = [(mark.what, mark.target, mark.reached, "yes" if mark.is_kept else "NO") for mark in targets]
        print_table(f"targets of {PREDICTIVE}", ("target", "required", "reached", "met"), rows, "")


_COLUMNS = (
    "utilisation %",
    "abandoned %",
    "worst day",
    "days over 3 %",
    "gap closed %",
    "points over VICIdial",
    "wait s",
    "calls/op. hour",
    "µs/decision",
)


def _cells(figures: Figures) -> tuple[str, ...]:
    return (
        figures.utilisation.text(),
        f"{figures.abandoned:.2f}",
        f"{figures.worst_day:.2f}",
        f"{figures.days_over}/{figures.days}",
        figures.gap_closed.text(),
        figures.points.text(),
        f"{figures.wait_s:.1f}",
        f"{figures.calls:.1f}",
        f"{figures.decision_us:.1f}",
    )


def _scenario(name: str, rows: tuple[Figures, ...], best: str) -> tuple[str, ...]:
    named = {row.pacer: row for row in rows}
    progressive, vicidial, clairvoyant = (named[needed] for needed in NEEDED)
    own = named[best]
    used = (f"{figures.utilisation.mean:.1f}" for figures in (progressive, vicidial, own, clairvoyant))
    return (name, *used, f"{own.abandoned:.2f}", f"{own.worst_day:.2f}", own.gap_closed.text())
