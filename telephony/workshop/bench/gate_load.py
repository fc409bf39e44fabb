"""A server of gate decisions under a steady load: the server process, the questions and the figures.

A decision is timed from the time it was due, so a stall counts against every question it delays. Making the database
and comparing servers is left to ``gate``.
"""

import asyncio
import json
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from telephony.errors import LabError
from telephony.workshop.bench.agi_caller import ask
from telephony.workshop.bench.gate_service import HOST
from telephony.workshop.bench.processes import cpu_seconds, memory_mib

WARM_UP: Final = 50
PERMITS: Final = 200
"""Permits requested at a time."""
START_S: Final = 120.0
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Load:
    """The figures of one server under the load.

    Attributes:
        ready_s: seconds from the start of the process until it listens with its database open.
        p50_ms: a decision, median, from the time it was due.
        p99_ms: 99th percentile.
        max_ms: the longest.
        requests: questions.
        refused: refused questions among them.
        wrong: answers other than the right one.
        cpu_ms: CPU of the server per question; the permits were given before.
        memory_mib: its memory at the end.
    """

    ready_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    requests: int
    refused: int
    wrong: int
    cpu_ms: float
    memory_mib: float


def share(ordered: list[float], part: float) -> float:
    """Return the value below which ``part`` of the ordered ones lie."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


class _Server:
    """A running server."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, ready_s: float) -> None:
        self.process = process
        self.port = port
        self.ready_s = ready_s

    async def permits(self, count: int) -> list[str]:
        assert self.process.stdin is not None and self.process.stdout is not None  # noqa: S101, PT018  asked for below
        self.process.stdin.write(f"give {count}\n".encode())
        permit_ids: list[str] = json.loads(await self.process.stdout.readline())
        return permit_ids


@asynccontextmanager
async def _serving(url: str, leads: tuple[int, int]) -> AsyncIterator[_Server]:
    began = time.monotonic()
    pipe = asyncio.subprocess.PIPE
    program = (sys.executable, "-m", "telephony.workshop.bench.gate_service", url, *map(str, leads))
    process = await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL)
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  asked for above
    try:
        async with asyncio.timeout(START_S):
            line = (await process.stdout.readline()).split()
        if line[:1] != [b"ready"]:
            raise LabError(
                "the gate service did not start; run python -m telephony.workshop.bench.gate_service to see why"
            )
        yield _Server(process, int(line[1]), time.monotonic() - began)
    finally:
        process.stdin.close()
        await process.wait()


async def measure(what: str, url: str, leads: tuple[int, int], rate: float, seconds: float, report: Report) -> Load:
    """Start the server at ``url``, ask it for ``seconds`` seconds, and return its figures."""
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
            p50_ms=share(waits, 0.5),
            p99_ms=share(waits, 0.99),
            max_ms=waits[-1],
            requests=len(waits),
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
        """Reset the figures."""
        self.waits_ms: list[float] = []
        self.refused = 0
        self.wrong = 0

    async def run(self, total: int, rate: float, report: Callable[[int], None]) -> None:
        """Ask ``total`` questions, each at its time, for permits given just before."""
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
        """Return an extension, and True if it must be allowed."""
        if index % 10 != 9 or self._is_floor:
            self._used.append(fresh.pop())
            return self._used[-1], True
        if index % 20 == 9:
            return f"p{secrets.randbelow(10**36):036d}", False
        return secrets.choice(self._used[:-5]), False

    async def _ask(self, index: int, extension: str, is_due: bool, due: float) -> None:
        channel = f"bench-{index}"
        try:
            answer = await ask(HOST, self._server.port, extension, channel)
        except (OSError, TimeoutError):
            answer = {"VERDICT": "none"}
        self.waits_ms.append((time.monotonic() - due) * 1000)
        verdict = answer.get("VERDICT", "")
        self.refused += not verdict
        if self._is_floor:
            self.wrong += verdict != "OK"
        else:
            self.wrong += verdict != (f"OK-{channel}-{extension}-{answer.get('CANON')}" if is_due else "")
