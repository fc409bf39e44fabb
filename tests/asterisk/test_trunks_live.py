"""Two trunks on real Asterisk: a carrier that fails costs nothing but its own calls, and two that fail cost no lead."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.domain.calls.attempts import Attempt
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import Campaign, CampaignState
from telephony.ids import CampaignId
from telephony.settings import load_settings
from telephony.workshop.lab import Lab, carrier_invites, phone_login
from tests.asterisk.lab_peers import LabMaker
from tests.attacks.peers.message import Message
from tests.attacks.peers.peer import Call, SipPeer
from tests.scenes.lab_site import OPTIONS, TALKERS, LabSite, open_lab_site
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]

CARRIER = (f"127.61.{os.getpid() % 200 + 10}.5", 26090)
BUSY = [f"331990050{n:02d}" for n in range(20)]
CONGESTED = [f"331990051{n:02d}" for n in range(30)]


async def refuse(peer: SipPeer, message: Message, call: Call) -> None:
    peer.respond(message, call, "503 Service Unavailable")


async def say_nothing(peer: SipPeer, message: Message, call: Call) -> None:
    """Not even 100 Trying."""


@pytest.fixture(scope="module")
def watched(new_lab: LabMaker) -> Lab:
    return new_lab(replace(OPTIONS, carrier=f"{CARRIER[0]}:{CARRIER[1]}", second_carrier="world"))


@pytest.fixture
async def lab_site(watched: Lab, tmp_path: Path) -> AsyncIterator[LabSite]:
    async with open_lab_site(watched, tmp_path) as made:
        yield made


@pytest.fixture
async def carrier() -> AsyncIterator[SipPeer]:
    peer = await SipPeer.open(*CARRIER)
    yield peer
    peer.close()


async def attempts_of(lab_site: LabSite, campaign: Campaign) -> list[Attempt]:
    await lab_site.parts.calls.tracker.flush()
    return list(await lab_site.bench.store.attempts.recent(campaign.campaign_id, 500))[::-1]


async def state_of(lab_site: LabSite, campaign_id: CampaignId) -> CampaignState:
    return (await lab_site.bench.store.campaigns.get(campaign_id)).state


async def test_a_carrier_that_answers_503_loses_its_calls_to_the_other_trunk_and_then_gets_none(
    lab_site: LabSite, carrier: SipPeer
):
    carrier.default = refuse
    campaign = await lab_site.campaign("Deux faisceaux", [*BUSY, TALKERS[0]], more_trunks=["second"])
    await lab_site.talking(1)
    attempts = await attempts_of(lab_site, campaign)
    failed = [attempt for attempt in attempts if attempt.trunk == "carrier"]
    other = [attempt for attempt in attempts if attempt.trunk == "second"]
    assert {attempt.outcome for attempt in failed} == {Outcome.CARRIER_FAILED}
    assert {attempt.tech_cause for attempt in failed} == {"SIP 503"}
    assert 5 <= len(failed) <= 8
    assert sorted(attempt.number for attempt in other) == sorted([*BUSY, TALKERS[0]])
    for first in failed:
        again = next(later for later in other if later.lead_id == first.lead_id)
        assert first.ended_at is not None
        assert (again.started_at - first.ended_at).total_seconds() < 2.0
        assert again.permit_id != first.permit_id
    second = load_settings(lab_site.lab.settings).trunks[1]
    assert {invite.caller_id for invite in carrier_invites(lab_site.lab)[-21:]} == {second.caller_ids[0]}
    assert "Trunk carrier fails" in await lab_site.incident("trunk_failing")


async def test_a_carrier_that_says_nothing_is_given_up_after_six_seconds(lab_site: LabSite, carrier: SipPeer):
    carrier.default = say_nothing
    campaign = await lab_site.campaign("Silence", [TALKERS[1]], more_trunks=["second"])
    await lab_site.talking(1)
    silent, other = await attempts_of(lab_site, campaign)
    assert (silent.trunk, silent.outcome, silent.tech_cause) == ("carrier", Outcome.CARRIER_FAILED, "SIP 408")
    assert silent.hangup_cause == 18
    assert silent.ended_at is not None
    assert 5 < (silent.ended_at - silent.started_at).total_seconds() < 8
    assert (other.trunk, other.number) == ("second", TALKERS[1])


async def test_when_everything_fails_the_campaign_is_paused_with_an_incident_and_the_list_is_whole(
    lab_site: LabSite, carrier: SipPeer
):
    carrier.default = refuse
    campaign = await lab_site.campaign("Tout échoue", CONGESTED, more_trunks=["second"])
    for seat in lab_site.lab.seats:
        await asyncio.to_thread(phone_login, lab_site.lab, seat.number)
    text = await lab_site.incident("campaign_without_trunk", 20)
    assert "carrier, second" in text
    assert await state_of(lab_site, campaign.campaign_id) is CampaignState.PAUSED
    await until(lambda: not list(lab_site.parts.calls.tracker.calls()), 10)
    assert {attempt.outcome for attempt in await attempts_of(lab_site, campaign)} == {Outcome.CARRIER_FAILED}
    progress = await lab_site.bench.store.campaigns.progress(campaign.campaign_id)
    assert (progress.waiting, progress.done) == (len(CONGESTED), 0)
