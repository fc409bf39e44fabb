"""A real day in the lab, proved; then a file, a call record and a permit are tampered with, and each is found."""

import asyncio
import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from telephony.app.workbench import workbench
from telephony.asterisk.call_records import FILE
from telephony.workshop.bench.load import numbers
from telephony.workshop.demo import robots
from telephony.workshop.demo.setup import Stage, staged
from telephony.workshop.lab.tree import AsteriskTree
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]

CALLS = 12
DEADLINE_S = 90.0


@asynccontextmanager
async def working(stage: Stage) -> AsyncIterator[None]:
    task = asyncio.create_task(robots.work(stage))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def day_in_the_lab(folder: Path) -> Path:
    """Call twelve people and return the settings of a copy of what is left, after lab and controller have ended."""
    leads = folder / "leads.csv"
    leads.write_text("\n".join(["telephone", *numbers(CALLS)]))
    async with staged(2, leads, lambda _: None, keep=False) as stage:
        async with working(stage), workbench(stage.settings) as bench:
            await bench.campaigns.start(stage.campaign.campaign_id, "test")

            async def is_over() -> bool:
                progress = await bench.store.campaigns.progress(stage.campaign.campaign_id)
                is_done = progress.done == CALLS and not progress.in_progress
                return is_done and not await bench.store.recordings.missing()

            await until(is_over, DEADLINE_S)
        await stage.stop_controller()
        return copied(stage, folder / "day")


def copied(stage: Stage, to: Path) -> Path:
    """Copy what a proof reads; the copy's settings name the copy."""
    home = stage.lab.folder
    for part in ("archive", "gate/log", "gate/spool"):
        if (home / part).exists():
            shutil.copytree(home / part, to / part)
    for path in [*home.glob("telephony.db*"), stage.lab.settings]:
        shutil.copy(path, to)
    settings = to / stage.lab.settings.name
    settings.write_text(settings.read_text().replace(str(home), str(to)))
    return settings


@pytest.fixture(scope="module")
def proved_day(asterisk_tree: AsteriskTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(day_in_the_lab(tmp_path_factory.mktemp("lab-day")))


@pytest.fixture
def day(proved_day: Path, tmp_path: Path) -> Path:
    """The day, to be tampered with."""
    to = shutil.copytree(proved_day.parent, tmp_path / "day")
    settings = to / proved_day.name
    settings.write_text(settings.read_text().replace(str(proved_day.parent), str(to)))
    return settings


def telephony(settings: Path, *words: str) -> tuple[int, Any]:
    program = [sys.executable, "-m", "telephony", "--config", str(settings), *words, "--json"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def kinds(settings: Path) -> list[str]:
    status, report = telephony(settings, "prove")
    assert status == (1 if report["proof"]["gaps"] else 0)
    assert report["proof"]["verdict"] == ("with_gaps" if report["proof"]["gaps"] else "all_match")
    return [gap["kind"] for gap in report["proof"]["gaps"]]


def test_a_real_day_matches_and_its_proof_verifies_offline(day: Path):
    status, report = telephony(day, "prove")
    assert (status, report["proof"]["gaps"]) == (0, [])
    counts = report["proof"]["counts"]
    assert counts["calls_seen"] == counts["permits_used"] == counts["recordings"] == CALLS
    assert counts["with_audio"] == counts["answered"] > 0
    status, again = telephony(day, "prove", "--verify", report["file"], "--public-key", report["public_key"])
    assert (status, again["sha256"]) == (0, report["sha256"])
    assert telephony(day, "ledger", "verify")[0] == 0
    text = Path(report["file"]).read_text()
    with sqlite3.connect(day.parent / "telephony.db") as file:
        assert not [row for row in file.execute("SELECT number FROM attempts") if row[0] in text]
    file.close()


def test_a_recording_file_deleted_is_found(day: Path):
    next((day.parent / "archive").rglob("*.flac")).unlink()
    assert kinds(day) == ["file_missing"]


def test_a_call_record_added_is_found(day: Path):
    path = day.parent / "gate" / "log" / FILE
    with path.open(newline="") as file:
        leg = next(row for row in csv.reader(file) if row[6])
    forged = [*leg]
    forged[2], forged[6] = "33199000000", "PJSIP/carrier-0000ffff"
    with path.open("a", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerow(forged)
    assert kinds(day) == ["leg_without_permit"]


def test_a_permit_removed_by_sql_is_found(day: Path):
    with sqlite3.connect(day.parent / "telephony.db") as file:
        file.execute("DELETE FROM permits WHERE permit_id = (SELECT permit_id FROM permits LIMIT 1)")
    file.close()
    assert kinds(day) == ["leg_without_permit"]


def test_a_call_record_removed_is_found(day: Path):
    path = day.parent / "gate" / "log" / FILE
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[1:]))
    assert kinds(day) == ["recording_without_leg"]
