"""What an operator sees of a call: the name as far as the campaign shows it, and no digit of a number."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.campaigns.dialing_options import DialingOptions, sentence_of
from telephony.domain.floor.talk import Talk, talk_of
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.leads import Lead, LeadState
from telephony.domain.leads.shown_name import NameShown, person_shown, surname
from telephony.domain.trunks.routes import Route
from telephony.errors import InputError
from telephony.ids import CampaignId, LeadId, ListId, Number

LEAD = Lead(
    LeadId(7), ListId(1), CampaignId(1), Number("33199004127"), "Mme Anne DURAND", LeadState.WAITING, {}
)  # fmt: skip
CAMPAIGN = Campaign(
    CampaignId(1),
    "Satisfaction fibre",
    "Alpha Télécom",
    CampaignKind.SURVEY,
    CampaignState.RUNNING,
    (Route("main", "33199009999"),),
    DialingOptions(0.03, first_sentence="Bonjour, {operator}, de la société {company}."),
    60,
    datetime(2026, 11, 30, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Mme Anne DURAND", "Mme DURAND"),
        ("DURAND Anne", "DURAND"),
        ("M. Jean-Paul de la TOUR", "M. de la TOUR"),
        ("Anne Durand", "Durand"),
        ("Monsieur Jean Le Goff", "Monsieur Le Goff"),
        ("MME ANNE DURAND", "MME ANNE DURAND"),
        ("Durand", "Durand"),
        ("Mme Durand", "Mme Durand"),
        ("Mme", "Mme"),
        ("", ""),
    ],
)
def test_title_and_surname_are_found_as_lists_write_them(name: str, shown: str) -> None:
    assert surname(name) == shown


@given(st.text(max_size=60))
def test_a_surname_is_made_of_words_of_the_name_in_their_order(name: str) -> None:
    words = iter(name.split())
    assert all(word in words for word in surname(name).split())


@pytest.mark.parametrize(("shown", "name"), [("full", "Mme Anne DURAND"), ("surname", "Mme DURAND"), ("none", "")])
def test_the_name_stands_there_as_the_campaign_says(shown: str, name: str) -> None:
    campaign = replace(CAMPAIGN, dialing=replace(CAMPAIGN.dialing, shown_name=NameShown(shown)))
    assert talk_of(campaign, LEAD, "Claire") == Talk(
        name, "Alpha Télécom", "Satisfaction fibre", "Bonjour, Claire, de la société Alpha Télécom."
    )


@pytest.mark.parametrize("name", ["Anne 01 99 00 41 27", "Anne 4127", "Anne 41 27", "0199004127", "+33 1 99 00 41 27"])
@pytest.mark.parametrize("shown", NameShown)
def test_a_name_that_may_hold_a_number_is_not_shown(name: str, shown: NameShown) -> None:
    assert not re.search(r"\d", person_shown(replace(LEAD, name=name), shown))


def test_a_first_sentence_is_one_line_without_a_number() -> None:
    assert sentence_of("  Bonjour,\n {operator}. ") == "Bonjour, {operator}."
    for text in ("Rappelez le 01 99 00 41 27.", "x" * 401, "a\x00b"):
        with pytest.raises(InputError, match="first sentence"):
            sentence_of(text)
