"""One suite for everything that implements the store.

A test that asks for ``store`` alone runs on SQLite, on PostgreSQL and on the in-memory double; one that asks for
``url`` or ``opened`` too is about a database and runs on the first two.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from telephony.domain.rules.standard import INSTALLATION, STANDARD_RULES
from telephony.domain.rules.whitelist import NewRule
from telephony.ports.store import Store
from telephony.storage import OpenStore, open_store, upgrade
from telephony.storage.engine.schema import known_revision
from telephony.storage.tables import metadata
from tests.doubles.store import FakeStore
from tests.postgresql import PostgresqlServer

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
DOUBLE = "double"
NEEDS_URL = {"url", "empty_url"}


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "telephony.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: PostgresqlServer) -> str:
    name = postgresql_server.create()
    asyncio.run(upgrade(postgresql_server.url(name)))
    return name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose what a test runs on, where it does not name its one database itself."""
    named = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "database" in metafunc.fixturenames and "database" not in named:
        needs_url = NEEDS_URL.intersection(metafunc.fixturenames)
        metafunc.parametrize("database", DATABASES if needs_url else [*DATABASES, DOUBLE], indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def empty_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a schema; on SQLite, without a file."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the newest schema and nothing in it."""
    if database == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "telephony.db")
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgresql_template")
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = SPARE.pop() if SPARE else server.create(template)
    yield server.url(name)
    if emptied(server.url(name)):
        SPARE.append(name)
    else:
        server.drop(name)


SPARE: list[str] = []
"""PostgreSQL databases as good as new: copying one takes ten times as long as emptying it."""


def emptied(url: str) -> bool:
    """Empty a database for the next test; False when the test changed its schema, so that it cannot be used again."""
    names = ", ".join(metadata.tables)
    with psycopg.connect(url) as connection:
        question = (
            "SELECT (SELECT version_num FROM alembic_version), (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)"
        )
        if connection.execute(question).fetchone() != (known_revision(), 1):
            return False
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode())
        connection.cursor().executemany(ADD_RULE, [standard_row(rule) for rule in STANDARD_RULES])
    return True


ADD_RULE = (
    "INSERT INTO number_rules (effect, kind, digits, length, reason, author, scope, target, valid_from, added_at,"
    " approved_at, approved_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def standard_row(rule: NewRule) -> tuple[object, ...]:
    texts = (str(rule.effect), str(rule.kind), rule.digits, rule.length, rule.reason, rule.author, str(rule.scope))
    return *texts, rule.target, rule.valid_from, rule.valid_from, rule.valid_from, INSTALLATION


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'telephony.db')}"


@pytest.fixture
async def opened(url: str) -> AsyncIterator[OpenStore]:
    async with await open_store(url) as store:
        yield store


@pytest.fixture
def store(database: str, request: pytest.FixtureRequest) -> Store:
    """The store of that database; ``opened`` is asked for only then, so that the double needs no file."""
    if database == DOUBLE:
        return FakeStore().store
    opened: OpenStore = request.getfixturevalue("opened")
    return opened.store
