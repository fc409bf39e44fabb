"""The chain finds any changed, removed, inserted or swapped entry."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.evidence.ledger import GENESIS, LedgerEntry, LedgerNote, first_break, seal

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def chain(length: int) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    previous = GENESIS
    for number in range(1, length + 1):
        entries.append(seal(LedgerNote("permit_given", f"p{number}", {"n": number}, NOW), number, previous))
        previous = entries[-1].hash
    return entries


def test_a_whole_chain_holds():
    assert first_break(chain(20)) is None


@given(st.integers(0, 9))
def test_a_changed_entry_is_found(index: int):
    entries = chain(10)
    note = replace(entries[index].note, body={"n": -1})
    entries[index] = replace(entries[index], note=note)
    assert first_break(entries) == f"entry {index + 1} was changed after it was entered"


@given(st.integers(0, 8))
def test_a_removed_entry_is_found(index: int):
    entries = chain(10)
    del entries[index]
    assert "is missing" in (first_break(entries) or "")


def test_an_entry_that_is_rewritten_breaks_the_next_one():
    entries = chain(10)
    entries[4] = seal(replace(entries[4].note, body={"n": 0}), 5, entries[3].hash)
    assert first_break(entries) == "entry 6 does not follow entry 5: one of them was changed or inserted"
