"""The pages on a real server of their own, asked by a real client."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from telephony.web import make_app
from tests.web.browserless import Visitor
from tests.web.house import House, a_house

Visit = Callable[[], Awaitable[Visitor]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as built:
        yield built


@pytest.fixture
async def visit(house: House) -> AsyncIterator[Visit]:
    """A function that returns a visitor with cookies of their own, not signed in."""
    server = TestServer(make_app(house.deps))
    await server.start_server()
    clients: list[TestClient[Any, Any]] = []

    async def visitor() -> Visitor:
        client = TestClient(server)
        clients.append(client)
        return Visitor(client, house.passwords)

    yield visitor
    for client in clients:
        await client.session.close()
    await server.close()
