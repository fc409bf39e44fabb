"""Somebody who sends no sound at all: the bound of 2 s from the answer holds all the same."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from telephony.workshop.lab import Lab, phone_login
from tests.asterisk.lab_peers import LabMaker
from tests.attacks.peers.audio import decode
from tests.attacks.peers.peer import Call, SipPeer
from tests.scenes.lab_site import OPTIONS, LabSite, open_lab_site
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.measures, pytest.mark.slow]

CARRIER = (f"127.61.{os.getpid() % 200 + 10}.7", 26092)


@pytest.fixture(scope="module")
def watched(new_lab: LabMaker) -> Lab:
    return new_lab(replace(OPTIONS, carrier=f"{CARRIER[0]}:{CARRIER[1]}"))


@pytest.fixture
async def lab_site(watched: Lab, tmp_path: Path) -> AsyncIterator[LabSite]:
    async with open_lab_site(watched, tmp_path) as made:
        yield made


def is_spoken_to(call: Call) -> bool:
    return any(int(abs(decode(payload)).max()) > 1000 for _, payload in call.audio.packets[-50:])


async def test_whoever_sends_no_sound_is_spoken_to_within_two_seconds(lab_site: LabSite):
    """No RTP comes from the carrier: AMD is not sure in time, which leaves the call to the operator."""
    carrier = await SipPeer.open(*CARRIER)
    try:
        await asyncio.to_thread(phone_login, lab_site.lab, 1)
        campaign = await lab_site.campaign("Sans son", ["33199008500"], detects_machines=True)
        await until(lab_site.talks, 15)
        await until(lambda: is_spoken_to(carrier.calls[0]), 5)
        await lab_site.parts.calls.tracker.flush()
        (attempt,) = await lab_site.bench.store.attempts.recent(campaign.campaign_id, 5)
        events = await lab_site.bench.store.attempts.events(attempt.attempt_id)
        assert [event.details["verdict"] for event in events if event.kind == "MachineJudged"] == ["NOTSURE"]
        assert attempt.answered_at is not None
        assert attempt.connected_at is not None
        assert attempt.connected_at - attempt.answered_at < timedelta(seconds=2)
    finally:
        carrier.close()
