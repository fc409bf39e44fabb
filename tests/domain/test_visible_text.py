"""What nobody sees is no reason, and makes no other name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.domain.ledger_reason import reason_of
from telephony.domain.text.visible import name_key, says_something, shown_name, visible
from telephony.errors import InputError
from tests.effort import cases

UNSEEN = (
    "", " ", "\u200b", "\u200b" * 12, "\u200c\u200d\u2060\ufeff", "\u00a0\u202f\u3000\u2003", "\u202e\u202c", "\u00ad",
    "\t\r\n\x00\x1b", "\u3164", "\u115f\u1160", "\u2800" * 10, "\ufe0f", "\U000e0020", "\u180e", "\u180b",
    "\U000e0100", "...", "- - -", "?!",
)  # fmt: skip


@pytest.mark.parametrize("text", UNSEEN)
def test_a_reason_that_nobody_sees_is_none(text: str):
    assert not says_something(text)
    with pytest.raises(InputError, match="say why"):
        reason_of(text)


@settings(max_examples=cases(200, long=5000), deadline=None)
@given(st.text(alphabet=st.characters(categories=("Cf", "Cc", "Zs", "Zl", "Zp")), max_size=60))
def test_no_choice_of_unseen_characters_is_a_reason_or_a_part_of_a_name(text: str):
    assert not says_something(text)
    assert visible(f"Ann{text}") == visible(f"{text}Ann") == "Ann"


@pytest.mark.parametrize(
    "text",
    [
        "call 01 99 00 41 27",
        "call 0\u200b1 99 00 41 27",
        "\uff10\uff11 99 00 41 27",
        "٠١ ٩٩ ٠٠ ٤١ ٢٧",
        "0199\u00a000\u202f4127",
    ],
)
def test_a_number_hides_behind_no_writing(text: str):
    with pytest.raises(InputError, match="telephone number"):
        reason_of(text)


def test_a_reason_is_kept_as_a_reader_sees_it():
    assert reason_of(" la\u200b visite\u00a0 est  finie\u202e ") == "la visite est finie"


@pytest.mark.parametrize(
    "other",
    ["CLAIRE MARTIN", "Claire  Martin", "claire\u200b martin", "\uff23laire Martin", "Claire\u00a0Martin\u2060",
     "Claire\U000e0100 Martin", "Claire\u180b Martin"],
)  # fmt: skip
def test_names_that_read_the_same_are_one(other: str):
    assert name_key(other) == name_key("Claire Martin")
    assert name_key("Claire Marin") != name_key("Claire Martin")


@pytest.mark.parametrize(
    ("name", "other"),
    [("Jean-Luc", "Jean\u2010Luc"), ("Jean-Luc", "Jean\u2212Luc"), ("L'Oréal", "L\u2019Oréal"), ("Zoé", "Zoe\u0301")],
)
def test_hyphens_apostrophes_and_accents_in_other_code_points_make_no_other_name(name: str, other: str):
    assert name_key(name) == name_key(other)


@given(st.text(max_size=12))
def test_the_way_to_write_a_name_is_written_that_way(text: str):
    assert name_key(name_key(text)) == name_key(text)


@pytest.mark.parametrize(
    ("text", "why"), [("", "empty"), ("\u200b\u3164", "cannot be seen"), ("Liste d\udce9but", "not UTF-8 text")]
)
def test_a_name_that_nobody_sees_or_of_no_encoding_is_refused(text: str, why: str):
    with pytest.raises(InputError, match=f"the list's name .*{why}"):
        shown_name(text, "the list's name")
    assert shown_name(" Liste\u200b\u00a0de mai ", "the list's name") == "Liste de mai"
