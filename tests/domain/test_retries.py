import tomllib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.retries import (
    USUAL_PLAN,
    Done,
    Retry,
    RetryPlan,
    RetryRule,
    Try,
    as_data,
    dice_of,
    next_step,
    plan_of,
)
from telephony.errors import InputError
from telephony.ids import AttemptId
from telephony.shipped import shipped

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
"""12:30 in Paris."""
HOUR = timedelta(hours=1)
endings = st.sampled_from(
    [*((outcome, None) for outcome in Outcome), *((Outcome.ANSWERED, result) for result in Result)]
)


def tries(*endings: tuple[Outcome, Result | None], first: datetime = NOON) -> list[Try]:
    return [Try(outcome, result, first + HOUR * row) for row, (outcome, result) in enumerate(endings)]


def step(plan: RetryPlan, *endings: tuple[Outcome, Result | None], dice: float = 0.0) -> Retry | Done:
    done = tries(*endings)
    return next_step(plan, done, done[-1].ended_at, dice, PARIS)


def test_busy_is_tried_again_three_times_after_a_quarter_of_an_hour():
    busy = (Outcome.BUSY, None)
    assert step(USUAL_PLAN, busy) == Retry(NOON + HOUR / 4, "busy")
    assert isinstance(step(USUAL_PLAN, busy, busy, busy), Retry)
    assert step(USUAL_PLAN, busy, busy, busy, busy) == Done("busy", is_of_the_number=True)


def test_a_cancelled_call_without_a_rule_of_its_own_follows_the_rule_of_no_answer():
    """Plans written before there were any: turning it on must not use a list up."""
    withdrawn = (Outcome.WITHDRAWN, None)
    older = RetryPlan({"no_answer": RetryRule(HOUR, 1, jitter=0)})
    assert step(older, withdrawn) == Retry(NOON + HOUR, "withdrawn")
    assert step(older, withdrawn, withdrawn) == Done("withdrawn", is_of_the_number=True)
    assert step(RetryPlan(), withdrawn) == Done("withdrawn", is_of_the_number=True)
    assert USUAL_PLAN.rule("withdrawn") == USUAL_PLAN.rule("no_answer")
    own = RetryPlan({"withdrawn": RetryRule(HOUR * 2, 1, jitter=0), **older.rules})
    assert step(own, withdrawn) == Retry(NOON + HOUR * 2, "withdrawn")


def test_jitter_only_ever_adds_and_no_more_than_its_share():
    plan = RetryPlan({"busy": RetryRule(HOUR, 9, jitter=0.5)})
    assert step(plan, (Outcome.BUSY, None), dice=0.5) == Retry(NOON + HOUR * 1.25, "busy")


def test_other_hours_means_a_part_of_the_day_that_was_tried_least():
    plan = RetryPlan({"no_answer": RetryRule(HOUR, 9, jitter=0, is_other_hours=True)})
    again = step(plan, (Outcome.NO_ANSWER, None))
    assert isinstance(again, Retry)
    assert again.at.astimezone(PARIS).hour == 14, "midday was tried, so the afternoon"
    everything = [Try(Outcome.NO_ANSWER, None, NOON.replace(hour=hour)) for hour in (8, 11, 13)]
    at = next_step(plan, everything, NOON.replace(hour=13), 0.0, PARIS)
    assert isinstance(at, Retry)
    assert at.at.astimezone(PARIS).hour == 17


def test_the_operators_result_decides_where_there_is_one():
    assert isinstance(step(USUAL_PLAN, (Outcome.ANSWERED, Result.NOT_TODAY)), Retry)
    assert step(USUAL_PLAN, (Outcome.ANSWERED, Result.COMPLETE)) == Done("complete")
    assert step(USUAL_PLAN, (Outcome.ANSWERED, Result.NO_MORE_CALLS)) == Done("no_more_calls")
    assert step(USUAL_PLAN, (Outcome.ANSWERED, Result.WRONG_PERSON)) == Done("wrong_person", is_of_the_number=True)
    assert step(USUAL_PLAN, (Outcome.ANSWERED, None)) == Done("answered")


def test_after_an_abandoned_call_nothing_leaves_while_the_number_is_protected():
    again = step(USUAL_PLAN, (Outcome.ABANDONED, None))
    assert isinstance(again, Retry)
    assert again.at >= NOON + 72 * HOUR


@given(st.lists(endings, min_size=1, max_size=30), st.floats(0, 1, exclude_max=True))
def test_a_retry_is_never_before_its_delay_and_every_lead_comes_to_an_end(
    history: list[tuple[Outcome, Result | None]], dice: float
):
    done = tries(*history)
    after = next_step(USUAL_PLAN, done, done[-1].ended_at, dice, PARIS)
    if isinstance(after, Retry):
        assert len(history) < USUAL_PLAN.most_tries
        assert after.at >= done[-1].ended_at + USUAL_PLAN.rules[done[-1].ending].after
        assert after.at <= done[-1].ended_at + timedelta(days=5)


@given(st.integers(0, 365 * 24 * 60), st.floats(0, 1, exclude_max=True))
def test_other_hours_hold_across_the_nights_the_clocks_change(minute: int, dice: float):
    begun = NOON + timedelta(minutes=minute)
    after = next_step(USUAL_PLAN, [Try(Outcome.NO_ANSWER, None, begun)], begun, dice, PARIS)
    assert isinstance(after, Retry)
    assert begun + 4 * HOUR <= after.at <= begun + 40 * HOUR
    assert after.at.tzinfo is not None


def test_the_dice_of_an_attempt_are_always_the_same_and_spread():
    values = [dice_of(AttemptId(f"00000000-0000-4000-8000-{row * 0x0123456789A:012x}")) for row in range(100)]
    assert all(0 <= value < 1 for value in values)
    assert len(set(values)) == 100


def test_a_plan_goes_through_its_data_unchanged():
    assert plan_of(as_data(USUAL_PLAN)) == USUAL_PLAN


def test_the_example_is_what_a_new_campaign_begins_with():
    text = (shipped("config") / "examples" / "retry.toml").read_text(encoding="utf-8")
    assert plan_of(tomllib.loads(text)) == USUAL_PLAN


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"retry": {"bussy": {}}}, "unknown key retry.bussy"),
        ({"retry": {"busy": {"after_min": 0, "limit": 1}}}, r"retry\.busy\.after_min must be a number from 1"),
        ({"retry": {"busy": {"after_min": 5, "limit": 99}}}, "limit must be a number from 0 to 20"),
        ({"retry": {"busy": {"jitter": "much"}}}, "jitter"),
        ({"retry": {"complete": {"limit": 1}}}, "unknown key retry.complete"),
        ({"retry": {"busy": {"other_hours": 1}}}, "true or false"),
        ({"most_tries": 0}, "most_tries"),
        ({"retry": []}, "retry must be a table"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_its_key(data: dict[str, object], said: str):
    with pytest.raises(InputError, match=said):
        plan_of(data)
