"""The command line through its own ``main``, on an SQLite file of the test's own."""

import asyncio
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from telephony.cli.main import main
from telephony.shipped import shipped
from tests.made_database import make_database

EXAMPLES = shipped("config") / "examples"


@dataclass(frozen=True)
class Done:
    """Result of a command: exit status, standard output, standard error."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def one_sentence(self) -> str:
        """Return the message on standard error; fail unless it is one line and nothing was printed."""
        assert self.status != 0
        assert self.out == ""
        assert "Traceback" not in self.err
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("telephony: ")
        assert "internal error" not in lines[0]
        return lines[0].removeprefix("telephony: ")


Telephony = Callable[..., Done]


def settings_text(folder: Path, *, database: str | None = None, **ports: int) -> str:
    """Settings of a site whose folders are below ``folder``; ``ports`` replaces ``agi``, ``web``, ``pbx``, ``gate``."""
    text = (shipped("config") / "telephony.example.toml").read_text(encoding="utf-8")
    text = re.sub(r'^(\w*secret) = ""$', r'\1 = "0123456789abcdef0123"', text, flags=re.MULTILINE)
    text = re.sub(r'^(etc|lib|spool|run|log) = "/([^"]+)"$', rf'\1 = "{folder}/\2"', text, flags=re.MULTILINE)
    text = re.sub(r"^archive = .*$", f'archive = "{folder}/recordings"', text, flags=re.MULTILINE)
    text = re.sub(r"^url = .*$", f'url = "{database or f"sqlite:///{folder}/telephony.db"}"', text, flags=re.MULTILINE)
    keys = {
        "agi": r"^agi_port = \d+$",
        "web": r"^port = 8080$",
        "pbx": r"^ami_port = 5038$",
        "gate": r"^ami_port = 5039$",
    }
    for name, port in ports.items():
        key = "agi_port" if name == "agi" else "port" if name == "web" else "ami_port"
        text = re.sub(keys[name], f"{key} = {port}", text, flags=re.MULTILINE)
    return text


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A settings file with one seat more than the example."""
    path = tmp_path / "telephony.toml"
    more = '\n[[seats]]\nnumber = 3\nsecret = "0123456789abcdef0123"\n'
    path.write_text(settings_text(tmp_path) + more, encoding="utf-8")
    return path


@pytest.fixture
def telephony(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Telephony]:
    """Run one command with the test's settings, in a folder of the test's own, and return its result."""
    here = config.parent / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def run(*words: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["telephony", "--config", str(config), *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return Done(int(left.value.code or 0), out, err)

    yield run
    structlog.reset_defaults()  # `serve` sets up the log of a service


@pytest.fixture
def installed(telephony: Telephony, tmp_path: Path) -> Telephony:
    """The same, with a schema and one campaign."""
    asyncio.run(make_database(tmp_path / "telephony.db"))
    assert telephony("campaign", "create", "Fibre", "--client", "Alpha", "--kind", "survey").status == 0
    return telephony
