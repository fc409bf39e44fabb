import pytest

from telephony.domain.numbers.typed import ending_of


@pytest.mark.parametrize(
    "text",
    ["01 99 00 41 27", "01.99.00.41.27", "01-99-00-41-27", "01/99/00/41/27", "01\u00a099\u202f00 41 27", "+33199004127",
     "+33 1 99 00 41 27", "+33 (0)1 99 00 41 27", "0033 1 99 00 41 27", "33199004127"],
)  # fmt: skip
def test_a_whole_number_in_any_writing_is_one_number(text: str) -> None:
    assert ending_of(text) == "33199004127"


@pytest.mark.parametrize("text", ["tel:+33199004127", "0199004127,", "\u200e0199004127", "0199\u202c004127;"])
def test_what_is_pasted_around_a_number_is_no_part_of_it(text: str) -> None:
    assert ending_of(text) == "33199004127"


@pytest.mark.parametrize("text", ["4127", "41 27", "00005", "7", "199004127"])
def test_digits_alone_are_an_ending(text: str) -> None:
    assert ending_of(text) == text.replace(" ", "")


@pytest.mark.parametrize("text", ["+33", "+33 1 99", "+", "", "abc", "٤١٢٧", "0033 1 99 00 41 27 01 99 00 41 27"])
def test_the_beginning_of_a_number_is_no_ending(text: str) -> None:
    assert ending_of(text) is None


def test_a_whole_number_that_is_never_called_is_found_too() -> None:
    assert ending_of("+44 20 7946 0958") == "442079460958"
    assert ending_of("08 99 12 34 56") == "33899123456"
