"""Every reason for which a call is refused says whose fault it is: found in the product's own text, none missed."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

import telephony
from telephony.domain.law.provisions import HOLDS_CAMPAIGN, POSTPONES, PROMISES, Law
from telephony.domain.rules.decision import Refused, decide, refusals
from telephony.domain.rules.responsibility import HOLDS, RESPONSIBLE, Responsibility, is_the_leads
from telephony.domain.rules.whitelist import (
    Allowed,
    Denied,
    NewRule,
    NumberRule,
    RuleEffect,
    RuleKind,
    RuleScope,
    RuleSet,
)
from telephony.domain.text.reason import Reason
from telephony.ids import CampaignId, RuleId
from tests.domain.law_facts import MONDAY, site
from tests.domain.test_rules import CAMPAIGN, FACTS

ROOT = Path(telephony.__file__).parent
NEVER_DECIDED = {Law.START_OF_CALL, Law.DUTY, *PROMISES}
"""Rows that are shown to people, and refuse nothing."""


def trees() -> list[ast.AST]:
    names = (
        "domain/rules/decision.py",
        "services/rules/permits.py",
        "services/trunks/failover.py",
        "storage/calls/permits.py",
        "ports/calls/permits.py",
    )
    return [ast.parse((ROOT / name).read_text(encoding="utf-8")) for name in names]


def words_in_the_product() -> set[str]:
    """Every word given as a rule: to a refusal, to a permit, or returned as the rule that refused."""
    rules: set[str] = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                named = ast.unparse(node.func).rpartition(".")[2]
                if named in {"Refused", "refuse", "Refusal"}:
                    rules |= texts([arg for arg in node.args if not isinstance(arg, ast.JoinedStr)][:3])
            elif isinstance(node, ast.FunctionDef) and node.name == "_refusal":
                rules |= texts(
                    [child.value for child in ast.walk(node) if isinstance(child, ast.Return) and child.value]
                )
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if ast.unparse(target) in {"RULE", "RULES_CHANGED", "rule"}:
                    rules |= texts([node.value])
    return rules


def texts(nodes: list[ast.expr]) -> set[str]:
    words = (child.value for node in nodes for child in ast.walk(node) if isinstance(child, ast.Constant))
    return {word for word in words if isinstance(word, str) and re.fullmatch(r"[a-z]+(?:_[a-z]+)*", word)}


def test_every_reason_there_is_says_whose_fault_it_is():
    rules = words_in_the_product()
    assert {"trunk_unknown", "on_the_line", "permit_gate", "number_not_carried", "rules_changed"} <= rules
    assert rules <= set(RESPONSIBLE), "say in refusal_reasons whose fault it is"
    assert {str(law) for law in set(Law) - NEVER_DECIDED} <= set(RESPONSIBLE)
    assert set(RESPONSIBLE) <= rules | set(map(str, Law)) | {"permit_form"}, "a reason nobody gives any more"


@pytest.mark.parametrize("reason", sorted(RESPONSIBLE))
def test_only_a_fault_of_the_leads_own_ever_sets_it_aside(reason: str):
    refused = Refused(reason, Reason("refused.list_paused"))
    assert refused.is_lasting == (RESPONSIBLE[reason] is Responsibility.LEAD)
    assert refused.holds_campaign == (RESPONSIBLE[reason] in HOLDS)
    assert not (refused.is_lasting and refused.holds_campaign)
    assert not replace(refused, until=MONDAY).is_lasting
    assert is_the_leads(reason) == (RESPONSIBLE[reason] is Responsibility.LEAD and reason not in POSTPONES)


def test_how_the_campaign_dials_is_never_the_leads_fault():
    for law in HOLDS_CAMPAIGN:
        assert RESPONSIBLE[str(law)] is Responsibility.CAMPAIGN


@pytest.mark.parametrize(
    "change", [{"trunks": {}}, {"trunks": {"carrier": frozenset({"33199009999"})}}, {"campaign": None}]
)
def test_settings_that_no_longer_hold_what_the_campaign_has_hold_the_campaign(change: dict[str, object]):
    refused = decide(replace(FACTS, **change))
    assert refused is not None
    assert refused.holds_campaign
    assert not refused.is_lasting


def test_hours_of_the_site_that_leave_no_moment_set_nobody_aside():
    law = FACTS.law
    never = site(hours=((600, 600),))
    facts = replace(FACTS, law=replace(law, policy=replace(law.policy, site=never)))
    (refused,) = [refusal for refusal in refusals(facts) if refusal.rule == "calling_hours"]
    assert not refused.is_lasting
    assert refused.until is not None


def on_trunk(trunk: str, effect: RuleEffect = RuleEffect.ALLOW) -> NumberRule:
    rule = NewRule(effect, RuleKind.PREFIX, "33", "contract", "m.durand", MONDAY, scope=RuleScope.TRUNK, target=trunk)
    return NumberRule(RuleId(7), rule, MONDAY, approved_by="l.petit", approved_at=MONDAY)


def verdict(trunk: str, *rules: NumberRule) -> Allowed | Denied:
    return RuleSet(rules).verdict(FACTS.number, trunk=trunk, campaign_id=CampaignId(CAMPAIGN.campaign_id), now=MONDAY)


def test_a_number_that_another_trunk_may_carry_is_not_refused_for_the_campaigns_trunk():
    whole = replace(on_trunk("x").rule, scope=RuleScope.SITE, target="")
    everywhere = replace(on_trunk("x"), rule=whole, rule_id=RuleId(1))
    opened_elsewhere = verdict("carrier", on_trunk("other"))
    closed_here = verdict("carrier", everywhere, on_trunk("carrier", RuleEffect.DENY))
    for denied in (opened_elsewhere, closed_here):
        assert isinstance(denied, Denied)
        refused = decide(replace(FACTS, whitelist=denied))
        assert refused is not None
        assert not refused.is_lasting
    nowhere = verdict("carrier")
    assert isinstance(nowhere, Denied)
    refused = decide(replace(FACTS, whitelist=nowhere))
    assert refused is not None
    assert refused.is_lasting
    assert isinstance(verdict("other", on_trunk("other")), Allowed)
