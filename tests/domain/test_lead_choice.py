"""Which lead is next: lists by share, cells that are full, times as people write them."""

from collections import Counter, deque
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.leads.callbacks import read_moment
from telephony.domain.leads.leads import Lead, LeadState, Window
from telephony.domain.leads.mixing import RECENT, mixed
from telephony.domain.leads.quotas import Quota, full_cell, read_cell
from telephony.errors import InputError
from telephony.ids import CampaignId, LeadId, ListId, Number, QuotaId

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


def window(list_id: int, share: int, count: int) -> Window:
    leads = (
        Lead(LeadId(list_id * 1000 + row), ListId(list_id), CampaignId(1), Number("33199000000"), "", LeadState.WAITING)
        for row in range(count)
    )
    return Window(ListId(list_id), share, tuple(leads))


def called(windows: list[Window], count: int) -> Counter[ListId]:
    """Call one lead after the other, with a fresh query each time, as the feed does."""
    recent: deque[ListId] = deque(maxlen=RECENT)
    for _ in range(count):
        recent.append(mixed(windows, recent)[0].list_id)
    return Counter(recent)


def test_lists_are_called_by_their_shares():
    assert called([window(1, 70, 5), window(2, 20, 5), window(3, 10, 5)], 100) == {1: 70, 2: 20, 3: 10}


def test_a_list_without_a_share_comes_after_those_that_have_one():
    order = [lead.list_id for lead in mixed([window(2, 50, 2), window(1, 0, 2)], ())]
    assert order == [2, 2, 1, 1]


def test_a_list_that_comes_late_does_not_make_up_for_the_time_it_was_away():
    recent = deque([ListId(1)] * RECENT, maxlen=RECENT)
    both = [window(1, 50, 300), window(2, 50, 300)]
    for _ in range(RECENT):
        recent.append(mixed(both, recent)[0].list_id)
    first_half = Counter(recent)
    assert first_half[ListId(2)] <= RECENT
    for _ in range(RECENT):
        recent.append(mixed(both, recent)[0].list_id)
    assert abs(Counter(recent)[ListId(1)] - RECENT / 2) <= RECENT / 4


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 20)), min_size=1, max_size=5))
def test_mixing_leaves_nobody_out_and_keeps_each_lists_own_order(shapes: list[tuple[int, int]]):
    windows = [window(row + 1, share, count) for row, (share, count) in enumerate(shapes)]
    order = mixed(windows, ())
    for shaped in windows:
        assert [lead for lead in order if lead.list_id == shaped.list_id] == list(shaped.leads)
    assert len(order) == sum(len(window.leads) for window in windows)


def test_a_cell_holds_those_whose_columns_are_equal_whatever_their_case():
    cell = Quota(QuotaId(1), CampaignId(1), {"Sexe": "F", "age": "18-34"}, 10, 10)
    assert cell.matches({"sexe": "f", "AGE": "18-34 ", "town": "x"})
    assert not cell.matches({"sexe": "f"})
    assert full_cell([cell], {"sexe": "F", "age": "18-34"}) is cell
    assert full_cell([Quota(QuotaId(1), CampaignId(1), {"sexe": "F"}, 10, 9)], {"sexe": "F"}) is None


def test_a_cell_is_read_as_people_write_it():
    assert read_cell(["sexe=F", "age = 18-34"]) == {"sexe": "F", "age": "18-34"}
    for words in ([], ["sexe"], ["sexe="]):
        with pytest.raises(InputError, match="column=value"):
            read_cell(words)


def test_a_callbacks_moment_is_read_in_its_own_zone():
    assert read_moment("2026-03-20 14:30", "Europe/Paris", NOW) == datetime(2026, 3, 20, 13, 30, tzinfo=UTC)
    assert read_moment("2026-03-20T14:30", "Indian/Reunion", NOW) == datetime(2026, 3, 20, 10, 30, tzinfo=UTC)


def test_a_moment_the_clocks_skip_is_an_hour_later():
    assert read_moment("2026-03-29 02:30", "Europe/Paris", NOW) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("tomorrow", "Europe/Paris", "cannot be read"),
        ("2026-03-20 09:59", "Europe/Paris", "has passed"),
        ("2027-03-20 10:00", "Europe/Paris", "180 days"),
        ("2026-03-21 10:00", "Mars/Base", "zone is unknown"),
        ("2026-03-21 10:00", "../etc/passwd", "zone is unknown"),
    ],
)
def test_a_moment_that_makes_no_sense_is_refused(text: str, zone: str, said: str):
    with pytest.raises(InputError, match=said):
        read_moment(text, zone, NOW)
