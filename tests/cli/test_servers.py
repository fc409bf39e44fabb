"""Commands beside what listens, or does not: Asterisk absent, too old, ports taken, a database server away."""

import os
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from telephony.errors import ServingError, StoreError, SwitchError
from telephony.storage.engine import single_controller
from tests.cli.conftest import Done, Telephony, settings_text


@contextmanager
def taken() -> Iterator[int]:
    """A TCP port of 127.0.0.1 with a listener."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def closed_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


class Manager(socketserver.StreamRequestHandler):
    """A manager interface that accepts every account and reports Asterisk ``version``."""

    version = "18.24.0"

    def handle(self) -> None:
        self.wfile.write(b"Asterisk Call Manager/7.0.3\r\n")
        action: dict[str, str] = {}
        for line in self.rfile:
            key, _, value = line.decode().strip().partition(": ")
            action[key] = value
            if not key:
                extra = f"AsteriskVersion: {self.version}\r\n" if action.get("Action") == "CoreSettings" else ""
                head = f"Response: Success\r\nActionID: {action.get('ActionID', '')}\r\n{extra}"
                self.wfile.write(f"{head}Message: Authentication accepted\r\n\r\n".encode())
                action = {}


@contextmanager
def asterisk() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Manager) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def findings(done: Done, what: str) -> list[dict[str, str]]:
    return [finding for finding in done.json if finding["what"].startswith(what)]


@pytest.fixture
def sites(tmp_path: Path, config: Path, telephony: Telephony) -> Telephony:
    """Ports without a listener, and a database with a schema."""
    free = {name: closed_port() for name in ("agi", "web", "pbx", "gate")}
    config.write_text(settings_text(tmp_path, **free), encoding="utf-8")
    assert telephony("database", "upgrade").status == 0
    return telephony


def test_check_finds_asterisk_absent_and_says_what_to_do(sites: Telephony):
    done = sites("check", "--json")
    assert done.status == 1
    for node in ("pbx", "gate"):
        (finding,) = findings(done, f"{node}: Asterisk")
        assert finding["level"] == "failure"
        assert f"start the {node}" in finding["mend"]
    (configuration,) = findings(done, "pbx: configuration")
    assert "telephony configuration write" in configuration["mend"]
    (database,) = findings(done, "database")
    assert database["level"] == "ok"


def test_check_for_people_shows_the_same(sites: Telephony):
    done = sites("check")
    assert done.status == 1
    assert "start the gate" in done.out


def test_check_refuses_an_asterisk_that_is_too_old(sites: Telephony, tmp_path: Path, config: Path):
    with asterisk() as port:
        config.write_text(settings_text(tmp_path, pbx=port, gate=closed_port()), encoding="utf-8")
        (finding,) = findings(sites("check", "--json"), "pbx: Asterisk")
    assert finding["level"] == "failure"
    assert finding["says"] == "is version 18.24.0"
    assert "20 or newer" in finding["mend"]


def test_a_database_server_that_is_away_is_one_sentence_without_its_password(
    telephony: Telephony, tmp_path: Path, config: Path
):
    url = f"postgresql://telephony:not-for-logs@127.0.0.1:{closed_port()}/telephony"
    config.write_text(settings_text(tmp_path, database=url), encoding="utf-8")
    for words in (("campaign", "list"), ("database", "upgrade"), ("database", "status"), ("serve",)):
        done = telephony(*words)
        assert done.status == StoreError.exit_status
        assert "not-for-logs" not in done.one_sentence()
    done = telephony("check", "--json")
    (finding,) = findings(done, "database")
    assert finding["level"] == "failure"
    assert "not-for-logs" not in done.out


def test_a_second_controller_of_a_database_is_one_sentence(
    sites: Telephony, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(single_controller, "PATIENCE_S", 0.2)
    first = single_controller.LockedFile("this database", tmp_path / "telephony.db")
    assert first.try_once()
    try:
        done = sites("serve")
    finally:
        first.release()
    assert done.status == StoreError.exit_status
    assert "another controller serves the SQLite file" in last_line(done)


def test_serve_names_a_taken_fastagi_address(sites: Telephony, tmp_path: Path, config: Path):
    with taken() as port:
        config.write_text(settings_text(tmp_path, agi=port, web=closed_port()), encoding="utf-8")
        done = sites("serve")
    assert done.status == SwitchError.exit_status
    assert str(port) in last_line(done)


def test_serve_names_a_taken_address_of_the_pages(sites: Telephony, tmp_path: Path, config: Path):
    with taken() as port:
        config.write_text(settings_text(tmp_path, agi=closed_port(), web=port), encoding="utf-8")
        done = sites("serve")
    assert done.status == ServingError.exit_status
    assert f"127.0.0.1:{port}" in last_line(done)


@pytest.mark.parametrize(
    ("key", "value", "mend"),
    [
        ("TELEPHONY_WEB__HOST", "203.0.113.9", "correct it, or change web.host"),
        ("TELEPHONY_CONTROLLER__AGI_HOST", "203.0.113.9", "correct it, or change controller.agi_host"),
        ("TELEPHONY_WEB__HOST", "nonsense", "web.host"),
    ],
)
def test_serve_names_an_address_that_is_not_this_machines(
    sites: Telephony, monkeypatch: pytest.MonkeyPatch, key: str, value: str, mend: str
):
    monkeypatch.setenv(key, value)
    done = sites("serve")
    assert done.status != 0
    assert mend in last_line(done)


def run(config: Path, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The installed command in a process of its own."""
    command = [sys.executable, "-m", "telephony", "--config", config, *words]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=60, **options)


@pytest.mark.slow
def test_a_terminal_without_the_letters_shows_the_rest(sites: Telephony, config: Path):
    assert sites("campaign", "create", "Fibre", "--client", "Société €", "--kind", "survey").status == 0
    where = {"PYTHONIOENCODING": "ascii", "PATH": os.environ["PATH"]}
    done = run(config, "campaign", "list", stdout=subprocess.PIPE, env=where)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Soci?t? ?" in done.stdout


@pytest.mark.slow
def test_a_full_disk_below_the_output_is_one_sentence(sites: Telephony, config: Path):
    with Path("/dev/full").open("w") as full:
        done = run(config, "campaign", "list", "--json", stdout=full)
    assert done.returncode == 1
    assert done.stderr == "telephony: no space left on the disk of the output; free some space, then try again\n"


def last_line(done: Done) -> str:
    """Return the message that ends a service's log."""
    assert "Traceback" not in done.out + done.err
    sentence = done.err.splitlines()[-1]
    assert sentence.startswith("telephony: ")
    assert "internal error" not in sentence
    return sentence
