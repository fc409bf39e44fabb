"""``telephony bench crowd``: hundreds of operators on one controller, against a switch in memory, in real time.

The whole product runs as in production (permits, rules, database, tracker, seats, recorder, pacer), less the pages and
Asterisk. Measured: the share of one core that the event loop's own thread takes, how late any decision came, and a
heartbeat that tells how long the loop ever kept anybody waiting.
"""

import asyncio
import contextlib
import gc
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, product
from pathlib import Path
from typing import Any, Final

from telephony.app.controller import Controller
from telephony.app.outside import Outside
from telephony.app.system import SystemClock, SystemDice
from telephony.app.wiring import Parts, wire
from telephony.bench.crowd_exchange import CrowdExchange, People
from telephony.bench.desks import at_their_desks
from telephony.bench.load import PREFIXES
from telephony.bench.processes import memory_mib
from telephony.bench.unblocked import HeldLock
from telephony.domain.accounts import Role
from telephony.domain.attempts import Result
from telephony.domain.campaigns import CampaignState, NewCampaign
from telephony.domain.dialing_options import MOST_ABANDONED, DialingOptions
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads import NewLead
from telephony.domain.operators import OperatorEvent, OperatorState
from telephony.domain.pacing_interface import AnyPacer, View
from telephony.domain.proof import GateRecords
from telephony.domain.reason import Reason
from telephony.domain.trunks import Route
from telephony.errors import InputError
from telephony.ids import Number, PermitId, SeatNumber
from telephony.ports.leads import NewList
from telephony.ports.store import Store
from telephony.services.dialing_view import LiveView
from telephony.services.readiness import SingleController
from telephony.services.seats import Seat
from telephony.settings import Settings
from telephony.settings.load import settings_from
from telephony.storage import open_store, upgrade
from telephony.wire.watch import key_of

TRUNK: Final = "bench"
CALLER_ID: Final = "33199009999"
BEAT_S: Final = 0.005
LOOP_SHARE: Final = 0.5
LATE_MS: Final = 100.0
"""The marks: the event loop's thread under half of one core, no decision more than 100 ms late."""
WRAP_UP_S: Final = 2.0
LEADS: Final = 20_000
FLOOR: Final = f"""
import signal, sys, time
worst = 0.0
def end(*_):
    print(worst * 1000)
    sys.exit()
signal.signal(signal.SIGTERM, end)
while True:
    due = time.monotonic() + {BEAT_S}
    time.sleep({BEAT_S})
    worst = max(worst, time.monotonic() - due)
"""
"""A process that only waits: what it is kept waiting for, the machine keeps everybody waiting for."""


@dataclass(frozen=True, slots=True)
class CrowdFigures:
    """What was seen while the floor was busy.

    Attributes:
        operators: logged in.
        seconds: measured.
        dials: begun meanwhile.
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
        machine_max_ms: longest that the machine kept a process waiting that does nothing but wait: the floor.
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
        """Whether both marks are kept."""
        return self.loop_share < LOOP_SHARE and self.late_max_ms <= LATE_MS


async def bench_crowd(
    operators: int, lines: int, seconds: float, people: People, pacer: AnyPacer, report: Callable[[str], None]
) -> CrowdFigures:
    """Fill a floor, let it become busy, measure.

    Args:
        operators: 1 to 999.
        lines: most simultaneous calls.
        seconds: how long, after the floor has become busy.
        people: how the called people behave.
        pacer: how many dials.
        report: told what is being done.
    """
    if not 1 <= operators <= 999:
        raise InputError("--operators goes from 1 to 999")
    with tempfile.TemporaryDirectory(prefix="telephony-bench-") as folder:
        settings = _settings(lines, operators, Path(folder))
        await upgrade(settings.database.url)
        async with await open_store(settings.database.url) as opened:
            report(f"making {operators} operators and {LEADS} leads")
            await _fill(opened.store, operators)
            exchange = CrowdExchange(people, seed=7)
            outside = Outside(
                exchange.pbx, exchange.gate, exchange.desk, exchange.archive, NoRecords(), SystemClock(), SystemDice()
            )
            timed = _Timed(pacer)
            controller = Controller(wire(settings, opened.store, outside, timed, SingleController(HeldLock())))
            timed.watch(controller.parts.dialing.view)
            secret = settings.gate.ami_secret.get_secret_value()
            watching = asyncio.create_task(exchange.desk.watch(key_of(secret)))
            await controller.start()
            gc.freeze()  # as the service does
            try:
                return await _measure(controller, exchange, timed, operators, people, seconds, report)
            finally:
                exchange.stop()
                watching.cancel()
                await controller.stop()


async def _measure(
    controller: Controller,
    exchange: CrowdExchange,
    timed: "_Timed",
    operators: int,
    people: People,
    seconds: float,
    report: Callable[[str], None],
) -> CrowdFigures:
    robots = _Robots(controller.parts)
    busy_s = people.ring_timeout_s + people.talk_s
    for seat in range(1, operators + 1):
        await exchange.log_in(seat)
        if seat % 25 == 0:
            report(f"{seat} of {operators} operators logged in")
        # Over one call's length, so that the floor is not in step.
        await asyncio.sleep(busy_s / operators)
    beat = _Heartbeat()
    async with _floor() as floor:
        view = controller.parts.dialing.view
        timed.forget()
        controller.parts.dialing.launcher.took_s.clear()
        exchange.desk.waits_ms = {"verdict": [], "route": []}
        dials, human, abandoned = view.n_dials, view.n_human, view.n_abandoned
        thread_s, process_s, began = time.thread_time(), time.process_time(), time.monotonic()
        talking = await _shares(view, operators, seconds, report)
        spent_s = time.monotonic() - began
        human, abandoned = view.n_human - human, view.n_abandoned - abandoned
        verdicts, routes = (sorted(exchange.desk.waits_ms[name]) or [0.0] for name in ("verdict", "route"))
        machine_max_ms = await _ended(floor)
    took = sorted(controller.parts.dialing.launcher.took_s)
    robots.stop()
    return CrowdFigures(
        operators=operators,
        seconds=spent_s,
        dials=view.n_dials - dials,
        most_calls=exchange.most_calls,
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
    """Let time pass; return the mean share of operators who talked."""
    seen: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(0.5)
        seen.append(len(view.talking) / operators)
        report(f"{len(view.talking)} of {operators} operators talk, {len(view.inflight)} calls ring")
    return sum(seen) / max(1, len(seen))


def share(ordered: Sequence[float], part: float) -> float:
    """Return a percentile of sorted figures; 0 when there are none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


@contextlib.asynccontextmanager
async def _floor() -> AsyncIterator[asyncio.subprocess.Process]:
    """Have the floor's process for as long as this lasts, and no longer."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", FLOOR, stdout=asyncio.subprocess.PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _ended(floor: asyncio.subprocess.Process) -> float:
    """End the floor's process; return what it was kept waiting at most, ms."""
    floor.terminate()
    said, _ = await floor.communicate()
    return float(said)


class _Timed:
    """A pacer, timed: how long a decision takes, and how late it comes."""

    def __init__(self, pacer: AnyPacer) -> None:
        self._pacer = pacer
        self._view: LiveView | None = None
        self.tick = pacer.tick
        self.forget()

    def forget(self) -> None:
        """Begin the figures anew."""
        self.late_ms: list[float] = []
        self._cpu_s = 0.0

    @property
    def mean_us(self) -> float:
        """Mean CPU of one decision, microseconds."""
        return self._cpu_s * 1e6 / max(1, len(self.late_ms))

    def watch(self, view: LiveView) -> None:
        """Ask this view how late events come."""
        self._view = view

    def start(self, view: View) -> None:
        """Begin."""
        self._pacer.start(view)

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Decide, timed."""
        began = time.thread_time()
        count = self._pacer.step(t, kind, call, agent)
        spent_s = time.thread_time() - began
        self._cpu_s += spent_s
        if self._view is not None:
            self.late_ms.append((self._view.events.behind_s + spent_s) * 1000)
        return count

    def reason(self) -> Reason:
        """Say why."""
        return self._pacer.reason()


class NoRecords:
    """A crowd's gate keeps no records: nothing of it is ever lost."""

    async def of(self, _permits: Collection[PermitId], _since: datetime) -> GateRecords:
        """Return none."""
        return GateRecords(())


class _Robots:
    """Operators who sit at their desks and choose a result after a moment."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tasks: set[asyncio.Task[Any]] = set()
        parts.shared.seats.observe(self)
        self._desks = contextlib.ExitStack()
        self._desks.enter_context(at_their_desks(parts))

    def on_seat(self, seat: Seat, _event: OperatorEvent) -> None:
        """Choose a result when one is due."""
        if seat.state is OperatorState.WRAP_UP and seat.row.operator_id is not None:
            task = asyncio.create_task(self._choose(seat))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _choose(self, seat: Seat) -> None:
        await asyncio.sleep(WRAP_UP_S)
        if seat.state is OperatorState.WRAP_UP and seat.row.operator_id is not None:
            await self._parts.screens.desk.choose_result(seat.row.operator_id, Result.COMPLETE)

    def stop(self) -> None:
        self._desks.close()
        for task in self._tasks:
            task.cancel()


class _Heartbeat:
    """Sleeps for a moment, again and again, and notes how late it was woken."""

    def __init__(self) -> None:
        self._late_ms = 0.0
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            due = time.monotonic() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self._late_ms = max(self._late_ms, (time.monotonic() - due) * 1000)

    def stop(self) -> float:
        """End it; return the latest, ms."""
        self._task.cancel()
        return self._late_ms


async def _fill(store: Store, operators: int) -> None:
    now = datetime.now(UTC)
    for seat in range(1, operators + 1):
        account = await store.accounts.add(f"poste{seat}", f"Poste {seat}", Role.OPERATOR, "none", now)
        await store.accounts.add_operator(account.account_id, f"Poste {seat}", SeatNumber(seat))
    routes, dialing = (Route(TRUNK, CALLER_ID),), DialingOptions(MOST_ABANDONED)
    campaign = await store.campaigns.add(
        NewCampaign("bench", "bench", CampaignKind.B2B, routes, dialing, 40, now), "bench"
    )
    numbers = (Number(f"33{prefix[1:]}{row:04d}") for row, prefix in product(range(10_000), PREFIXES))
    leads = [NewLead(number, "", {}, row + 2) for row, number in enumerate(islice(numbers, LEADS))]
    async with store.leads.load(NewList(campaign.campaign_id, "bench", "ab" * 32, "bench", now)) as load:
        for first in range(0, LEADS, 1000):
            await load.add(leads[first : first + 1000])
        loaded = await load.finish()
    await store.whitelist.approve_list(loaded.list_id, "second", now)
    await store.campaigns.set_state(campaign.campaign_id, CampaignState.RUNNING, "bench", now)


def _settings(lines: int, operators: int, folder: Path) -> Settings:
    """Return a site's settings; none of its addresses is ever used."""

    def node(name: str, user_id: int, host: str, port: int) -> dict[str, Any]:
        folders = {part: folder / name / part for part in ("etc", "lib", "spool", "run", "log")}
        rtp = {"rtp_start": 10_000 + user_id * 100, "rtp_end": 10_099 + user_id * 100}
        ami = {"user_id": user_id, "ami_host": host, "ami_port": port, "ami_secret": "sixteen letters!"}
        return folders | rtp | ami | {"sip_host": host}

    trunk = {"name": TRUNK, "host": "127.0.0.5", "caller_ids": [CALLER_ID], "channels": lines}
    return settings_from(
        {
            "database": {"url": f"sqlite:///{folder}/crowd.db"},
            "pbx": node("pbx", 1, "127.0.0.2", 5038),
            "gate": node("gate", 2, "127.0.0.3", 5039) | {"sip_secret": "sixteen letters!", "trunk_host": "127.0.0.4"},
            "trunks": [trunk | {"calls_per_second": max(5.0, operators / 3)}],
            "recording": {"archive": folder / "archive", "minimum_free_mib": 1},
        }
    )
