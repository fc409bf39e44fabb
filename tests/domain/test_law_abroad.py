"""United Kingdom and United States: one test for every line of the field's rules on abandoned calls."""

from datetime import UTC, datetime, timedelta

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.law import contacts as law_contacts
from telephony.domain.law.abandonment import abandon_rate
from telephony.domain.law.basis import CampaignKind, LeadTerms
from telephony.domain.law.decision import TABLES
from telephony.domain.law.judging import judge
from telephony.domain.law.places import NOWHERE, place_of
from telephony.domain.law.provisions import AbandonAtMost, Law
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.ids import Number
from telephony.words import english, say
from tests.domain.law_facts import MONDAY, abandoned, facts, paris, refused, site, until

US, GB = Number("12025550123"), Number("441632960123")
NOON = datetime(2026, 11, 23, 19, tzinfo=UTC)
"""14:00 in New York, 9:00 in Honolulu."""
BARE = {"terms": LeadTerms(), "caller_id": "33199000000"}


@pytest.mark.parametrize("kind", [CampaignKind.CONSUMER, CampaignKind.CONTRACT])
def test_us_calls_from_8_to_21_local_in_every_zone_the_number_may_be_in(kind: CampaignKind):
    said = {**BARE, "number": US, "kind": kind}
    assert refused(NOON, **said) == ""
    assert refused(datetime(2026, 11, 23, 17, tzinfo=UTC), **said) == "calling_hours"  # 7:00 in Honolulu
    assert refused(datetime(2026, 11, 24, 2, tzinfo=UTC), **said) == "calling_hours"  # 21:00 in New York
    assert until(datetime(2026, 11, 24, 2, tzinfo=UTC), **said) == datetime(2026, 11, 24, 18, tzinfo=UTC)


def test_us_a_lead_whose_list_names_its_zone_is_called_on_that_clock():
    early = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)  # 8:30 in New York
    assert refused(early, number=US, terms=LeadTerms(zone="America/New_York"), caller_id="33199000000") == ""


@pytest.mark.parametrize("number", [US, GB])
def test_a_call_rings_15_seconds_at_least(number: Number):
    assert refused(NOON, number=number, **BARE, ring_s=14.9) == "ring_time"
    assert refused(NOON, number=number, **BARE, ring_s=15) == ""


@pytest.mark.parametrize("number", [US, GB])
def test_an_operator_or_the_message_within_2_seconds(number: Number):
    assert refused(NOON, number=number, **BARE, route_wait_s=2.1) == "information_message"


@pytest.mark.parametrize(("number", "days"), [(US, 30), (GB, 1)])
def test_three_percent_abandoned_at_most_per_campaign_and_period(number: Number, days: int):
    assert refused(NOON, number=number, **BARE, abandon_cap=0.031) == "abandon_cap"
    jurisdiction = place_of(number).jurisdiction
    assert jurisdiction is not None
    bounds = [row.bound for row in TABLES[jurisdiction] if row.law is Law.ABANDON_CAP]
    assert bounds == [AbandonAtMost(0.03, days)]


def test_uk_no_call_for_72_hours_to_an_abandoned_number_without_a_guaranteed_operator():
    said = {**BARE, "number": GB, "contacts": (abandoned(NOON - timedelta(hours=71)),)}
    assert refused(NOON, **said) == "protected_after_abandon"
    assert refused(NOON, **said, has_operator=True) == ""


def test_uk_no_call_within_24_hours_of_a_machine_without_a_guaranteed_operator():
    rows = [row for row in TABLES[Jurisdiction.GB] if row.law is Law.MACHINE]
    assert len(rows) == 1
    taken = law_contacts.Contact(abandoned(NOON).attempt_id, "Alpha", NOON, NOON, Outcome.MACHINE)
    said = facts(number=GB, contacts=(taken,))
    assert judge(rows[0], said, NOON + timedelta(hours=23)) is not None
    assert judge(rows[0], said, NOON + timedelta(hours=24)) is None
    assert judge(rows[0], facts(number=GB, contacts=(taken,), has_operator=True), NOON) is None


def test_uk_has_no_legal_hours():
    assert refused(datetime(2026, 11, 22, 23, tzinfo=UTC), number=GB, **BARE) == ""


def test_rate_is_abandoned_over_abandoned_plus_passed_with_the_detectors_errors_in():
    assert abandon_rate(3, 97) == pytest.approx(0.03)
    assert abandon_rate(3, 97, estimated_unseen_abandons=2) == pytest.approx(5 / 102)
    assert abandon_rate(0, 0) == 0


def test_a_country_without_a_table_falls_under_the_sites_law_with_no_clock():
    canada = Number("14165550123")
    assert place_of(canada) == place_of(Number("999123456789")) == NOWHERE
    assert refused(MONDAY, number=canada) == "calling_days"
    assert refused(paris("2026-11-22T22:00"), number=canada, kind=CampaignKind.B2B) == ""
    assert refused(NOON, number=canada, **BARE, site=site(home=Jurisdiction.GB)) == ""


def test_every_row_says_where_it_is_written_and_in_both_languages():
    for table in TABLES.values():
        for row in table:
            assert row.reference
            assert say(row.text, "fr").endswith(".")
            assert english(row.text).endswith(".")
    assert Result.NO_MORE_CALLS in law_contacts.REFUSALS
