"""No command ends in a fault of ours (status 70) or a stack trace, whatever it is given."""

from enum import Enum
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony.cli.main import INTERNAL, app
from tests.absurd import HALF, texts
from tests.cli.conftest import Telephony
from tests.effort import LONG, cases

RUN_ON = {"serve", "demo", "lab", "bench", "simulate", "warden", "check"}
"""Servers, labs and long computations: their options are read by the same means."""


def commands(of: Any, words: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every command there is, with its words."""
    inner = getattr(of, "commands", None)
    if inner is None:
        return [(words, of)]
    return [one for name, sub in inner.items() if name not in RUN_ON for one in commands(sub, (*words, name))]


def choices(kind: Any) -> list[str]:
    """The words an option knows, for those that know some."""
    return [str(one.value) for one in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []


COMMANDS = commands(typer.main.get_command(app))
values = st.one_of(texts, st.sampled_from(HALF)).filter(lambda text: "\x00" not in text)
"""No program can be given a NUL as a word."""


@pytest.mark.slow
@settings(max_examples=cases(60, long=5000), suppress_health_check=list(HealthCheck), derandomize=LONG)
@given(data=st.data())
def test_every_command_against_absurd_values(site: Telephony, data: st.DataObject):
    draw = data.draw
    words, command = draw(st.sampled_from(COMMANDS))
    given_words: list[str] = []
    for param in command.params:
        if param.name == "help":
            continue
        known = choices(param.bare_type)
        value = st.one_of(values, st.sampled_from(known)) if known else values
        if param.param_type_name == "argument":
            given_words.append(draw(value))
        elif param.required or draw(st.integers(0, 3)) == 0:
            given_words.append(param.opts[-1])
            if not param.is_flag:
                given_words.append(draw(value))
    done = site(*words, *given_words)
    assert done.status != INTERNAL, f"{words} {given_words}: {done.err}"
    assert "Traceback" not in done.err, f"{words} {given_words}: {done.err[:500]}"


BIG = "9" * 30
FOUND = [
    ("attempts", "list", "--limit", BIG),
    ("recordings", "list", "--since", "0001-01-01"),
    ("recordings", "list", "--since", "9999-12-31"),
    ("prove", "--day", "0001-01-01"),
    ("prove", "--day", "9999-12-31"),
    ("ledger", "list", "--limit", BIG),
    ("incident", "list", "--limit", BIG),
    ("incident", "close", BIG, "--reason", "x"),
    ("campaign", "show", "\ud800"),
    ("account", "add", "\ud800", "--role", "admin", "--name", "x"),
    ("account", "add", "abc", "--role", "administrator", "--name", "\ud800"),
    ("operator", "add", "abc", "--name", "x", "--seat", BIG),
    ("list", "withdraw", BIG, "--reason", "x"),
    ("lead", "show", BIG),
    ("callbacks", "move", BIG, "2026-12-01T10:00"),
    ("lock", "seat", "9" * 5000),
    ("lock", "campaign", "\ud800"),
    ("unlock", "seat", "٣", "--reason", "x"),
]


@pytest.mark.slow
def test_what_was_found_once_is_no_fault(site: Telephony):
    for words in FOUND:
        done = site(*words)
        assert done.status != INTERNAL, f"{words}: {done.err}"
        assert "Traceback" not in done.err, words
