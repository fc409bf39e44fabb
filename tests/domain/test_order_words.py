"""The order in words: what is said follows from what is known."""

from datetime import datetime

from telephony.domain.lead_order.explanations import RankExplanation, describe_learned, standing_said
from telephony.words import english, say


def test_a_thin_order_says_what_it_still_needs():
    said = describe_learned(34, ("mobile", 0.2))
    assert english(said) == "Learned order: 34 calls seen, 200 needed; until then, close to list order."
    assert "34 appels" in say(said, "fr")


def test_it_says_who_goes_first_and_what_they_answer():
    assert english(describe_learned(1240, ("mobile", 0.184))) == (
        "Order learned from 1,240 calls: first mobiles never tried; 18% answer at this hour."
    )
    assert "landlines tried 2 times" in english(describe_learned(1240, ("landline 2n 3n", 0.1)))
    assert "fixes essayés 2 fois" in say(describe_learned(1240, ("landline 2n 3n", 0.1)), "fr")
    assert english(describe_learned(1240, None)) == "Order learned from 1,240 calls."


def test_a_lead_that_is_late_says_which_hour_it_waits_for():
    late = RankExplanation(0.081, 0.02, 0.24, datetime(2026, 3, 24, 18), 7, 23, 900)  # noqa: DTZ001 - the site's clock, said as it stands
    assert english(standing_said(late)) == (
        "A person would answer now with a probability of 8% (± 2); on Tuesday at 18:00 it would be 24%."
        " Their group ranks 7 of 23 in the list (900 calls learned from)."
    )
    assert "mardi à 18" in say(standing_said(late), "fr")
    early = RankExplanation(0.3, 0.05, 0.3, None, 1, 23, 900)
    assert "no later hour is better" in english(standing_said(early))
