"""The index of decisions against the folder."""

import re
from pathlib import Path

import pytest

from tests.docs.decisions import PAGE, decisions, refreshed

DECISIONS = decisions()


def test_the_index_lists_every_decision():
    text = PAGE.read_text(encoding="utf-8")
    assert refreshed(text) == text, "run: python -m tests.docs.decisions"
    assert len(DECISIONS) >= 20


def test_every_number_is_given_once():
    numbers = [path.name.partition("-")[0] for path in DECISIONS]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_a_decision_has_a_number_in_its_name_and_a_title_without_one(path: Path):
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
    title = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.match(r"# [^\d\W]", title), title
