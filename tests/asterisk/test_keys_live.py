"""Keys on real Asterisk: with an allowance the carrier gets each one, so many a call; without, not a one."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from telephony.archive.tones import tone
from telephony.ids import ChannelId
from telephony.workshop.lab import Lab
from telephony.workshop.lab.console import command
from tests.asterisk.lab_peers import LabMaker
from tests.attacks.peers.peer import SipPeer, answer
from tests.scenes.lab_site import OPTIONS, TALKERS, LabSite, open_lab_site
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]

CARRIER = (f"127.62.{os.getpid() % 200 + 10}.5", 26090)
BEFORE_S = 6.0
"""Seconds of silence before the first key: the call is up by then."""


@pytest.fixture(scope="module")
def watched(new_lab: LabMaker) -> Lab:
    return new_lab(replace(OPTIONS, carrier=f"{CARRIER[0]}:{CARRIER[1]}"))


@pytest.fixture
async def lab_site(watched: Lab, tmp_path: Path) -> AsyncIterator[LabSite]:
    async with open_lab_site(watched, tmp_path) as made:
        yield made


@pytest.fixture
async def carrier() -> AsyncIterator[SipPeer]:
    """The carrier: answers every call, talks, and counts the keys it is sent."""
    peer = await SipPeer.open(*CARRIER)
    peer.default = answer
    yield peer
    for call in peer.calls:
        call.audio.hush()
    peer.close()


async def pressed(lab_site: LabSite, carrier: SipPeer, keys: str) -> str:
    """Let seat 1 log in with a phone that will press these keys, and be put through; returns the attempt."""
    audio = [part for key in keys for part in (tone(key, 0.2), tone("", 0.3))]
    path = lab_site.lab.world.folder / "lib" / "sounds" / "keys.alaw"
    whole = np.concatenate([tone("", BEFORE_S), *audio, tone("", 20.0)])
    soundfile.write(str(path), whole, 8000, format="RAW", subtype="ALAW")
    path.chmod(0o644)
    phone = f"channel originate PJSIP/login@seat1 application Playback {path.with_suffix('')}"
    await asyncio.to_thread(command, lab_site.lab.world.control, phone)
    await until(lab_site.talks, BEFORE_S)
    carrier.calls[-1].audio.speak(1000.0)
    (attempt,) = lab_site.talks()
    return attempt


async def test_keys_of_a_campaign_that_may_use_them_reach_the_carrier_and_not_one_more(
    lab_site: LabSite, carrier: SipPeer
):
    campaign = await lab_site.campaign("Switchboards", TALKERS[:1])  # dials when an operator is there
    await lab_site.bench.keys.ask(campaign.campaign_id, reason="a menu", by="m.durand", most=4)
    await lab_site.bench.store.keys.approve(campaign.campaign_id, "l.petit", lab_site.bench.clock.now())
    await until(lambda: lab_site.parts.calls.security.dtmf.allows(campaign.campaign_id), 2)
    attempt = await pressed(lab_site, carrier, "158#9")
    called = carrier.calls[-1].audio
    assert "[keys_too_many]" in await lab_site.incident("key_pressed", BEFORE_S + 10)
    assert list(called.keys.values()) == [1, 5, 8, 11]
    await lab_site.parts.calls.tracker.flush()
    events = await lab_site.bench.store.attempts.events(attempt)
    assert [event.details["key"] for event in events if event.kind == "KeyPassed"] == ["1", "5", "8", "#"]
    notes = [entry.note async for entry in lab_site.bench.store.ledger.entries()]
    assert [note.subject for note in notes if note.kind == "key_passed"] == [attempt] * 4
    await lab_site.parts.calls.exchanges.pbx.hang_up(ChannelId(attempt))


async def test_without_an_allowance_not_one_key_reaches_the_carrier(lab_site: LabSite, carrier: SipPeer):
    await lab_site.campaign("Homes", TALKERS[1:2])
    attempt = await pressed(lab_site, carrier, "158#9")
    assert "[keys_not_allowed]" in await lab_site.incident("key_pressed", BEFORE_S + 5)
    await lab_site.grown(attempt, 4)  # the other keys
    assert "telephone-event" not in carrier.calls[-1].invite.body
    assert carrier.calls[-1].audio.keys == {}
    await lab_site.parts.calls.exchanges.pbx.hang_up(ChannelId(attempt))
