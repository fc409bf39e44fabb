"""``telephony simulate``: a campaign manager's question about operators, list and hours, as a table and a picture."""

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
"""Attempts before a campaign's own answer rate is believed."""
TALK_CV: Final = 0.9


def simulate(
    operators: Annotated[int, typer.Option(min=1, max=500, help="Size of the team.")] = 7,
    leads: Annotated[int | None, typer.Option(min=1, help="Leads, each dialled once. Default: without end.")] = None,
    answer_rate: Annotated[
        float | None, typer.Option(min=0.01, max=0.95, help="Share that a person answers. Default: 0.25.")
    ] = None,
    talk: Annotated[str, typer.Option(help="survey, b2b, mixed, or a mean in seconds.")] = "survey",
    hours: Annotated[str, typer.Option(help="When dials may leave.")] = "10-13,14-20",
    days: Annotated[int, typer.Option(min=1, max=100, help="Most days; fewer if the list ends.")] = 3,
    runs: Annotated[int, typer.Option(min=1, max=100, help="Lives of the campaign, each with dice of its own.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Names the dice: the same seed gives the same answer.")] = 1,
    cap: Annotated[float, typer.Option(min=0, max=0.03, help="Share that may be abandoned in a day.")] = 0.03,
    event: Annotated[Event, typer.Option(help="What else happens each day.")] = Event.NONE,
    detection: Annotated[bool, typer.Option(help="Tell answering machines from people first.")] = False,
    campaign: Annotated[str | None, typer.Option(help="Take waiting leads, answer rate and cap from this one.")] = None,
    pacer: Annotated[list[str] | None, typer.Option(help="Simulate this one; may be repeated.")] = None,
    baselines: Annotated[bool, typer.Option("--baselines", help="All of them, the clairvoyant too.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw it into FILE.html, FILE.png or FILE.svg.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Lives at a time.")] = os.cpu_count() or 1,
    as_json: AsJson = False,
) -> None:
    """How busy operators are, how many people are abandoned, when the list ends: progressive against predictive.

    Examples:
      telephony simulate --operators 7 --leads 5000 --answer-rate 0.25 --talk survey --hours 10-13,14-20

      telephony simulate --operators 12 --talk 95 --baselines --plot answer.png
    """
    _check_plot(plot)
    opens, spans = windows(hours)
    scenario = Scenario(
        "", operators, _talk(talk), answer_rate or 0.25, spans, event, 0.0, detection, leads, opens, cap
    )
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
        raise InputError(f"--plot {plot} cannot be written ({error.strerror}); name another file") from error


def _answers(scenario: Scenario, names: list[str], days: int, runs: int, seed: int, processes: int) -> list[Answer]:
    lives = [Life(scenario, name, days, seed * 1000 + run) for run in range(runs) for name in names]
    lived: dict[Life, list[DayResult]] = {}
    with progress() as report:
        for life, found in in_processes(live, lives, processes):
            lived[life] = found
            report("campaigns", len(lived), len(lives))
    return [answer(scenario, name, [lived[life] for life in lives if life.pacer == name]) for name in names]


def _pacers(asked: list[str] | None, *, baselines: bool) -> list[str]:
    for name in asked or ():
        maker(name)
    wanted = asked or [name for name in (PROGRESSIVE, PREDICTIVE) if name in PACERS]
    # The first few are drawn as curves too.
    return list(dict.fromkeys([*wanted, *((VICIDIAL, CLAIRVOYANT, *BASELINES) if baselines else ())]))


def _talk(asked: str) -> Talk:
    if asked in TALKS:
        return TALKS[asked]
    try:
        mean_s = float(asked)
    except ValueError as error:
        raise InputError(f"--talk {asked}: give {', '.join(sorted(TALKS))}, or a mean in seconds, e.g. 95") from error
    if not 1 <= mean_s <= 7200:
        raise InputError(f"--talk {asked}: a mean talk time lies between 1 and 7200 seconds")
    return Talk(f"{mean_s:g} s", ((1.0, mean_s, TALK_CV),))


def _of_campaign(scenario: Scenario, name: str, leads: int | None, rate: float | None) -> Scenario:
    """Take from the database what the command line does not say."""

    async def work(bench: Services) -> tuple[Campaign, CampaignProgress]:
        found = await bench.store.campaigns.by_name(name)
        return found, await bench.store.campaigns.progress(found.campaign_id)

    campaign, now = with_workbench(work)
    if leads is None and not now.waiting:
        raise InputError(f"{name}: no lead is waiting; load a list, or say --leads")
    return replace(
        scenario,
        leads=leads or now.waiting,
        answer_rate=rate or _observed(now) or scenario.answer_rate,
        limit=min(scenario.limit, campaign.dialing.abandon_cap),
    )


def _observed(now: CampaignProgress) -> float | None:
    """Return the answer rate of the attempts so far, None when there are too few."""
    reached = {word: count for word, count in now.outcomes.items() if word not in _NEVER_RANG}
    attempts = sum(reached.values())
    answered = reached.get(Outcome.ANSWERED, 0) + reached.get(Outcome.ABANDONED, 0)
    return min(max(answered / attempts, 0.01), 0.95) if attempts >= KNOWN_AFTER else None


_NEVER_RANG = frozenset({Outcome.REFUSED, Outcome.INTERRUPTED})


def _title(scenario: Scenario, hours: str) -> str:
    leads = "a list without end" if scenario.leads is None else f"{scenario.leads} leads"
    said = [
        f"{scenario.operators} operators",
        leads,
        f"{scenario.answer_rate:.0%} answer",
        f"talk {scenario.talk.name}",
    ]
    return ", ".join([*said, hours, *([str(scenario.event)] if scenario.event is not Event.NONE else [])])


def _check_plot(plot: Path | None) -> None:
    if plot is None:
        return
    if plot.suffix.lower() not in {".html", ".png", ".svg"}:
        raise InputError(f"--plot {plot.name}: name a .html, .png or .svg file; a browser prints the first as PDF")
    if not plot.parent.is_dir():
        raise InputError(f"--plot {plot}: the folder {plot.parent} does not exist; make it first")
    if find_spec("matplotlib") is None:
        raise InputError("--plot needs matplotlib, the extra plots: pip install 'telephony[plots]', then ask again")


def _show(scenario: Scenario, answers: list[Answer], days: int, runs: int) -> None:
    columns = (
        "pacer",
        "utilisation % (days)",
        "abandoned %",
        "worst day",
        "wait s",
        "calls/op. hour",
        "calls given",
        "list ends",
    )
    rows = [
        (
            one.pacer,
            f"{100 * one.utilisation:.1f} ({100 * one.lowest:.1f} to {100 * one.highest:.1f})",
            f"{100 * one.abandoned:.2f}",
            f"{100 * one.worst_day:.2f}{' OVER' if one.worst_day > scenario.limit else ''}",
            f"{one.wait_s:.0f}",
            f"{one.calls_per_hour:.1f}",
            f"{one.connected:.0f}",
            _ends(one),
        )
        for one in answers
    ]
    print_table(f"{scenario.name} ({days} days at most, {runs} runs)", columns, rows, "")


def _ends(one: Answer) -> str:
    if one.ends_hour is None:
        return "never" if one.leads_left is None else f"not yet: {one.leads_left} left"
    minutes = round(60 * one.ends_hour)
    return f"day {one.ends_on_day}, {minutes // 60}:{minutes % 60:02d}"
