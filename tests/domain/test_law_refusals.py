"""Two results and what they do: a refusal of the day, an objection without end; one person with several numbers."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.law.basis import Basis, CampaignKind, LeadTerms, Sector
from telephony.domain.law.contacts import Contact, is_same_company
from telephony.domain.law.decision import TABLES, decide_law
from telephony.domain.law.provisions import PROMISES, Confidence, Counts, Law, NotSold
from telephony.domain.law.refusals import blocked_until
from telephony.domain.leads.persons import client_key_of, person_of
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.domain.rules.opening import impossible
from telephony.ids import AttemptId, LeadId, Number
from tests.domain.law_facts import (
    COMPANY,
    CONSENT,
    CONTRACT,
    MONDAY,
    PARIS,
    abandoned,
    facts,
    objection,
    paris,
    refusal,
    refused,
    tries,
    until,
)
from tests.effort import cases

PROSPECTING = [CampaignKind.CONSUMER, CampaignKind.CONTRACT]
OTHERS = [CampaignKind.SURVEY, CampaignKind.B2B]
GB, US = Number("442079460123"), Number("12125550123")
UNSOLD = [Sector.ENERGY_WORKS, Sector.HOME_ADAPTATION]


@pytest.mark.parametrize("where", ["contacts", "person_contacts"])
@pytest.mark.parametrize("kind", PROSPECTING)
def test_refused_today_blocks_number_and_person_for_60_calendar_days(kind: CampaignKind, where: str):
    said = {"kind": kind, "terms": CONTRACT, where: (refusal(paris("2026-10-01T10:05")),)}
    assert refused(paris("2026-10-02T10:00"), **said) == "cool_off"
    assert refused(paris("2026-11-30T19:00"), **said) == "cool_off"
    assert until(paris("2026-10-02T10:00"), **said) == paris("2026-12-01T10:00")
    assert refused(paris("2026-12-01T10:00"), **said) == ""


@pytest.mark.parametrize("kind", OTHERS)
def test_refused_today_says_nothing_to_a_survey_or_a_professional(kind: CampaignKind):
    assert refused(kind=kind, terms=LeadTerms(), contacts=(refusal(MONDAY - timedelta(days=1)),)) == ""


def test_refused_today_takes_no_consent_back_and_an_objection_does():
    ago = MONDAY - timedelta(days=75)  # after the consent
    assert refused(terms=CONSENT, contacts=(refusal(ago),)) == ""
    assert refused(terms=CONSENT, contacts=(objection(ago),)) == "legal_basis"


@pytest.mark.parametrize("number", [facts().number, GB, US])
@pytest.mark.parametrize("where", ["contacts", "person_contacts"])
@pytest.mark.parametrize("kind", list(CampaignKind))
@pytest.mark.parametrize(
    ("terms", "sector"),
    [
        (CONTRACT, Sector.GENERAL),
        (LeadTerms(), Sector.PRESS),
        (CONTRACT, Sector.PRESS),
        (LeadTerms(Basis.B2B), Sector.GENERAL),
        (CONTRACT, Sector.ENERGY_WORKS),
    ],
)
def test_an_objection_has_no_end_whatever_the_basis_the_kind_and_what_is_sold(
    terms: LeadTerms, sector: Sector, kind: CampaignKind, where: str, number: Number
):
    said = facts(
        kind=kind, terms=terms, sector=sector, number=number, **{where: (objection(MONDAY - timedelta(days=900)),)}
    )
    no = decide_law(said, MONDAY + timedelta(hours=5))
    assert no is not None
    assert no.until is None
    assert no.law in {Law.OBJECTION, Law.LEGAL_BASIS, Law.SECTOR}


@pytest.mark.parametrize("kind", list(CampaignKind))
def test_only_a_consent_given_later_and_proved_lifts_an_objection(kind: CampaignKind):
    said = {"kind": kind, "contacts": (objection(MONDAY - timedelta(days=100)),)}
    given = replace(CONSENT, consent_at=MONDAY - timedelta(days=10))
    assert refused(**said, terms=given) == ""
    assert refused(**said, terms=replace(given, consent_at=MONDAY - timedelta(days=101))) != ""
    assert refused(**said, terms=replace(given, consent_proof="")) != ""


@pytest.mark.parametrize("kind", PROSPECTING)
def test_the_60_days_after_an_objection_hold_even_where_a_later_consent_lifts_it(kind: CampaignKind):
    said = {"kind": kind, "contacts": (objection(MONDAY - timedelta(days=20)),)}
    assert refused(**said, terms=replace(CONSENT, consent_at=MONDAY - timedelta(days=1))) == "cool_off"


@pytest.mark.parametrize(
    "result", [result for result in Result if result not in (Result.NOT_TODAY, Result.NO_MORE_CALLS)]
)
def test_no_other_result_is_a_refusal_a_callback_least_of_all(result: Result):
    contact = Contact(AttemptId("c"), COMPANY, MONDAY, MONDAY, Outcome.ANSWERED, result)
    assert refused(contacts=(contact,), person_contacts=(contact,)) == ""
    assert blocked_until(facts().number, CampaignKind.CONSUMER, result, MONDAY, PARIS) is None


@pytest.mark.parametrize("kind", list(CampaignKind))
def test_the_step_after_a_refusal_is_no_sooner_than_the_law_allows(kind: CampaignKind):
    at = blocked_until(facts().number, kind, Result.NOT_TODAY, paris("2026-10-01T10:05"), PARIS)
    assert at == (paris("2026-12-01T00:00") if kind in PROSPECTING else None)


# What binds the person, whatever kind a manager chose


@pytest.mark.parametrize("sector", UNSOLD)
@pytest.mark.parametrize("kind", list(CampaignKind))
def test_what_may_not_be_sold_is_sold_only_to_who_has_a_contract_or_is_a_professional(
    kind: CampaignKind, sector: Sector
):
    for basis in Basis:
        terms = CONSENT if basis is Basis.CONSENT else LeadTerms(basis)
        is_sold = basis is Basis.CONTRACT or (kind is CampaignKind.B2B and basis is Basis.B2B)
        assert (refused(kind=kind, sector=sector, terms=terms) == "") == is_sold, basis


def test_a_combination_in_which_nobody_could_be_called_is_none():
    for sector in Sector:
        for kind in CampaignKind:
            is_refused = sector in UNSOLD and kind in (CampaignKind.CONSUMER, CampaignKind.SURVEY)
            assert bool(impossible(kind, sector)) == is_refused


BINDS_THE_PERSON = {Law.OBJECTION, Law.OPPOSITION, Law.SECTOR, *PROMISES}
"""Rows of which no kind of campaign is outside."""
BINDS_SOLICITATION = {
    Law.CALLING_DAYS, Law.PUBLIC_HOLIDAY, Law.CALLING_HOURS, Law.FREQUENCY, Law.COOL_OFF, Law.LEGAL_BASIS,
    Law.CALLER_ID_AUTOMATED, Law.START_OF_CALL, Law.DUTY,
}  # fmt: skip
"""Rows about commercial solicitation of consumers: surveys that sell nothing and professionals are outside."""
BINDS_THE_CALLER = {
    Law.CALLER_ID_CLASS, Law.RING_TIME, Law.MESSAGE, Law.ABANDON_CAP, Law.ABANDONED, Law.MACHINE,
}  # fmt: skip
"""Rows about how anybody is called."""


def test_every_row_says_whom_it_binds_and_none_that_binds_the_person_leaves_a_kind_out():
    assert set(Law) == BINDS_THE_PERSON | BINDS_SOLICITATION | BINDS_THE_CALLER
    for jurisdiction in Jurisdiction:
        for row in TABLES[jurisdiction]:
            if row.law in BINDS_THE_PERSON | BINDS_THE_CALLER:
                assert row.kinds == frozenset(CampaignKind), row.law


# One person with several numbers


def test_every_row_that_looks_back_on_a_number_has_one_for_the_person_dated_and_our_own():
    per_person = {Law.FREQUENCY, Law.COOL_OFF, Law.OBJECTION, Law.OPPOSITION, Law.ABANDONED}
    for jurisdiction in Jurisdiction:
        table = TABLES[jurisdiction]
        of_person = [row for row in table if row.counts is Counts.PERSON]
        of_number = [row for row in table if row.counts is Counts.NUMBER and row.law in per_person]
        assert [(row.law, row.kinds, row.bound) for row in of_person] == [
            (row.law, row.kinds, row.bound) for row in of_number
        ]
        assert {row.confidence for row in of_person} == {Confidence.OWN}
        assert all(row.valid_from.year >= 2009 and row.reference for row in of_person)


def test_attempts_are_counted_for_the_person_over_all_their_numbers():
    days = [MONDAY - timedelta(days=ago) for ago in (4, 3, 2, 1)]
    assert refused(person_contacts=tries(*days[1:])) == ""
    assert refused(person_contacts=tries(*days)) == "frequency"
    assert refused(person_contacts=tries(*days, company="Beta")) == ""


def test_number_and_person_are_counted_each_by_itself():
    days = [MONDAY - timedelta(days=ago) for ago in (4, 3, 2, 1)]
    assert refused(contacts=tries(*days[:2]), person_contacts=tries(*days[2:])) == ""


def test_protection_after_an_abandoned_call_holds_under_the_other_number_too():
    said = (abandoned(MONDAY - timedelta(hours=71)),)
    assert refused(person_contacts=said) == "protected_after_abandon"
    assert refused(person_contacts=said, has_operator=True) == ""
    assert refused(MONDAY + timedelta(hours=2), person_contacts=said) == ""


def test_whose_other_number_is_opposed_is_not_called_at_all():
    for kind in CampaignKind:
        assert refused(kind=kind, person_opposed=("complaints",)) == "opposition_list"


@settings(max_examples=cases(100, long=5000), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 40 * 24)), max_size=14),
    st.sampled_from(PROSPECTING),
)
def test_no_person_is_tried_more_than_four_times_in_thirty_days_under_whatever_numbers(
    tried: list[tuple[int, int]], kind: CampaignKind
):
    """Tries in any order at three numbers of one person, each made only when the law allows it then."""
    made: list[tuple[int, datetime]] = []
    for number, hours in sorted(tried, key=lambda pair: pair[1]):
        at = MONDAY + timedelta(hours=hours)
        mine = tries(*[when for which, when in made if which == number])
        if refused(at, kind=kind, terms=CONTRACT, contacts=mine, person_contacts=tries(*[w for _, w in made])) == "":
            made.append((number, at))
    moments = [when for _, when in made]
    assert all(sum(start <= moment < start + timedelta(days=30) for moment in moments) <= 4 for start in moments)


@pytest.mark.parametrize("cell", ["", "  ", "-", "0", "000", "N/A", "n.a.", "néant", "NULL", "\u200b", "x", "?"])
def test_a_cell_that_holds_no_key_makes_nobody_the_same_person(cell: str):
    assert client_key_of(cell) == ""
    assert person_of(COMPANY, client_key_of(cell), LeadId(1)) != person_of(COMPANY, client_key_of(cell), LeadId(2))


def test_a_key_is_one_however_it_is_written_and_belongs_to_its_client():
    writings = ["C-17 b", "c-17  B", " \u200bC-17 b\u00a0", "\uff23-17 b"]
    assert {client_key_of(writing) for writing in writings} == {"c-17 b"}
    assert person_of("Alpha  Télécom", "c-17", LeadId(1)) == person_of("ALPHA télécom", "c-17", LeadId(2))
    assert person_of("Alpha", "c-17", LeadId(1)) != person_of("Beta", "c-17", LeadId(1))


@pytest.mark.parametrize(
    "other", ["Alpha Te\u0301le\u0301com", "Alpha\u200b Télécom", "\uff21lpha\u00a0TÉLÉCOM", "Alpha Télécom\U000e0100"]
)
def test_a_company_is_one_in_whatever_characters_it_is_written(other: str):
    assert is_same_company("Alpha Télécom", other)
    assert person_of("Alpha Télécom", "c-17", LeadId(1)) == person_of(other, "c-17", LeadId(2))
    assert not is_same_company("Alpha Télécom", "Alpha Telecom")


def test_rows_on_what_may_not_be_sold_are_dated_data():
    rows = [row for row in TABLES[Jurisdiction.FR] if isinstance(row.bound, NotSold)]
    assert {sector for row in rows for sector in row.bound.sectors if isinstance(row.bound, NotSold)} == set(UNSOLD)
