"""How long an unanswered call rings before it may be cancelled: the rows in force say so, and never less than 15 s."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.law import decision
from telephony.domain.law.basis import LEAST_RING_S, CampaignKind
from telephony.domain.law.facts import DialingPolicy
from telephony.domain.law.provisions import Law, RingsAtLeast
from telephony.domain.law.ringing import may_give_up_after_s
from telephony.domain.law.site import LAW_ALONE
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.ids import Number
from tests.domain.law_facts import MONDAY

FR, GB, US, NOWHERE = Number("33199001234"), Number("441632960001"), Number("12025550123"), Number("4930123456")


@pytest.mark.parametrize("kind", CampaignKind)
@pytest.mark.parametrize("number", [FR, GB, US, NOWHERE])
def test_every_country_with_a_table_says_15_seconds_and_the_others_follow_the_sites_law(
    number: Number, kind: CampaignKind
):
    assert may_give_up_after_s(number, kind, LAW_ALONE, MONDAY) == 15


@pytest.mark.parametrize("number", [GB, US])
def test_before_the_row_is_in_force_every_call_rings_out(number: Number):
    assert may_give_up_after_s(number, CampaignKind.SURVEY, LAW_ALONE, datetime(2009, 8, 31, 12, tzinfo=UTC)) is None


def test_a_row_counts_once_its_day_has_begun_on_every_clock_the_number_may_have():
    """A number of the United States does not determine its zone; 1 September 2009 begins last in Honolulu."""
    kind = CampaignKind.SURVEY
    assert may_give_up_after_s(US, kind, LAW_ALONE, datetime(2009, 9, 1, 9, 59, tzinfo=UTC)) is None
    assert may_give_up_after_s(US, kind, LAW_ALONE, datetime(2009, 9, 1, 10, 0, tzinfo=UTC)) == 15


@given(st.floats(0, 60))
def test_a_table_that_asks_for_longer_is_followed_and_one_that_asks_for_less_is_not(seconds: float):
    table = decision.TABLES[Jurisdiction.GB]
    (row,) = (provision for provision in table if provision.law is Law.RING_TIME)
    changed = [provision if provision is not row else replace(row, bound=RingsAtLeast(seconds)) for provision in table]
    decision._bound.cache_clear()
    decision.TABLES[Jurisdiction.GB] = tuple(changed)
    try:
        value = may_give_up_after_s(GB, CampaignKind.B2B, LAW_ALONE, MONDAY)
    finally:
        decision.TABLES[Jurisdiction.GB] = table
        decision._bound.cache_clear()
    assert value == max(LEAST_RING_S, seconds)


@given(st.integers(15, 60))
def test_no_setting_lets_a_carrier_that_rings_within_its_time_ring_for_less_than_15_seconds(ring_s: int):
    policy = DialingPolicy(ring_s=ring_s, setup_s=5)
    assert policy.dials_s - 4 >= LEAST_RING_S
    assert ring_s <= policy.dials_s <= policy.rings.total_seconds(), "and it has rung out when the law expects it"
