"""``telephony simulate``: simulate a campaign for given operators, leads and hours, as a table and a plot."""

import os
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final

import typer

from telephony.app.wiring.services import Services
from telephony.cli.prove import progress
from telephony.cli.session import AsJson, print_json, print_table, with_workbench
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import Campaign, CampaignProgress
from telephony.errors import InputError
from telephony.simulation.baselines import BASELINES, CLAIRVOYANT, PROGRESSIVE, VICIDIAL
from telephony.simulation.pacers import PACERS, PREDICTIVE, maker
from telephony.simulation.question import Answer, Life, answer, live, windows
from telephony.simulation.results import DayResult
from telephony.simulation.scenarios import TALKS, Event, Scenario, Talk
from telephony.workshop.bench.parallel import in_processes

KNOWN_AFTER: Final = 100
"""Attempts from which a campaign's own answer rate is used."""
TALK_CV: Final = 0.9


def simulate(
    operators: Annotated[int, typer.Option(min=1, max=500, help="Size of the team.")] = 7,
    leads: Annotated[
        int | None, typer.Option(min=1, help="Number of leads, each dialled once; default: unlimited.")
    ] = None,
    answer_rate: Annotated[
        float | None, typer.Option(min=0.01, max=0.95, help="Share of dials answered by a person; default: 0.25.")
    ] = None,
    talk: Annotated[str, typer.Option(help="Talk time: survey, b2b, mixed, or a mean in seconds.")] = "survey",
    hours: Annotated[str, typer.Option(help="Calling hours.")] = "10-13,14-20",
    days: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of days; fewer if the list ends.")] = 3,
    runs: Annotated[int, typer.Option(min=1, max=100, help="Number of runs, each with its own random numbers.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Random seed: the same seed gives the same result.")] = 1,
    cap: Annotated[float, typer.Option(min=0, max=0.03, help="Abandon cap: share of answered calls per day.")] = 0.03,
    event: Annotated[Event, typer.Option(help="Event that happens each day.")] = Event.NONE,
    amd: Annotated[bool, typer.Option("--amd/--no-amd", help="Detect answering machines (AMD).")] = False,
    campaign: Annotated[
        str | None, typer.Option(help="Use this campaign's waiting leads, answer rate and abandon cap.")
    ] = None,
    pacer: Annotated[list[str] | None, typer.Option(help="Pacer to simulate; may be repeated.")] = None,
    baselines: Annotated[bool, typer.Option("--baselines", help="Simulate every pacer, the clairvoyant too.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Plot into FILE.html, FILE.png or FILE.svg.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Runs in parallel.")] = os.cpu_count() or 1,
    as_json: AsJson = False,
) -> None:
    """Simulate a campaign: utilisation, abandoned calls, end of the list. Compares progressive and predictive mode.

    Examples:
      telephony simulate --operators 7 --leads 5000 --answer-rate 0.25 --talk survey --hours 10-13,14-20

      telephony simulate --operators 12 --talk 95 --baselines --plot answer.png
    """
    _check_plot(plot)
    opens, spans = windows(hours)
    scenario = Scenario("", operators, _talk(talk), answer_rate or 0.25, spans, event, 0.0, amd, leads, opens, cap)
    if campaign is not None:
        scenario = _of_campaign(scenario, campaign, leads, answer_rate)
    scenario = replace(scenario, name=_title(scenario, hours))
    names = _pacers(pacer, baselines=baselines)
    answers = _answers(scenario, names, days, runs, seed, processes)
    if as_json:
        print_json({"scenario": scenario, "days": days, "runs": runs, "seed": seed, "answers": answers})
    else:
        _show(scenario, answers, days, runs)
    if plot is not None:
        _draw(plot, scenario, answers)


def _draw(plot: Path, scenario: Scenario, answers: list[Answer]) -> None:
    from telephony.simulation.picture import as_png, as_svg, page, picture  # noqa: PLC0415 - an extra, checked before

    drawn = picture(scenario.name, scenario, answers)
    kind = plot.suffix.lower()
    if kind == ".png":
        data = as_png(drawn)
    else:
        text = as_svg(drawn)
        data = (page(scenario.name, text) if kind == ".html" else text).encode()
    try:
        plot.write_bytes(data)
    except OSError as error:
        raise InputError(f"--plot {plot} cannot be written ({error.strerror}); choose another file") from error


def _answers(scenario: Scenario, names: list[str], days: int, runs: int, seed: int, processes: int) -> list[Answer]:
    lives = [Life(scenario, name, days, seed * 1000 + run) for run in range(runs) for name in names]
    lived: dict[Life, list[DayResult]] = {}
    with progress() as report:
        for life, days_lived in in_processes(live, lives, processes):
            lived[life] = days_lived
            report("campaigns", len(lived), len(lives))
    return [answer(scenario, name, [lived[life] for life in lives if life.pacer == name]) for name in names]


def _pacers(names: list[str] | None, *, baselines: bool) -> list[str]:
    for name in names or ():
        maker(name)
    chosen = names or [name for name in (PROGRESSIVE, PREDICTIVE) if name in PACERS]
    # The first ones are also plotted as curves.
    return list(dict.fromkeys([*chosen, *((VICIDIAL, CLAIRVOYANT, *BASELINES) if baselines else ())]))


def _talk(text: str) -> Talk:
    if text in TALKS:
        return TALKS[text]
    try:
        mean_s = float(text)
    except ValueError as error:
        raise InputError(f"--talk {text}: give {', '.join(sorted(TALKS))}, or a mean in seconds, e.g. 95") from error
    if not 1 <= mean_s <= 7200:
        raise InputError(f"--talk {text}: the mean talk time must be 1 to 7200 seconds")
    return Talk(f"{mean_s:g} s", ((1.0, mean_s, TALK_CV),))


def _of_campaign(scenario: Scenario, name: str, leads: int | None, rate: float | None) -> Scenario:
    """Return the scenario with the campaign's values where the command line gives none."""

    async def work(bench: Services) -> tuple[Campaign, CampaignProgress]:
        campaign = await bench.store.campaigns.by_name(name)
        return campaign, await bench.store.campaigns.progress(campaign.campaign_id)

    campaign, now = with_workbench(work)
    if leads is None and not now.waiting:
        raise InputError(f"{name}: no lead is waiting; import a list, or give --leads")
    return replace(
        scenario,
        leads=leads or now.waiting,
        answer_rate=rate or _observed(now) or scenario.answer_rate,
        limit=min(scenario.limit, campaign.dialing.abandon_cap),
    )


def _observed(now: CampaignProgress) -> float | None:
    """Return the answer rate of the attempts so far, or None if there are too few."""
    reached = {outcome: count for outcome, count in now.outcomes.items() if outcome not in _NEVER_RANG}
    attempts = sum(reached.values())
    answered = reached.get(Outcome.ANSWERED, 0) + reached.get(Outcome.ABANDONED, 0)
    return min(max(answered / attempts, 0.01), 0.95) if attempts >= KNOWN_AFTER else None


_NEVER_RANG = frozenset({Outcome.REFUSED, Outcome.INTERRUPTED})


def _title(scenario: Scenario, hours: str) -> str:
    leads = "unlimited leads" if scenario.leads is None else f"{scenario.leads} leads"
    parts = [
        f"{scenario.operators} operators",
        leads,
        f"{scenario.answer_rate:.0%} answer",
        f"talk {scenario.talk.name}",
    ]
    return ", ".join([*parts, hours, *([str(scenario.event)] if scenario.event is not Event.NONE else [])])


def _check_plot(plot: Path | None) -> None:
    if plot is None:
        return
    if plot.suffix.lower() not in {".html", ".png", ".svg"}:
        raise InputError(f"--plot {plot.name}: give a .html, .png or .svg file; a browser prints .html as PDF")
    if not plot.parent.is_dir():
        raise InputError(f"--plot {plot}: the folder {plot.parent} does not exist; create it first")
    if find_spec("matplotlib") is None:
        raise InputError("--plot needs matplotlib: pip install 'telephony[plots]'")


def _show(scenario: Scenario, answers: list[Answer], days: int, runs: int) -> None:
    columns = (
        "pacer",
        "utilisation % (days)",
        "abandoned %",
        "worst day",
        "wait s",
        "calls/op. hour",
        "calls connected",
        "end of list",
    )
    rows = [
        (
            answer.pacer,
            f"{100 * answer.utilisation:.1f} ({100 * answer.lowest:.1f} to {100 * answer.highest:.1f})",
            f"{100 * answer.abandoned:.2f}",
            f"{100 * answer.worst_day:.2f}{' OVER' if answer.worst_day > scenario.limit else ''}",
            f"{answer.wait_s:.0f}",
            f"{answer.calls_per_hour:.1f}",
            f"{answer.connected:.0f}",
            _ends(answer),
        )
        for answer in answers
    ]
    print_table(f"{scenario.name} (at most {days} days, {runs} runs)", columns, rows, "")


def _ends(answer: Answer) -> str:
    if answer.ends_hour is None:
        return "never" if answer.leads_left is None else f"not yet: {answer.leads_left} left"
    minutes = round(60 * answer.ends_hour)
    return f"day {answer.ends_on_day}, {minutes // 60}:{minutes % 60:02d}"
