"""``telephony bench proof``: a day of calls proved by the product's own command, in a process of its own.

Memory is the process's peak, time the whole run. The floor, measured in the same run, is
the same command on the same site while the day has two calls.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from telephony.domain.evidence.day_facts import Day, day_of
from telephony.domain.evidence.proof_document import ALL_MATCH
from telephony.errors import InputError, LabError
from telephony.services.evidence.signing import SigningKey
from telephony.settings import Settings
from telephony.storage import open_store, upgrade
from telephony.workshop.bench.made_day import NUMBERS, fill_day, first_calls
from telephony.workshop.lab.generate import lab_settings, lab_tables
from telephony.workshop.lab.model import LabOptions
from telephony.workshop.lab.network import LabNetwork

DAY: Final = 720_000
"""Attempts of the largest day that must be provable: 20 new calls a second for ten hours."""
MOST: Final = 10_000_000
MEMORY_MIB: Final = 300.0
SECONDS: Final = 600.0
"""The marks, at ``DAY`` attempts."""
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Proved:
    """What one proof cost.

    Attributes:
        seconds: from the start of its process to its end.
        memory_mib: peak resident memory of its process.
        cpu_s: CPU of the process.
        calls: trunk legs it saw.
        gaps: what did not match; the day has none.
    """

    seconds: float
    memory_mib: float
    cpu_s: float
    calls: int
    gaps: int


@dataclass(frozen=True, slots=True)
class ProofFigures:
    """The benchmark's result.

    Attributes:
        attempts: of the day.
        made_s: seconds it took to make the day.
        database_mib: its size on disk.
        proof: of the whole day.
        floor: of a day of two calls.
    """

    attempts: int
    made_s: float
    database_mib: float
    proof: Proved
    floor: Proved

    @property
    def holds(self) -> bool:
        """Return True if every call was matched, without a gap, within the marks."""
        return (
            self.proof.calls == self.attempts
            and not self.proof.gaps
            and self.proof.memory_mib <= MEMORY_MIB
            and self.proof.seconds <= SECONDS
        )


def bench_proof(attempts: int, report: Report) -> ProofFigures:
    """Make a day in a temporary folder (``TMPDIR``, 3 KiB an attempt), prove it, and remove it.

    Args:
        attempts: of the day, at least the two that are copied.
        report: called with the step, how much is done and of how much.
    """
    if not len(NUMBERS) <= attempts <= MOST:
        raise InputError(f"--attempts goes from {len(NUMBERS)} to {MOST}")
    with tempfile.TemporaryDirectory(prefix="telephony-bench-") as name:
        folder = Path(name) / "site"
        folder.mkdir()
        settings = lab_settings(lab_tables(LabOptions(), LabNetwork(64, 0), folder), folder / "telephony.toml")
        SigningKey.made(settings.proof.key)
        day = _yesterday(settings)
        floor, made_s = asyncio.run(_made(settings, folder, day, attempts, report))
        report("proving the day", 0, 0)
        proof = _proved(folder, day.date)
        size = sum(path.stat().st_size for path in folder.glob("telephony.db*"))
    return ProofFigures(attempts, made_s, size / 2**20, proof, floor)


async def _made(settings: Settings, folder: Path, day: Day, attempts: int, report: Report) -> tuple[Proved, float]:
    """Make the first calls, measure the floor, make the rest."""
    await upgrade(settings.database.url)
    async with await open_store(settings.database.url) as opened:
        originals = await first_calls(opened, settings, day.begins_at)
        report("proving two calls", 0, 0)
        floor = await asyncio.to_thread(_proved, folder, day.date)
        began = time.monotonic()
        await fill_day(opened, settings, originals, attempts, report)
    return floor, time.monotonic() - began


def _yesterday(settings: Settings) -> Day:
    today = datetime.now(UTC).astimezone(ZoneInfo(settings.site.timezone)).date()
    return day_of(today - timedelta(days=1), settings.site.timezone)


def _proved(folder: Path, day: date) -> Proved:
    """Run ``telephony prove`` and wait for it."""
    out, said = folder / "proof.json", folder / "proof.err"
    words = [sys.executable, "-m", "telephony", "--config", str(folder / "telephony.toml")]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    began = time.monotonic()
    pid = os.posix_spawn(
        sys.executable,
        [*words, "prove", "--day", day.isoformat(), "--json"],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(out), flags, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, str(said), flags, 0o600),
        ],
    )
    _, _, usage = os.wait4(pid, 0)  # the only call that returns the cost of one child
    seconds = time.monotonic() - began
    try:
        proof = json.loads(out.read_text(encoding="utf-8"))["proof"]
    except ValueError:
        raise LabError(f"telephony prove failed: {said.read_text(encoding='utf-8').strip()}") from None
    gaps = len(proof["gaps"]) + (proof["verdict"] != ALL_MATCH and not proof["gaps"])
    return Proved(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime, proof["counts"]["calls_seen"], gaps)
