"""An Asterisk that hangs and answers Ping, on the real thing: one of its threads is held, nothing else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from held_thread import held, threads
from lab_peers import LabMaker, ManagerListener
from watched_site import OPTIONS, Site, site

from telephony.lab import Lab, launch
from telephony.services.liveness import DEADLINE_S, EVERY_S
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]

SIP_THREAD = "SIP"
"""The thread that reads and sends all SIP; ``core show threads`` does not know it, /proc does."""


@pytest.fixture(scope="module")
def watched(new_lab: LabMaker) -> Lab:
    return new_lab(replace(OPTIONS, seats=1))


@pytest.fixture
async def room(watched: Lab, tmp_path: Path) -> AsyncIterator[Site]:
    async with site(watched, tmp_path) as made:
        yield made


@pytest.mark.parametrize("node", ["pbx", "gate"])
async def test_a_held_sip_thread_stops_new_calls_while_ping_answers_and_calls_resume_when_it_goes_on(
    node: str, room: Site
):
    (thread,) = threads(max(launch.processes(room.lab.folder, (node,))), SIP_THREAD)
    async with ManagerListener(room.lab.instance(node)).connected() as manager:
        with held(thread):
            await until(lambda: "no longer works on calls" in room.why_not(), 2 * EVERY_S + 2 * DEADLINE_S + 4)
            assert (await manager.ask(Action="Ping"))["Response"] == "Success"
            assert "restart the" in await room.incident("node_not_working")
            link = room.parts.shared.exchanges.pbx if node == "pbx" else room.parts.shared.exchanges.gate
            assert link.is_connected
        await until(lambda: room.why_not() == "", EVERY_S + DEADLINE_S + 4)


async def test_the_probe_needs_no_more_than_the_class_reporting(room: Site):
    began = datetime.now(UTC)
    for link in (room.parts.shared.exchanges.pbx, room.parts.shared.exchanges.gate):
        await link.probe()
        await link.probe()
    assert (datetime.now(UTC) - began).total_seconds() < 4 * DEADLINE_S
    text = (room.lab.gate.folder / "etc" / "manager.conf").read_text()
    assert "write = reporting " in text
