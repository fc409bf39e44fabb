"""Keys: what passes, when, and how many."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telephony.domain.ledger_reason import reason_of
from telephony.domain.security.dtmf import KEYS, MOST_EVER, DtmfAllowance, NewDtmfAllowance, refusal
from telephony.errors import InputError
from telephony.ids import CampaignId

T0 = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ASKED = NewDtmfAllowance(CampaignId(1), "switchboards", "m.durand", most=2, valid_until=T0 + timedelta(days=1))
ALLOWED = DtmfAllowance(1, ASKED, T0, "l.petit", T0)


@pytest.mark.parametrize("key", sorted(KEYS))
def test_the_twelve_keys_of_a_telephone_pass(key: str):
    assert refusal(ALLOWED, key, 0, T0) is None


@pytest.mark.parametrize("key", ["A", "D", "", "12", "x", "\u0661"])
def test_nothing_else_is_a_key(key: str):
    assert refusal(ALLOWED, key, 0, T0) == "key_unknown"


@pytest.mark.parametrize(
    ("allowance", "now"),
    [
        (None, T0),
        (replace(ALLOWED, approved_at=None), T0),
        (ALLOWED, T0 - timedelta(seconds=1)),
        (ALLOWED, T0 + timedelta(days=1)),
        (replace(ALLOWED, withdrawn_at=T0), T0),
    ],
)
def test_an_allowance_holds_from_its_approval_until_it_ends(allowance: DtmfAllowance | None, now: datetime):
    assert refusal(allowance, "1", 0, now) == "keys_not_allowed"


def test_a_call_has_so_many_keys_and_no_more():
    assert refusal(ALLOWED, "1", 1, T0) is None
    assert refusal(ALLOWED, "1", 2, T0) == "keys_too_many"


@pytest.mark.parametrize("most", [0, MOST_EVER + 1])
def test_no_allowance_is_wide_enough_for_a_telephone_number(most: int):
    with pytest.raises(InputError, match="telephone number"):
        replace(ASKED, most=most)


@pytest.mark.parametrize("text", ["", "  ", "x" * 301, "call 01 99 00 41 27 first"])
def test_a_reason_is_words_and_no_number(text: str):
    with pytest.raises(InputError):
        reason_of(text)
