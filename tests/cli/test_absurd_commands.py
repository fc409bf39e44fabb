"""No command ends in an internal error (status 70) or a stack trace, whatever its arguments."""

from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony.cli.main import INTERNAL, app
from telephony.errors import InputError
from telephony.workshop.bench.parallel import in_processes
from tests.absurd import DIGITS, HALF, texts
from tests.cli.conftest import Done, Telephony
from tests.effort import LONG, cases

RUN_ON = {"serve", "demo", "lab", "bench", "simulate", "warden", "check"}
"""Servers, labs and long computations: their arguments are tested without starting them."""
STARTS = (
    *("serve.serve_until", "warden.watch_until_told", "check.check_up", "simulate.in_processes"),
    *("demo.demonstrate", "demo.play", "lab.lab_up", "lab.lab_down", "lab.lab_down_all", "lab.lab_list"),
    *("bench.servers.bench_calls", "bench.servers.bench_gate", "bench.servers.bench_crowd"),
    *("bench.leads.bench_leads", "bench.pacing.bench_pacing", "bench.shared.bench_shared", "bench.proof.bench_proof"),
)
"""The function in ``telephony.cli`` that each of them starts."""
BEGAN = "all arguments are valid; nothing was started"


def commands(of: Any, words: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Return every command with its words."""
    inner = getattr(of, "commands", None)
    if inner is None:
        return [(words, of)]
    return [command for name, sub in inner.items() for command in commands(sub, (*words, name))]


def choices(kind: Any) -> list[str]:
    """Return the choices of an option, if it has some."""
    return [str(choice.value) for choice in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []


ALL = commands(typer.main.get_command(app))
COMMANDS = [(words, command) for words, command in ALL if words[0] not in RUN_ON]
LONG_ONES = [(words, command) for words, command in ALL if words[0] in RUN_ON]
values = st.one_of(texts, st.sampled_from(HALF)).filter(lambda text: "\x00" not in text)
"""No program can be given a NUL in an argument."""


def refuse_faults(installed: Telephony, words: Sequence[str]) -> Done:
    done = installed(*words)
    assert done.status != INTERNAL, f"{words}: {done.err}"
    assert "Traceback" not in done.err, f"{words}: {done.err[:500]}"
    return done


def absurd(draw: Callable[[Any], Any], words: tuple[str, ...], command: Any, values: Any = values) -> list[str]:
    """Return a command with values for what it needs, and for a part of what it may be given."""
    given_words = list(words)
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
    return given_words


@pytest.mark.slow
@settings(max_examples=cases(60, long=5000), suppress_health_check=list(HealthCheck), derandomize=LONG)
@given(data=st.data())
def test_every_command_against_absurd_values(installed: Telephony, data: st.DataObject):
    words, command = data.draw(st.sampled_from(COMMANDS))
    refuse_faults(installed, absurd(data.draw, words, command))


@pytest.fixture
def idle(installed: Telephony, monkeypatch: pytest.MonkeyPatch) -> Telephony:
    """A site whose long commands parse their arguments and start nothing."""

    def begin(*_: object, **__: object) -> None:
        raise InputError(BEGAN)

    for place in STARTS:
        monkeypatch.setattr(f"telephony.cli.{place}", begin)
    return installed


@pytest.mark.slow
@settings(max_examples=cases(60, long=1500), suppress_health_check=list(HealthCheck), derandomize=LONG)
@given(data=st.data())
def test_every_long_command_against_absurd_values(idle: Telephony, data: st.DataObject):
    words, command = data.draw(st.sampled_from(LONG_ONES))
    figures = st.one_of(values, st.sampled_from(DIGITS), st.integers(0, 30).map(str))
    refuse_faults(idle, absurd(data.draw, words, command, figures))


@pytest.mark.slow
def test_each_long_command_would_begin_what_is_possible(idle: Telephony):
    """The stand-ins replace the start of the work: without them the property above would start labs."""
    for words, _ in LONG_ONES:
        assert BEGAN in refuse_faults(idle, words).err, words


NO_FIGURES = [
    *(("bench", "calls", "--rates", rates) for rates in ("nan", "inf", "-1", "0", "5,1e308", "5,,6")),
    *(("demo", "--crash-at", seconds) for seconds in ("nan", "inf", "-1", "1e308")),
    *(("simulate", option, figure) for option in ("--answer-rate", "--cap", "--talk") for figure in ("nan", "-1e309")),
    ("simulate", "--hours", "10-9" + "9" * 30),
]


@pytest.mark.slow
@pytest.mark.parametrize("words", NO_FIGURES, ids=" ".join)
def test_what_is_no_figure_of_ours_is_a_sentence(idle: Telephony, words: tuple[str, ...]):
    said = idle(*words).one_sentence()
    assert words[-2] in said or "hours" in said
    assert BEGAN not in said


BIG = "9" * 30
FOUND = [
    ("attempt", "list", "--limit", BIG),
    ("recording", "list", "--since", "0001-01-01"),
    ("recording", "list", "--since", "9999-12-31"),
    ("prove", "--day", "0001-01-01"),
    ("prove", "--day", "9999-12-31"),
    ("ledger", "list", "--limit", BIG),
    ("incident", "list", "--limit", BIG),
    ("incident", "close", BIG, "--reason", "x"),
    ("campaign", "show", "\ud800"),
    ("account", "add", "\ud800", "--role", "admin", "--name", "x"),
    ("account", "add", "abc", "--role", "administrator", "--name", "\ud800"),
    ("operator", "add", "abc", "--name", "x", "--seat", BIG),
    ("list", "revoke", BIG, "--reason", "x"),
    ("lead", "show", BIG),
    ("callback", "move", BIG, "2026-12-01T10:00"),
    ("lock", "seat", "9" * 5000),
    ("lock", "campaign", "\ud800"),
    ("unlock", "seat", "٣", "--reason", "x"),
]


@pytest.mark.slow
def test_what_was_found_once_is_no_fault(installed: Telephony):
    for words in FOUND:
        refuse_faults(installed, words)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["a = " + "[" * 60_000, "a = " + "9" * 5000], ids=["brackets", "figures"])
@pytest.mark.parametrize(
    "words",
    [("campaign", "create", "--file"), ("campaign", "retry", "Fibre", "--file"), ("warden", "--config")],
    ids=" ".join,
)
def test_a_toml_file_of_any_depth_and_figure_is_a_sentence(
    installed: Telephony, tmp_path: Path, words: tuple[str, ...], text: str
):
    path = tmp_path / "absurd.toml"
    path.write_text(text)
    path.chmod(0o600)
    command = ("--config", path, words[0]) if words[-1] == "--config" else (*words, path)
    assert "absurd.toml" in installed(*command).one_sentence()
    assert "absurd.toml" in installed("--config", path, "campaign", "list").one_sentence()


def test_no_more_processes_are_asked_for_than_there_are_jobs():
    assert list(in_processes(abs, [-3], 10**30)) == [(-3, 3)]
