"""The pages on a real server of their own, asked by a real client."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from telephony.web import make_app
from tests.scenes.pages import Pages, open_pages
from tests.web.browserless import Visitor

Visit = Callable[[], Awaitable[Visitor]]


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with open_pages(tmp_path) as built:
        yield built


@pytest.fixture
async def visit(pages: Pages) -> AsyncIterator[Visit]:
    """A function that returns a visitor with cookies of their own, not signed in."""
    server = TestServer(make_app(pages.deps))
    await server.start_server()
    clients: list[TestClient[Any, Any]] = []

    async def visitor() -> Visitor:
        client = TestClient(server)
        clients.append(client)
        return Visitor(client, pages.passwords)

    yield visitor
    for client in clients:
        await client.session.close()
    await server.close()
