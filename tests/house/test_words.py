"""Plain words: what ``words`` refuses stands nowhere, in prose, as a variable or as a name (docs/glossary.md)."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.house.words import MODULES, files, name_of, names_in, phrases_in, prose_of, variables_in


@cache
def _read(path: Path) -> tuple[str, ast.Module]:
    source = path.read_text(encoding="utf-8")
    return source, ast.parse(source)


def broken(rule: str) -> dict[str, list[str]]:
    """Return what breaks a rule, by file."""
    texts: dict[str, list[str]] = {}
    for path in files(".py", ".md") if rule == "phrases" else files(".py"):
        if rule == "phrases":
            text = path.read_text(encoding="utf-8")
            refused = list(phrases_in(prose_of(text) if path.suffix == ".py" else text))
        else:
            refused = list((variables_in if rule == "variables" else names_in)(_read(path)[1]))
        if refused:
            texts[name_of(path)] = refused
    return texts


@pytest.mark.parametrize("rule", ["phrases", "variables", "names"])
def test_no_refused_word_is_written(rule: str):
    assert broken(rule) == {}


def test_no_module_has_an_old_name():
    assert [name_of(path) for path in files(".py") if path.stem in MODULES] == []


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("A call that rings in vain.", ["in vain"]),
        ("The lead that\nlies before the operator.", ["lies before"]),
        ("Tell whether it may.", ["Tell whether"]),
        ("At least one of those that are kept; asked once.", []),
        ("The do-not-call list.", []),
    ],
)
def test_a_phrase_put_back_is_refused_and_ordinary_english_is_not(text: str, refused: list[str]):
    assert list(phrases_in(text)) == refused


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("for one in leads: pass", ["1 one"]),
        ("def call(asked): pass", ["1 asked"]),
        ("found = [lead for lead in leads]", ["1 found"]),
        ("match fact:\n    case kept: pass", ["2 kept"]),
        ("value = row.found\nrecords.kept()", []),
    ],
)
def test_a_variable_put_back_is_refused(code: str, refused: list[str]):
    assert list(variables_in(ast.parse(code))) == refused


@pytest.mark.parametrize("code", ["class LeadClock: pass", "def way_out(): pass", "seats.kept_from", "Practice()"])
def test_an_old_name_put_back_is_refused(code: str):
    assert list(names_in(ast.parse(code))) != []
