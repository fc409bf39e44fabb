"""Every command has a help with an example; a wrong word is answered in one line."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from telephony import __version__
from telephony.cli.main import app
from tests.cli.conftest import Telephony


def commands(group: Any, *words: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *words, name)
        else:
            yield (*words, name)


SERVICES = {("serve",), ("warden",)}
"""They run until they are stopped; their log is JSON already."""
ALL = list(commands(typer.main.get_command(app)))


def test_the_commands_are_all_found():
    assert ("serve",) in ALL
    assert ("recording", "export") in ALL
    assert len(ALL) >= 25


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help_with_an_example(telephony: Telephony, words: tuple[str, ...]):
    done = telephony(*words, "--help")
    assert done.status == 0
    assert "Example" in done.out
    assert f"telephony {words[0]}" in done.out.replace("--config /etc/telephony/telephony.toml ", "")


@pytest.mark.parametrize("words", [words for words in ALL if words not in SERVICES], ids=" ".join)
def test_every_command_that_ends_speaks_json(telephony: Telephony, words: tuple[str, ...]):
    assert "--json" in telephony(*words, "--help").out


def test_the_version_is_printed(telephony: Telephony):
    assert telephony("--version").out == f"telephony {__version__}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nonsense",), "No such command 'nonsense'"),
        (("campaign", "nonsense"), "No such command 'nonsense'"),
        (("campaign", "show"), "Missing argument"),
        (("campaign", "show", "Fibre", "--colour"), "No such option"),
        (("operator", "add", "Claire", "--seat", "zero"), "--seat"),
        (("operator", "add", "Claire", "--seat", "0"), "--seat"),
        (("account", "add", "s.martin", "--role", "king"), "'king' is not one of 'operator', 'supervisor'"),
        (("recording", "list", "--since", "tomorrow"), "--since"),
        (("bench", "calls", "--rates", "a,b"), "--rates takes numbers"),
    ],
)
def test_a_word_that_is_not_understood_is_one_sentence(telephony: Telephony, words: tuple[str, ...], says: str):
    done = telephony(*words)
    assert done.status == 2
    assert says in done.one_sentence()


def test_a_group_without_a_command_shows_its_commands(telephony: Telephony):
    done = telephony("campaign")
    assert done.status == 2
    assert "create" in done.out + done.err
