"""The meters of the benchmark of 500 operators: a timed pacer, a heartbeat, and a process that only waits."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

from telephony.domain.pacing.interface import AnyPacer, View
from telephony.domain.text.reason import Reason
from telephony.services.dialing.live_view import LiveView

BEAT_S: Final = 0.005
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
"""A process that only sleeps: it shows how late the host wakes any process."""


def share(ordered: Sequence[float], part: float) -> float:
    """Return a percentile of sorted figures; 0 when there are none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


@contextlib.asynccontextmanager
async def floor_process() -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the floor's process while the context lasts."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", FLOOR, stdout=asyncio.subprocess.PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def longest_wait_ms(floor: asyncio.subprocess.Process) -> float:
    """End the floor's process; return its longest wait, ms."""
    floor.terminate()
    said, _ = await floor.communicate()
    return float(said)


class TimedPacer:
    """A pacer, timed: how long a decision takes, and how late it comes."""

    def __init__(self, pacer: AnyPacer) -> None:
        self._pacer = pacer
        self._view: LiveView | None = None
        self.tick = pacer.tick
        self.forget()

    def forget(self) -> None:
        """Reset the figures."""
        self.late_ms: list[float] = []
        self._cpu_s = 0.0

    @property
    def mean_us(self) -> float:
        """Mean CPU of one decision, microseconds."""
        return self._cpu_s * 1e6 / max(1, len(self.late_ms))

    def watch(self, view: LiveView) -> None:
        """Read from this view how late events come."""
        self._view = view

    def start(self, view: View) -> None:
        """Start the pacer."""
        self._pacer.start(view)

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        """Ask the pacer and time it."""
        began = time.thread_time()
        count = self._pacer.step(t, kind, call, agent)
        spent_s = time.thread_time() - began
        self._cpu_s += spent_s
        if self._view is not None:
            self.late_ms.append((self._view.events.behind_s + spent_s) * 1000)
        return count

    def reason(self) -> Reason:
        """Return the pacer's reason."""
        return self._pacer.reason()


class Heartbeat:
    """A task that sleeps in a loop and records how late it was woken."""

    def __init__(self) -> None:
        self._late_ms = 0.0
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            due = time.monotonic() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self._late_ms = max(self._late_ms, (time.monotonic() - due) * 1000)

    def stop(self) -> float:
        """End the task; return the longest delay, ms."""
        self._task.cancel()
        return self._late_ms
