"""Robot operators: their phones log in as real phones do; they press call and choose results over the API."""

import asyncio
import contextlib
import random
from typing import Final

from telephony.domain.accounts import Role
from telephony.domain.calls.attempts import Result
from telephony.errors import LabError
from telephony.workshop.demo.pages import Pages, PagesError
from telephony.workshop.demo.setup import Person, Stage
from telephony.workshop.lab import phone_login

POLL_S: Final = 0.15
WRAP_UP_S: Final = (0.3, 1.2)
"""Shortest and longest time a robot takes to choose a result."""
RESULTS: Final = (Result.COMPLETE,) * 5 + (Result.NOT_TODAY,) * 2 + (Result.CALL_BACK, Result.MACHINE, Result.OTHER)
PATIENCE_S: Final = 5.0


async def work(stage: Stage, wrap_up_s: tuple[float, float] = WRAP_UP_S) -> None:
    """Run every robot until cancelled; each takes between ``wrap_up_s`` seconds to choose a result."""
    async with asyncio.TaskGroup() as group:
        for person in stage.people:
            if person.role is Role.OPERATOR:
                group.create_task(_operator(stage, person, wrap_up_s))


async def _operator(stage: Stage, person: Person, wrap_up_s: tuple[float, float]) -> None:
    with contextlib.closing(Pages(stage.address, person)) as pages:
        await _sit(stage, person, pages, wrap_up_s)


async def _sit(stage: Stage, person: Person, pages: Pages, wrap_up_s: tuple[float, float]) -> None:
    dice = random.Random(person.seat)  # noqa: S311  repeatable, not secret
    loop = asyncio.get_running_loop()
    called_at = -PATIENCE_S
    while True:
        try:
            seen = await pages.get("/api/v1/desk")
            state = seen["state"]
            if state == "offline" and loop.time() - called_at >= PATIENCE_S:
                called_at = loop.time()
                with contextlib.suppress(LabError):
                    await asyncio.to_thread(phone_login, stage.lab, person.seat)
            elif state == "preview" and seen["preview"]:
                await asyncio.sleep(dice.uniform(*wrap_up_s))
                await pages.post("/api/v1/desk/call", {"id": seen["preview"]["id"]})
            elif state == "wrap_up":
                await asyncio.sleep(dice.uniform(*wrap_up_s))
                await pages.post("/api/v1/desk/result", {"result": dice.choice(RESULTS).value})
                continue
        except PagesError:  # the controller does not answer; it comes back, or the demonstration ends
            await asyncio.sleep(POLL_S * 3)
        await asyncio.sleep(POLL_S)
