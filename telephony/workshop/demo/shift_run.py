"""Play a shift on three real Asterisk instances, and compare it with its simulation.

The same draw makes the list that is dialled and the fates that are simulated (``shift``); the board is the
demonstration's own, what operators hear is measured on the wire (``audio_probe``), the calls are checked as in
every demonstration (``verdict``).
"""

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

from telephony.app.workbench import workbench
from telephony.domain.accounts import Role
from telephony.errors import LabError, TelephonyError
from telephony.simulation.outcomes import RING_TIMEOUT_S
from telephony.workshop.demo import board, robots
from telephony.workshop.demo.audio_probe import Heard, delays_ms, listening
from telephony.workshop.demo.pages import Pages, PagesError
from telephony.workshop.demo.setup import Stage, staged
from telephony.workshop.demo.shift import SIMULATIONS, WRAP_UP_S, Interval, Shift, draw, intervals, numbers, simulate
from telephony.workshop.demo.verdict import Verdict, judge

HEARD_MS: Final = 100.0
"""The mark: answer to the called person's voice at the operator's ear, 95th percentile."""
POLL_S: Final = 0.5
READY_S: Final = 30.0
END_S: Final = 150.0
"""Longest that the last calls and recordings may take after the shift."""


@dataclass(frozen=True, slots=True)
class ShiftFigures:
    """The figures of a shift, beside the simulated ones.

    Attributes:
        utilisation: operators' time in conversation or wrap-up, share of time logged in and not paused.
        abandoned: share of people who answered and found nobody.
        connected: people connected.
        dials: attempts.
        heard_ms: answer to the voice at an operator's ear, each call, rising; empty when it could not be watched.
        simulated: the intervals.
    """

    utilisation: float
    abandoned: float
    connected: int
    dials: int
    heard_ms: Sequence[float]
    simulated: Mapping[str, Interval]

    @property
    def heard_p95_ms(self) -> float | None:
        """95th percentile of ``heard_ms``; None when nothing was heard."""
        return self.heard_ms[min(len(self.heard_ms) - 1, int(len(self.heard_ms) * 0.95))] if self.heard_ms else None

    def faults(self) -> list[str]:
        """Return a message for each figure outside its bounds."""
        outside = []
        for name, value in (("utilisation", self.utilisation), ("abandoned", self.abandoned)):
            if not self.simulated[name].contains(value):
                low, high = self.simulated[name].low, self.simulated[name].high
                outside.append(f"{name} {value:.1%} lies outside the simulated {low:.1%} to {high:.1%}")
        if self.heard_p95_ms is not None and self.heard_p95_ms > HEARD_MS:
            outside.append(f"operators heard the called person after {self.heard_p95_ms:.0f} ms (95th percentile)")
        return outside

    def line(self, faults: Sequence[str]) -> str:
        """Return the last line."""
        if faults:
            return "SHIFT FAILED: " + faults[0]
        use, lost = self.simulated["utilisation"], self.simulated["abandoned"]
        heard = f" heard_p95_ms={self.heard_p95_ms:.0f}" if self.heard_p95_ms is not None else ""
        return (
            f"SHIFT OK dials={self.dials} connected={self.connected}"
            f" utilisation={self.utilisation:.1%} (simulated {use.low:.1%} to {use.high:.1%})"
            f" abandoned={self.abandoned:.1%} (simulated {lost.low:.1%} to {lost.high:.1%}){heard}"
        )


Tell = Callable[[ShiftFigures, Sequence[str]], None]
"""Called with the figures, and a message for each check that failed."""


async def play(shift: Shift, console: Console, tell: Tell | None = None, *, keep: bool) -> int:
    """Play a shift and return the exit status: 0 when every check passed; ``tell`` gets the figures and the faults.

    Raises:
        InputError: a mode that the simulation does not know; nothing has been started.
    """
    shift.pacer()
    starting = console.status("starting")
    starting.start()
    try:
        with tempfile.TemporaryDirectory(prefix="telephony-shift-") as folder:
            leads = Path(folder) / "shift.csv"
            leads.write_text("\n".join(["telephone", *numbers(draw(shift, shift.seed))]) + "\n", encoding="utf-8")
            dialing = {"ring_timeout_s": round(RING_TIMEOUT_S)}  # the simulation's, and a real site's
            async with staged(
                shift.operators, leads, starting.update, keep=keep, dialing=dialing, mode=shift.mode
            ) as stage:
                starting.stop()
                figures, faults = await _play(stage, shift, console)
        if tell is not None:
            tell(figures, faults)
    except TelephonyError as error:
        starting.stop()
        console.print(f"SHIFT FAILED: {error}", markup=False, highlight=False, soft_wrap=True)
        return 1
    return 1 if faults else 0


async def _play(stage: Stage, shift: Shift, console: Console) -> tuple[ShiftFigures, Sequence[str]]:
    working = asyncio.create_task(robots.work(stage, WRAP_UP_S))
    try:
        with (
            contextlib.closing(Pages(stage.address, stage.person(Role.SUPERVISOR))) as watcher,
            Live(console=console, refresh_per_second=4, transient=not console.is_terminal) as live,
            listening(stage.lab) as heard,
        ):
            await _all_ready(watcher, shift.operators)
            busy = await _worked(stage, shift, watcher, live, working)
            await _ended(stage, watcher, live)
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
    verdict = await judge(stage, is_whole_list=False)
    with console.status(f"simulating the shift {SIMULATIONS} times"):
        expected = await asyncio.to_thread(_simulated, shift)
    figures = _figures(verdict, busy, heard, expected)
    faults = [*verdict.faults, *figures.faults()]
    console.print(_summary(figures))
    for fault in faults[:10]:
        console.print(f"fault: {fault}", markup=False, highlight=False, soft_wrap=True)
    console.print(figures.line(faults), markup=False, highlight=False, soft_wrap=True)
    return figures, faults


async def _all_ready(watcher: Pages, seats: int) -> None:
    async with asyncio.timeout(READY_S):
        while True:
            floor = await _floor(watcher)
            if floor and sum(1 for seat in floor["seats"] if seat["state"] == "ready") >= seats:
                return
            await asyncio.sleep(POLL_S)


async def _worked(stage: Stage, shift: Shift, watcher: Pages, live: Live, working: asyncio.Task[None]) -> Counter[str]:
    """Dial for the length of the shift; return how often seats were seen in each state."""
    loop = asyncio.get_running_loop()
    seen: Counter[str] = Counter()
    async with workbench(stage.settings) as bench:
        await bench.campaigns.start(stage.campaign.campaign_id, "demo")
        began = loop.time()
        while (elapsed_s := loop.time() - began) < shift.minutes * 60:
            floor = await _floor(watcher)
            live.update(board.draw(floor, elapsed_s, f"of {shift.minutes:g} min"))
            if floor is not None:
                seen.update(seat["state"] for seat in floor["seats"])
            if working.done():
                working.result()
            await asyncio.sleep(POLL_S)
        await bench.campaigns.pause(stage.campaign.campaign_id, "demo")
    return seen


async def _ended(stage: Stage, watcher: Pages, live: Live) -> None:
    """Return when the last calls and their recordings have ended."""
    loop = asyncio.get_running_loop()
    until = loop.time() + END_S
    async with workbench(stage.settings) as bench:
        while loop.time() < until:
            live.update(board.draw(await _floor(watcher), 0, "the last calls end"))
            progress = await bench.store.campaigns.progress(stage.campaign.campaign_id)
            if not progress.in_progress and not await bench.store.recordings.missing():
                return
            await asyncio.sleep(POLL_S)
    raise LabError("the last calls of the shift did not end in time")


async def _floor(watcher: Pages) -> dict[str, Any] | None:
    try:
        floor: dict[str, Any] = await watcher.get("/api/v1/floor")
    except PagesError:
        return None
    return floor


def _simulated(shift: Shift) -> Mapping[str, Interval]:
    return intervals([simulate(shift, seed) for seed in range(1, SIMULATIONS + 1)])


def _figures(verdict: Verdict, seen: Counter[str], heard: Heard, expected: Mapping[str, Interval]) -> ShiftFigures:
    busy = seen["talking"] + seen["wrap_up"]
    abandoned = verdict.outcomes.get("abandoned", 0)
    return ShiftFigures(
        utilisation=busy / max(1, busy + seen["ready"] + seen["reserved"]),
        abandoned=abandoned / max(1, abandoned + verdict.connected),
        connected=verdict.connected,
        dials=verdict.attempts,
        heard_ms=sorted(delays_ms(heard)),
        simulated=expected,
    )


def _summary(figures: ShiftFigures) -> Table:
    table = Table(title="the shift, measured and simulated", title_justify="left")
    for name in ("what", "measured", f"95 of 100 of {SIMULATIONS} simulations"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for name, value in (("utilisation", figures.utilisation), ("abandoned", figures.abandoned)):
        inside = figures.simulated[name]
        table.add_row(name, f"{value:.1%}", f"{inside.low:.1%} to {inside.high:.1%}")
    table.add_row("attempts", str(figures.dials), "")
    table.add_row("connected", str(figures.connected), "")
    if figures.heard_ms:
        median = figures.heard_ms[len(figures.heard_ms) // 2]
        table.add_row(
            "answer to voice at the operator's ear, ms, p50 / p95", f"{median:.0f} / {figures.heard_p95_ms:.0f}", ""
        )
        table.add_row("answers whose voice was heard", str(len(figures.heard_ms)), "")
    return table
