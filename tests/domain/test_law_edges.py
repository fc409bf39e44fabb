"""Edges, by property: no call rings outside its hours anywhere, clock changes, leap days, rolling counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.domain.law.basis import CampaignKind, LeadTerms
from telephony.domain.law.contacts import before, leaves_at
from telephony.domain.law.decision import decide_law, next_allowed
from telephony.domain.law.holidays import easter, national
from telephony.domain.law.hours import is_within, next_within, stretches
from telephony.domain.law.places import place_of
from telephony.domain.law.provisions import Hours, Law
from telephony.domain.law.site import Exemption
from telephony.ids import AttemptId, CampaignId, Number
from tests.domain.law_facts import CONTRACT, MONDAY, facts, paris, refused, site, tries, until

MOMENTS = st.integers(0, 6 * 365 * 24 * 3600).map(
    lambda late: datetime(2026, 8, 11, tzinfo=UTC) + timedelta(seconds=late)
)
NUMBERS = st.sampled_from(
    [
        Number(digits)
        for digits in (
            "33199001234", "33639981234", "262262612345", "262639123456", "508411234", "590590123456", "594594123456",
            "596596123456", "681721234", "687241234", "68940412345", "12025550123", "13405550123", "441632960123",
        )
    ]
)  # fmt: skip
LEGAL = Hours(((600, 780), (840, 1200)))


@given(MOMENTS, NUMBERS, st.integers(15, 60))
@settings(max_examples=300)
def test_an_allowed_call_never_rings_outside_the_hours_of_any_clock_it_may_be_on(
    at: datetime, number: Number, ring_s: int
):
    said = facts(number=number, terms=CONTRACT, ring_s=ring_s)
    if decide_law(said, at) is not None:
        return
    place = place_of(number)
    for name in place.zones:
        first, last = at.astimezone(ZoneInfo(name)), (at + timedelta(seconds=ring_s)).astimezone(ZoneInfo(name))
        if place.jurisdiction == "FR":
            assert first.weekday() < 5
            assert first.date() not in national(first.year)
            assert (10 <= first.hour < 13) or (14 <= first.hour < 20)
            assert (last.hour, last.minute, last.second) <= ((13, 0, 0) if first.hour < 13 else (20, 0, 0))
        elif place.jurisdiction == "US":
            assert 8 <= first.hour < 21
            assert (last.hour, last.minute, last.second) <= (21, 0, 0)


@given(MOMENTS, NUMBERS)
@settings(max_examples=300)
def test_the_next_moment_is_allowed_and_the_minute_before_it_is_not(at: datetime, number: Number):
    said = facts(number=number, terms=CONTRACT)
    no = decide_law(said, at)
    if no is None:
        return
    assert no.until is not None
    assert at < no.until < at + timedelta(days=9)
    assert decide_law(said, no.until) is None
    assert decide_law(said, no.until - timedelta(seconds=1)) is not None


@given(st.lists(st.integers(0, 90 * 24 * 60), min_size=1, max_size=60), NUMBERS)
@settings(max_examples=200)
def test_no_thirty_calendar_days_ever_hold_more_than_four_attempts(minutes: list[int], number: Number):
    """Whatever is asked whenever: attempts are made only when the rule allows, across a change of clocks."""
    start, made = datetime(2026, 9, 20, tzinfo=UTC), []
    said = facts(number=number, kind=CampaignKind.SURVEY, site=site(attempts=4), terms=LeadTerms())
    for at in (start + timedelta(minutes=minute) for minute in sorted(minutes)):
        if decide_law(replace(said, contacts=tries(*made)), at) is None:
            made.append(at)
    for name in place_of(number).zones:
        days = [at.astimezone(ZoneInfo(name)).date() for at in made]
        for first in days:
            assert sum(1 for day in days if first <= day <= first + timedelta(days=29)) <= 4


@given(MOMENTS)
def test_an_attempt_counts_for_thirty_times_24_hours_at_least(at: datetime):
    assert leaves_at(at, 30, ZoneInfo("Europe/Paris")) >= at + timedelta(days=30)


def test_the_night_the_clocks_go_back_no_hour_is_won():
    zone, twice = ZoneInfo("Europe/Paris"), Hours(((120, 180),))  # 2:00-3:00 happens twice on 2026-10-25
    begin, end = stretches(twice, date(2026, 10, 25), zone)[0]
    assert (begin, end) == (datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC))


def test_the_night_the_clocks_go_forward_an_hour_that_does_not_exist_is_no_calling_hour():
    zone, never = ZoneInfo("Europe/Paris"), Hours(((120, 180),))  # 2:00-3:00 does not happen on 2026-03-29
    for minutes in range(0, 24 * 60, 10):
        at = datetime(2026, 3, 28, 23, tzinfo=UTC) + timedelta(minutes=minutes)
        if at.astimezone(zone).date() == date(2026, 3, 29):
            assert not is_within(never, at, timedelta(seconds=30), zone)
    assert next_within(never, datetime(2026, 3, 29, 0, tzinfo=UTC), timedelta(seconds=30), zone) == datetime(
        2026, 3, 30, 0, tzinfo=UTC
    )


def test_the_friday_before_and_the_monday_after_the_clocks_change():
    friday, monday = datetime(2026, 10, 23, 17, 59, 31, tzinfo=UTC), datetime(2026, 10, 26, 18, 59, 31, tzinfo=UTC)
    assert refused(friday) == refused(monday) == "calling_hours"
    assert refused(friday - timedelta(minutes=1)) == refused(monday - timedelta(minutes=1)) == ""
    assert until(friday) == datetime(2026, 10, 26, 9, tzinfo=UTC)


def test_leap_days_count_as_days():
    leap = paris("2028-02-29T11:00")  # a Tuesday
    assert refused(leap) == ""
    monday = tries(*[leap - timedelta(days=29, hours=hours) for hours in range(4)])  # 2028-01-31
    assert refused(leap, contacts=monday) == "frequency"
    assert refused(paris("2028-03-01T11:00"), contacts=monday) == ""
    assert until(leap, contacts=monday) == paris("2028-03-01T10:00")


def test_easter_of_years_that_tables_give():
    known = {2000: (4, 23), 2008: (3, 23), 2011: (4, 24), 2024: (3, 31), 2026: (4, 5), 2038: (4, 25), 2285: (3, 22)}
    assert {year: (easter(year).month, easter(year).day) for year in known} == known


def test_two_attempts_decided_at_the_same_moment_do_not_both_go_and_do_not_both_yield():
    earlier = tries(*[MONDAY - timedelta(days=day) for day in (3, 2, 1)])
    twins = [replace(contact, attempt_id=AttemptId(f"z{n}")) for n, contact in enumerate(tries(MONDAY, MONDAY))]
    decided = [refused(contacts=before((*earlier, *twins), (twin.started_at, twin.attempt_id))) for twin in twins]
    assert decided == ["", "frequency"]


def test_a_site_tightens_hours_days_and_frequency_for_every_kind():
    b2b = {"kind": CampaignKind.B2B, "terms": LeadTerms()}
    strict = site(hours=((450, 1140),), days=frozenset(range(5)), closed=frozenset({date(2026, 11, 24)}), attempts=1)
    assert refused(paris("2026-11-23T07:30"), **b2b, site=strict) == ""
    assert refused(paris("2026-11-23T19:00"), **b2b, site=strict) == "calling_hours"
    assert refused(paris("2026-11-22T10:00"), **b2b, site=strict) == "calling_days"
    assert refused(paris("2026-11-24T10:00"), **b2b, site=strict) == "public_holiday"
    assert refused(MONDAY, **b2b, site=strict, contacts=tries(MONDAY - timedelta(days=2))) == "frequency"


def test_a_site_never_loosens_by_settings():
    wide = site(hours=((0, 1440),), days=frozenset(range(7)), attempts=99, refusal_days=60, protect_hours=72)
    assert refused(paris("2026-11-22T11:00"), site=wide) == "calling_days"
    assert refused(paris("2026-11-23T21:00"), site=wide) == "calling_hours"
    assert refused(contacts=tries(*[MONDAY - timedelta(days=day) for day in (4, 3, 2, 1)]), site=wide) == "frequency"


def exemption(**changes: object) -> Exemption:
    day = timedelta(days=1)
    base = Exemption(
        7, Law.CALLING_DAYS, CampaignId(1), MONDAY - 2 * day, MONDAY, "m.durand", MONDAY - 9 * day, "flood alert",
        "l.petit", MONDAY - 9 * day,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def test_an_exemption_lifts_one_rule_for_a_while_once_a_second_person_agreed():
    sunday = paris("2026-11-22T11:00")
    assert refused(sunday, exemptions=(exemption(),)) == ""
    for changes in (
        {"approved_at": None, "approved_by": None},
        {"law": Law.CALLING_HOURS},
        {"campaign_id": CampaignId(2)},
        {"valid_until": sunday},
        {"valid_from": sunday + timedelta(seconds=1)},
        {"ended_at": sunday, "ended_by": "l.petit"},
    ):
        assert refused(sunday, exemptions=(exemption(**changes),)) == "calling_days", changes
    assert refused(sunday, exemptions=(exemption(),), site=site(days=frozenset(range(5)))) == "calling_days"


def test_time_alone_does_not_mend_a_missing_basis():
    assert next_allowed(facts(terms=LeadTerms()), paris("2026-11-22T11:00")) is None
