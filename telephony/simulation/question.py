"""A campaign manager's question: with these operators, this list and these hours, how well, how fast, until when?

Days follow each other until the list ends. Each lead is dialled once; a retry counts as another lead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median
from typing import Final

from telephony.errors import InputError
from telephony.simulation.engine import run_day
from telephony.simulation.pacers import maker
from telephony.simulation.results import DayResult, Sample
from telephony.simulation.scenarios import HOUR, Scenario

STEP: Final = 3
"""Samples per point of a curve: a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Life:
    """One run of a campaign under one pacer: what is simulated, for how many days at most, and with which seed."""

    scenario: Scenario
    pacer: str
    days: int
    seed: int


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the first day: utilisation in the quarter of an hour before it, abandoned share up to it."""

    t: float
    utilisation: float | None
    abandoned: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer for one pacer, over all runs; shares from 0 to 1.

    Attributes:
        pacer: its name.
        utilisation: talk and wrap-up over time logged in and not paused; the worst and the best day beside it.
        lowest: of one day.
        highest: of one day.
        abandoned: abandoned over answered.
        worst_day: the highest share of one day.
        wait_s: operators' mean wait for a call, seconds.
        calls_per_hour: calls given to operators, per operator and hour.
        connected: calls given to operators, per run; without detection machines are among them.
        ends_on_day: day on which the median run dials the last lead, from 1; None when the days end before.
        ends_hour: the time of that day, hours.
        leads_left: not dialled after the last day, in the median run; None for an endless list.
        curve: the first day.
    """

    pacer: str
    utilisation: float
    lowest: float
    highest: float
    abandoned: float
    worst_day: float
    wait_s: float
    calls_per_hour: float
    connected: float
    ends_on_day: int | None
    ends_hour: float | None
    leads_left: int | None
    curve: tuple[Point, ...]


def live(life: Life) -> list[DayResult]:
    """Simulate day after day until the list or the days are over."""
    days: list[DayResult] = []
    left = life.scenario.leads
    for number in range(life.days):
        day = replace(life.scenario, leads=left)
        days.append(run_day(day, maker(life.pacer)(day), life.seed * 1000 + number))
        if left is not None:
            left -= days[-1].dials
            if left <= 0:
                break
    return days


def answer(scenario: Scenario, pacer: str, runs: Sequence[Sequence[DayResult]]) -> Answer:
    """Put the runs of one pacer together.

    Args:
        scenario: the scenario of the question.
        pacer: its name.
        runs: per run, its days.
    """
    days = [day for run in runs for day in run]
    logged = sum(day.logged_s for day in days) or 1.0
    humans = sum(day.humans for day in days) or 1
    connected = sum(day.connected for day in days)
    middle = sorted(runs, key=lambda run: (len(run), run[-1].list_ended_s or scenario.end))[len(runs) // 2]
    ended = middle[-1].list_ended_s
    leads = scenario.leads
    return Answer(
        pacer=pacer,
        utilisation=sum(day.utilisation * day.logged_s for day in days) / logged,
        lowest=min(day.utilisation for day in days),
        highest=max(day.utilisation for day in days),
        abandoned=sum(day.abandoned for day in days) / humans,
        worst_day=max(day.abandoned_share for day in days),
        wait_s=sum(day.wait_s for day in days) / max(1, connected),
        calls_per_hour=HOUR * connected / logged,
        connected=fmean(sum(day.connected for day in run) for run in runs),
        ends_on_day=None if ended is None else len(middle),
        ends_hour=None if ended is None else scenario.opens_hour + ended / HOUR,
        leads_left=None if leads is None else round(median(leads - sum(day.dials for day in run) for run in runs)),
        curve=tuple(_curve([run[0] for run in runs])),
    )


def _curve(days: Sequence[DayResult]) -> list[Point]:
    points: list[tuple[float, float, float, float]] = []
    zero = Sample(0.0, 0.0, 0.0, 0, 0, 0)
    for now in range(STEP - 1, min(len(day.samples) for day in days), STEP):
        after = [day.samples[now] for day in days]
        before = [day.samples[now - STEP] if now >= STEP else zero for day in days]
        busy = sum(sample.busy_s - old.busy_s for sample, old in zip(after, before, strict=True))
        free = sum(sample.free_s - old.free_s for sample, old in zip(after, before, strict=True))
        humans = sum(sample.connected + sample.abandoned for sample in after)
        points.append((after[0].t, busy, busy + free, sum(sample.abandoned for sample in after) / max(1, humans)))
    # When most operators have left, the last ones on a call would look like a busy team.
    least = max((logged for _, _, logged, _ in points), default=0.0) / 2
    return [Point(t, busy / logged if logged > least else None, share) for t, busy, logged, share in points]


def windows(hours: str) -> tuple[float, tuple[tuple[float, float], ...]]:
    """Read calling hours such as ``10-13,14-20`` or ``9:30-12``.

    Args:
        hours: spans of the day, rising and apart.

    Returns:
        The clock when the day begins, in hours, and the spans in seconds since then.

    Raises:
        InputError: they are not such spans.
    """
    try:
        spans = [tuple(_clock(word) for word in span.split("-")) for span in hours.split(",")]
        flat = [hour for begin, close in spans for hour in (begin, close)]
    except ValueError as error:
        raise InputError(f"hours {hours!r}: write spans such as 10-13,14-20 or 9:30-12") from error
    if flat != sorted(set(flat)) or not 0 <= flat[0] < flat[-1] <= 24:
        raise InputError(f"hours {hours!r}: spans must rise, lie apart and stay within 0-24")
    opens = flat[0]
    return opens, tuple(((begin - opens) * HOUR, (close - opens) * HOUR) for begin, close in spans)


def _clock(word: str) -> float:
    hour, _, minute = word.strip().partition(":")
    return int(hour) + int(minute or 0) / 60
