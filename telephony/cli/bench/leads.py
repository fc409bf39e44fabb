"""``telephony bench leads``: choosing which lead to dial when, against list order, in simulated time."""

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
    runs: Annotated[int, typer.Option(min=1, max=100, help="Seeds per campaign.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="The first seed.")] = 1,
    pacer: Annotated[
        list[str] | None, typer.Option(help="With this pacer; may be repeated. Default: progressive, predictive.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The two smallest campaigns, one seed, first pacer.")] = False,
    processes: Annotated[int, typer.Option(min=1, help="Campaigns simulated at a time.")] = os.cpu_count() or 1,
    as_json: AsJson = False,
) -> None:
    """Which lead is dialled when, learned, against the same pacer in list order; exit status 1 under a mark.

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
    judged = {part.pacer: lead_marks(part) for part in parts}
    if as_json:
        print_json({"plan": plan, "parts": parts, "marks": judged})
    else:
        for part in parts:
            _show(part, plan)
            rows = [
                (mark.what, mark.asked, mark.reached, "yes" if mark.is_kept else "NO") for mark in judged[part.pacer]
            ]
            print_table(f"{part.pacer}: marks of the learned choice", ("mark", "asked", "reached", "kept"), rows, "")
    if not all(mark.is_kept for found in judged.values() for mark in found):
        raise typer.Exit(1)


_COLUMNS = (
    "campaign",
    "order",
    "dials per contact, %",
    "contacts per operator hour, %",
    "people reached, %",
    "utilisation, points",
    "never tried",
    "worst day abandoned, %",
    "µs per choice",
)


def _show(part: LeadPart, plan: LeadPlan) -> None:
    title = f"{part.pacer}, against itself in list order: {len(plan.seeds)} seeds; 95 % intervals"
    print_table(title, _COLUMNS, [_cells(one) for one in (*part.total, *part.campaigns)], "")


def _cells(one: LeadFigures) -> tuple[str, ...]:
    return (
        one.campaign,
        one.order,
        one.dials.text(),
        one.contacts.text(),
        one.reached.text(),
        one.utilisation.text(),
        str(one.untried),
        f"{one.abandoned_day:.2f}",
        f"{one.choice_us:.0f}",
    )
