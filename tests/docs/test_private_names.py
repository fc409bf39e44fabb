"""Tests read and change the product through what is public; the few that cannot are listed here, with why.

A class may use its own private names and those of its base: ``self``, ``cls``, ``super()``, and an object of its own.
"""

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.mends import ROOT

TESTS: Final = ROOT / "tests"
SUSPECT: Final = re.compile(r"(?<!\bself)(?<!\bcls)\._[a-zA-Z]|import\b.*\b_[a-zA-Z]|^ +_\w+,$", re.MULTILINE)
"""What a file must have to be worth reading whole."""
PUBLIC: Final = {"_replace", "_asdict", "_mapping"}
"""Documented methods of named tuples and database rows, whose underscore keeps them apart from the fields."""
ATTRIBUTES: Final = {
    "asterisk/test_ami_client.py": {"_manager", "_parser", "_buffer"},  # what the library keeps of an action, of bytes
    "domain/test_law_ringing.py": {"_bound"},  # a cache over tables that only a test changes
    "domain/test_numbers.py": {"_FAST", "_OVERSEAS", "_SAINT_PIERRE"},  # the short way is compared with the long one
    "services/test_withdrawn_dials.py": {"_learner"},  # what a day taught is no part of the pacers' interface
    "storage/test_sole_controller.py": {"_connection", "_seen"},  # only its own connection can give a lock back
}
"""Private attributes that a test reaches for, by file."""
IMPORTS: Final = {
    "storage/test_store_choice.py": {"_AGAIN", "_CENSUS", "_DUE", "_FRESH"},
    "storage/test_store_law.py": {"_CONTACTS", "_OPPOSED"},
    "storage/test_store_lists.py": {"_AGAIN", "_FIRST_CLOCK", "_FRESH", "_NEXT_CLOCK", "_NEXT_LEVEL"},
    "storage/test_store_persons.py": {"_KEYED", "_KEYED_IN", "_OPEN", "_PERSON_CONTACTS", "_REPEATED"},
    "storage/test_store_whitelist.py": {"_AT_GATE", "_LEADS", "_LEAD_OF", "_TOUCHING"},
    "scenes/controller_on_database.py": {"_Unit"},
    "web/test_saying.py": {"_RECORDER", "_STATES"},
}
"""Private names that are imported: statements whose plan is explained, a unit of work, sentences of the watch."""


def private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__") and name not in PUBLIC


def names_of(made: ast.ClassDef) -> set[str]:
    """Return the private names that a class gives its own objects."""
    names = {node.name for node in made.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    for node in ast.walk(made):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_own(node.value):
            names.add(node.attr)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def is_own(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id == "super"
    return isinstance(value, ast.Name) and value.id in {"self", "cls"}


def reached_for(tree: ast.Module) -> Iterator[str]:
    """Yield the private attributes of others."""
    waiting: list[tuple[ast.AST, frozenset[str]]] = [(tree, frozenset())]
    while waiting:
        node, own = waiting.pop()  # own: those that the class around gives its objects
        if isinstance(node, ast.Attribute) and private(node.attr):
            is_of_this_class = node.attr in own and isinstance(node.value, ast.Name)
            if not is_own(node.value) and not is_of_this_class:
                yield node.attr
        if isinstance(node, ast.ClassDef):
            own |= names_of(node)
        waiting += [(child, own) for child in ast.iter_child_nodes(node)]


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if private(alias.name))


def test_tests_reach_for_no_private_name_but_the_listed_ones():
    """Read what is public, or add a small public read."""
    reaches = []
    for path in sorted(TESTS.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if not SUSPECT.search(text):
            continue
        tree = ast.parse(text)
        name = path.relative_to(TESTS).as_posix()
        attributes = set(reached_for(tree)) - ATTRIBUTES.get(name, set())
        imports = set(imported(tree)) - IMPORTS.get(name, set())
        reaches += [f"{name}: {reach}" for reach in sorted(attributes | imports)]
    assert reaches == []


@pytest.mark.parametrize(
    "code", ["site.parts._tasks", "client.live()._parser", "from telephony.app.wiring.parts import _dialing"]
)
def test_a_reach_is_seen(code: str):
    tree = ast.parse(code)
    assert [*reached_for(tree), *imported(tree)]


def test_what_is_listed_is_there():
    assert [name for name in ATTRIBUTES | IMPORTS if not (TESTS / name).is_file()] == []
