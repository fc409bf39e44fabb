"""``telephony bench calls``: how many new calls per second go through pbx and gate, recorded, and what each one costs.

The whole product runs as in production, less the pages: permits, rules, database, tracker, seats, recorder; only the
pacer is a steady one. The floor is Asterisk itself in the same run: CPU of pbx and gate per call. Carrier, called
people and phones (world) are the load and are shown apart.
"""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.app.controller import Controller, running
from telephony.app.wiring.parts import Parts
from telephony.app.wiring.services import Services
from telephony.app.workbench import workbench
from telephony.domain.accounts import Role
from telephony.domain.calls.attempts import Attempt, CallState, Result
from telephony.domain.calls.operators import OperatorEvent, OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import CampaignWish
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.retries import ONCE
from telephony.errors import InputError
from telephony.ids import AttemptId, SeatNumber
from telephony.ports.pages import every
from telephony.services.calls.seats import Seat
from telephony.settings import load_settings
from telephony.storage import upgrade
from telephony.workshop.bench.desks import at_their_desks
from telephony.workshop.bench.load import Steady, expected, numbers
from telephony.workshop.bench.processes import cpu_seconds, memory_mib
from telephony.workshop.lab import Lab, LabOptions, lab_down, lab_made, phone_login

FAILURES: Final = 0.001
"""Share of calls that may fail: 0.1 %."""
SETTLE_S: Final = 40.0
APPROVER: Final = "approver"
"""Account that approves the lists: nobody approves their own."""
SEATS_PER_RATE: Final = 1.6
"""Operators per new call a second: three in ten answer and talk 3 s, and nobody may be abandoned for lack of one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rate, measured.

    Attributes:
        rate: new calls per second requested.
        reached: new calls per second that left.
        calls: attempts begun.
        failures: attempts with another outcome than their number gives, or an answered one without a recording.
        connect_p50_ms: answer to operator connected, median.
        connect_p99_ms: the same, 99th percentile.
        controller_ms: CPU of the controller per call.
        pbx_ms: CPU of the pbx per call.
        gate_ms: CPU of the gate per call.
        world_ms: CPU of carrier, people and phones per call.
        controller_mib: memory of the controller.
        idle: share of the machine's CPU that was idle.
    """

    rate: float
    reached: float
    calls: int
    failures: int
    connect_p50_ms: float
    connect_p99_ms: float
    controller_ms: float
    pbx_ms: float
    gate_ms: float
    world_ms: float
    controller_mib: float
    idle: float

    @property
    def asterisk_ms(self) -> float:
        """CPU of pbx and gate per call."""
        return self.pbx_ms + self.gate_ms

    @property
    def ratio(self) -> float:
        """The controller's CPU per call as a share of Asterisk's."""
        return self.controller_ms / self.asterisk_ms if self.asterisk_ms else 0.0

    @property
    def holds(self) -> bool:
        """Return True if the rate was reached with at most 0.1 % failures."""
        return self.failures <= self.calls * FAILURES and self.reached >= 0.95 * self.rate


async def bench_calls(rates: Sequence[float], seconds: float, report: Callable[[str], None]) -> list[Step]:
    """Measure each rate in turn on a lab of its own; stops after the first that fails.

    Args:
        rates: new calls per second, rising.
        seconds: how long each is held.
        report: called with each step, as one sentence.
    """
    for rate in rates:
        if rate * seconds > 1_900:
            raise InputError(f"{rate:g} calls/s for {seconds:g} s need more fiction numbers than there are: 1,900")
    seats = max(4, round(max(rates) * SEATS_PER_RATE))
    options = LabOptions(
        seats=seats,
        settings={"dialing": {"ring_timeout_s": 15, "poll_s": 0.2}},
        calls_per_second=2 * max(rates),  # otherwise the trunk's configured limit would be measured
        has_warden=True,
    )
    lab = await lab_made(options, report)
    try:
        return await _measure(lab, rates, seconds, report)
    finally:
        await asyncio.to_thread(lab_down, lab.lab_id)


async def _measure(lab: Lab, rates: Sequence[float], seconds: float, report: Callable[[str], None]) -> list[Step]:
    settings = load_settings(lab.settings)
    await upgrade(settings.database.url)
    async with workbench(settings) as bench:
        await bench.accounts.create(APPROVER, APPROVER, Role.COMPLIANCE)
        for seat in lab.seats:
            name = f"poste{seat.number}"
            await bench.accounts.add_operator(name, name, name, SeatNumber(seat.number))
    pacer = Steady()
    steps: list[Step] = []
    async with running(settings, pacer) as controller:
        robots = _Robots(controller.parts)
        report(f"logging {len(lab.seats)} operators in")
        await _log_in(lab, controller)
        for rate in rates:
            report(f"{rate:g} calls/s for {seconds:g} s")
            async with workbench(settings) as bench:
                steps.append(await _step(lab, controller, bench, pacer, rate, seconds))
            if not steps[-1].holds:
                break
        robots.stop()
    return steps


class _Robots:
    """Operators who sit at their desks and choose a result at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tasks: set[asyncio.Task[None]] = set()
        parts.calls.seats.observe(self)
        self._desks = ExitStack()
        self._desks.enter_context(at_their_desks(parts))

    def on_seat(self, seat: Seat, _event: OperatorEvent) -> None:
        """Choose a result when one is due."""
        if seat.state is OperatorState.WRAP_UP and seat.row.operator_id is not None:
            task = asyncio.create_task(self._parts.screens.desk.choose_result(seat.row.operator_id, Result.COMPLETE))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        self._desks.close()
        for task in self._tasks:
            task.cancel()


async def _log_in(lab: Lab, controller: Controller) -> None:
    for seat in lab.seats:
        await asyncio.to_thread(phone_login, lab, seat.number)
    async with asyncio.timeout(SETTLE_S):
        async for floor in controller.parts.screens.floor.changes(0):
            if all(seat.state is OperatorState.READY for seat in floor.seats):
                return


async def _step(lab: Lab, controller: Controller, bench: Services, pacer: Steady, rate: float, seconds: float) -> Step:
    count = round(rate * seconds)
    wish = CampaignWish(f"{rate:g}/s", "bench", CampaignKind.SURVEY, plan=ONCE)
    campaign = await bench.campaigns.create(wish, by="bench")
    rows = "\n".join(["telephone", *numbers(count)])
    report = await bench.lists.load_file(rows.encode(), campaign=campaign, name="bench", by="bench")
    approver = next(account for account in await bench.store.accounts.all() if account.username == APPROVER)
    await bench.whitelist.approve_list(report.list.list_id, approver)
    await bench.campaigns.start(campaign.campaign_id, "bench")
    await asyncio.sleep(1.0)
    before = _costs(lab)
    began = time.monotonic()
    pacer.rate = rate
    while (await bench.store.campaigns.progress(campaign.campaign_id)).waiting:
        await asyncio.sleep(0.25)
        if time.monotonic() - began > 3 * seconds + SETTLE_S:
            break
    dialled_s = time.monotonic() - began
    pacer.rate = 0.0
    attempts = await _settled(controller, bench, campaign.campaign_id)
    after = _costs(lab)
    await bench.campaigns.stop(campaign.campaign_id, "bench")
    recorded = {attempt.attempt_id async for attempt in every(lambda last: bench.store.recordings.missing(after=last))}
    return _figures(rate, dialled_s, attempts, recorded, before, after)


async def _settled(controller: Controller, bench: Services, campaign_id: int) -> list[Attempt]:
    """Wait until every attempt has ended and every recording is finished."""
    until = time.monotonic() + SETTLE_S
    while time.monotonic() < until:
        attempts = [
            attempt
            for attempt in await bench.store.attempts.recent(None, 100_000)
            if attempt.campaign_id == campaign_id
        ]
        if all(attempt.state is CallState.ENDED for attempt in attempts) and not controller.parts.recorder.pending:
            break
        await asyncio.sleep(0.25)
    return attempts


@dataclass(frozen=True, slots=True)
class _Costs:
    controller: float
    pbx: float
    gate: float
    world: float
    busy: float
    idle: float
    memory_mib: float


def _costs(lab: Lab) -> _Costs:
    with Path("/proc/stat").open(encoding="ascii") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    idle = fields[3] + fields[4]
    return _Costs(
        controller=time.process_time(),
        pbx=cpu_seconds(lab.pbx.pid),
        gate=cpu_seconds(lab.gate.pid),
        world=cpu_seconds(lab.world.pid),
        busy=sum(fields) - idle,
        idle=idle,
        memory_mib=memory_mib(os.getpid()),
    )


def _figures(
    rate: float,
    dialled_s: float,
    attempts: Sequence[Attempt],
    unrecorded: set[AttemptId],
    before: _Costs,
    after: _Costs,
) -> Step:
    calls = max(1, len(attempts))
    failed = [
        attempt
        for attempt in attempts
        if attempt.outcome is not expected(attempt.number) or attempt.attempt_id in unrecorded
    ]
    waits = sorted(
        (attempt.connected_at - attempt.answered_at).total_seconds() * 1000
        for attempt in attempts
        if attempt.outcome is Outcome.ANSWERED and attempt.connected_at and attempt.answered_at
    ) or [0.0]
    return Step(
        rate=rate,
        reached=len(attempts) / dialled_s,
        calls=len(attempts),
        failures=len(failed),
        connect_p50_ms=waits[len(waits) // 2],
        connect_p99_ms=waits[min(len(waits) - 1, int(len(waits) * 0.99))],
        controller_ms=(after.controller - before.controller) * 1000 / calls,
        pbx_ms=(after.pbx - before.pbx) * 1000 / calls,
        gate_ms=(after.gate - before.gate) * 1000 / calls,
        world_ms=(after.world - before.world) * 1000 / calls,
        controller_mib=after.memory_mib,
        idle=(after.idle - before.idle) / max(1, after.idle - before.idle + after.busy - before.busy),
    )
