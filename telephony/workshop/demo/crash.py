"""A crash of the controller during the demonstration, and the time until no call that was up is left unattended."""

import asyncio
import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from telephony.app.workbench import workbench
from telephony.domain.accounts import Role
from telephony.domain.calls.attempts import Attempt
from telephony.ids import AttemptId
from telephony.workshop.demo.pages import Pages
from telephony.workshop.demo.setup import Stage

BOUND_S: Final = 10.0
"""Within this every call that was up has ended, or the new controller has taken it over."""
GIVES_UP_S: Final = 30.0
POLL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Crash:
    """The result of one crash.

    Attributes:
        at_s: when it was planned, seconds after the start.
        calls: calls under way at the kill; None: the demonstration ended before it was known.
        settled_s: seconds from the kill until each had ended or was taken over; None: not within ``GIVES_UP_S``.
    """

    at_s: float
    calls: int | None = None
    settled_s: float | None = None

    @property
    def fault(self) -> str:
        """Return what was promised and did not happen, or ""."""
        if self.calls is None:
            return f"the demonstration ended before a crash {self.at_s:g} s after the start could be judged"
        if self.settled_s is None or self.settled_s > BOUND_S:
            return f"of {self.calls} calls up at the kill, not all had ended or were taken over {BOUND_S:g} s later"
        return ""


async def crash(stage: Stage, at_s: float) -> Crash:
    """Kill the controller after ``at_s`` seconds and start it again; return when no call is unattended, or give up."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(at_s)
    with contextlib.closing(Pages(stage.address, stage.person(Role.SUPERVISOR))) as watcher:
        killed = loop.time()
        stage.kill_controller()
        if stage.controller is not None:
            await stage.controller.wait()
        async with workbench(stage.settings) as bench:
            left = {attempt.attempt_id for attempt in await bench.store.attempts.unfinished()}
            await stage.start_controller()
            while (passed_s := loop.time() - killed) < GIVES_UP_S:
                floor = await watcher.floor()
                if not unattended(left, await bench.store.attempts.unfinished(), floor):
                    return Crash(at_s, len(left), passed_s)
                await asyncio.sleep(POLL_S)
    return Crash(at_s, len(left))


def unattended(
    left: Collection[AttemptId], unfinished: Sequence[Attempt], floor: Mapping[str, Any] | None
) -> set[AttemptId]:
    """Return which calls of ``left`` have not ended and are at no seat that the controller's floor shows talking."""
    talking = {seat["seat"] for seat in floor["seats"] if seat["state"] == "talking"} if floor else set()
    return {attempt.attempt_id for attempt in unfinished if attempt.attempt_id in left and attempt.seat not in talking}
