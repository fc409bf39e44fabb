"""Calling zones: one code for all leads that may be called at the same times, and what closes it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings

from telephony.domain.law.basis import NO_TERMS, CampaignKind, LeadTerms
from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.law.decision import CLOCK, decide_law, shut
from telephony.domain.law.places import place_of
from telephony.ids import Number
from tests.domain.law_facts import CONSENT, CONTRACT, MONDAY, facts, paris, site
from tests.domain.test_law_edges import MOMENTS, NUMBERS, exemption

SUNDAY = paris("2026-11-22T11:00")


@pytest.mark.parametrize(
    ("number", "terms", "word"),
    [
        ("33199001234", NO_TERMS, "33"),
        ("262262612345", NO_TERMS, "262"),
        ("262269612345", NO_TERMS, "262269"),
        ("262639123456", NO_TERMS, "262269"),
        ("14165550123", NO_TERMS, ""),
        ("999123456", NO_TERMS, ""),
        ("33199001234", LeadTerms(zone="Indian/Reunion"), "33|Indian/Reunion"),
        ("33199001234", LeadTerms(any_time=True), "33||any"),
        ("14165550123", LeadTerms(zone="America/Toronto", any_time=True), "|America/Toronto|any"),
    ],
)
def test_a_clock_is_one_word_and_reads_back(number: str, terms: LeadTerms, word: str):
    on = CallingZone.of(Number(number), terms)
    assert on.word == word
    assert CallingZone.read(word) == on
    assert on.place == place_of(Number(number), terms.zone)


@given(NUMBERS, MOMENTS)
@settings(max_examples=300)
def test_a_clock_is_shut_exactly_when_days_or_hours_refuse_each_lead_on_it(number: Number, at: datetime):
    """The feed's query by calling zone and the decision by lead agree: no lead is forgotten or read for nothing."""
    of_clock = shut(facts(number=CallingZone.of(number, NO_TERMS).number, terms=NO_TERMS), at)
    of_lead = decide_law(facts(number=number, terms=CONTRACT), at)
    assert (of_clock is None) == (of_lead is None)
    if of_clock is not None and of_lead is not None:
        assert of_clock == of_lead
        assert of_clock.law in CLOCK


def test_a_consent_for_any_time_and_an_exemption_open_a_clock():
    assert shut(facts(terms=NO_TERMS), SUNDAY) is not None
    assert shut(facts(terms=NO_TERMS), SUNDAY, any_time=True) is None
    assert shut(facts(terms=NO_TERMS, site=site(days=frozenset(range(5)))), SUNDAY, any_time=True) is not None
    assert shut(facts(terms=NO_TERMS, exemptions=(exemption(),)), SUNDAY) is None


def test_what_is_the_leads_own_shuts_no_clock():
    assert shut(facts(terms=NO_TERMS), MONDAY) is None
    unknown = facts(number=Number("14165550123"), terms=NO_TERMS)
    assert decide_law(replace(unknown, terms=CONSENT), MONDAY) is not None
    assert shut(unknown, MONDAY) is None  # time does not fix it: the lead is to be refused, not left unread
    assert shut(facts(kind=CampaignKind.SURVEY, terms=NO_TERMS), SUNDAY + timedelta(hours=12)) is None
