"""France: one test for every line of the field's rules on days, hours, frequency, refusal, consent and basis."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.domain.campaigns.dialing_options import DialingOptions
from telephony.domain.law.basis import Basis, CampaignKind, LeadTerms, Sector
from telephony.domain.law.decision import TABLES, decide_law, provisions_for
from telephony.domain.law.holidays import national
from telephony.domain.law.provisions import Law
from telephony.domain.numbers.ranges import Jurisdiction
from telephony.domain.rules.opening import say_first
from telephony.domain.trunks.routes import Route
from telephony.ids import CampaignId, Number
from telephony.words import english, say
from tests.domain.law_facts import (
    COMPANY,
    CONSENT,
    CONTRACT,
    GIVEN,
    MONDAY,
    abandoned,
    facts,
    objection,
    paris,
    refusal,
    refused,
    site,
    tries,
    until,
)


def test_a_consumer_who_consented_is_called_on_a_monday_morning():
    assert refused() == ""


# Section 1: when and how often (art. D. 223-9)


def test_days_monday_to_friday():
    week = [refused(MONDAY + timedelta(days=day)) for day in range(7)]
    assert week == ["", "", "", "", "", "calling_days", "calling_days"]
    assert until(paris("2026-11-28T11:00")) == paris("2026-11-30T10:00")


def test_days_never_on_the_eleven_national_holidays():
    assert sorted(national(2026)) == [
        date(2026, *day)
        for day in ((1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    ]
    for holiday in national(2027):
        if holiday.weekday() < 5:
            assert refused(paris(f"{holiday}T11:00")) == "public_holiday"
    assert until(paris("2026-12-25T11:00")) == paris("2026-12-28T10:00")


def test_days_alsace_moselle_and_overseas_are_a_stricter_switch():
    good_friday, abolition = paris("2027-03-26T11:00"), datetime(2028, 12, 20, 8, tzinfo=UTC)
    reunion = Number("262262612345")
    assert refused(good_friday) == refused(abolition, number=reunion) == ""
    assert refused(good_friday, site=site(alsace_moselle=True)) == "public_holiday"
    assert refused(abolition, number=reunion, site=site(overseas=True)) == "public_holiday"
    assert refused(abolition + timedelta(hours=3), site=site(overseas=True)) == ""


@pytest.mark.parametrize(
    ("clock", "rule"),
    [
        ("09:59", "calling_hours"),
        ("10:00", ""),
        ("12:59", ""),
        ("12:59:31", "calling_hours"),
        ("13:30", "calling_hours"),
        ("14:00", ""),
        ("19:59", ""),
        ("19:59:31", "calling_hours"),
        ("20:00", "calling_hours"),
        ("03:00", "calling_hours"),
    ],
)
def test_hours_ten_to_one_and_two_to_eight(clock: str, rule: str):
    assert refused(paris(f"2026-11-23T{clock}")) == rule


def test_hours_are_the_consumers_time_zone():
    reunion, martinique = Number("262262612345"), Number("596596123456")
    at = paris("2026-11-23T10:00")  # 13:00 in Réunion, 5:00 in Martinique
    assert (refused(at), refused(at, number=reunion), refused(at, number=martinique)) == (
        "",
        "calling_hours",
        "calling_hours",
    )
    assert until(at, number=martinique) == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert refused(at, number=martinique, terms=replace(CONSENT, zone="Europe/Paris")) == ""


def test_hours_a_call_may_not_still_ring_past_the_edge():
    edge = paris("2026-11-23T20:00")
    assert refused(edge - timedelta(seconds=30)) == ""
    assert refused(edge - timedelta(seconds=29)) == "calling_hours"
    assert refused(edge - timedelta(seconds=30), ring_s=40) == "calling_hours"
    assert until(edge - timedelta(seconds=29)) == paris("2026-11-24T10:00")


def test_outside_hours_with_express_prior_consent_that_can_be_proved():
    night = paris("2026-11-22T22:00")  # a Sunday
    any_time = replace(CONSENT, any_time=True)
    assert refused(night, terms=CONSENT) == "calling_days"
    assert refused(night, terms=any_time) == ""
    assert refused(night, terms=replace(any_time, consent_proof="")) == "legal_basis"
    assert refused(night, terms=any_time, site=site(hours=((600, 1200),))) == "calling_hours"


def test_frequency_four_attempts_in_any_thirty_days_unanswered_ones_too():
    days = [MONDAY - timedelta(days=ago) for ago in (29, 9, 3, 1)]
    assert refused(contacts=tries(*days[1:])) == ""
    assert refused(contacts=tries(*days)) == "frequency"
    assert refused(MONDAY + timedelta(days=1), contacts=tries(*days)) == ""


def test_frequency_counts_per_client_company_over_all_its_campaigns():
    days = [MONDAY - timedelta(days=ago) for ago in (4, 3, 2, 1)]
    assert refused(contacts=tries(*days, company="Beta")) == ""
    assert refused(contacts=tries(*days, company="  alpha  TÉLÉCOM ")) == "frequency"


def test_frequency_postpones_until_an_attempt_leaves_the_count():
    days = [MONDAY - timedelta(days=ago) for ago in (28, 3, 2, 1)]
    assert until(MONDAY, contacts=tries(*days)) == MONDAY + timedelta(days=2)


def test_refusal_no_call_for_sixty_calendar_days():
    said = (refusal(paris("2026-10-01T19:59")),)
    assert refused(paris("2026-11-30T19:00"), contacts=said, terms=CONTRACT) == "cool_off"
    assert refused(paris("2026-12-01T10:00"), contacts=said, terms=CONTRACT) == ""
    assert until(MONDAY, contacts=said, terms=CONTRACT) == paris("2026-12-01T10:00")
    assert refused(contacts=(refusal(MONDAY, "Beta"),)) == ""


def test_b2b_is_outside_the_consumer_rules():
    sunday_night = paris("2026-11-22T23:30")
    often = tries(*[MONDAY - timedelta(hours=hours) for hours in range(60, 100)])
    assert (
        refused(sunday_night, kind=CampaignKind.B2B, terms=LeadTerms(), contacts=often, caller_id="33199000000") == ""
    )


def test_b2b_the_right_to_object_stays():
    for kind in (CampaignKind.B2B, CampaignKind.SURVEY):
        said = facts(kind=kind, terms=LeadTerms(), contacts=(objection(MONDAY - timedelta(days=400)),))
        no = decide_law(said, MONDAY)
        assert no is not None
        assert (no.law, no.until) == (Law.OBJECTION, None)
        assert refused(kind=kind, opposed=("objections 2026",)) == "opposition_list"


def test_b2b_the_campaign_states_its_kind():
    laws = {kind: {row.law for row in provisions_for(Jurisdiction.FR, kind, site())} for kind in CampaignKind}
    assert Law.CALLING_HOURS in laws[CampaignKind.CONSUMER] & laws[CampaignKind.CONTRACT]
    assert Law.CALLING_HOURS not in laws[CampaignKind.B2B] | laws[CampaignKind.SURVEY]


def test_a_survey_keeps_consumer_times_where_the_site_says_so():
    sunday, survey = paris("2026-11-22T11:00"), {"kind": CampaignKind.SURVEY, "terms": LeadTerms()}
    assert refused(sunday, **survey) == ""
    strict = site(consumer_times=frozenset({CampaignKind.SURVEY}))
    assert refused(sunday, **survey, site=strict) == "calling_days"
    assert refused(MONDAY, **survey, site=strict) == ""


# Section 2: opt-in since 11 August 2026


def test_opt_in_calling_a_consumer_without_prior_consent_is_forbidden_since_2026_08_11():
    for terms in (LeadTerms(), LeadTerms(Basis.OTHER), LeadTerms(Basis.B2B)):
        assert refused(paris("2026-08-10T10:00"), terms=terms) == ""
        assert refused(paris("2026-08-11T10:00"), terms=terms) == "legal_basis"


@pytest.mark.parametrize("part", ["consent_at", "consent_source", "consent_text_version", "consent_proof"])
def test_opt_in_the_professional_bears_the_burden_of_proof(part: str):
    empty = None if part == "consent_at" else ""
    no = decide_law(facts(terms=replace(CONSENT, **{part: empty})), MONDAY)
    assert no is not None
    assert no.law is Law.LEGAL_BASIS
    assert part in english(no.reason)


def test_opt_in_consent_is_prior():
    assert refused(GIVEN - timedelta(days=4)) == "legal_basis"


def test_opt_in_consent_is_revocable():
    assert refused(contacts=(objection(GIVEN + timedelta(days=1)),)) == "legal_basis"
    assert refused(contacts=(objection(GIVEN - timedelta(days=40)),)) == ""


def test_opt_in_exception_performance_of_a_current_contract():
    assert refused(terms=CONTRACT) == refused(terms=CONTRACT, kind=CampaignKind.CONTRACT) == ""
    assert refused(terms=LeadTerms(), kind=CampaignKind.CONTRACT) == "legal_basis"


def test_opt_in_press_subscriptions_are_outside_the_ban():
    assert refused(terms=LeadTerms(), sector=Sector.PRESS) == ""


@pytest.mark.parametrize("sector", [Sector.ENERGY_WORKS, Sector.HOME_ADAPTATION])
def test_flat_prohibition_for_energy_saving_works_and_home_adaptation(sector: Sector):
    assert refused(sector=sector) == "forbidden_sector"
    assert refused(sector=sector, terms=CONTRACT) == ""
    assert refused(sector=sector, terms=CONTRACT, kind=CampaignKind.CONTRACT) == ""


def test_do_not_call_list_of_any_kind_of_campaign():
    for kind in CampaignKind:
        assert refused(kind=kind, opposed=("complaints",)) == "opposition_list"


def test_start_of_call_identity_company_and_commercial_nature_are_shown_as_a_duty():
    (duty,) = [row for row in TABLES[Jurisdiction.FR] if row.law is Law.START_OF_CALL]
    assert "L. 221-16" in duty.reference
    for kind in CampaignKind:
        said = say_first(a_campaign(kind), site(), MONDAY.date())
        assert (said is None) == (kind in {CampaignKind.B2B, CampaignKind.SURVEY})
        if said is not None:
            assert say(said, "fr").endswith(f"commercial. Entreprise\u202f: {COMPANY}.")
            assert english(said).endswith(f"commercial. Company: {COMPANY}.")


def a_campaign(kind: CampaignKind) -> Campaign:
    running = CampaignState.RUNNING
    return Campaign(
        CampaignId(1),
        "Shop",
        COMPANY,
        kind,
        running,
        (Route("carrier", "33162000000"),),
        DialingOptions(0.03),
        40,
        MONDAY,
    )


def test_start_of_call_no_hidden_caller_id():
    for kind in CampaignKind:
        assert refused(kind=kind, caller_id="") == refused(kind=kind, caller_id="anonymous") == "caller_id_class"


# Section 3: caller ID


@pytest.mark.parametrize(
    ("caller_id", "is_allowed"),
    [
        ("33612345678", False),
        ("33712345678", False),
        ("262692123456", False),
        ("590690123456", False),
        ("33891234567", False),
        ("333615", False),
        ("333900", False),
        ("333015", True),
        ("333115", True),
        ("33118218", False),
        ("33199000000", True),
        ("33162000000", True),
        ("33801234567", True),
    ],
)
def test_caller_id_classes_a_call_centre_may_not_present(caller_id: str, is_allowed: bool):
    expected = "" if is_allowed else "caller_id_class"
    assert refused(kind=CampaignKind.B2B, caller_id=caller_id) == expected


@pytest.mark.parametrize("start", ["0800", "0801", "0805", "0806", "0809"])
def test_caller_id_08_at_free_or_normal_rate_is_one_for_automated_calls_too(start: str):
    assert refused(caller_id="33" + start[1:] + "123456") == ""


@pytest.mark.parametrize("start", ["081", "082", "0199", "0947", "09470", "09474"])
def test_caller_id_of_any_other_class_is_none_for_automated_consumer_calls(start: str):
    caller_id = "33" + (start[1:] + "123456789")[:9]
    assert refused(caller_id=caller_id) == "caller_id_automated"


@pytest.mark.parametrize("code", ["33", "262", "590", "594", "596"])
@pytest.mark.parametrize("start", ["9475", "9476", "9477", "9478", "9479"])
def test_caller_id_verified_numbers_overseas(code: str, start: str):
    assert refused(caller_id=f"{code}{start}12345") == ""


@pytest.mark.parametrize("caller_id", ["333015", "333115", "333000", "333199"])
def test_caller_id_short_numbers_30pq_and_31pq_are_excepted(caller_id: str):
    assert refused(kind=CampaignKind.B2B, caller_id=caller_id) == ""
    assert refused(kind=CampaignKind.B2B, caller_id="3332" + caller_id[-2:]) == "caller_id_class"


@pytest.mark.parametrize(
    "prefix",
    [
        *("0162", "0163", "0270", "0271", "0377", "0378", "0424", "0425", "0568", "0569", "0948", "0949"),
        *("09475", "09476", "09477", "09478", "09479", "0800"),
    ],
)
def test_caller_id_of_an_automated_consumer_campaign_is_a_verified_number(prefix: str):
    caller_id = "33" + (prefix[1:] + "123456789")[:9]
    assert refused(caller_id=caller_id) == ""


def test_caller_id_progressive_and_predictive_count_as_automated_and_preview_does_not():
    assert refused(caller_id="33199000000") == "caller_id_automated"
    assert refused(caller_id="33199000000", is_automated=False) == ""
    assert refused(caller_id="33199000000", kind=CampaignKind.SURVEY) == ""


def test_caller_id_a_fault_of_the_campaign_holds_the_campaign_and_not_the_lead():
    no = decide_law(facts(caller_id="33199000000", terms=LeadTerms()), MONDAY)
    assert no is not None
    assert no.holds_campaign


# Section 5, in France: the product's own rules


def test_abandoned_number_is_protected_for_72_hours_from_all_but_a_guaranteed_operator():
    for kind in CampaignKind:
        said = {"kind": kind, "contacts": (abandoned(MONDAY - timedelta(hours=71), "Beta"),)}
        assert refused(**said) == "protected_after_abandon"
        assert until(MONDAY, **said) == MONDAY + timedelta(hours=1)
        assert refused(**said, has_operator=True) == ""
        assert refused(MONDAY + timedelta(hours=1), **said) == ""


def test_the_sites_and_the_products_bounds_hold_in_france_too():
    survey = {"kind": CampaignKind.SURVEY, "terms": LeadTerms()}
    assert refused(**survey, ring_s=14.9) == "ring_time"
    assert refused(**survey, route_wait_s=2.1) == "information_message"
    assert refused(**survey, abandon_cap=0.031) == "abandon_cap"
    assert refused(**survey, ring_s=15, route_wait_s=2, abandon_cap=0.03) == ""


def test_the_message_to_an_abandoned_person_carries_no_marketing():
    rows = [row for row in TABLES[Jurisdiction.FR] if "2002/58" in row.reference]
    assert rows
    assert rows[0].law is Law.DUTY
