"""The table of mends names words that stand in the code, once, and tests that are there."""

import pytest

from tests.mends import ROOT, Mend, mends

MENDS = mends()


def test_every_mend_has_its_number():
    assert [mend.number for mend in MENDS] == list(range(1, 41))


@pytest.mark.parametrize("mend", MENDS, ids=lambda mend: f"{mend.number}-{mend.name}")
def test_a_mend_can_be_taken_out(mend: Mend):
    assert mend.changes
    assert mend.tests
    for change in mend.changes:
        text = (ROOT / change.file).read_text(encoding="utf-8")
        assert text.count(change.old) == 1, change.file
        assert change.new != change.old
    for test in mend.tests:
        path, *names = test.split("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert all(f"def {name.partition('[')[0]}(" in text or f"class {name}" in text for name in names), test
