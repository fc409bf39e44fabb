"""Chaos needs real Asterisk and PostgreSQL; where CI runs, their absence is a failure."""

import os
from collections.abc import Iterator

import postgresql
import pytest

from telephony.errors import LabError
from telephony.lab.tree import AsteriskTree, find_asterisk


@pytest.fixture(scope="session")
def asterisk_tree() -> AsteriskTree:
    try:
        return find_asterisk(lambda _: None)
    except LabError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI needs a real Asterisk: {error}")
        pytest.skip(str(error))


@pytest.fixture
def sure_postgresql() -> Iterator[postgresql.PostgresqlServer]:
    """A server of the test's own that may be killed: what it has confirmed is there afterwards."""
    with postgresql.private_server(postgresql.SURE) as server:
        yield server
