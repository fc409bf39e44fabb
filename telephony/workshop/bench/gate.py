"""``telephony bench gate``: one decision at the gate, with ten million numbers on approved lists.

The gate service runs as a process of its own (``gate_service``), the asking side in this one, over real TCP FastAGI at
a steady rate; a decision is timed from the time it was due, so a stall counts against every question it delays.
Nine questions in ten are for permits given just before, one in ten is forged or a replay. The floor, measured in the
same run, is a bare asyncio server that sets the same six variables and knows no database.
"""

import asyncio
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from telephony.domain.campaigns.campaigns import CampaignState, NewCampaign
from telephony.domain.campaigns.dialing_options import MOST_ABANDONED, DialingOptions
from telephony.domain.law.basis import CampaignKind
from telephony.domain.rules.whitelist import NewRule, RuleEffect, RuleKind
from telephony.domain.trunks.routes import Route
from telephony.errors import InputError
from telephony.storage import OpenStore, open_store, upgrade
from telephony.storage.leads.filling import CHUNK, LIMIT, begin_list, fill_list, refresh_statistics
from telephony.workshop.bench.gate_load import WARM_UP, Load, Report, measure, share
from telephony.workshop.bench.gate_service import CALLER_ID, TRUNK

PER_LIST: Final = 1_000_000
SMALL: Final = 20_000
"""Numbers of the small database, for comparing memory."""
SYNCS: Final = 200
P99_MS: Final = 10.0
BYTES: Final = 16.0
READY_S: Final = 10.0
"""The marks: 99th percentile of a decision at 50/s, controller memory per number, start to ready."""


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
        """Memory that one number costs the service, bytes."""
        return (self.gate.memory_mib - self.small.memory_mib) * 2**20 / max(1, self.numbers - SMALL)

    @property
    def holds(self) -> bool:
        """Return True if every mark is kept and every answer was right."""
        return (
            self.gate.p99_ms <= P99_MS
            and self.bytes_per_number <= BYTES
            and self.gate.ready_s <= READY_S
            and not self.gate.wrong
        )


async def bench_gate(
    numbers: int, rate: float, seconds: float, database: str | None, keep: Path | None, report: Report
) -> GateFigures:
    """Make the databases, run the three servers one after the other and compare them.

    Args:
        numbers: on approved lists, at least ``SMALL``.
        rate: questions a second.
        seconds: how long.
        database: URL of an empty or earlier filled PostgreSQL or SQLite database; None: SQLite in a temporary folder.
        keep: SQLite file to make, or to use again.
        report: called with the step, how much is done and of how much.
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
        floor = await measure("floor", "floor", (0, 0), rate, seconds, report)
        small = await measure("with few numbers", small_url, few, rate, seconds, report)
        gate = await measure("with all numbers", url, leads, rate, seconds, report)
        size = _size_mib(url)
        syncs = await asyncio.to_thread(_syncs_ms, keep.absolute().parent if keep else Path(folder))
    return GateFigures(numbers, rate, fill_s, size, share(syncs, 0.5), share(syncs, 0.99), gate, small, floor)


async def _filled(url: str, numbers: int, report: Report) -> tuple[float, tuple[int, int]]:
    """Make sure the database holds the numbers; return the seconds it took, and its first and last lead."""
    began = time.monotonic()
    await upgrade(url)
    async with await open_store(url) as opened:
        if await opened.store.campaigns.all():
            span = await _span(opened, numbers)
            return 0.0, span
        await _fill(opened, numbers, report)
        return time.monotonic() - began, await _span(opened, numbers)


async def _fill(opened: OpenStore, numbers: int, report: Report) -> None:
    store, now = opened.store, datetime.now(UTC)
    routes, dialing = (Route(TRUNK, CALLER_ID),), DialingOptions(MOST_ABANDONED)
    campaign = await store.campaigns.add(
        NewCampaign("bench", "bench", CampaignKind.SURVEY, routes, dialing, 40, now), "bench"
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
    there = sum(lead_list.accepted for lead_list in await store.leads.lists(campaign.campaign_id))
    if campaign.name != "bench" or there != numbers:
        raise InputError(f"that database holds {there} numbers of campaign {campaign.name}, not this benchmark's")
    # Leads were made one after the other, so their ids have no holes.
    first = (await store.leads.waiting(campaign.campaign_id, 1))[0].lead_id
    return int(first), int(first) + numbers - 1 - WARM_UP if first > 1 else numbers


def _size_mib(url: str) -> float:
    path = Path(url.removeprefix("sqlite:///"))
    return path.stat().st_size / 2**20 if url.startswith("sqlite") else 0.0


def _syncs_ms(folder: Path) -> list[float]:
    """Time synced writes: no durable decision can be faster."""
    waits = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(SYNCS):
            began = time.monotonic()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            waits.append((time.monotonic() - began) * 1000)
    return sorted(waits)
