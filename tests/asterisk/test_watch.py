"""I2, I3 and the tripwire on real Asterisk: what must not go on is ended in bounded time, whichever process is dead."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from telephony.archive.tones import tone
from telephony.domain.calls.attempts import CallState, Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.security.locks import LockScope
from telephony.ids import ChannelId
from telephony.workshop.lab import Lab, netrules, phone_login, start_warden, stop_warden
from telephony.workshop.lab.console import command
from tests.asterisk.lab_peers import LabMaker
from tests.scenes.lab_site import GONE_S, OPTIONS, TALKERS, LabSite, open_lab_site, serving
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.measures, pytest.mark.slow]

BOUND_S = 5.0
"""I2: a call whose recording stops growing ends within that."""
STRANGER = "33639980950"
"""A number on nobody's list."""
FORWARDED = "33199008800"
"""Somebody else answers there, and the carrier says so."""


@contextlib.contextmanager
def within(seconds: float, what: str, record: pytest.FixtureRequest) -> Iterator[None]:
    """What happens inside takes no longer than that; the time is kept with the test's result."""
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    record.node.user_properties.append((what, round(took, 2)))
    print(f"{what}: {took:.2f} s")  # noqa: T201 - measured, for pytest -s
    assert took < seconds


async def test_a_healthy_call_is_left_alone(lab_site: LabSite):
    await lab_site.campaign("One", TALKERS[:1])
    (attempt,) = await lab_site.talking(1)
    await lab_site.grown(attempt, 9)
    assert lab_site.talks() == [attempt]
    assert await lab_site.bench.store.ledger.open_incidents() == []


async def test_a_recording_file_that_disappears_ends_its_call_alone(lab_site: LabSite, request: pytest.FixtureRequest):
    await lab_site.campaign("Two", TALKERS[:2])
    lost, attempt_id = await lab_site.talking(2)
    await lab_site.grown(lost)
    with within(BOUND_S, "file removed", request):
        lab_site.raw(lost)[1].unlink()
        await until(lambda: lab_site.is_over(lost), BOUND_S)
    assert lab_site.talks() == [attempt_id]
    assert lost in await lab_site.incident("recording_missing")


async def test_a_recording_that_is_stopped_ends_its_call_and_no_call_leaves(
    lab_site: LabSite, request: pytest.FixtureRequest
):
    await lab_site.campaign("Many", TALKERS[:20])
    (attempt,) = await lab_site.talking(1)
    await lab_site.grown(attempt)
    ((name, _),) = lab_site.trunk_legs()
    with within(BOUND_S, "MixMonitor stopped", request):
        command(lab_site.lab.gate.control, f"mixmonitor stop {name}")
        await until(lambda: lab_site.is_over(attempt), BOUND_S)
    await lab_site.incident("recording_closed")
    (lock,) = await lab_site.bench.locks.active()
    assert (lock.scope, lock.by, lock.ends_calls) == (LockScope.SITE, "watch", False)
    await asyncio.to_thread(phone_login, lab_site.lab, 2)
    await lab_site.no_new_call(lambda: None, 3)
    await lab_site.bench.locks.unlock(LockScope.SITE, "", "S. Martin", "essai terminé")
    await until(lambda: len(lab_site.talks()) == 1, 20)  # and a person lets calls leave again


async def test_network_rules_that_are_flushed_stop_new_calls_until_they_are_loaded_again(lab_site: LabSite):
    await lab_site.campaign("Many", TALKERS[:20])
    (attempt,) = await lab_site.talking(1)
    netrules.remove(lab_site.lab.lab_id)  # what Debian's nftables.service does when it is reloaded
    try:
        await until(lambda: "network rules" in lab_site.blocking_reason(), 8)
        await asyncio.to_thread(phone_login, lab_site.lab, 2)
        await lab_site.no_new_call(lambda: None, 2)
        assert lab_site.talks() == [attempt]  # a conversation under way is not the rules' fault
        assert "configuration write --firewall" in await lab_site.incident("network_rules_gone")
    finally:
        assert netrules.apply(lab_site.settings.firewall.file.read_text()) == ""
    await until(lambda: len(lab_site.talks()) == 2, 30)  # and calls resume by themselves


async def test_a_read_only_folder_is_noticed_and_no_call_leaves(lab_site: LabSite):
    await lab_site.campaign("Many", TALKERS[:20])
    await lab_site.talking(1)
    folder = lab_site.settings.gate.spool / "monitor"
    mode = folder.stat().st_mode
    folder.chmod(0o500)
    try:
        await until(lambda: not lab_site.talks(), BOUND_S)
        await until(lambda: "cannot be written" in lab_site.blocking_reason(), BOUND_S)
        await asyncio.to_thread(phone_login, lab_site.lab, 2)
        await lab_site.no_new_call(lambda: None, 2)
    finally:
        folder.chmod(mode)
    await lab_site.incident("recording_disk")
    await until(lambda: len(lab_site.talks()) >= 1, 30)  # the cause is gone: calls resume by themselves


async def test_a_disk_that_fills_in_mid_call_ends_the_call(
    new_lab: LabMaker, tmp_path: Path, request: pytest.FixtureRequest
):
    with small_disk() as disk:
        options = OPTIONS.settings | {"gate": {"spool": str(disk)}}
        lab = await asyncio.to_thread(new_lab, type(OPTIONS)(seats=3, settings=options, has_warden=True))
        async with open_lab_site(lab, tmp_path) as made:
            await made.campaign("Many", TALKERS[:20])
            (attempt,) = await made.talking(1)
            await made.grown(attempt)
            with within(BOUND_S, "disk full", request):
                fill(disk / "filler")
                await until(lambda: made.is_over(attempt), BOUND_S)
            await until(lambda: made.blocking_reason() != "", 3)
            await asyncio.to_thread(phone_login, lab, 2)
            await made.no_new_call(lambda: None, 2)
            await made.incident("recorder_unusable")
            (disk / "filler").unlink()
            await until(lambda: len(made.talks()) >= 1, 30)


async def test_a_killed_controller_leaves_no_call_up_and_no_invite_leaves(
    watched: Lab, tmp_path: Path, request: pytest.FixtureRequest
):
    async with open_lab_site(watched, tmp_path, is_here=False) as made:
        await made.campaign("Many", TALKERS[:20])
        async with serving(made) as controller:
            for seat in (1, 2):
                await asyncio.to_thread(phone_login, watched, seat)
            await made.connected(2)
            killed_at = time.monotonic()
            with within(GONE_S + 2, "controller gone", request):
                os.kill(controller.pid, signal.SIGKILL)
                await controller.wait()
                before = len(made.invites)
                await until(lambda: not made.trunk_legs(), GONE_S + 2)
            assert time.monotonic() - killed_at > GONE_S - 2  # not even a short interruption
            assert len(made.invites) == before
        async with serving(made):
            await made.incident("controller_gone", 15)


async def test_without_the_warden_no_call_leaves_and_conversations_end(
    lab_site: LabSite, request: pytest.FixtureRequest
):
    await lab_site.campaign("Many", TALKERS[:20])
    await lab_site.talking(1)
    bound_s = lab_site.settings.watch.warden_gone_s
    with within(bound_s + 3, "warden gone", request):
        await asyncio.to_thread(stop_warden, lab_site.lab, is_killed=True)
        await until(lambda: not lab_site.trunk_legs(), bound_s + 3)
    assert lab_site.blocking_reason() == "Recording is not being watched: no calls go out."
    await lab_site.incident("warden_gone")
    await asyncio.to_thread(phone_login, lab_site.lab, 2)
    await lab_site.no_new_call(lambda: None, 3)
    await asyncio.to_thread(start_warden, lab_site.lab.folder)
    await until(lambda: len(lab_site.talks()) >= 1, 20)


async def test_a_warden_that_restarts_costs_no_call(lab_site: LabSite):
    await lab_site.campaign("One", TALKERS[:1])
    (attempt,) = await lab_site.talking(1)
    await asyncio.to_thread(stop_warden, lab_site.lab)
    await asyncio.to_thread(start_warden, lab_site.lab.folder)
    await lab_site.grown(attempt, lab_site.settings.watch.warden_gone_s + 1)
    assert lab_site.talks() == [attempt]


async def test_a_trunk_leg_without_permit_is_cut(lab_site: LabSite, request: pytest.FixtureRequest):
    with within(2.0, "leg without permit", request):
        await asyncio.to_thread(call_by_hand, lab_site.lab)
        await until(lambda: any(number == STRANGER for number in lab_site.invites), 2)
        await until(lambda: not lab_site.trunk_legs(), 2)
    await lab_site.incident("trunk_leg_without_permit")


async def test_a_leg_without_permit_is_cut_by_the_warden_alone_when_there_is_no_controller(
    watched: Lab, tmp_path: Path, request: pytest.FixtureRequest
):
    async with open_lab_site(watched, tmp_path, is_here=False) as made:
        with within(3.5, "leg without recording", request):
            await asyncio.to_thread(call_by_hand, watched)
            await until(lambda: made.trunk_legs() != [], 2)
            await until(lambda: not made.trunk_legs(), 3.5)


async def test_a_recording_truncated_in_mid_call_ends_it_and_what_was_written_is_saved(
    lab_site: LabSite, request: pytest.FixtureRequest
):
    await lab_site.campaign("One", TALKERS[:1])
    (attempt,) = await lab_site.talking(1)
    await lab_site.grown(attempt, 4)
    raw = lab_site.raw(attempt)
    with within(5.0, "truncated", request):
        os.truncate(raw[1], 0)
        await until(lambda: lab_site.is_over(attempt), 5)
    assert attempt in await lab_site.incident("recording_truncated")
    recording_id = await lab_site.kept(attempt, 90)
    recording = await lab_site.bench.store.recordings.get(recording_id)
    assert recording.file is not None
    assert recording.file.length_s > 4
    assert recording.tag.attempt_id == attempt
    await lab_site.incident("recording_incomplete", 10)
    assert all(path.exists() for path in raw)


async def test_a_diversion_that_the_carrier_tells_ends_the_call(lab_site: LabSite, request: pytest.FixtureRequest):
    await lab_site.campaign("One", [FORWARDED])
    await asyncio.to_thread(phone_login, lab_site.lab, 1)
    await until(lab_site.trunk_legs, 10)
    with within(2.0, "diversion", request):
        await until(lambda: not lab_site.trunk_legs(), 3)
    attempt = (await lab_site.bench.store.attempts.recent(lab_site.campaigns[0].campaign_id, 1))[0]
    assert attempt.attempt_id in await lab_site.incident("trunk_party_changed")


async def test_a_second_phone_called_into_a_conversation_is_shown_out(
    lab_site: LabSite, request: pytest.FixtureRequest
):
    """What the pbx's manager account can do, whoever holds it: the one application its pbx has for it."""
    await lab_site.campaign("One", TALKERS[:1])
    (attempt,) = await lab_site.talking(1)
    stranger = f"channel originate PJSIP/seat3 application ConfBridge seat-{lab_site.seat(attempt)}"
    with within(2, "shown out", request):
        command(lab_site.lab.pbx.control, "module load res_clioriginate.so")
        command(lab_site.lab.pbx.control, stranger)
        await lab_site.incident("stranger_in_a_conversation")
        await until(lambda: "PJSIP/seat3-" not in command(lab_site.lab.pbx.control, "core show channels concise"), 2)
    assert lab_site.talks() == [attempt]
    assert lab_site.invites == [TALKERS[0]]


@pytest.mark.parametrize("scope", list(LockScope))
async def test_a_lock_ends_what_it_covers_and_nothing_else_leaves(
    scope: LockScope, lab_site: LabSite, request: pytest.FixtureRequest
):
    first = await lab_site.campaign("First", TALKERS[:20])
    await lab_site.campaign("Second", TALKERS[20:40])
    attempts = await lab_site.talking(3)
    calls = [lab_site.parts.calls.tracker.call(attempt) for attempt in attempts]
    target = {LockScope.SITE: "", LockScope.CAMPAIGN: str(first.campaign_id), LockScope.SEAT: "2"}[scope]
    (reserved, spared) = ([], [])
    for call in calls:
        assert call is not None
        is_reserved = (
            scope is LockScope.SITE
            or (scope is LockScope.CAMPAIGN and call.attempt.campaign_id == first.campaign_id)
            or (scope is LockScope.SEAT and call.attempt.seat == 2)
        )
        (reserved if is_reserved else spared).append(call.attempt.attempt_id)
    with within(BOUND_S, f"lock {scope}", request):
        await lab_site.bench.locks.lock(scope, target, "S. Martin", "essai", ends_calls=True)
        await until(lambda: all(lab_site.is_over(attempt) for attempt in reserved), BOUND_S)
    assert set(spared) <= set(lab_site.talks())
    if scope is LockScope.SITE:
        await lab_site.no_new_call(lambda: None, 3)
        assert not any(call.attempt.state is not CallState.ENDED for call in lab_site.parts.calls.tracker.calls())
    if scope is LockScope.SEAT:
        seat = next(seat for seat in lab_site.parts.calls.seats.seats.values() if seat.row.seat == 2)
        assert seat.row.operator_id is not None
        await lab_site.parts.screens.results.choose(seat.row.operator_id, Result.COMPLETE)
        assert seat.state is OperatorState.PAUSED


async def test_a_key_on_an_operators_phone_rings_the_tripwire_and_reaches_nobody(lab_site: LabSite):
    await lab_site.campaign("One", TALKERS[:1])
    keys = lab_site.lab.world.folder / "lib" / "sounds" / "keys.alaw"
    write_keys(keys, "1234")
    keys.chmod(0o644)
    phone = f"channel originate PJSIP/login@seat1 application Playback {keys.with_suffix('')}"
    await asyncio.to_thread(command, lab_site.lab.world.control, phone)
    await until(lab_site.talks, 20)
    (attempt,) = lab_site.talks()
    assert "seat 1" in await lab_site.incident("key_pressed", 10)
    await lab_site.grown(attempt, 4)  # the other keys
    await lab_site.parts.calls.exchanges.pbx.hang_up(ChannelId(attempt))
    recording = await lab_site.bench.store.recordings.get(await lab_site.kept(attempt))
    assert recording.file is not None
    assert (
        await lab_site.parts.services.archive.key_tones(recording.file) == ()
    )  # the operator's side, as it left for the carrier


def call_by_hand(lab: Lab) -> None:
    """What somebody who owns the gate's console could do; as it is delivered, it has no such command."""
    command(lab.gate.control, "module load res_clioriginate.so")
    command(lab.gate.control, f"channel originate PJSIP/{STRANGER}@{lab.trunk} application Wait 9")


def write_keys(path: Path, keys: str) -> None:
    """Two seconds of silence, the keys, and silence until the call is over."""
    pressed = [part for key in keys for part in (tone(key, 0.2), tone("", 0.2))]
    audio = np.concatenate([tone("", 2.0), *pressed, tone("", 20.0)])
    soundfile.write(str(path), audio, 8000, format="RAW", subtype="ALAW")


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A disk of 40 MiB that the gate sees too: /dev is the same inside its tree."""
    folder = Path(f"/dev/shm/watch-{os.getpid()}")  # noqa: S108 - the one place both sides see
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=755", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(path: Path) -> None:
    with path.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
            file.flush()
