"""``telephony bench leads``: the learned lead order against list order, with the same pacer.

The same people, the same pacer, paired seeds; the marks are set on differences, campaign by campaign and over all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from telephony.simulation.lead_campaigns import LEAD_CAMPAIGNS
from telephony.simulation.lead_days import CampaignResult, run_campaign
from telephony.simulation.lead_orders import LEARNED, LIST, ORDERS, TRUE
from telephony.simulation.pacers import maker
from telephony.workshop.bench.pacing import Mark
from telephony.workshop.bench.pacing_figures import Estimate, estimate
from telephony.workshop.bench.parallel import in_processes

DIALS_MARK: Final = -18.0
CONTACTS_MARK: Final = 2.0
WORST_MARK: Final = -0.5
CHOICE_MARK_US: Final = 1000.0
MANY: Final = 20_000
"""Length of a list from which on the time of a choice is checked."""

Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class LeadPlan:
    """What is measured.

    Attributes:
        pacers: names of pacers, each its own comparison.
        campaigns: how many of ``LEAD_CAMPAIGNS``.
        seeds: seeds of the people and of their tries.
        processes: campaigns simulated at a time.
    """

    pacers: tuple[str, ...]
    campaigns: int = len(LEAD_CAMPAIGNS)
    seeds: tuple[int, ...] = (1, 2, 3)
    processes: int = 2


@dataclass(frozen=True, slots=True)
class LeadFigures:
    """One order of leads beside list order, one campaign or all of them; differences in percent.

    Attributes:
        campaign: its name, "all" for all.
        order: its name.
        dials: dials per contact.
        contacts: contacts per operator hour.
        reached: people reached at the end.
        utilisation: points of utilisation.
        untried: leads that were never dialled, all seeds together.
        abandoned_day: share abandoned on the worst day, percent.
        choice_us: mean CPU time to choose a lead and to learn from it, on the longest list, microseconds.
        leads: length of that list.
    """

    campaign: str
    order: str
    dials: Estimate
    contacts: Estimate
    reached: Estimate
    utilisation: Estimate
    untried: int
    abandoned_day: float
    choice_us: float
    leads: int


@dataclass(frozen=True, slots=True)
class LeadPart:
    """One pacer: figures over all campaigns, and for each."""

    pacer: str
    total: tuple[LeadFigures, ...]
    campaigns: tuple[LeadFigures, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    campaign: int
    pacer: str
    order: str
    seed: int


_Results = dict[_Job, CampaignResult]


def bench_leads(plan: LeadPlan, report: Report) -> list[LeadPart]:
    """Simulate every campaign in every order, and compare.

    Args:
        plan: what is measured.
        report: called with the step, how much is done and of how much.
    """
    jobs = [
        _Job(campaign, pacer, order, seed)
        for campaign in reversed(range(plan.campaigns))
        for pacer in plan.pacers
        for order in ORDERS
        for seed in plan.seeds
    ]
    results: _Results = {}
    for job, result in in_processes(_simulate, jobs, plan.processes):
        results[job] = result
        report("campaigns", len(results), len(jobs))
    return [_part(plan, pacer, results) for pacer in plan.pacers]


def lead_marks(part: LeadPart) -> list[Mark]:
    """Compare the learned order with its marks."""
    total = next(row for row in part.total if row.order == LEARNED)
    own = [campaign for campaign in part.campaigns if campaign.order == LEARNED]
    worst = min(own, key=lambda row: row.contacts.mean)
    fewest = min(own, key=lambda row: row.reached.mean)
    untried = sum(row.untried for row in own)
    marks = [
        Mark("dials per contact, %", f"≤ {DIALS_MARK:g}", total.dials.text(), total.dials.mean <= DIALS_MARK),
        Mark(
            "contacts per operator hour, %",
            f"≥ +{CONTACTS_MARK:g}",
            total.contacts.text(),
            total.contacts.mean >= CONTACTS_MARK,
        ),
        Mark(
            f"the worst campaign, the same ({worst.campaign})",
            f"≥ {WORST_MARK:g}",
            worst.contacts.text(),
            worst.contacts.mean >= WORST_MARK,
        ),
        Mark(
            f"people reached, %, the fewest ({fewest.campaign})", "≥ 0", fewest.reached.text(), fewest.reached.mean >= 0
        ),
        Mark("leads never tried", "0", str(untried), untried == 0),
    ]
    if total.leads >= MANY:
        spent = f"{total.choice_us:.0f}"
        marks.append(
            Mark(
                f"µs per choice, {total.leads} leads",
                f"≤ {CHOICE_MARK_US:g}",
                spent,
                total.choice_us <= CHOICE_MARK_US,
            )
        )
    return marks


def _simulate(job: _Job) -> CampaignResult:
    return run_campaign(LEAD_CAMPAIGNS[job.campaign], maker(job.pacer), job.seed, ORDERS[job.order])


def _part(plan: LeadPlan, pacer: str, results: _Results) -> LeadPart:
    every = range(plan.campaigns)
    others = (LEARNED, TRUE)
    return LeadPart(
        pacer,
        tuple(_figures(plan, pacer, order, every, "all", results) for order in others),
        tuple(
            _figures(plan, pacer, order, (number,), LEAD_CAMPAIGNS[number].name, results)
            for number in every
            for order in others
        ),
    )


def _figures(
    plan: LeadPlan, pacer: str, order: str, numbers: Sequence[int], name: str, results: _Results
) -> LeadFigures:
    own = [[results[_Job(number, pacer, order, seed)] for seed in plan.seeds] for number in numbers]
    base = [[results[_Job(number, pacer, LIST, seed)] for seed in plan.seeds] for number in numbers]
    every = [seed for seeds in own for seed in seeds]
    longest = max(day.leads for day in every)
    of_longest = [day for day in every if day.leads == longest]

    def compared(what: Callable[[CampaignResult], float]) -> Estimate:
        mine, theirs = (np.array([[what(seed) for seed in seeds] for seeds in grid]) for grid in (own, base))
        return estimate(100 * (mine / theirs - 1))

    points = np.array([[seed.utilisation for seed in seeds] for seeds in own]) - np.array(
        [[seed.utilisation for seed in seeds] for seeds in base]
    )
    return LeadFigures(
        campaign=name,
        order=order,
        dials=compared(lambda day: day.dials_per_contact),
        contacts=compared(lambda day: day.contacts_per_hour),
        reached=compared(lambda day: day.contacts),
        utilisation=estimate(100 * points),
        untried=sum(day.leads - day.tried for day in every),
        abandoned_day=100 * max(day.worst_day for day in every),
        choice_us=sum(day.choice_ns for day in of_longest) / 1000 / sum(day.choices for day in of_longest),
        leads=longest,
    )
