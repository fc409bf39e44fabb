"""``telephony bench load``: hundreds of operators on one controller, against a switch in memory, in real time.

The whole product runs as in production (permits, rules, database, tracker, seats, recorder, pacer), less the pages and
Asterisk. Measured: the share of one core that the event loop's own thread takes, how late any decision came, and a
heartbeat that shows the longest time the loop kept a task waiting.
"""

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.app.controller import Controller
from telephony.app.wiring.adapters import Outside
from telephony.app.wiring.parts import wire
from telephony.app.wiring.system import SystemClock, SystemDice
from telephony.domain.pacing.interface import AnyPacer
from telephony.errors import InputError
from telephony.services.dialing.live_view import LiveView
from telephony.services.rules.readiness import SingleController
from telephony.storage import open_store, upgrade
from telephony.wire.watch import key_of
from telephony.workshop.bench.load_500_exchange import LoadedExchange, People
from telephony.workshop.bench.load_500_meters import Heartbeat, TimedPacer, floor_process, longest_wait_ms, share
from telephony.workshop.bench.load_500_site import LEADS, NoRecords, Robots, fill, site_settings
from telephony.workshop.bench.processes import memory_mib
from telephony.workshop.bench.unblocked import HeldLock

LOOP_SHARE: Final = 0.5
LATE_MS: Final = 100.0
"""The marks: the event loop's thread under half of one core, no decision more than 100 ms late."""


@dataclass(frozen=True, slots=True)
class CrowdFigures:
    """The figures while the floor was busy.

    Attributes:
        operators: logged in.
        seconds: measured.
        dials: made during the measurement.
        most_calls: simultaneous calls, at most.
        talking: mean share of operators in conversation.
        abandoned: share of people who answered and found nobody.
        loop_share: CPU of the event loop's thread, share of one core.
        process_share: CPU of the whole process, share of one core.
        step_us: mean CPU of one decision of the pacer, microseconds.
        late_p99_ms: event to pacing decision, 99th percentile.
        late_max_ms: the latest.
        order_p50_ms: dial ordered to dial made, attempts written between: median.
        order_p99_ms: the same, 99th percentile.
        verdict_p99_ms: permit question to answer, 99th percentile.
        route_p99_ms: answered call to its seat, when one was free; median is what people hear as silence.
        route_p50_ms: the same, median.
        beat_max_ms: longest that the loop kept a waiting task waiting.
        machine_max_ms: longest that the host kept an idle process waiting: the floor.
        memory_mib: of the process.
    """

    operators: int
    seconds: float
    dials: int
    most_calls: int
    talking: float
    abandoned: float
    loop_share: float
    process_share: float
    step_us: float
    late_p99_ms: float
    late_max_ms: float
    order_p50_ms: float
    order_p99_ms: float
    verdict_p99_ms: float
    route_p50_ms: float
    route_p99_ms: float
    beat_max_ms: float
    machine_max_ms: float
    memory_mib: float

    @property
    def holds(self) -> bool:
        """Return True if both marks are kept."""
        return self.loop_share < LOOP_SHARE and self.late_max_ms <= LATE_MS


async def bench_crowd(
    operators: int, lines: int, seconds: float, people: People, pacer: AnyPacer, report: Callable[[str], None]
) -> CrowdFigures:
    """Log a floor in, wait until it is busy, measure.

    Args:
        operators: 1 to 999.
        lines: most simultaneous calls.
        seconds: how long, after the floor has become busy.
        people: how the called people behave.
        pacer: how many dials.
        report: called with each step, as one sentence.
    """
    if not 1 <= operators <= 999:
        raise InputError("--operators goes from 1 to 999")
    with tempfile.TemporaryDirectory(prefix="telephony-bench-") as folder:
        settings = site_settings(lines, operators, Path(folder))
        await upgrade(settings.database.url)
        async with await open_store(settings.database.url) as opened:
            report(f"making {operators} operators and {LEADS} leads")
            await fill(opened.store, operators)
            loaded = LoadedExchange(people, seed=7)
            exchange = loaded.exchange
            outside = Outside(
                exchange.switch, exchange.gate, loaded.agi, loaded.archive, NoRecords(), SystemClock(), SystemDice()
            )
            timed = TimedPacer(pacer)
            controller = Controller(wire(settings, opened.store, outside, timed, SingleController(HeldLock())))
            timed.watch(controller.parts.dialing.view)
            secret = settings.gate.ami_secret.get_secret_value()
            watching = asyncio.create_task(loaded.agi.watch(key_of(secret)))
            await controller.start()
            gc.freeze()  # as in production
            robots = Robots(controller.parts)
            try:
                await _log_in(loaded, operators, people, report)
                return await _measure(controller, loaded, timed, operators, seconds, report)
            finally:
                robots.stop()
                loaded.stop()
                watching.cancel()
                await controller.stop()


async def _log_in(loaded: LoadedExchange, operators: int, people: People, report: Callable[[str], None]) -> None:
    busy_s = people.ring_timeout_s + people.talk_s
    for seat in range(1, operators + 1):
        await loaded.log_in(seat)
        if seat % 25 == 0:
            report(f"{seat} of {operators} operators logged in")
        # Spread over the length of one call, so that operators do not start together.
        await asyncio.sleep(busy_s / operators)


async def _measure(
    controller: Controller,
    loaded: LoadedExchange,
    timed: TimedPacer,
    operators: int,
    seconds: float,
    report: Callable[[str], None],
) -> CrowdFigures:
    beat = Heartbeat()
    async with floor_process() as floor:
        view = controller.parts.dialing.view
        timed.forget()
        controller.parts.dialing.launcher.took_s.clear()
        loaded.agi.forget()
        dials, human, abandoned = view.n_dials, view.n_human, view.n_abandoned
        thread_s, process_s, began = time.thread_time(), time.process_time(), time.monotonic()
        talking = await _shares(view, operators, seconds, report)
        spent_s = time.monotonic() - began
        human, abandoned = view.n_human - human, view.n_abandoned - abandoned
        verdicts, routes = (sorted(loaded.agi.waits_ms[name]) or [0.0] for name in ("verdict", "route"))
        machine_max_ms = await longest_wait_ms(floor)
    took = sorted(controller.parts.dialing.launcher.took_s)
    return CrowdFigures(
        operators=operators,
        seconds=spent_s,
        dials=view.n_dials - dials,
        most_calls=loaded.most_calls,
        talking=talking,
        abandoned=abandoned / max(1, human),
        loop_share=(time.thread_time() - thread_s) / spent_s,
        process_share=(time.process_time() - process_s) / spent_s,
        step_us=timed.mean_us,
        late_p99_ms=share(sorted(timed.late_ms), 0.99),
        late_max_ms=max(timed.late_ms, default=0.0),
        order_p50_ms=share(took, 0.5) * 1000,
        order_p99_ms=share(took, 0.99) * 1000,
        verdict_p99_ms=share(verdicts, 0.99),
        route_p50_ms=share(routes, 0.5),
        route_p99_ms=share(routes, 0.99),
        beat_max_ms=beat.stop(),
        machine_max_ms=machine_max_ms,
        memory_mib=memory_mib(os.getpid()),
    )


async def _shares(view: LiveView, operators: int, seconds: float, report: Callable[[str], None]) -> float:
    """Wait; return the mean share of operators who talked."""
    seen: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(0.5)
        seen.append(len(view.talking) / operators)
        report(f"{len(view.talking)} of {operators} operators talk, {len(view.inflight)} calls ring")
    return sum(seen) / max(1, len(seen))
