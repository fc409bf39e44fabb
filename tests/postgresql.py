"""A real, private PostgreSQL server for a test session: its own folder and port, gone at the end.

Which tests use it, and what they ask of it, is left to them. It runs as a user without rights, since PostgreSQL
refuses root; its durability is off unless asked for, since nothing in it outlives the session.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.absence import absent

START_S = 60.0
QUICK = "fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=64MB", "max_connections=60"
SURE = "full_page_writes=on", "synchronous_commit=on"
"""What was committed survives a killed server (not a power cut: fsync stays off)."""


@dataclass
class PostgresqlServer:
    """A running server that makes databases, and can be killed and started again."""

    port: int
    folder: Path
    command: list[str | Path]
    process: subprocess.Popen[bytes] | None = None
    numbers: Iterator[int] = field(default_factory=count)

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder)
        _wait(self, self.process)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it; SIGKILL as a crash does."""
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(START_S)

    def url(self, database: str) -> str:
        return f"postgresql://telephony@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template0") -> str:
        """Make a database and return its name."""
        name = f"t{next(self.numbers)}"
        self._command(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        self._command(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _command(self, text: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(text.encode())


def programs() -> Path | None:
    """Return the folder of initdb and postgres, or None when this host has none."""
    text = shutil.which("postgres")
    folders = [Path(text).resolve().parent] if text else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def running(folder: Path, bin_folder: Path, more: Sequence[str] = ()) -> Iterator[PostgresqlServer]:
    """Start a server below ``folder`` and end it; ``more`` are settings that win over ours."""
    data = folder / "data"
    as_user = _as_user(folder)
    initdb = [*as_user, bin_folder / "initdb", "-D", data, "-U", "telephony", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*initdb, "--locale=C"], check=True, capture_output=True, cwd=folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [part for setting in (*QUICK, *more) for part in ("-c", setting)]
    options += ["-c", "listen_addresses=127.0.0.1", "-c", f"port={port}", "-c", f"unix_socket_directories={folder}"]
    server = PostgresqlServer(port, folder, [*as_user, bin_folder / "postgres", "-D", data, *options])
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _as_user(folder: Path) -> list[str]:
    """Give the folder to an unprivileged user when we are root; return how to run as that user."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _wait(server: PostgresqlServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(server.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"PostgreSQL did not start: {(server.folder / 'log').read_text()}") from None
            # Nothing reports when it listens; the process's end is checked between tries.
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        else:
            return


@contextmanager
def private_server(more: Sequence[str] = ()) -> Iterator[PostgresqlServer]:
    """Make a server and leave nothing of it; where CI runs, its absence is a failure."""
    bin_folder = programs()
    if bin_folder is None:
        absent("PostgreSQL is not installed here")
    folder = Path(tempfile.mkdtemp(prefix="telephony-postgresql-"))
    try:
        with running(folder, bin_folder, more) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    with private_server() as server:
        yield server
