"""The one table of the numbering plan, and what is computed from it."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telephony.domain.law.places import NOWHERE, Place, place_of, prefix_of
from telephony.domain.numbers.errors import NumberError, RejectReason
from telephony.domain.numbers.numbering_plan import PLAN, kind_of, prefixes
from telephony.domain.numbers.numbers import canonical
from telephony.domain.numbers.ranges import NumberKind, Range, Use
from telephony.domain.rules.standard import STANDARD_RULES
from telephony.domain.rules.whitelist import Denied
from telephony.ids import CampaignId, Number
from tests.domain import numbering_answers

SUBSCRIBERS = [row for row in PLAN if row.use not in {Use.SHORT, Use.EMERGENCY}]
EMERGENCY = [row.prefix for row in PLAN if row.use is Use.EMERGENCY]


def row_of(number: str) -> Range | None:
    """Return the row with the longest prefix, slowly."""
    return max((row for row in SUBSCRIBERS if number.startswith(row.prefix)), key=lambda r: len(r.prefix), default=None)


def verdict(number: str) -> Any:
    return numbering_answers.RULES.verdict(
        Number(number), trunk="north", campaign_id=CampaignId(7), now=numbering_answers.NOW
    )


def test_every_prefix_is_answered_as_it_is_on_record() -> None:
    assert list(numbering_answers.answers()) == numbering_answers.stored()


@given(st.sampled_from([row.prefix for row in SUBSCRIBERS]), st.text("0123456789", max_size=9))
@example("5947093", "12345")
@example("1204", "5550123")
@example("", "299123456")
def test_a_number_has_place_and_kind_of_its_longest_prefix(prefix: str, rest: str) -> None:
    number = Number(prefix + rest)
    row = row_of(number)
    assert place_of(number) == (Place(row.law, row.zones, row.territory) if row else NOWHERE)
    assert kind_of(number) == (row.kind if row else NumberKind.FOREIGN)
    stands_for = prefix_of(number)
    assert (NOWHERE if stands_for is None else place_of(Number(stands_for))) == place_of(number)


def test_a_range_stands_in_the_plan_once() -> None:
    keys = [(row.prefix, row.length) for row in PLAN]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("number", EMERGENCY)
def test_an_emergency_number_is_in_no_list_and_closed_by_a_rule_of_its_own(number: str) -> None:
    short = number.removeprefix("33")
    for text in (short, "+33" + short):
        with pytest.raises(NumberError) as refused:
            canonical(text)
        assert refused.value.reason is RejectReason.EMERGENCY
    assert isinstance(verdict(number), Denied)
    assert number in {rule.digits for rule in STANDARD_RULES}


def test_what_is_never_called_in_a_list_is_closed_by_the_rules_too() -> None:
    for prefix in prefixes(Use.SPECIAL_RATE, Use.GLOBAL):
        assert isinstance(verdict(prefix.ljust(11, "5")), Denied)
        assert isinstance(verdict(prefix.ljust(12, "5")), Denied)
