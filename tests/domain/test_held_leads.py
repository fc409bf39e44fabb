"""No lead due is not no lead left: each cause with its count, its time and who can change it, in both languages."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.law.provisions import Law
from telephony.domain.law.verdict import LawRefusal
from telephony.domain.leads.leads import LeadState
from telephony.domain.leads.waiting_causes import (
    Cause,
    Held,
    ListStanding,
    WaitingGroup,
    held_by_cause,
    said,
    without_due,
)
from telephony.domain.text.reason import Reason
from telephony.words import english, say

NOW = datetime(2026, 11, 30, 14, 5, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
TOMORROW = NOW + timedelta(days=1)
SHUT = LawRefusal(Law.CALLING_HOURS, Reason("law.row.fr.calling_hours"), TOMORROW)


def group(**changes: object) -> WaitingGroup:
    usual = {
        "standing": ListStanding.CALLED,
        "state": LeadState.WAITING,
        "reason": "",
        "clock": "33",
        "is_promised": False,
        "count": 1,
    }
    return WaitingGroup(**usual | changes)  # type: ignore[arg-type]


def test_leads_outside_calling_hours_wait_and_the_others_are_due():
    held_backs = held_by_cause(
        [group(count=3), group(clock="262", count=2)], lambda word: SHUT if word == "262" else None
    )
    assert held_backs == (Held(Cause.HOURS, 2, TOMORROW), Held(Cause.DUE, 3))
    assert without_due(held_backs) == (Held(Cause.HOURS, 2, TOMORROW),)


def test_the_soonest_of_a_cause_is_the_moment_said():
    later, sooner = NOW + timedelta(hours=3), NOW + timedelta(hours=1)
    held_backs = held_by_cause(
        [group(reason="busy", soonest=later), group(reason="no_answer", soonest=sooner)], lambda _: None
    )
    assert held_backs == (Held(Cause.RETRY, 2, sooner),)


groups = st.builds(
    WaitingGroup,
    standing=st.sampled_from(ListStanding),
    state=st.sampled_from([LeadState.WAITING, LeadState.REFUSED, LeadState.DONE]),
    reason=st.sampled_from(["", "busy", "quota:3", *map(str, Law), "number_denied", "country_not_open"]),
    clock=st.sampled_from(["33", "262"]),
    is_promised=st.booleans(),
    count=st.integers(1, 1000),
    soonest=st.one_of(st.none(), st.just(TOMORROW)),
    is_at_least=st.booleans(),
)


@given(st.lists(groups, max_size=8), st.booleans())
def test_nobody_who_waits_is_ever_left_out_so_a_list_is_finished_only_when_nobody_waits(
    waiting_groups: list[WaitingGroup], is_outside_hours: bool
):
    held = held_by_cause(waiting_groups, lambda _: SHUT if is_outside_hours else None)
    waiting = sum(waiting_group.count for waiting_group in waiting_groups if waiting_group.state is LeadState.WAITING)
    mendable = sum(
        waiting_group.count
        for waiting_group in waiting_groups
        if (
            waiting_group.state is LeadState.REFUSED
            and waiting_group.reason in {"legal_basis", "number_denied", "country_not_open"}
        )
        or (waiting_group.state is LeadState.DONE and waiting_group.reason.startswith("quota:"))
    )
    assert sum(held_back.count for held_back in held) == waiting + mendable
    assert [held_back.cause for held_back in held] == [
        cause for cause in Cause if cause in {held_back.cause for held_back in held}
    ]


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_said_in_both_languages_with_its_count_and_its_moment(cause: Cause):
    text = said(Held(cause, 2140, TOMORROW), PARIS)
    assert "2\u202f140" in say(text, "fr")
    assert "2,140" in english(text)
    assert not re.search(r"{|}", say(text, "fr") + english(text))
    assert not re.search(r"[^\u202f0-9][:;?!]", say(text, "fr"))
    more = said(Held(cause, 20_000, None, is_at_least=True), PARIS)
    assert "ou plus" in say(more, "fr")
    assert "or more" in english(more)
