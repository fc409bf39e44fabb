"""Each rule of ``telephony.domain.rules.decision`` refuses for its own reason, and nothing else does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.campaigns.dialing_options import DialingOptions
from telephony.domain.law.basis import NO_TERMS, CampaignKind
from telephony.domain.law.facts import LawFacts
from telephony.domain.rules.decision import DialFacts, decide, refusals
from telephony.domain.rules.standard import STANDARD_RULES
from telephony.domain.rules.whitelist import NOT_OPEN, Allowed, Denied, NumberRule
from telephony.domain.text.reason import Reason
from telephony.domain.trunks.routes import Route
from telephony.ids import CampaignId, Number, RuleId
from telephony.words import english
from tests.domain.law_facts import MONDAY, abandoned
from tests.domain.law_facts import facts as law_facts

CAMPAIGN = Campaign(
    CampaignId(1),
    "Satisfaction fibre",
    "Alpha",
    CampaignKind.SURVEY,
    CampaignState.RUNNING,
    (Route("carrier", "33199000000"),),
    DialingOptions(0.03),
    40,
    datetime(2026, 11, 23, tzinfo=UTC),
)
FRANCE = NumberRule(RuleId(1), STANDARD_RULES[0], datetime(2026, 1, 1, tzinfo=UTC))
FACTS = DialFacts(
    campaign=CAMPAIGN,
    number=Number("33199001234"),
    on_list=Number("33199001234"),
    is_list_in_force=True,
    whitelist=Allowed(FRANCE),
    caller_id="33199000000",
    trunk="carrier",
    trunks={"carrier": frozenset({"33199000000"})},
    law=law_facts(kind=CampaignKind.SURVEY, terms=NO_TERMS, caller_id="33199000000"),
    at=MONDAY,
    can_record=True,
    locked=None,
    is_watched=True,
    is_list_paused=False,
    is_operator_gone=False,
)


def test_a_lead_of_a_running_campaign_is_allowed():
    assert decide(FACTS) is None


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"campaign": None}, "campaign_not_running"),
        *(
            ({"campaign": replace(CAMPAIGN, state=state)}, "campaign_not_running")
            for state in CampaignState
            if state is not CampaignState.RUNNING
        ),
        ({"number": Number("0199001234"), "on_list": Number("0199001234")}, "number_form"),
        ({"number": Number("33199001234@evil"), "on_list": Number("33199001234@evil")}, "number_form"),
        ({"number": Number("٣٣١٩٩٠٠١٢٣٤"), "on_list": Number("٣٣١٩٩٠٠١٢٣٤")}, "number_form"),
        ({"on_list": None}, "number_not_on_list"),
        ({"number": Number("33199001235")}, "number_not_on_list"),
        ({"is_list_in_force": False}, "list_not_approved"),
        ({"whitelist": Denied(FRANCE, Reason("refused.number_denied", rule="1"))}, "number_denied"),
        ({"whitelist": Denied(None, NOT_OPEN)}, "country_not_open"),
        ({"trunk": "other"}, "trunk_unknown"),
        ({"caller_id": "33199009999"}, "rerouted"),
        ({"trunks": {"carrier": frozenset({"33199009999"})}}, "caller_id"),
        ({"can_record": False}, "recorder"),
    ],
)
def test_each_rule_refuses_with_a_sentence(change: dict[str, Any], rule: str):
    refused = decide(replace(FACTS, **change))
    assert refused is not None
    assert refused.rule == rule
    assert english(refused.reason).endswith(".")
    assert "33199" not in english(refused.reason)


def test_caller_id_is_one_the_carrier_allows_on_that_trunk_and_the_campaign_shows():
    other = "33199009999"
    assert decide(replace(FACTS, trunks={"carrier": frozenset({"33199000000", other})})) is None
    for change, rule in (
        ({"trunks": {"carrier": frozenset({other})}}, "caller_id"),
        ({"caller_id": other}, "rerouted"),
    ):
        refused = decide(replace(FACTS, **change))  # type: ignore[arg-type]
        assert refused is not None
        assert refused.rule == rule


def test_every_rule_that_refuses_is_told_and_the_first_one_decides():
    facts = replace(FACTS, campaign=None, is_list_in_force=False, whitelist=Denied(None, NOT_OPEN), can_record=False)
    messages = [refusal.rule for refusal in refusals(facts)]
    assert messages == ["campaign_not_running", "list_not_approved", "country_not_open", "caller_id", "recorder"]
    assert decide(facts) == next(refusals(facts))


def test_the_law_refuses_with_its_rule_in_both_languages_and_tells_when():
    sunday = MONDAY - timedelta(days=1)
    refused = decide(replace(FACTS, law=law_facts(), at=sunday))
    assert refused is not None
    assert (refused.rule, refused.until, refused.is_lasting) == ("calling_days", MONDAY, False)
    assert refused.reason.code == "law.no.weekday"


@pytest.mark.parametrize(
    ("law", "is_lasting", "holds_campaign"),
    [
        (law_facts(terms=NO_TERMS), True, False),
        (law_facts(opposed=("complaints",)), True, False),
        (law_facts(number=Number("999123456789")), True, False),
        (law_facts(contacts=(abandoned(MONDAY),)), False, False),
        (law_facts(caller_id="33199000000"), False, True),
    ],
)
def test_only_what_neither_time_nor_the_campaign_mends_sets_a_lead_aside(
    law: LawFacts, is_lasting: bool, holds_campaign: bool
):
    refused = decide(replace(FACTS, law=law, at=MONDAY + timedelta(minutes=1)))
    assert refused is not None
    assert (refused.is_lasting, refused.holds_campaign) == (is_lasting, holds_campaign)
