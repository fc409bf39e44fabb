"""Legal basis, consent and time zone in a list's columns: read, kept per lead, or the row is reported as faulty."""

from datetime import UTC, datetime

import pytest

from telephony.domain.law.basis import NO_TERMS, Basis, LeadTerms
from tests.services.test_lists import Desk, desk  # noqa: F401 - a fixture

HEADER = "numero;nom;base légale;date du consentement;source consentement;version consentement;preuve consentement"


async def test_consent_and_its_proof_are_kept_with_the_lead_and_out_of_its_fields(desk: Desk) -> None:  # noqa: F811
    row = "01 99 00 12 34;A;Consentement;01/09/2026 10:30;site;v3;p-17;oui;Indian/Reunion;Rennes"
    await desk.load(f"{HEADER};hors horaires;fuseau;ville\n{row}\n")
    (lead,) = desk.leads
    at = datetime(2026, 9, 1, 10, 30, tzinfo=UTC)
    terms = desk.fake.tables.terms[lead.lead_id]
    assert terms == LeadTerms(Basis.CONSENT, at, "site", "v3", "p-17", any_time=True, zone="Indian/Reunion")
    assert lead.fields == {"ville": "Rennes"}
    assert LeadTerms.of(terms.record()) == terms


async def test_a_list_without_these_columns_is_taken_and_its_leads_have_no_basis(desk: Desk) -> None:  # noqa: F811
    await desk.load("numero;nom\n01 99 00 12 34;A\n")
    assert [desk.fake.tables.terms[lead.lead_id] for lead in desk.leads] == [NO_TERMS]


@pytest.mark.parametrize(
    ("said", "basis"),
    [
        ("consent", Basis.CONSENT),
        ("Contrat en cours", Basis.CONTRACT),
        ("B2B", Basis.B2B),
        ("Enquête", Basis.SURVEY),
        ("intérêt légitime", Basis.OTHER),
        ("", None),
    ],
)
async def test_bases_are_read_in_french_and_english(desk: Desk, said: str, basis: Basis) -> None:  # noqa: F811
    await desk.load(f"numero;base légale\n01 99 00 12 34;{said}\n")
    assert [desk.fake.tables.terms[lead.lead_id].basis for lead in desk.leads] == [basis]


async def test_what_cannot_be_read_rejects_its_row_with_the_mend(desk: Desk) -> None:  # noqa: F811
    report = await desk.load(
        "numero;legal basis;consent date;time zone\n"
        "01 99 00 12 34;perhaps;;\n01 99 00 12 35;consent;yesterday;\n"
        "01 99 00 12 36;;;Mars/Olympus\n01 99 00 12 37;;;\n"
    )
    assert report.reasons == {"legal_basis": 1, "consent_date": 1, "time_zone": 1}
    assert all("; write" in row.text for row in report.examples)
    assert report.list.accepted == 1


async def test_a_consent_of_a_year_out_of_reach_is_unreadable(desk: Desk) -> None:  # noqa: F811
    dates = ("01/09/0026", "0001-01-01 05:00", "9999-12-31", "01/09/2026")
    rows = "".join(f"01 99 00 12 3{index};consent;{day}\n" for index, day in enumerate(dates))
    report = await desk.load(f"numero;legal basis;consent date\n{rows}")
    assert (report.reasons, report.list.accepted) == ({"consent_date": 3}, 1)
