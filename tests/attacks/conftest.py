"""One site per configuration for the whole session: the naive one first, then the generated one.

``make test`` gives each file a session, hence two sites, of its own.

Where CI runs, a lab that cannot be had is a failure; elsewhere the attacks are skipped with the reason.
"""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.absence import needed_asterisk
from tests.scenes.attacked_site import AttackedSite, open_attacked_site


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=["naive", "generated"])
async def shared_site(request: pytest.FixtureRequest) -> AsyncIterator[AttackedSite]:
    """A lab with a hostile carrier and hostile phones; use ``site``, which tidies up after each attack."""
    needed_asterisk()
    attacked_site = await open_attacked_site(request.param)
    yield attacked_site
    await attacked_site.end()


@pytest_asyncio.fixture(loop_scope="session")
async def attacked_site(shared_site: AttackedSite, request: pytest.FixtureRequest) -> AsyncIterator[AttackedSite]:
    """The site, at rest before and after."""
    shared_site.begin(re.sub(r"\b(naive|generated)\b-?", "", request.node.name))
    yield shared_site
    await shared_site.tidy()
