"""The style sheets are whole: every rule begins with a selector, holds whole declarations, in its place."""

import re
from pathlib import Path

import pytest

from telephony.web.http.assets import STATIC

SHEETS = sorted(STATIC.glob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DECLARATION = re.compile(r"(--)?-?[a-z][a-z-]*\s*:\s*[^:;{}]+")
SELECTOR = re.compile(r"[a-zA-Z.#:*\[][^;{}]*")
AT_RULE = re.compile(r"@(media|supports|page)\b[^;{}]*")


def faults(sheet: str) -> list[str]:
    """Return what is broken in a style sheet: a rule cut in two, an open brace, a declaration without its value."""
    if re.search(r"/\*|\*/", COMMENT.sub("", sheet)):
        return ["a comment without its end"]
    text, texts, depth, begun = COMMENT.sub("", sheet), [], 0, ""
    for token in re.split(r"([{};])", text):
        words = token.strip()
        if token == "{":
            depth += 1
            if not (SELECTOR.fullmatch(begun) or AT_RULE.fullmatch(begun)):
                texts.append(f"no selector: {begun!r}")
            begun = ""
        elif token in {"}", ";"}:
            if begun and not DECLARATION.fullmatch(begun):
                texts.append(f"no declaration: {begun!r}")
            begun = ""
            depth -= token == "}"
            if depth < 0 or (token == ";" and depth == 0):
                return [*texts, "a brace or a semicolon too many"]
        elif words:
            begun = words
    return texts + (["a brace is never closed"] if depth else []) + ([f"left over: {begun!r}"] if begun else [])


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_style_sheet_is_whole(sheet: Path) -> None:
    assert faults(sheet.read_text()) == []


@pytest.mark.parametrize(
    "broken",
    [
        ".a { color: red",
        ".a color: red; }",
        ".a { color red; }",
        ".a { color: ; }",
        ".a { } }",
        ".a { color: red; { b: c; }",
        ".a { color: red; } /* and",
        ".a { color: red; } .b",
        "{ color: red; }",
        ".a { color: red: blue; }",
    ],
)
def test_a_broken_style_sheet_is_found(broken: str) -> None:
    assert faults(broken)


def rules(name: str) -> list[tuple[str, str]]:
    """Return selector and body of each plain rule."""
    text = COMMENT.sub("", (STATIC / name).read_text())
    return [(a.strip(), b.strip()) for a, b in re.findall(r"([^{};]+)\{([^{}]*)\}", text)]


def test_a_rule_for_a_state_of_the_page_changes_looks_and_lays_nothing_out() -> None:
    """A selector list joined by accident to the next rule showed as ``body.stale .locks { display: grid; … }``."""
    for name in (sheet.name for sheet in SHEETS):
        for selector, body in rules(name):
            if selector.startswith("body.stale"):
                assert not re.search(r"\b(display|margin|grid|position)\b", body), (name, selector)


def test_the_bar_is_grey_only_while_the_floor_is_stale() -> None:
    plain = [body for selector, body in rules("floor.css") if selector == ".floor-bar"]
    assert plain
    assert not any("filter" in body or "opacity" in body for body in plain)
    stale = [selector for selector, body in rules("floor.css") if "grayscale(1)" in body]
    assert stale == ["body.stale .floor, body.stale .floor-bar"]
