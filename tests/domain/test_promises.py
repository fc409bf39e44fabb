"""Callbacks: how soon, how often a day, at which hours; each refusal names the next time that is allowed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.domain.law.basis import CampaignKind, LeadTerms
from telephony.domain.law.decision import TABLES, decide_law
from telephony.domain.law.promises import promise_refusal
from telephony.domain.law.provisions import PROMISES, Confidence
from telephony.domain.law.verdict import LawRefusal
from telephony.ids import Number
from tests.domain.law_facts import CONSENT, CONTRACT, facts, paris, refused, tries
from tests.effort import cases

NOW = paris("2026-11-23T15:00")
SURVEY = {"kind": CampaignKind.SURVEY, "terms": LeadTerms()}
CONSUMER = {"kind": CampaignKind.CONSUMER, "terms": CONTRACT}
REUNION = Number("262262612345")


def no(at: datetime, promised: Sequence[datetime] = (), now: datetime = NOW, **changes: object) -> LawRefusal | None:
    return promise_refusal(facts(**{**SURVEY, **changes}), at, now, promised, "Europe/Paris")


def rule(at: datetime, promised: Sequence[datetime] = (), **changes: object) -> str:
    refusal = no(at, promised, **changes)
    return "" if refusal is None else str(refusal.law)


def until(at: datetime, promised: Sequence[datetime] = (), **changes: object) -> datetime | None:
    refusal = no(at, promised, **changes)
    assert refusal is not None
    return refusal.until


def test_a_callback_in_one_minute_is_too_soon():
    assert rule(NOW + timedelta(minutes=1)) == "callback_notice"
    assert until(NOW + timedelta(minutes=1)) == NOW + timedelta(minutes=2)
    assert rule(NOW + timedelta(minutes=2)) == ""
    assert rule(NOW + timedelta(minutes=1), now=NOW + timedelta(seconds=59)) == "callback_notice"


def test_between_two_callbacks_to_one_person_is_a_quarter_of_an_hour():
    first = NOW + timedelta(minutes=10)
    assert rule(NOW + timedelta(minutes=24), [first]) == "callback_gap"
    assert until(NOW + timedelta(minutes=2), [first]) == NOW + timedelta(minutes=25)
    assert rule(NOW + timedelta(minutes=25), [first]) == ""


def test_a_person_is_promised_two_callbacks_a_day_at_most():
    first, second = NOW + timedelta(minutes=10), NOW + timedelta(minutes=30)
    third = NOW + timedelta(minutes=50)
    assert rule(third, [first]) == ""
    assert rule(third, [first, second]) == "callbacks_a_day"
    assert until(third, [first, second]) == paris("2026-11-24T07:00")
    assert rule(paris("2026-11-24T09:00"), [first, second]) == ""


@pytest.mark.parametrize("kind", list(CampaignKind))
def test_nobody_is_called_back_on_a_sunday_night_whatever_the_kind(kind: CampaignKind):
    sunday = paris("2026-11-29T03:00")
    terms = CONTRACT if kind in (CampaignKind.CONSUMER, CampaignKind.CONTRACT) else LeadTerms()
    assert rule(sunday, kind=kind, terms=terms) != ""
    hour = "10:00" if kind in (CampaignKind.CONSUMER, CampaignKind.CONTRACT) else "07:00"
    assert until(sunday, kind=kind, terms=terms) == paris(f"2026-11-30T{hour}")


@pytest.mark.parametrize(
    ("clock", "law"),
    [
        ("2026-11-28T11:00", "calling_days"),
        ("2026-11-24T13:30", "calling_hours"),
        ("2026-12-25T11:00", "public_holiday"),
        ("2026-11-24T10:00", ""),
    ],
)
def test_a_consumers_callback_keeps_the_days_and_hours_of_the_law(clock: str, law: str):
    assert rule(paris(clock), **CONSUMER) == law


def test_the_hour_is_the_persons_not_the_sites():
    at = datetime(2026, 11, 24, 4, tzinfo=UTC)  # 8:00 in Réunion, 5:00 in Paris
    assert rule(at, number=REUNION) == ""
    assert rule(at) == "callback_hours"


def test_a_consent_for_any_time_lifts_the_laws_hours_and_never_our_own():
    any_time = replace(CONSENT, any_time=True)
    saturday, night = paris("2026-11-28T11:00"), paris("2026-11-28T23:00")
    assert rule(saturday, kind=CampaignKind.CONSUMER, terms=any_time) == ""
    assert rule(night, kind=CampaignKind.CONSUMER, terms=any_time) == "callback_hours"


def test_a_callback_that_the_frequency_would_postpone_is_not_promised():
    days = tries(*[NOW - timedelta(days=ago) for ago in (4, 3, 2, 0)])
    at = paris("2026-11-24T11:00")
    assert rule(at, contacts=days, **CONSUMER) == "frequency"
    assert until(at, contacts=days, **CONSUMER) == paris("2026-12-21T10:00")


def test_a_number_without_a_known_clock_keeps_the_sites():
    assert rule(paris("2026-11-29T03:00"), number=Number("999123456789")) == "callback_hours"
    assert rule(paris("2026-11-24T11:00"), number=Number("999123456789")) == ""


def test_the_rows_are_dated_our_own_and_bind_no_call():
    for table in TABLES.values():
        rows = [row for row in table if row.law in PROMISES]
        assert {row.law for row in rows} == PROMISES
        assert {row.confidence for row in rows} == {Confidence.OWN}
    assert refused(paris("2026-11-29T03:00"), **SURVEY) == ""


@settings(max_examples=cases(150, long=5000), deadline=None)
@given(
    st.integers(0, 60 * 24 * 40),
    st.lists(st.integers(0, 60 * 24 * 10), max_size=6),
    st.sampled_from(list(CampaignKind)),
    st.sampled_from(["33199001234", "262262612345", "596596123456", "689401234567", "442079460123", "12125550123"]),
)
def test_the_next_moment_named_is_one_that_does_and_that_the_law_allows(
    minutes: int, promised: list[int], kind: CampaignKind, number: str
):
    at = NOW + timedelta(minutes=minutes)
    others = [NOW + timedelta(minutes=value) for value in promised]
    said = {"kind": kind, "terms": CONTRACT, "number": Number(number)}
    refusal = no(at, others, **said)
    named = at if refusal is None else refusal.until
    assert named is not None
    assert named >= at
    assert no(named, others, **said) is None
    assert decide_law(facts(**said, has_operator=True, is_automated=False), named) is None
