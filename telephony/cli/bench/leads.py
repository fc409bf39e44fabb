"""``telephony bench leads``: learned lead order against list order, in simulated time."""

import os
from typing import Annotated

import typer

from telephony.cli.prove import progress
from telephony.cli.session import AsJson, print_json, print_table
from telephony.simulation.baselines import PROGRESSIVE
from telephony.simulation.lead_campaigns import LEAD_CAMPAIGNS
from telephony.simulation.pacers import PACERS, PREDICTIVE, maker
from telephony.workshop.bench.leads import LeadFigures, LeadPart, LeadPlan, bench_leads, lead_marks


def leads(
    runs: Annotated[int, typer.Option(min=1, max=100, help="Number of seeds per campaign.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="First random seed.")] = 1,
    pacer: Annotated[
        list[str] | None, typer.Option(help="Pacer to use; may be repeated; default: progressive, predictive.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Run the two smallest campaigns, one seed and one pacer.")
    ] = False,
    processes: Annotated[int, typer.Option(min=1, help="Simulations in parallel.")] = os.cpu_count() or 1,
    as_json: AsJson = False,
) -> None:
    """Compare the learned lead order with list order under the same pacer. Exit 1 if a target is missed.

    Examples:
      telephony bench leads

      telephony bench leads --quick --pacer progressive
    """
    pacers = tuple(pacer or (name for name in (PROGRESSIVE, PREDICTIVE) if name in PACERS))
    for name in pacers:
        maker(name)
    seeds = tuple(range(seed, seed + (1 if quick else runs)))
    plan = LeadPlan(pacers[:1] if quick else pacers, 2 if quick else len(LEAD_CAMPAIGNS), seeds, processes)
    with progress() as report:
        parts = bench_leads(plan, report)
    targets = {part.pacer: lead_marks(part) for part in parts}
    if as_json:
        print_json({"plan": plan, "parts": parts, "marks": targets})
    else:
        for part in parts:
            _show(part, plan)
            rows = [
                (mark.what, mark.target, mark.reached, "yes" if mark.is_kept else "NO") for mark in targets[part.pacer]
            ]
            print_table(
                f"{part.pacer}: targets of the learned order", ("target", "required", "reached", "met"), rows, ""
            )
    if not all(mark.is_kept for marks in targets.values() for mark in marks):
        raise typer.Exit(1)


_COLUMNS = (
    "campaign",
    "order",
    "dials per contact, %",
    "contacts per operator hour, %",
    "people reached, %",
    "utilisation, points",
    "never dialled",
    "worst day abandoned, %",
    "µs per choice",
)


def _show(part: LeadPart, plan: LeadPlan) -> None:
    title = f"{part.pacer}, against list order: {len(plan.seeds)} seeds; 95 % intervals"
    print_table(title, _COLUMNS, [_cells(figures) for figures in (*part.total, *part.campaigns)], "")


def _cells(figures: LeadFigures) -> tuple[str, ...]:
    return (
        figures.campaign,
        figures.order,
        figures.dials.text(),
        figures.contacts.text(),
        figures.reached.text(),
        figures.utilisation.text(),
        str(figures.untried),
        f"{figures.abandoned_day:.2f}",
        f"{figures.choice_us:.0f}",
    )
