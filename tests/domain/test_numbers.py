import random

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telephony.domain.numbers import numbers
from telephony.domain.numbers.errors import SENTENCES, NumberError, RejectReason
from telephony.domain.numbers.numbers import canonical, display, forms, masked
from telephony.errors import InputError
from telephony.ids import Number
from telephony.words import english


@pytest.mark.parametrize(
    "text",
    [
        "0199001234",
        "01 99 00 12 34",
        "01.99.00.12.34",
        "01-99-00-12-34",
        "01/99/00/12/34",
        " 01 99\u00a000\u202f12 34 ",
        "+33 1 99 00 12 34",
        "+33199001234",
        "+33 (0)1 99 00 12 34",
        "(+33) 1 99 00 12 34",
        "0033 1 99 00 12 34",
        "0033 (0)1 99 00 12 34",
        "33199001234",
        "330199001234",
        "199001234",
    ],
)
def test_every_writing_of_a_french_number_gives_one_canonical_form(text: str) -> None:
    assert canonical(text) == "33199001234"


@pytest.mark.parametrize("prefix", ["01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98"])
def test_numbers_kept_for_fiction_are_taken_although_the_library_calls_some_invalid(prefix: str) -> None:
    assert canonical(f"{prefix} 41 27") == "33" + prefix.replace(" ", "")[1:] + "4127"


def test_the_library_alone_would_refuse_the_mobile_fiction_numbers() -> None:
    assert not phonenumbers.is_valid_number(phonenumbers.parse("0639984127", "FR"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0262 12 34 56", "262262123456"),
        ("0263 12 34 56", "262263123456"),
        ("0692 12 34 56", "262692123456"),
        ("0693 12 34 56", "262693123456"),
        ("0269 61 23 45", "262269612345"),
        ("0639 12 34 56", "262639123456"),
        ("0590 12 34 56", "590590123456"),
        ("0690 12 34 56", "590690123456"),
        ("0594 12 34 56", "594594123456"),
        ("0694 12 34 56", "594694123456"),
        ("0596 12 34 56", "596596123456"),
        ("0696 12 34 56", "596696123456"),
        ("+596 596 12 34 56", "596596123456"),
        ("+262 (0)262 12 34 56", "262262123456"),
        ("262262123456", "262262123456"),
        ("+33 596 12 34 56", "596596123456"),
        ("0508 41 23 45", "508412345"),
        ("+508 41 23 45", "508412345"),
        ("508412345", "508412345"),
        ("+681 72 12 34", "681721234"),
        ("00687 26 12 34", "687261234"),
        ("+689 40 41 23 45", "68940412345"),
        ("68940412345", "68940412345"),
        ("+687 75 12 34", "687751234"),
    ],
)
def test_overseas_prefixes_become_their_own_country_codes(text: str, expected: str) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize("text", ["0596123456", "0269612345"])
def test_the_library_alone_would_take_overseas_numbers_for_valid_french_ones(text: str) -> None:
    parsed = phonenumbers.parse(text, "FR")
    assert phonenumbers.is_valid_number(parsed)
    assert parsed.country_code == 33
    assert not canonical(text).startswith("33")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", RejectReason.EMPTY),
        ("  - ", RejectReason.EMPTY),
        ("+", RejectReason.EMPTY),
        ("demander Marie", RejectReason.LETTERS),
        ("01 99 00 12 3A", RejectReason.LETTERS),
        ("01 99 00 12 34 x12", RejectReason.LETTERS),
        ("٠١٩٩٠٠١٢٣٤", RejectReason.BAD_CHARACTER),
        ("０１９９００１２３４", RejectReason.BAD_CHARACTER),
        ("01 99 00 12 3²", RejectReason.BAD_CHARACTER),
        ("01,99,00,12,34", RejectReason.BAD_CHARACTER),
        ("0199001234;0199001235", RejectReason.BAD_CHARACTER),
        ("0199001234\x00", RejectReason.BAD_CHARACTER),
        ("01990012+34", RejectReason.BAD_CHARACTER),
        ("++33199001234", RejectReason.BAD_CHARACTER),
        ("3.31990E+10", RejectReason.SCIENTIFIC),
        ("3,3199E+10", RejectReason.SCIENTIFIC),
        ("33199001234.0", RejectReason.DECIMAL),
        ("19900123.0", RejectReason.DECIMAL),
        ("01 99 00 12", RejectReason.TOO_SHORT),
        ("019900123", RejectReason.TOO_SHORT),
        ("+33 1 99 00 12", RejectReason.TOO_SHORT),
        ("01 99 00 12 34 5", RejectReason.TOO_LONG),
        ("1 990 041.27", RejectReason.DECIMAL),
        ("26 26 92/12 34 56", RejectReason.TOO_LONG),
        ("+33 1 99 00 12 34 5", RejectReason.TOO_LONG),
        ("0199001234 / 0199001235", RejectReason.TOO_LONG),
        ("1" * 1_000_000, RejectReason.TOO_LONG),
        ("112", RejectReason.EMERGENCY),
        ("15", RejectReason.EMERGENCY),
        ("+33 112", RejectReason.EMERGENCY),
        ("116 000", RejectReason.EMERGENCY),
        ("3615", RejectReason.SHORT_NUMBER),
        ("39 39", RejectReason.SHORT_NUMBER),
        ("118 712", RejectReason.SHORT_NUMBER),
        ("+33 3615", RejectReason.SHORT_NUMBER),
        ("0899 12 34 56", RejectReason.PREMIUM),
        ("0820 12 34 56", RejectReason.PREMIUM),
        ("0800 12 34 56", RejectReason.PREMIUM),
        ("+33 892 12 34 56", RejectReason.PREMIUM),
        ("+262 892 12 34 56", RejectReason.PREMIUM),
        ("+881 6 12 34 56 78", RejectReason.SATELLITE),
        ("00870 773 11 16 32", RejectReason.SATELLITE),
        ("+882 16 12 34 56 78", RejectReason.SATELLITE),
        ("0700 12 34 56", RejectReason.UNKNOWN_PREFIX),
        ("9990012345", RejectReason.UNKNOWN_PREFIX),
        ("+210 12 34 56 78", RejectReason.UNKNOWN_PREFIX),
        ("+0 12 34 56 78", RejectReason.UNKNOWN_PREFIX),
        ("+44 20 7946 0958", RejectReason.FOREIGN),
        ("+1 212 555 0123", RejectReason.FOREIGN),
        ("+508 41 23 4", RejectReason.TOO_SHORT),
        ("+687 26 12 34 5", RejectReason.TOO_LONG),
    ],
)
def test_what_cannot_be_called_is_refused_with_its_reason(text: str, reason: RejectReason) -> None:
    with pytest.raises(NumberError) as refused:
        canonical(text)
    assert refused.value.reason is reason
    assert isinstance(refused.value, InputError)


def test_the_sentence_of_a_refusal_never_holds_the_number() -> None:
    with pytest.raises(NumberError) as refused:
        canonical("0899123456")
    assert str(refused.value) == english(SENTENCES[RejectReason.PREMIUM])
    assert set(SENTENCES) == set(RejectReason)


def test_another_region_reads_its_own_national_writing() -> None:
    assert canonical("020 7946 0958", "GB") == "442079460958"
    assert canonical("442079460958", "GB") == "442079460958"
    with pytest.raises(NumberError) as refused:
        canonical("+33 1 99 00 12 34", "GB")
    assert refused.value.reason is RejectReason.FOREIGN


_ANY = st.text() | st.from_regex(r"\+?[0-9 .()/-]{0,20}", fullmatch=True) | st.from_regex(r"(0|\+33|0033|33)[0-9]{9}")


@given(_ANY, st.sampled_from(["FR", "GB", "US", "DE"]))
@example("+330", "FR")
@example("0" * 15, "FR")
@example("+262", "FR")
@example("+", "GB")
@example("20100000000000", "DE")
def test_whatever_is_written_gives_e164_once_and_for_all_or_a_declared_refusal(text: str, region: str) -> None:
    try:
        number = canonical(text, region)
    except NumberError:
        return
    assert number.isascii()
    assert number.isdigit()
    assert 6 <= len(number) <= 15
    assert number[0] != "0"
    assert canonical(number, region) == number
    assert canonical("+" + number, region) == number
    assert canonical(display(number), region) == number


@pytest.mark.parametrize(
    ("national", "code"),
    [("268858040", "262"), ("268958040", "262"), ("598758040", "590"), ("598858040", "594"), ("598958040", "596")],
)
def test_a_number_of_a_shared_range_is_one_number_whatever_code_it_is_written_with(national: str, code: str) -> None:
    assert canonical("0" + national) == canonical(f"+{code} {national}") == canonical(code + national)
    kept_once = Number(code + national)
    assert {canonical(display(number)) for number in (kept_once, *forms(kept_once))} == {"33" + national}
    assert set(forms(Number("33" + national))) == {"33" + national, kept_once}


@given(st.sampled_from(["33", "262", "590", "594", "596"]), st.from_regex(r"[1-9][0-9]{8}", fullmatch=True))
@example("262", "268858040")
def test_a_number_is_read_back_from_what_is_shown(code: str, national: str) -> None:
    try:
        number = canonical(f"+{code}{national}")
    except NumberError:
        return
    assert canonical(display(number)) == number
    assert {canonical("+" + form) for form in forms(number)} <= {number} | set(forms(number))


def test_other_writings_are_those_of_the_same_number() -> None:
    assert forms(Number("262262123456")) == ("262262123456", "33262123456")
    assert forms(Number("33976301234"))[1] == "262976301234"
    for alone in ("33199004127", "33261914127", "33639984127", "68987123456", "442079460958"):
        assert forms(Number(alone)) == (alone,)


def test_the_fast_path_takes_nothing_that_the_library_refuses() -> None:
    dice = random.Random(7)
    for _ in range(20_000):
        national = str(dice.randrange(10**8, 10**9))
        special = national.startswith((*numbers.FICTION, *numbers._OVERSEAS, numbers._SAINT_PIERRE))
        if special or not numbers._FAST.fullmatch(national):
            continue
        parsed = phonenumbers.PhoneNumber(country_code=33, national_number=int(national))
        assert phonenumbers.is_valid_number(parsed), national[:3]


def test_numbers_are_shown_in_pairs_and_masked_to_their_last_four_digits() -> None:
    assert display(Number("33199004127")) == "01 99 00 41 27"
    assert display(Number("262262123456")) == "02 62 12 34 56"
    assert display(Number("442079460958")) == "+442079460958"
    assert masked(Number("33199004127")) == "…41 27"
