"""Chaos needs real Asterisk and PostgreSQL; where CI runs, their absence is a failure."""

from collections.abc import Iterator

import pytest

from telephony.workshop.lab.tree import AsteriskTree
from tests import postgresql
from tests.absence import needed_asterisk


@pytest.fixture(scope="session")
def asterisk_tree() -> AsteriskTree:
    return needed_asterisk()


@pytest.fixture
def sure_postgresql() -> Iterator[postgresql.PostgresqlServer]:
    """A server of the test's own that may be killed: what it has confirmed is there afterwards."""
    with postgresql.private_server(postgresql.SURE) as server:
        yield server
