"""The page on rules against the product: every line of the field's rules names a rule and tests that are there."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from telephony.domain.law.decision import TABLES
from telephony.domain.law.provisions import Law

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
OF_THE_LOCK = {"caller_id", "number_form"}
"""Rules a line may name that are the lock's, not the law's (``telephony.domain.rules.decision``)."""


class Line(NamedTuple):
    """One row of the table."""

    section: str
    text: str
    rule: str
    tests: list[str]


def lines() -> list[Line]:
    page_lines, section = [], ""
    for row in PAGE.partition("## Every line, and its test")[2].splitlines():
        if row.startswith("### "):
            section = row[4:]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if row.startswith("| ") and len(cells) == 3 and cells[0] != "Line":
            page_lines.append(Line(section, cells[0], cells[1].strip("`"), re.findall(r"`([^`]+)`", cells[2])))
    return page_lines


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_four_sections_have_their_lines():
    sections = [line.section[0] for line in lines()]
    assert all(sections.count(number) >= 9 for number in "1235")
    assert len({(line.section, line.text) for line in lines()}) == len(lines())


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.text[:40])
def test_every_line_has_a_rule_and_a_test_that_is_there(line: Line):
    assert line.rule in {str(law) for law in Law} | OF_THE_LOCK
    assert line.tests, line.text
    for named in line.tests:
        file, _, test = named.partition("::")
        assert test.startswith("test_")
        assert test in functions_of(ROOT / "tests" / file), named


def test_every_rule_there_is_a_table_row_for_stands_in_a_line():
    held = {str(row.law) for table in TABLES.values() for row in table}
    assert held - {line.rule for line in lines()} == set()
    assert held == {str(law) for law in Law}
