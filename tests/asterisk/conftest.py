"""One lab for the whole session, and what stands in for the controller in it.

Where CI runs, a lab that cannot be had is a failure; elsewhere the tests that need it are skipped with the reason.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from telephony.workshop.lab import Lab, LabOptions, lab_down, lab_up, phone_hang_up
from telephony.workshop.lab.console import command
from telephony.workshop.lab.launch import await_fact
from telephony.workshop.lab.tree import AsteriskTree
from tests.absence import needed_asterisk
from tests.asterisk.lab_peers import FastAgiStub, LabMaker, ManagerListener
from tests.scenes.lab_site import OPTIONS, LabSite, open_lab_site


@pytest.fixture(scope="session")
def asterisk_tree() -> AsteriskTree:
    """The Asterisk the labs run; asked for alone when a test wants to fail for other reasons than its absence."""
    return needed_asterisk()


@pytest.fixture(scope="session")
def shared_lab(asterisk_tree: AsteriskTree) -> Iterator[Lab]:
    """A lab of six seats that the whole session shares; use ``lab``, which tidies up after each test."""
    made = lab_up(LabOptions(seats=6))
    yield made
    lab_down(made.lab_id)


@pytest.fixture
def lab(shared_lab: Lab) -> Iterator[Lab]:
    """The shared lab, without a call before and after: neither the next test nor its listeners see what was left."""
    yield shared_lab
    for seat in shared_lab.seats:
        phone_hang_up(shared_lab, seat.number)
    for instance in (shared_lab.pbx, shared_lab.gate):
        command(instance.control, "channel request hangup all")
        await_fact(f"the {instance.name} is quiet", lambda here=instance.control: not channels(here), 10)


def channels(control: Path) -> str:
    """Return the instance's channels, a line each; empty when it has none."""
    return command(control, "core show channels concise").strip()


@pytest.fixture(scope="module")
def new_lab(asterisk_tree: AsteriskTree) -> Iterator[LabMaker]:
    """Make labs with options of one's own; they end with the module."""
    made: list[str] = []

    def make(options: LabOptions) -> Lab:
        fresh = lab_up(options)
        made.append(fresh.lab_id)
        return fresh

    yield make
    for lab_id in made:
        lab_down(lab_id)


@pytest.fixture(scope="module")
def watched(new_lab: LabMaker) -> Lab:
    """A lab with its warden, for controllers that run in the test."""
    return new_lab(OPTIONS)


@pytest.fixture
async def lab_site(watched: Lab, tmp_path: Path) -> AsyncIterator[LabSite]:
    """A controller that runs in the test, on the lab of its module."""
    async with open_lab_site(watched, tmp_path) as made:
        yield made


@pytest.fixture
async def stub(lab: Lab) -> AsyncIterator[FastAgiStub]:
    """A FastAGI server in the controller's place."""
    async with FastAgiStub(lab).listening() as server:
        yield server


@pytest.fixture
async def pbx(lab: Lab) -> AsyncIterator[ManagerListener]:
    """A session with the pbx's manager interface, as the controller's account."""
    async with ManagerListener(lab.pbx).connected() as listener:
        yield listener


@pytest.fixture
async def gate(lab: Lab) -> AsyncIterator[ManagerListener]:
    """A session with the gate's manager interface, as the controller's account."""
    async with ManagerListener(lab.gate).connected() as listener:
        yield listener
