"""``telephony bench gate``: one decision at the gate, with ten million numbers on approved lists.

The gate service runs as a process of its own (``gate_service``), the asking side in this one, over real TCP FastAGI at
a steady rate; a decision is timed from the moment it was due, so a stall counts against every question it delays.
Nine questions in ten are for permits given just before, one in ten is forged or a replay. The floor, measured in the
same run, is a bare asyncio server that sets the same six variables and knows no database.
"""

import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from telephony.bench.agi_caller import ask
from telephony.bench.gate_service import CALLER_ID, HOST, TRUNK
from telephony.bench.processes import cpu_seconds, memory_mib
from telephony.domain.campaigns import CampaignKind, CampaignState, NewCampaign
from telephony.domain.whitelist import NewRule, RuleEffect, RuleKind
from telephony.errors import InputError, LabError
from telephony.storage import OpenStore, open_store, upgrade
from telephony.storage.filling import CHUNK, LIMIT, begin_list, fill_list, refresh_statistics

PER_LIST: Final = 1_000_000
SMALL: Final = 20_000
"""Numbers of the database that memory is compared with."""
WARM_UP: Final = 50
SYNCS: Final = 200
PERMITS: Final = 200
"""Permits given at once."""
START_S: Final = 120.0
P99_MS: Final = 10.0
BYTES: Final = 16.0
READY_S: Final = 10.0
"""The marks: 99th percentile of a decision at 50/s, controller memory per number, start to ready."""
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Load:
    """What a server was seen to do under the load.

    Attributes:
        ready_s: seconds from the start of the process until it listens with its database open.
        p50_ms: a decision, median, from the moment it was due.
        p99_ms: 99th percentile.
        max_ms: the longest.
        asked: questions.
        refused: of these, the ones it refused.
        wrong: answers that are not what was due.
        cpu_ms: CPU of the server per question; the permits were given before.
        memory_mib: its memory at the end.
    """

    ready_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    asked: int
    refused: int
    wrong: int
    cpu_ms: float
    memory_mib: float


@dataclass(frozen=True, slots=True)
class GateFigures:
    """The benchmark's result.

    Attributes:
        numbers: on approved lists.
        rate: questions a second.
        fill_s: seconds it took to make the database; 0 when it was there.
        database_mib: its size on disk; 0 when it is not a file.
        sync_p50_ms: one synced write of 4 KiB beside the database, as every decision waits for; median, same run.
        sync_p99_ms: 99th percentile.
        gate: the gate service with all numbers.
        small: the same with ``SMALL`` numbers.
        floor: the bare server.
    """

    numbers: int
    rate: float
    fill_s: float
    database_mib: float
    sync_p50_ms: float
    sync_p99_ms: float
    gate: Load
    small: Load
    floor: Load

    @property
    def bytes_per_number(self) -> float:
        """Memory that the numbers cost the service, bytes each."""
        return (self.gate.memory_mib - self.small.memory_mib) * 2**20 / max(1, self.numbers - SMALL)

    @property
    def holds(self) -> bool:
        """Whether every mark is kept and every answer was right."""
        return (
            self.gate.p99_ms <= P99_MS
            and self.bytes_per_number <= BYTES
            and self.gate.ready_s <= READY_S
            and not self.gate.wrong
        )


async def bench_gate(
    numbers: int, rate: float, seconds: float, database: str | None, keep: Path | None, report: Report
) -> GateFigures:
    """Make the databases, run the three servers one after the other, compare.

    Args:
        numbers: on approved lists, at least ``SMALL``.
        rate: questions a second.
        seconds: how long.
        database: URL of an empty or earlier filled PostgreSQL or SQLite database; None: SQLite in a temporary folder.
        keep: SQLite file to make, or to use again.
        report: told what is being done, how far it is, and of how many.
    """
    if not SMALL <= numbers <= LIMIT:
        raise InputError(f"--numbers goes from {SMALL} to {LIMIT}")
    if database and keep:
        raise InputError("--database and --keep exclude each other: --keep names an SQLite file")
    with tempfile.TemporaryDirectory(prefix="telephony-bench-") as folder:
        url = database or f"sqlite:///{(keep or Path(folder) / 'numbers.db').absolute()}"
        small_url = f"sqlite:///{folder}/small.db"
        fill_s, leads = await _filled(url, numbers, report)
        _, few = await _filled(small_url, SMALL, report)
        floor = await _measured("floor", "floor", (0, 0), rate, seconds, report)
        small = await _measured("with few numbers", small_url, few, rate, seconds, report)
        gate = await _measured("with all numbers", url, leads, rate, seconds, report)
        size = _size_mib(url)
        syncs = await asyncio.to_thread(_syncs_ms, keep.absolute().parent if keep else Path(folder))
    return GateFigures(numbers, rate, fill_s, size, _share(syncs, 0.5), _share(syncs, 0.99), gate, small, floor)


async def _filled(url: str, numbers: int, report: Report) -> tuple[float, tuple[int, int]]:
    """Make sure the database holds the numbers; return the seconds it took, and its first and last lead."""
    began = time.monotonic()
    await upgrade(url)
    async with await open_store(url) as opened:
        if await opened.store.campaigns.all():
            found = await _span(opened, numbers)
            return 0.0, found
        await _fill(opened, numbers, report)
        return time.monotonic() - began, await _span(opened, numbers)


async def _fill(opened: OpenStore, numbers: int, report: Report) -> None:
    store, now = opened.store, datetime.now(UTC)
    campaign = await store.campaigns.add(
        NewCampaign("bench", "bench", CampaignKind.SURVEY, CALLER_ID, TRUNK, 0.03, 40, now), "bench"
    )
    rule = NewRule(RuleEffect.ALLOW, RuleKind.PREFIX, "999", "bench: nobody's country code", "bench", now)
    await store.whitelist.approve((await store.whitelist.add(rule, now)).rule_id, "second", now)
    for start in range(0, numbers, PER_LIST):
        count = min(PER_LIST, numbers - start)
        list_id = await begin_list(opened.database, campaign.campaign_id, f"bench {start // PER_LIST + 1}", now)
        for first in range(start, start + count, CHUNK):
            few = min(CHUNK, start + count - first)
            await fill_list(opened.database, campaign.campaign_id, list_id, first, few, start)
            report("filling in numbers", first + few, numbers)
        await store.whitelist.approve_list(list_id, "second", now)
    await refresh_statistics(opened.database)
    await store.campaigns.set_state(campaign.campaign_id, CampaignState.RUNNING, "bench", now)


async def _span(opened: OpenStore, numbers: int) -> tuple[int, int]:
    store = opened.store
    campaign = (await store.campaigns.all())[0]
    there = sum(one.accepted for one in await store.leads.lists(campaign.campaign_id))
    if campaign.name != "bench" or there != numbers:
        raise InputError(f"that database holds {there} numbers of campaign {campaign.name}, not this benchmark's")
    # Leads were made one after the other, so their ids have no holes.
    first = (await store.leads.waiting(campaign.campaign_id, 1))[0].lead_id
    return int(first), int(first) + numbers - 1 - WARM_UP if first > 1 else numbers


def _size_mib(url: str) -> float:
    path = Path(url.removeprefix("sqlite:///"))
    return path.stat().st_size / 2**20 if url.startswith("sqlite") else 0.0


def _syncs_ms(folder: Path) -> list[float]:
    """Time synced writes: what no durable decision can be faster than."""
    waits = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(SYNCS):
            began = time.monotonic()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            waits.append((time.monotonic() - began) * 1000)
    return sorted(waits)


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Server:
    """A server that runs."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, ready_s: float) -> None:
        self.process = process
        self.port = port
        self.ready_s = ready_s

    async def permits(self, count: int) -> list[str]:
        assert self.process.stdin is not None and self.process.stdout is not None  # noqa: S101, PT018  asked for below
        self.process.stdin.write(f"give {count}\n".encode())
        found: list[str] = json.loads(await self.process.stdout.readline())
        return found


@asynccontextmanager
async def _serving(url: str, leads: tuple[int, int]) -> AsyncIterator[_Server]:
    began = time.monotonic()
    pipe = asyncio.subprocess.PIPE
    program = (sys.executable, "-m", "telephony.bench.gate_service", url, *map(str, leads))
    process = await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL)
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  asked for above
    try:
        async with asyncio.timeout(START_S):
            line = (await process.stdout.readline()).split()
        if line[:1] != [b"ready"]:
            raise LabError("the gate service did not start; run python -m telephony.bench.gate_service to see why")
        yield _Server(process, int(line[1]), time.monotonic() - began)
    finally:
        process.stdin.close()
        await process.wait()


async def _measured(what: str, url: str, leads: tuple[int, int], rate: float, seconds: float, report: Report) -> Load:
    async with _serving(url, leads) as server:
        is_floor = url == "floor"
        asker = _Asker(server, is_floor=is_floor)
        await asker.run(WARM_UP, rate, lambda _: None)
        asker.forget()
        total = round(rate * seconds)
        await asker.run(total, rate, lambda done: report(f"asking the gate, {what}", done, total))
        waits = sorted(asker.waits_ms)
        return Load(
            ready_s=server.ready_s,
            p50_ms=_share(waits, 0.5),
            p99_ms=_share(waits, 0.99),
            max_ms=waits[-1],
            asked=len(waits),
            refused=asker.refused,
            wrong=asker.wrong,
            cpu_ms=asker.cpu_ms,
            memory_mib=memory_mib(server.process.pid),
        )


class _Asker:
    """Asks at a steady rate."""

    def __init__(self, server: _Server, *, is_floor: bool) -> None:
        self._server = server
        self._is_floor = is_floor
        self._used: list[str] = []
        self.cpu_ms = 0.0
        self.forget()

    def forget(self) -> None:
        """Begin the figures anew."""
        self.waits_ms: list[float] = []
        self.refused = 0
        self.wrong = 0

    async def run(self, total: int, rate: float, report: Callable[[int], None]) -> None:
        """Ask ``total`` questions, each at its moment, for permits given just before."""
        fresh: list[str] = []
        while len(fresh) < total:
            fresh += await self._permits(min(PERMITS, total - len(fresh)))
        before_s = cpu_seconds(self._server.process.pid)
        async with asyncio.TaskGroup() as group:
            began = time.monotonic()
            for index in range(total):
                due = began + index / rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                group.create_task(self._ask(index, *self._question(index, fresh), due))
                report(index + 1)
        self.cpu_ms = (cpu_seconds(self._server.process.pid) - before_s) * 1000 / total

    async def _permits(self, count: int) -> list[str]:
        if self._is_floor:
            return ["p" + "0" * 36] * count
        return await self._server.permits(count)

    def _question(self, index: int, fresh: list[str]) -> tuple[str, bool]:
        """Return an extension, and whether it must be allowed."""
        if index % 10 != 9 or self._is_floor:
            self._used.append(fresh.pop())
            return self._used[-1], True
        if index % 20 == 9:
            return f"p{secrets.randbelow(10**36):036d}", False
        return secrets.choice(self._used[:-5]), False

    async def _ask(self, index: int, extension: str, is_due: bool, due: float) -> None:
        channel = f"bench-{index}"
        try:
            found = await ask(HOST, self._server.port, extension, channel)
        except (OSError, TimeoutError):
            found = {"VERDICT": "none"}
        self.waits_ms.append((time.monotonic() - due) * 1000)
        verdict = found.get("VERDICT", "")
        self.refused += not verdict
        if self._is_floor:
            self.wrong += verdict != "OK"
        else:
            self.wrong += verdict != (f"OK-{channel}-{extension}-{found.get('CANON')}" if is_due else "")
