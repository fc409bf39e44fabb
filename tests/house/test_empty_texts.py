"""Decisions and services say "none" with None: an empty text stands for nothing but a text that nobody wrote."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

PACKAGE: Final = Path(__file__).parents[2] / "telephony"
WRITTEN: Final = frozenset(
    {
        "DialingOptions.first_sentence",
        "Lock.reason",
        "Locks.lock",
        "Option.__init__",
        "Recorder._operator",
        "Seat.operator_name",
        "_name",
        "_seen",
        "person_shown",
    }
)
"""What people write, are called or are shown: an empty one is a text like any other."""
STORED: Final = frozenset(
    {
        "Columns.person",
        "Lead.bucket",
        "Lead.clock",
        "Lead.reason",
        "CallingZone.word",
        "NewLead.client_key",
        "Offers.end",
        "DoNotCallLists.ask_withdrawal",
        "Preview.reason",
        "client_key_of",
    }
)
"""Columns, and words kept in them, that have '' for none."""
NAMED: Final = frozenset({"ANY_OTHER_TRUNK", "NewRule.target", "SITE", "Whitelist.add_rule"})
"""What a rule or a lock is for, where it is for the whole site."""
LEFT: Final = frozenset({"_wide_or_text"})
"""Still to become None; nothing is added here."""
EMPTY: Final = WRITTEN | STORED | NAMED | LEFT
Place = tuple[str, int]


def is_empty(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == ""


def values(node: ast.AST) -> Iterator[ast.AST | None]:
    """Yield what a node compares with, gives back, falls back to or begins with."""
    match node:
        case ast.Compare():
            for side in (node.left, *node.comparators):
                yield from side.elts if isinstance(side, ast.Set | ast.Tuple | ast.List) else (side,)
        case ast.Return(value=ast.IfExp(body=body, orelse=orelse)):
            yield from (body, orelse)
        case ast.Return() | ast.AnnAssign():
            yield node.value
        case ast.BoolOp():
            yield from node.values
        case ast.arguments():
            yield from (*node.defaults, *node.kw_defaults)
        case ast.MatchValue():
            yield node.value
        case _:
            pass


def empties(node: ast.AST, name: str = "") -> Iterator[Place]:
    """Yield the qualified name and line of everything that takes an empty text for a value."""
    for child in ast.iter_child_nodes(node):
        own = name
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            own = f"{name}.{child.name}".strip(".")
        elif isinstance(child, ast.AnnAssign):
            own = f"{name}.{ast.unparse(child.target)}".strip(".")
        if any(map(is_empty, values(child))):
            yield own, child.lineno if isinstance(child, ast.stmt | ast.expr) else 0
        yield from empties(child, own)


def found(*folders: str) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    for folder in folders:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            for name, line in empties(ast.parse(path.read_text(encoding="utf-8"))):
                places.setdefault(name, []).append(f"{path.relative_to(PACKAGE)}:{line}")
    return places


def test_no_empty_text_stands_for_none_in_decisions_and_services():
    assert {name: places for name, places in found("domain", "services").items() if name not in EMPTY} == {}


def test_the_list_of_exceptions_names_nothing_that_is_gone():
    assert EMPTY - found("domain", "services").keys() == set()


@pytest.mark.parametrize(
    "code",
    [
        "if reason == '': pass",
        "while name != '': pass",
        "if kind in {'', other}: pass",
        "def rule(): return ''",
        "def rule(): return why if bad else ''",
        "word = reason or ''",
        "class A:\n reason: str = ''",
        "def lock(reason=''): pass",
        "def lock(*, reason=''): pass",
        "match word:\n case '': pass",
    ],
)
def test_each_way_to_take_an_empty_text_for_a_value_is_seen(code: str):
    assert list(empties(ast.parse(code)))


def test_joining_and_replacing_with_an_empty_text_stay_free():
    assert not list(empties(ast.parse("text = ''.join(parts).replace('-', '') + (more if more else '')")))
