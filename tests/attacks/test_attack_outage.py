"""What must hold when the controller or the recorder's disk fails: nothing leaves. The naive gate fails open."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator

import pytest

from tests.attacks.peers.peer import Call
from tests.scenes.attacked_site import CALLED, AttackedSite

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]


async def dial_through(attacked_site: AttackedSite) -> Call:
    """Call a number that would be permitted; returns when the gate has decided, or is still at it after 4 s."""
    pbx = await attacked_site.stolen_pbx()
    user = CALLED if attacked_site.is_naive else attacked_site.controller.allow(CALLED)
    call = await attacked_site.call(
        pbx,
        attacked_site.at_gate(user),
        attacked_site.gate,
        attacked_site.link,
        wait_s=0.1 if attacked_site.is_naive else 4,
    )
    attacked_site.mark()
    return call


def has_left(attacked_site: AttackedSite) -> bool:
    return any(
        message.method == "INVITE" for message in [*attacked_site.carrier.requests, *attacked_site.elsewhere.requests]
    )


async def test_the_controller_is_dead(attacked_site: AttackedSite):
    async with attacked_site.controller.dead():
        await dial_through(attacked_site)
        await attacked_site.judge(lambda: has_left(attacked_site))


@pytest.mark.parametrize("mode", ["close", "reset", "garbage", "half", "half-close"])
async def test_the_controller_misbehaves(mode: str, attacked_site: AttackedSite):
    attacked_site.controller.mode = mode
    await dial_through(attacked_site)
    await attacked_site.judge(lambda: has_left(attacked_site))


@pytest.mark.parametrize("mode", ["hang", "flood"])
async def test_the_controller_never_ends_its_answer(mode: str, attacked_site: AttackedSite):
    attacked_site.controller.mode = mode
    call = await dial_through(attacked_site)
    # The naive gate does not fail open here: it waits for ever, which the generated one must not.
    await attacked_site.judge(lambda: has_left(attacked_site), naive="closed")
    assert attacked_site.is_naive or call.status == 501


async def recording_cannot_be_written(attacked_site: AttackedSite) -> None:
    await dial_through(attacked_site)
    await attacked_site.judge(lambda: has_left(attacked_site))


async def test_the_recording_folder_is_read_only(attacked_site: AttackedSite):
    folder = attacked_site.lab.gate.spool / "monitor"
    mode = folder.stat().st_mode
    folder.chmod(0o500)
    try:
        await recording_cannot_be_written(attacked_site)
    finally:
        folder.chmod(mode)


async def test_the_recording_disk_is_full(attacked_site: AttackedSite):
    async with full_disk(attacked_site):
        await recording_cannot_be_written(attacked_site)


@contextlib.asynccontextmanager
async def full_disk(attacked_site: AttackedSite) -> AsyncIterator[None]:
    """Put a full disk of 64 KiB on the gate's recording folder, in the gate's own mount namespace."""
    gate = attacked_site.lab.gate
    pid = attacked_site.pid("gate")
    # nsenter(1) leaves any root this test runs under, so the folder is named from the gate's own.
    folder = f"/proc/{pid}/root{gate.spool / 'monitor'}"
    inside = ["nsenter", "--target", str(pid), "--mount", "--"]
    options = f"size=64k,uid={gate.user_id},gid={gate.user_id},mode=700"
    commands = [
        [*inside, "mount", "-t", "tmpfs", "-o", options, "full", folder],
        # dd ends with an error when there is no more room: that is what it is for.
        [*inside, "dd", "if=/dev/zero", f"of={folder}/full", "bs=4096"],
    ]
    await asyncio.to_thread(subprocess.run, commands[0], check=True, capture_output=True)
    try:
        await asyncio.to_thread(subprocess.run, commands[1], check=False, capture_output=True)
        yield
    finally:
        await asyncio.to_thread(subprocess.run, [*inside, "umount", "--lazy", folder], check=True, capture_output=True)
