"""The whitelist's verdict: deny wins, order says nothing, dates hold to the edge, and the shipped rules as they are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.rules.standard import STANDARD_RULES
from telephony.domain.rules.whitelist import (
    Allowed,
    Denied,
    NewRule,
    NumberRule,
    RuleEffect,
    RuleKind,
    RuleScope,
    RuleSet,
    Verdict,
    beginnings,
    is_same_person,
)
from telephony.domain.text.reason import Reason
from telephony.errors import InputError
from telephony.ids import CampaignId, Number, RuleId
from telephony.words import english

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NUMBER = Number("33199001234")
TINY = timedelta(microseconds=1)
ALLOW, DENY = RuleEffect.ALLOW, RuleEffect.DENY


def new(effect: RuleEffect, digits: str, **changes: Any) -> NewRule:
    kind = RuleKind.EXACT if len(digits) > 10 else RuleKind.PREFIX
    values: dict[str, Any] = {"valid_from": NOW - DAY} | changes
    return NewRule(effect, values.pop("kind", kind), digits, "because", "author", **values)


def stored(rule_id: int, rule: NewRule, **changes: Any) -> NumberRule:
    values: dict[str, Any] = {"approved_by": "other", "approved_at": NOW - DAY} | changes
    return NumberRule(RuleId(rule_id), rule, NOW - DAY, **values)


def verdict(*rules: NumberRule, number: Number = NUMBER, now: datetime = NOW, trunk: str = "carrier") -> Verdict:
    return RuleSet(rules).verdict(number, trunk=trunk, campaign_id=CampaignId(7), now=now)


FRANCE = stored(1, new(ALLOW, "33"))
DIGITS = st.text("0123456789", min_size=5, max_size=14).map(lambda rest: Number("3" + rest))


@st.composite
def rules_about(draw: st.DrawFn) -> tuple[Number, list[NumberRule]]:
    """A number, and rules most of which speak of it."""
    number = draw(DIGITS)
    rules = []
    for rule_id in range(draw(st.integers(0, 8))):
        effect = draw(st.sampled_from([ALLOW, DENY]))
        digits = draw(st.one_of(st.integers(0, len(number)).map(lambda size: number[:size]), DIGITS))
        kind = RuleKind.EXACT if digits and draw(st.booleans()) else RuleKind.PREFIX
        scope, target = draw(
            st.sampled_from(
                [
                    (RuleScope.SITE, ""),
                    (RuleScope.TRUNK, "carrier"),
                    (RuleScope.TRUNK, "other"),
                    (RuleScope.CAMPAIGN, "7"),
                    (RuleScope.CAMPAIGN, "8"),
                ]
            )
        )
        begins = NOW + draw(st.integers(-2, 1)) * DAY
        ends = draw(st.sampled_from([None, begins + DAY, begins + 3 * DAY]))
        rule = NewRule(effect, kind, digits, "because", "author", begins, ends, scope, target)
        approved_at = draw(st.sampled_from([None, NOW - DAY, NOW + DAY]))
        withdrawn_at = draw(st.sampled_from([None, None, NOW - DAY, NOW + DAY]))
        rules.append(stored(rule_id, rule, approved_at=approved_at, withdrawn_at=withdrawn_at))
    return number, rules


@given(rules_about())
def test_deny_wins_whatever_else_there_is(about: tuple[Number, list[NumberRule]]):
    number, rules = about
    mine = [
        rule
        for rule in rules
        if rule.matches(number) and rule.covers("carrier", CampaignId(7)) and rule.is_in_force(NOW)
    ]
    said = verdict(*rules, number=number)
    if any(rule.rule.effect is DENY for rule in mine):
        assert isinstance(said, Denied)
        assert said.rule is not None
        assert said.rule.rule.effect is DENY
    elif mine:
        assert isinstance(said, Allowed)
        assert said.rule in mine
    else:
        assert isinstance(said, Denied)
        assert said.rule is None


@pytest.mark.slow
@given(rules_about(), st.randoms(use_true_random=False))
def test_the_order_of_the_rules_says_nothing(about: tuple[Number, list[NumberRule]], dice: Any):
    number, rules = about
    mixed = list(rules)
    dice.shuffle(mixed)
    assert verdict(*rules, number=number) == verdict(*mixed, number=number)


@given(rules_about())
def test_only_rules_that_begin_as_the_number_does_matter(about: tuple[Number, list[NumberRule]]):
    number, rules = about
    relevant = [rule for rule in rules if rule.rule.digits in beginnings(number)]
    assert verdict(*rules, number=number) == verdict(*relevant, number=number)


@given(rules_about())
def test_one_more_deny_never_opens_and_one_more_allow_never_closes(about: tuple[Number, list[NumberRule]]):
    number, rules = about
    before = isinstance(verdict(*rules, number=number), Allowed)
    with_deny = isinstance(verdict(*rules, stored(99, new(DENY, number[:3])), number=number), Allowed)
    with_allow = isinstance(verdict(*rules, stored(99, new(ALLOW, number[:3])), number=number), Allowed)
    assert (with_deny, with_allow >= before) == (False, True)


@given(rules_about())
def test_no_sentence_holds_the_number(about: tuple[Number, list[NumberRule]]):
    number, rules = about
    said = verdict(*rules, number=number)
    if isinstance(said, Denied):
        assert number not in english(said.reason)
        assert english(said.reason).endswith(".")


def test_nothing_is_open_by_itself():
    said = verdict()
    assert isinstance(said, Denied)
    assert said.rule is None


def test_the_empty_prefix_speaks_of_every_number():
    everything = stored(2, new(DENY, ""))
    assert verdict(FRANCE, everything) == Denied(everything, Reason("refused.number_denied", rule="2"))
    assert isinstance(verdict(stored(3, new(ALLOW, ""))), Allowed)


@pytest.mark.parametrize(
    ("change", "at", "holds"),
    [
        ({"valid_from": NOW}, NOW, True),
        ({"valid_from": NOW}, NOW - TINY, False),
        ({"valid_until": NOW}, NOW - TINY, True),
        ({"valid_until": NOW}, NOW, False),
    ],
)
def test_dates_hold_from_their_first_moment_to_just_before_their_end(change: dict[str, Any], at: datetime, holds: bool):
    assert isinstance(verdict(stored(1, new(ALLOW, "33", **change)), now=at), Allowed) is holds
    assert isinstance(verdict(FRANCE, stored(2, new(DENY, NUMBER, **change)), now=at), Denied) is holds


def test_a_rule_holds_from_its_approval_to_its_withdrawal():
    rule = stored(1, new(ALLOW, "33"), approved_at=NOW, withdrawn_at=NOW + DAY)
    assert [rule.is_in_force(at) for at in (NOW - TINY, NOW, NOW + DAY - TINY, NOW + DAY)] == [False, True, True, False]


def test_an_immediate_deny_holds_without_a_second_person():
    rule = stored(2, new(DENY, NUMBER, is_immediate=True), approved_by=None, approved_at=None)
    assert isinstance(verdict(FRANCE, rule), Denied)
    assert not rule.awaits_approval


@pytest.mark.parametrize(
    ("scope", "target", "is_mine"),
    [
        (RuleScope.SITE, "", True),
        (RuleScope.TRUNK, "carrier", True),
        (RuleScope.TRUNK, "other", False),
        (RuleScope.CAMPAIGN, "7", True),
        (RuleScope.CAMPAIGN, "70", False),
    ],
)
def test_a_rule_reaches_as_far_as_its_scope(scope: RuleScope, target: str, is_mine: bool):
    deny = stored(2, new(DENY, NUMBER, scope=scope, target=target))
    assert isinstance(verdict(FRANCE, deny), Denied) is is_mine


def test_a_rule_with_a_length_speaks_of_numbers_of_that_length_only():
    france = stored(1, new(ALLOW, "33", length=11))
    assert isinstance(verdict(france), Allowed)
    assert isinstance(verdict(france, number=Number("333949")), Denied)


def test_an_exact_rule_says_more_than_a_prefix_and_a_longer_prefix_than_a_shorter():
    rules = [stored(2, new(DENY, "331")), stored(3, new(DENY, NUMBER)), stored(4, new(DENY, "33199"))]
    caught = RuleSet([FRANCE, *rules]).catching(NUMBER, trunk="carrier", campaign_id=CampaignId(7), now=NOW)
    assert [rule.rule_id for rule in caught] == [3, 4, 2, 1]


@pytest.mark.slow
def test_fifty_thousand_rules_change_nothing_for_a_number_none_of_them_names():
    many = [stored(index, new(DENY, f"3362{index:07d}")) for index in range(50_000)]
    assert isinstance(verdict(FRANCE, *many), Allowed)
    assert isinstance(verdict(FRANCE, *many, number=Number("33620000042")), Denied)


@pytest.mark.parametrize(
    "wrong",
    [
        {"digits": "٣٣"},
        {"digits": "0199"},
        {"digits": "33 1"},
        {"digits": "3" * 16},
        {"digits": "", "kind": RuleKind.EXACT},
        {"reason": " "},
        {"scope": RuleScope.TRUNK},
        {"target": "carrier"},
        {"valid_until": NOW - DAY},
        {"valid_from": NOW.replace(tzinfo=None)},
        {"length": 1},
        {"is_immediate": True},
    ],
)
def test_a_rule_that_means_nothing_is_refused(wrong: dict[str, Any]):
    with pytest.raises(InputError):
        replace(new(ALLOW, "33"), **wrong)


STANDARD = [stored(index, rule) for index, rule in enumerate(STANDARD_RULES, start=1)]


@pytest.mark.parametrize(
    ("number", "is_open"),
    [
        ("33199001234", True),
        ("33639980042", True),
        ("262692123456", True),
        ("596696123456", True),
        ("68940123456", True),
        ("33899123456", False),
        ("33800123456", False),
        ("262890123456", False),
        ("3317", False),
        ("33112", False),
        ("333949", False),
        ("33118218", False),
        ("3310141", False),
        ("881612345678", False),
        ("870773123456", False),
        ("447700900123", False),
        ("12025550123", False),
        ("3319900123", False),
        ("331990012345", False),
    ],
)
def test_the_shipped_rules_open_french_numbers_and_nothing_else(number: str, is_open: bool):
    assert isinstance(verdict(*STANDARD, number=Number(number)), Allowed) is is_open


def test_the_shipped_closures_hold_even_where_everything_is_opened():
    everything = stored(500, new(ALLOW, ""))
    for number in ("33899123456", "881612345678", "33112", "333949", "88299123456", "97912345678"):
        assert isinstance(verdict(*STANDARD, everything, number=Number(number)), Denied)


@pytest.mark.parametrize(
    ("account", "other", "same"),
    [("m.durand", "m.durand", True), ("cli:m.durand", "M.Durand", True), ("cli:root", "m.durand", False)],
)
def test_an_account_and_the_unix_user_of_that_name_are_one_person(account: str, other: str, same: bool):
    assert is_same_person(account, other) is same
