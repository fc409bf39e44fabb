from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.numbers.typed import NOBODY
from telephony.ids import CampaignId, OperatorId
from telephony.web.i18n.formats import Formats
from telephony.web.i18n.messages import words
from telephony.web.pages.recording_search import read_search
from telephony.web.views.search_text import span, understand

TODAY = date(2026, 11, 20)  # a Friday
PARIS = ZoneInfo("Europe/Paris")
OPERATORS = {OperatorId(7): "Claire", OperatorId(8): "Inès"}
CAMPAIGNS = {CampaignId(5): "Satisfaction fibre"}


@pytest.mark.parametrize(
    ("text", "digits", "day", "hour"),
    [
        ("4127 14h hier", "4127", date(2026, 11, 19), time(14)),
        ("4127 14h yesterday", "4127", date(2026, 11, 19), time(14)),
        ("41 27 14 h 02 hier", "4127", date(2026, 11, 19), time(14, 2)),
        ("14:02 today 27", "27", TODAY, time(14, 2)),
        ("2pm monday", None, date(2026, 11, 16), time(14)),
        ("vendredi 9h", None, date(2026, 11, 13), time(9)),
        ("avant-hier", None, date(2026, 11, 18), None),
        ("aujourd’hui 4127", "4127", TODAY, None),
        ("19/11 4127", "4127", date(2026, 11, 19), None),
        ("25/12", None, date(2025, 12, 25), None),
        ("2026-11-02 0310", "0310", date(2026, 11, 2), None),
        ("0199004127", "0199004127", None, None),
        ("", None, None, None),
    ],
)
def test_words_become_digits_day_and_hour(text: str, digits: str | None, day: date | None, hour: time | None) -> None:
    search_terms = understand(text, TODAY, OPERATORS, CAMPAIGNS)
    assert (search_terms.last_digits, search_terms.day, search_terms.hour) == (digits, day, hour)
    assert search_terms.not_understood == []


@pytest.mark.parametrize("text", ["ines", "Inès", "INES 4127"])
def test_names_are_found_without_accents_or_capitals(text: str) -> None:
    assert understand(text, TODAY, OPERATORS, CAMPAIGNS).operator_id == 8


def test_campaign_is_found_by_any_of_its_words() -> None:
    assert understand("fibre", TODAY, OPERATORS, CAMPAIGNS).campaign_id == 5


def test_what_is_not_understood_is_kept() -> None:
    assert understand("31/02 foo", TODAY, OPERATORS, CAMPAIGNS).not_understood == ["31/02", "foo"]


def test_an_hour_is_the_sites_hour() -> None:
    search_terms = understand("14h hier", TODAY, OPERATORS, CAMPAIGNS)
    begins, ends = span(search_terms, TODAY, PARIS)
    assert begins is not None
    assert ends is not None
    assert begins.astimezone(UTC) == datetime(2026, 11, 19, 13, tzinfo=UTC)
    assert ends.astimezone(UTC) == datetime(2026, 11, 19, 14, tzinfo=UTC)


def test_a_minute_is_looked_for_around_itself() -> None:
    begins, ends = span(understand("14h02", TODAY, OPERATORS, CAMPAIGNS), TODAY, PARIS)
    assert begins == datetime(2026, 11, 20, 13, 57, tzinfo=PARIS)
    assert ends == datetime(2026, 11, 20, 14, 7, tzinfo=PARIS)


def test_a_day_of_25_hours_is_whole() -> None:
    begins, ends = span(understand("25/10/2026", TODAY, OPERATORS, CAMPAIGNS), TODAY, PARIS)
    assert begins is not None
    assert ends is not None
    assert (ends.astimezone(UTC) - begins.astimezone(UTC)).total_seconds() == 25 * 3600


@given(st.text(alphabet=st.sampled_from("0123456789/:-h apmhierlundyt'é "), max_size=30) | st.text(max_size=30))
def test_nothing_typed_breaks_it(text: str) -> None:
    search_terms = understand(text, TODAY, OPERATORS, CAMPAIGNS)
    begins, ends = span(search_terms, TODAY, PARIS)
    assert (begins is None) == (ends is None)
    assert search_terms.last_digits is None or 2 <= len(search_terms.last_digits) <= 10


@pytest.mark.parametrize(
    "text",
    ["01 99 00 41 27", "+33 1 99 00 41 27", "0033199004127", "33199004127", "01.99.00.41.27", "01/12/00/41/27 hier"],
)
def test_a_whole_number_in_any_writing_is_taken_before_days_and_hours(text: str) -> None:
    search_terms = understand(text, TODAY, OPERATORS, CAMPAIGNS)
    assert search_terms.last_digits in {"0199004127", "0112004127"}
    assert search_terms.not_understood == []
    assert (search_terms.day is not None) == text.endswith("hier")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("262692123456", "262692123456"),
        ("68987123456", "8987123456"),
        ("689 87 12 34 56", "8987123456"),
        ("508 41 12 34", "508411234"),
        ("tel:+33199004127", "33199004127"),
        ("0199004127,", "33199004127"),
        ("\u200e0199004127", "33199004127"),
    ],
)
def test_every_writing_of_a_number_asks_for_that_number(text: str, digits: str) -> None:
    search = read_search({"q": text}, [], [], Formats(words("fr"), PARIS, datetime(2026, 11, 20, tzinfo=UTC)))
    assert search.query.last_digits == digits
    assert not search.not_understood


@pytest.mark.parametrize("number", ["+33199004127", "0199004127", "33 1 99 00 41 27"])
@pytest.mark.parametrize("day", ["2026-03-12", "12/03/2026", "12/03"])
def test_a_day_beside_a_number_is_no_part_of_it(number: str, day: str) -> None:
    for text in (f"{number} {day}", f"{day} {number}"):
        search_terms = understand(text, TODAY, OPERATORS, CAMPAIGNS)
        assert (search_terms.last_digits, search_terms.day) == ("0199004127", date(2026, 3, 12)), text
        assert not search_terms.not_understood


def test_digits_that_are_too_many_for_a_number_find_nobody_and_are_told() -> None:
    search_terms = understand("12 34 56 78 90 12", TODAY, OPERATORS, CAMPAIGNS)
    assert (search_terms.last_digits, search_terms.not_understood) == (NOBODY * 2, ["12 34 56 78 90 12"])


@pytest.mark.parametrize("text", ["+33", "+33 1 99", "+33 1 99 00"])
def test_the_beginning_of_a_number_finds_nobody_and_is_told(text: str) -> None:
    search_terms = understand(text, TODAY, OPERATORS, CAMPAIGNS)
    assert search_terms.not_understood == [text]
    for field in ("digits", "q"):
        search = read_search({field: text}, [], [], Formats(words("fr"), PARIS, datetime(2026, 11, 20, tzinfo=UTC)))
        assert search.query.last_digits == NOBODY
        assert search.not_understood == [text]


@pytest.mark.parametrize("field", ["q", "digits"])
@pytest.mark.parametrize("text", ["01 99 00 41 27", "+33 1 99 00 41 27", "0033199004127", "33199004127"])
def test_the_search_asks_for_the_whole_number(field: str, text: str) -> None:
    search = read_search({field: text}, [], [], Formats(words("fr"), PARIS, datetime(2026, 11, 20, tzinfo=UTC)))
    assert search.query.last_digits == "33199004127"
    assert not search.not_understood
