"""The demonstration from start to verdict: ``setup`` prepares it, ``board`` draws it, ``verdict`` checks it."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.live import Live

from telephony.app.workbench import workbench
from telephony.domain.accounts import Role
from telephony.errors import TelephonyError
from telephony.shipped import shipped
from telephony.workshop.demo import board, robots
from telephony.workshop.demo.crash import Crash, crash
from telephony.workshop.demo.pages import Pages
from telephony.workshop.demo.setup import Stage, staged
from telephony.workshop.demo.verdict import Verdict, judge

LEADS: Final = "leads-300.csv"
READY_S: Final = 20.0
LONGEST_S: Final = 240.0
"""Seconds after which the demonstration gives up."""
DRAW_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The options of the command.

    Attributes:
        seats: robot operators.
        leads: CSV file, None for the example.
        keep: leave everything running.
        crash_at_s: end the controller with SIGKILL that many seconds after the start, and start it again; None: never.
    """

    seats: int = 6
    leads: Path | None = None
    keep: bool = False
    crash_at_s: float | None = None


async def demonstrate(options: DemoOptions, console: Console, tell: Callable[[Verdict], None] | None = None) -> int:
    """Run the demonstration and return the exit status: 0 when every check passed; ``tell`` gets the verdict."""
    leads = options.leads or shipped("config") / "examples" / LEADS
    starting = console.status("starting")
    starting.start()
    try:
        async with staged(options.seats, leads, starting.update, keep=options.keep) as stage:
            starting.stop()
            verdict = await _play(stage, options, console)
            if tell is not None:
                tell(verdict)
            return 1 if verdict.faults else 0
    except TelephonyError as error:
        starting.stop()
        console.print(f"DEMO FAILED: {error}", markup=False, highlight=False, soft_wrap=True)
        return 1


async def _play(stage: Stage, options: DemoOptions, console: Console) -> Verdict:
    _introduce(stage, console)
    working = asyncio.create_task(robots.work(stage))
    crashing: asyncio.Task[Crash] | None = None
    loop = asyncio.get_running_loop()
    try:
        with (
            contextlib.closing(Pages(stage.address, stage.person(Role.SUPERVISOR))) as watcher,
            Live(console=console, refresh_per_second=4, transient=not console.is_terminal) as live,
        ):
            await _all_ready(watcher, options.seats)
            async with workbench(stage.settings) as bench:
                await bench.campaigns.start(stage.campaign.campaign_id, "demo")
            began = loop.time()
            if options.crash_at_s is not None:
                crashing = asyncio.create_task(crash(stage, options.crash_at_s))
            while loop.time() - began < LONGEST_S:
                floor = await watcher.floor()
                live.update(board.draw(floor, loop.time() - began, ""))
                for task in (working, crashing):
                    if task is not None and task.done():
                        task.result()
                if await _is_over(stage):
                    break
                await asyncio.sleep(DRAW_S)
            elapsed_s = loop.time() - began
    finally:
        for task in (working, crashing):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
    verdict = await judge(stage)
    if crashing is not None and options.crash_at_s is not None:
        verdict = verdict.with_crash(Crash(options.crash_at_s) if crashing.cancelled() else crashing.result())
    console.print(board.summary(verdict, elapsed_s))
    for fault in verdict.faults[:10]:
        console.print(f"fault: {fault}", markup=False, highlight=False, soft_wrap=True)
    if options.keep:
        _introduce(stage, console)
        console.print(f"kept running; end it with: telephony lab down {stage.lab.lab_id}", highlight=False)
    console.print(verdict.line(), markup=False, highlight=False, soft_wrap=True)
    return verdict


def _introduce(stage: Stage, console: Console) -> None:
    console.print(f"pages: {stage.address}   settings: {stage.lab.settings}", highlight=False, soft_wrap=True)
    for person in stage.people:
        where = f" (seat {person.seat})" if person.seat else ""
        console.print(f"  {person.role}{where}: {person.username} / {person.password}", markup=False, highlight=False)
    if stage.controller is not None:
        console.print(f"  controller: pid {stage.controller.pid}, log {stage.log}", highlight=False, soft_wrap=True)


async def _all_ready(watcher: Pages, seats: int) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_S):
            while True:
                floor = await watcher.floor()
                if floor and sum(1 for seat in floor["seats"] if seat["state"] == "ready") >= seats:
                    return
                await asyncio.sleep(DRAW_S / 2)


async def _is_over(stage: Stage) -> bool:
    """Whether every lead is done and every recording finished."""
    async with workbench(stage.settings) as bench:
        progress = await bench.store.campaigns.progress(stage.campaign.campaign_id)
        if progress.waiting or progress.in_progress:
            return False
        return not await bench.store.recordings.missing()
