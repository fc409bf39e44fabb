"""Retry rules: whether a lead is tried again after an attempt, and when.

A campaign's ``RetryPlan`` is data: a rule per outcome of the network and per result of the operator. Whether the law
allows a call at the chosen time is left to ``rules``, which may postpone the lead again. Reading attempts and writing
the lead are left to storage, in the transaction that ends the attempt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import TRIED_AGAIN, Outcome
from telephony.errors import InputError
from telephony.ids import AttemptId

DAY: Final = timedelta(days=1)
PARTS_OF_DAY: Final = (0, 12, 14, 17)
"""Hours at which night and morning, midday, afternoon and evening begin, in the lead's local time."""
LONGEST: Final = timedelta(days=30)
MOST_TRIES: Final = 20
NOTHING: Final = timedelta(0)
_CALLED_AT: Final = {0: 10, 12: 12, 14: 14, 17: 17}
"""The hour chosen when a call is moved into another part of the day."""


@dataclass(frozen=True, slots=True)
class RetryRule:
    """When to try again after one kind of ending.

    Attributes:
        after: least time after the attempt's end.
        limit: most retries after this ending; 0: none.
        jitter: share of ``after`` that may be added, so that leads do not all return at once.
        is_other_hours: choose the part of the day in which this lead was tried least.
    """

    after: timedelta = NOTHING
    limit: int = 0
    jitter: float = 0.1
    is_other_hours: bool = False


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """A campaign's retry rules.

    Attributes:
        rules: by code of ``Outcome`` or ``Result``; after an ending without a rule there is no retry. A cancelled dial
            without a rule follows the rule of no answer: to the person, it was the same.
        most_tries: most tries in all, whatever their endings.
    """

    rules: Mapping[str, RetryRule] = field(default_factory=dict)
    most_tries: int = 8

    def rule(self, ending: str) -> RetryRule:
        """Return the rule of an ending."""
        usual = self.rules.get(Outcome.NO_ANSWER) if ending == Outcome.WITHDRAWN else None
        return self.rules.get(ending) or usual or RetryRule()


ONCE: Final = RetryPlan()
"""Every lead is tried once."""
USUAL_PLAN: Final = RetryPlan(
    {
        Outcome.BUSY: RetryRule(timedelta(minutes=15), 3),
        Outcome.NO_ANSWER: RetryRule(timedelta(hours=4), 4, is_other_hours=True),
        Outcome.WITHDRAWN: RetryRule(timedelta(hours=4), 4, is_other_hours=True),
        Outcome.FAILED: RetryRule(timedelta(hours=1), 2),
        # Protected for 72 h after silence; afterwards one more try, which the rules may still forbid.
        Outcome.ABANDONED: RetryRule(timedelta(hours=72), 1),
        Outcome.MACHINE: RetryRule(timedelta(hours=4), 3, is_other_hours=True),
        Result.NOT_TODAY: RetryRule(DAY, 3, is_other_hours=True),
        Result.CALL_BACK: RetryRule(DAY, 3),
    }
)
"""The plan of a new campaign."""
_FINAL: Final = frozenset({Result.COMPLETE, Result.NO_MORE_CALLS})
_OF_THE_NUMBER: Final = frozenset(
    map(str, (Outcome.BUSY, Outcome.NO_ANSWER, Outcome.WITHDRAWN, Outcome.FAILED, Result.MACHINE, Result.WRONG_PERSON))
)
NEXT_NUMBER_AFTER: Final = timedelta(minutes=30)
"""Time between the last try of one of a lead's numbers and the first try of the next."""


@dataclass(frozen=True, slots=True)
class Try:
    """One ended attempt at a lead."""

    outcome: Outcome
    result: Result | None
    ended_at: datetime

    @property
    def ending(self) -> str:
        """The code by which its rule is found: the operator's result if there is one, else the outcome."""
        return str(self.result or self.outcome)


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again, not before ``at``; ``reason`` is the ending it follows from."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """No further try of this number; ``is_of_the_number``: the lead's next number, if any, may be tried."""

    reason: str
    is_of_the_number: bool = False


def next_step(plan: RetryPlan, tries: Sequence[Try], now: datetime, dice: float, zone: tzinfo) -> Retry | Done:
    """Return what follows an attempt.

    Args:
        plan: the campaign's.
        tries: the attempts at the lead's number so far, oldest first, including the one that has just ended.
        now: aware UTC, when it ended.
        dice: from 0 up to 1, for the jitter.
        zone: the lead's own.
    """
    last = tries[-1]
    rule = plan.rule(last.ending)
    if sum(attempt.ending == last.ending for attempt in tries) > rule.limit or len(tries) >= plan.most_tries:
        return Done(last.ending, is_of_the_number=last.ending in _OF_THE_NUMBER)
    at = now + rule.after * (1 + rule.jitter * dice)
    if rule.is_other_hours:
        at = _in_other_hours(at, [attempt.ended_at for attempt in tries], rule.after * rule.jitter * dice, zone)
    return Retry(at, last.ending)


def dice_of(attempt_id: AttemptId) -> float:
    """Return a number from 0 up to 1, always the same for an attempt, so that deciding again changes nothing."""
    return int(attempt_id.replace("-", "")[-13:], 16) / 16**13


def _in_other_hours(at: datetime, before: Sequence[datetime], jitter: timedelta, zone: tzinfo) -> datetime:
    """Return ``at``, or the start of the next part of the day with the fewest tries."""
    counts = dict.fromkeys(PARTS_OF_DAY, 0)
    for tried_at in before:
        counts[_part(tried_at.astimezone(zone))] += 1
    local = at.astimezone(zone)
    fewest = min(counts.values())
    if counts[_part(local)] == fewest:
        return at
    days = (local.replace(hour=0, minute=0, second=0, microsecond=0) + DAY * day for day in (0, 1))
    starts = (day.replace(hour=_CALLED_AT[part]) for day in days for part in PARTS_OF_DAY if counts[part] == fewest)
    return next(start for start in starts if start > local).astimezone(at.tzinfo) + jitter


def _part(local: datetime) -> int:
    return max(hour for hour in PARTS_OF_DAY if hour <= local.hour)


def as_data(plan: RetryPlan) -> dict[str, Any]:
    """Return a plan as data for TOML and JSON: minutes, tries, shares."""
    rules = {
        str(code): {
            "after_min": rule.after // timedelta(minutes=1),
            "limit": rule.limit,
            "jitter": rule.jitter,
            "other_hours": rule.is_other_hours,
        }
        for code, rule in plan.rules.items()
    }
    return {"most_tries": plan.most_tries, "retry": rules}


def plan_of(data: Mapping[str, Any]) -> RetryPlan:
    """Return the plan of data from TOML or JSON.

    Raises:
        InputError: a key or value is not possible; the message names it.
    """
    _refuse_unknown("", data, {"most_tries", "retry"})
    most = data.get("most_tries", ONCE.most_tries)
    _refuse_outside("most_tries", most, 1, MOST_TRIES, int)
    given = data.get("retry", {})
    if not isinstance(given, Mapping):
        raise InputError("retry must be a table with one table per outcome or result, such as [retry.busy]")
    codes = {*map(str, Outcome), *map(str, Result)}
    _refuse_unknown("retry.", given, codes - {Outcome.ANSWERED, Outcome.REFUSED, *TRIED_AGAIN, *_FINAL})
    return RetryPlan({code: _rule_of(f"retry.{code}", rule) for code, rule in given.items()}, most)


def _rule_of(key: str, data: Any) -> RetryRule:
    if not isinstance(data, Mapping):
        raise InputError(f"{key} must be a table with after_min and limit")
    _refuse_unknown(f"{key}.", data, {"after_min", "limit", "jitter", "other_hours"})
    after, limit, jitter = data.get("after_min", 0), data.get("limit", 0), data.get("jitter", RetryRule().jitter)
    other = data.get("other_hours", False)
    _refuse_outside(f"{key}.after_min", after, 1 if limit else 0, LONGEST // timedelta(minutes=1), int)
    _refuse_outside(f"{key}.limit", limit, 0, MOST_TRIES, int)
    _refuse_outside(f"{key}.jitter", jitter, 0, 1, (int, float))
    if not isinstance(other, bool):
        raise InputError(f"{key}.other_hours must be true or false")
    return RetryRule(timedelta(minutes=after), limit, float(jitter), other)


def _refuse_unknown(prefix: str, data: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(data) - known)
    if unknown:
        raise InputError(f"unknown key {prefix}{unknown[0]}; known: {', '.join(sorted(known))}")


def _refuse_outside(
    key: str, value: Any, least: float, most: float, kind: type[int] | tuple[type[int], type[float]]
) -> None:
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
        raise InputError(f"{key} must be a number from {least:g} to {most:g}")
