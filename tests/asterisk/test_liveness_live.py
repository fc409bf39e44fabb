"""An Asterisk that hangs and answers Ping, on the real thing: one of its threads is held, nothing else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telephony.services.calls.liveness import DEADLINE_S, EVERY_S
from telephony.workshop.lab import Lab, launch
from tests.asterisk.held_thread import held, threads
from tests.asterisk.lab_peers import LabMaker, ManagerListener
from tests.scenes.lab_site import OPTIONS, LabSite, open_lab_site
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]

SIP_THREAD = "SIP"
"""The thread that reads and sends all SIP; ``core show threads`` does not know it, /proc does."""


@pytest.fixture(scope="module")
def watched(new_lab: LabMaker) -> Lab:
    return new_lab(replace(OPTIONS, seats=1))


@pytest.fixture
async def lab_site(watched: Lab, tmp_path: Path) -> AsyncIterator[LabSite]:
    async with open_lab_site(watched, tmp_path) as made:
        yield made


@pytest.mark.parametrize("node", ["pbx", "gate"])
async def test_a_held_sip_thread_stops_new_calls_while_ping_answers_and_calls_resume_when_it_goes_on(
    node: str, lab_site: LabSite
):
    (thread,) = threads(max(launch.processes(lab_site.lab.folder, (node,))), SIP_THREAD)
    async with ManagerListener(lab_site.lab.instance(node)).connected() as manager:
        with held(thread):
            await until(
                lambda: "no longer handles calls" in lab_site.blocking_reason(), 2 * EVERY_S + 2 * DEADLINE_S + 4
            )
            assert (await manager.ask(Action="Ping"))["Response"] == "Success"
            assert "restart the" in await lab_site.incident("node_not_working")
            link = lab_site.parts.calls.exchanges.pbx if node == "pbx" else lab_site.parts.calls.exchanges.gate
            assert link.is_connected
        await until(lambda: lab_site.blocking_reason() == "", EVERY_S + DEADLINE_S + 4)


async def test_the_probe_needs_no_more_than_the_class_reporting(lab_site: LabSite):
    began = datetime.now(UTC)
    for link in (lab_site.parts.calls.exchanges.pbx, lab_site.parts.calls.exchanges.gate):
        await link.probe()
        await link.probe()
    assert (datetime.now(UTC) - began).total_seconds() < 4 * DEADLINE_S
    text = (lab_site.lab.gate.folder / "etc" / "manager.conf").read_text()
    assert "write = reporting " in text
