"""What an operator is shown of a lead: no number, whatever the list holds; and how often they may skip."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.leads.leads import Lead, LeadState
from telephony.domain.leads.preview import PreviewRules, SkipReason, holds_number, may_skip, recent_skips, shown_lead
from telephony.ids import CampaignId, LeadId, ListId, Number

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
RULES = PreviewRules(fields=("ville", "contrat"))


def lead(name: str = "Mme Exemple", **fields: str) -> Lead:
    number, other = Number("33199001234"), Number("33639985678")
    return Lead(
        LeadId(1), ListId(1), CampaignId(1), number, name, LeadState.WAITING, dict(fields), numbers=(number, other)
    )


def test_the_name_and_the_columns_meant_for_operators_are_shown_and_no_other():
    shown = shown_lead(lead(ville="Exempleville", contrat="Fibre 2019", secret="x"), RULES)
    assert (shown.name, shown.fields) == ("Mme Exemple", (("ville", "Exempleville"), ("contrat", "Fibre 2019")))
    assert shown_lead(lead(), PreviewRules(shows_name=False)).name == ""


@pytest.mark.parametrize(
    "text",
    [
        "0199001234", "01 99 00 12 34", "+33 (0)1.99.00.12.34", "01\u202f99\u202f00", "tel 019900-1", "finit par 1234",
        "5678", "réf 901 234", "\u0660\u0661\u0669\u0669\u0660\u0660", "01/99/00/12",
    ],
)  # fmt: skip
def test_a_value_like_a_number_or_its_last_digits_is_left_out(text: str):
    shown = shown_lead(lead(text, ville=text, contrat="ok"), RULES)
    assert (shown.name, shown.fields) == ("", (("contrat", "ok"),))


@given(st.text("0123456789 .-()/+ab", max_size=30))
def test_what_is_shown_never_holds_six_digits_in_a_row_nor_the_last_four(text: str):
    if not holds_number(text, lead()):
        digits = "".join(name for name in text if name not in " .-()/+_")
        runs = "".join(name if name.isdecimal() else " " for name in digits).split()
        assert all(len(run) < 6 and "1234" not in run and "5678" not in run for run in runs)


def test_skips_are_counted_within_the_hour_and_a_known_person_is_always_left_to_others():
    skips = [NOW - timedelta(minutes=minutes) for minutes in (70, 59, 5)]
    assert recent_skips(skips, NOW) == 2
    assert may_skip(SkipReason.OTHER, skips, NOW, PreviewRules(skips_per_hour=3))
    assert not may_skip(SkipReason.OTHER, skips, NOW, PreviewRules(skips_per_hour=2))
    assert may_skip(SkipReason.KNOWN_PERSON, skips, NOW, PreviewRules(skips_per_hour=0))
