"""Operators who sign in at the pages of a controller elsewhere: a seat with nobody at its desk gets no call."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from telephony.domain.accounts import Role
from telephony.workshop.demo.pages import Pages, PagesError
from telephony.workshop.demo.setup import Person

ASKS_S = 1.0


@contextlib.asynccontextmanager
async def signed_in(address: str, passwords: Mapping[str, str]) -> AsyncIterator[None]:
    """Let operators sign in at the pages of a controller elsewhere, and ask for their desk as a browser does."""
    people = [Person(username, password, Role.OPERATOR) for username, password in passwords.items()]
    tasks = [asyncio.create_task(_sits(address, person)) for person in people]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _sits(address: str, person: Person) -> None:
    with contextlib.closing(Pages(address, person)) as pages:
        while True:
            with contextlib.suppress(PagesError):  # the controller is away
                await pages.get("/api/v1/desk")
            await asyncio.sleep(ASKS_S)
