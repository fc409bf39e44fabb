"""``telephony bench pacing``: which pacer uses operators' time best, within the cap, in simulated time."""

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
    seed: Annotated[int, typer.Option(min=0, help="Names the days; another seed, other days.")] = 1,
    pacer: Annotated[list[str] | None, typer.Option(help="Measure this one; may be repeated. Default: all.")] = None,
    scenarios: Annotated[int, typer.Option(min=0, max=1000, help="How many that nobody tuned on.")] = 20,
    quick: Annotated[bool, typer.Option("--quick", help="Four of them, no large team, two days.")] = False,
    processes: Annotated[int, typer.Option(min=1, help="Days simulated at a time.")] = os.cpu_count() or 1,
    unreported_cancels: Annotated[
        bool, typer.Option("--unreported-cancels", help="Dials that a pacer withdrew end without an event.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """The predictive pacer beside its peers' and a clairvoyant, on the same dials; exit status 1 under a mark.

    Examples:
      telephony bench pacing

      telephony bench pacing --quick --pacer predictive

      telephony bench pacing --days 1 --pacer predictive --unreported-cancels
    """
    names = [name for name in PACERS if name in {*(pacer or PACERS), *NEEDED}]
    for name in pacer or ():
        maker(name)
    public = tuple(one for one in PUBLIC if one.operators <= QUICK_TEAM) if quick else PUBLIC
    held_out, many = (4, 2) if quick else (scenarios, days)
    plan = Plan(tuple(names), held_out, public, many, seed, processes, tells_cancels=not unreported_cancels)
    with progress() as report:
        parts = bench_pacing(plan, report)
    judged = marks(parts, PREDICTIVE) if PREDICTIVE in names else []
    if as_json:
        print_json({"plan": plan, "parts": parts, "marks": judged})
    else:
        _show(parts, judged, plan)
    if not all(mark.is_kept for mark in judged):
        raise typer.Exit(1)


def _show(parts: list[Part], judged: list[Mark], plan: Plan) -> None:
    for part in parts:
        title = f"{part.name}: {len(part.scenarios)} scenarios x {plan.days} days, seed {plan.seed}; 95 % intervals"
        print_table(title, ("pacer", *_COLUMNS), [(one.pacer, *_cells(one)) for one in part.total], "")
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
    if judged:
        rows = [(mark.what, mark.asked, mark.reached, "yes" if mark.is_kept else "NO") for mark in judged]
        print_table(f"marks of {PREDICTIVE}", ("mark", "asked", "reached", "kept"), rows, "")


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


def _cells(one: Figures) -> tuple[str, ...]:
    return (
        one.utilisation.text(),
        f"{one.abandoned:.2f}",
        f"{one.worst_day:.2f}",
        f"{one.days_over}/{one.days}",
        one.gap_closed.text(),
        one.points.text(),
        f"{one.wait_s:.1f}",
        f"{one.calls:.1f}",
        f"{one.decision_us:.1f}",
    )


def _scenario(name: str, rows: tuple[Figures, ...], best: str) -> tuple[str, ...]:
    named = {one.pacer: one for one in rows}
    progressive, vicidial, clairvoyant = (named[needed] for needed in NEEDED)
    own = named[best]
    used = (f"{one.utilisation.mean:.1f}" for one in (progressive, vicidial, own, clairvoyant))
    return (name, *used, f"{own.abandoned:.2f}", f"{own.worst_day:.2f}", own.gap_closed.text())
