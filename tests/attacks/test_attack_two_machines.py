"""Root of the pbx's host attacks; pbx and gate are on separate hosts.

It knows every secret the pbx holds; and here also the gate's manager secret, to see that it is of no use from there.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.absence import needed_asterisk
from tests.attacks.peers.controller import Manager, ask_verdict
from tests.attacks.peers.machines import entered
from tests.attacks.peers.message import Address
from tests.attacks.peers.peer import SipPeer
from tests.scenes.attacked_site import WANTED
from tests.scenes.two_machines import CARRIER, GATE, PBX, TRUNK, TwoMachines, open_two_machines

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=["naive", "generated"])
async def machines(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[TwoMachines]:
    needed_asterisk()
    async with open_two_machines(request.param, tmp_path_factory.mktemp("two")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def two_machines(machines: TwoMachines, request: pytest.FixtureRequest) -> AsyncIterator[TwoMachines]:
    machines.begin(re.sub(r"\b(naive|generated)\b-?", "", request.node.name))
    yield machines
    machines.forget()


def arrived(two_machines: TwoMachines) -> list[str]:
    return [request.number for request in two_machines.carrier.requests if request.method == "INVITE"]


async def call(
    peer: SipPeer, user: str, to: Address, auth: tuple[str, str] | None = None, *, sender: str = "", wait_s: float = 1
) -> int:
    """Let a peer call; returns the status, 0 when there was none in time."""
    made, task = peer.start_call(f"sip:{user}@{to[0]}:{to[1]}", to, await peer.new_audio(), auth=auth, sender=sender)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(task), wait_s)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return made.status


async def test_a_permit_still_opens_the_gate_from_there(two_machines: TwoMachines):
    """Not an attack: the way that must work, so that the others mean something."""
    if two_machines.is_naive:
        return
    assert two_machines.office is not None
    permit, number = await two_machines.office.give()
    assert await call(await two_machines.attacker(), permit, two_machines.inside, two_machines.link, wait_s=5) == 200
    assert arrived(two_machines) == [number]


async def test_root_of_the_pbx_sends_an_invite_to_the_carrier(two_machines: TwoMachines):
    await call(await two_machines.attacker(), WANTED, two_machines.carrier.address)
    await two_machines.judge(lambda: arrived(two_machines))


@pytest.mark.parametrize("address", [TRUNK, GATE, "10.251.2.77"])
async def test_root_of_the_pbx_forges_its_source_address(address: str, two_machines: TwoMachines):
    await call(await two_machines.attacker(address), WANTED, two_machines.carrier.address, wait_s=0.5)
    # Addresses of the gate's own host are refused there as martians, whatever is configured.
    await two_machines.judge(lambda: arrived(two_machines), naive="open" if address == "10.251.2.77" else "closed")


async def test_root_of_the_pbx_calls_a_number_at_the_gate(two_machines: TwoMachines):
    attacker = await two_machines.attacker()
    for user in (WANTED, f"+{WANTED}", "p" + "1" * 36):
        await call(attacker, user, two_machines.inside, two_machines.link, wait_s=0.5)
    await two_machines.judge(lambda: arrived(two_machines))


@pytest.mark.parametrize("address", [PBX, CARRIER])
async def test_root_of_the_pbx_calls_the_gates_outer_side(address: str, two_machines: TwoMachines):
    attacker = await two_machines.attacker(address)
    await call(attacker, WANTED, two_machines.trunk, two_machines.link, sender=f"<sip:carrier@{CARRIER}>", wait_s=0.5)
    await two_machines.judge(lambda: arrived(two_machines))


async def test_root_of_the_pbx_logs_in_at_the_gates_manager_interface(two_machines: TwoMachines):
    node = two_machines.settings.gate
    is_in = False
    try:
        with entered(two_machines.pbx):
            session = Manager.session((GATE, node.ami_port), node.ami_user, node.ami_secret.get_secret_value())
            await asyncio.wait_for(session.__aenter__(), 5)  # or the gate may not even answer there
        is_in = True
        await session.__aexit__(None, None, None)
    except (OSError, PermissionError, asyncio.IncompleteReadError, TimeoutError):
        pass
    await two_machines.judge(lambda: is_in)


async def test_root_of_the_pbx_asks_the_controller_which_number_a_permit_is_for(two_machines: TwoMachines):
    assert two_machines.office is not None
    permit, _ = await two_machines.office.give()
    with entered(two_machines.pbx):
        answer = await ask_verdict((GATE, two_machines.settings.controller.agi_port), permit)
    # The controller is the product's on both sites.
    await two_machines.judge(lambda: "CANON" in answer, naive="closed")


async def test_root_of_the_pbx_sends_audio_to_the_carrier(two_machines: TwoMachines):
    spare = await two_machines.carrier.new_audio()
    audio = await (await two_machines.attacker()).new_audio()
    audio.speak(700, spare.address)
    await two_machines.judge(lambda: spare.strays)
