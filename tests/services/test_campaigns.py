"""Campaigns: created within what the trunks allow, moved from state to state, entered in the ledger."""

from typing import Any

import pytest

from telephony.domain.campaigns.campaigns import Campaign, CampaignState, CampaignWish
from telephony.domain.law.basis import CampaignKind
from telephony.errors import ConflictError, InputError
from telephony.services.campaigns.campaigns import Campaigns
from telephony.settings import CampaignDefaults
from tests.doubles.store import FakeStore
from tests.scenes.controller_on_doubles import CALLER_ID, controller_on_doubles, settings
from tests.virtual_time import LoopClock, virtual


def campaigns() -> Campaigns:
    return Campaigns(FakeStore().store, LoopClock(), settings().trunks, CampaignDefaults())


async def created(service: Campaigns, **values: Any) -> Campaign:
    given = {"name": "Survey", "client_company": "Example SA", "kind": CampaignKind.SURVEY} | values
    return await service.create(CampaignWish(**given), by="test")


@virtual
async def test_what_is_not_said_comes_from_the_settings():
    campaign = await created(campaigns(), name="  Survey  ")
    assert (campaign.name, campaign.trunk, campaign.caller_id) == ("Survey", "carrier", CALLER_ID)
    assert (campaign.dialing.abandon_cap, campaign.wrap_up_s, campaign.state) == (0.03, 40, CampaignState.READY)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": " "}, "printable"),
        ({"name": "x" * 81}, "1 to 80"),
        ({"name": "a\nb"}, "printable"),
        ({"client_company": " "}, "--client"),
        ({"trunk": "other"}, "trunk other is not in the settings; there are: carrier"),
        ({"caller_id": "33199000000"}, "contract of trunk carrier"),
        ({"caller_id": "0199009999"}, "contract of trunk carrier"),
        ({"options": {"abandon_cap": 0.04}}, "between 0 and 0.03"),
        ({"options": {"abandon_cap": -0.01}}, "between 0 and 0.03"),
    ],
)
@virtual
async def test_what_is_not_possible_is_said(values: dict[str, Any], sentence: str):
    with pytest.raises(InputError, match=sentence):
        await created(campaigns(), **values)


@virtual
async def test_a_name_is_taken_once():
    service = campaigns()
    await created(service)
    with pytest.raises(ConflictError):
        await created(service)


@virtual
async def test_a_campaign_without_a_list_does_not_start():
    service = campaigns()
    campaign = await created(service)
    with pytest.raises(InputError, match="telephony list import"):
        await service.start(campaign.campaign_id, "test")
    assert (await service.get(campaign.campaign_id)).state is CampaignState.READY


@virtual
async def test_a_stopped_campaign_is_over_permanently():
    async with controller_on_doubles(leads=1) as site:
        (campaign,) = await site.parts.services.campaigns.all()
        await site.parts.services.campaigns.pause(campaign.campaign_id, "test")
        await site.parts.services.campaigns.start(campaign.campaign_id, "test")
        await site.parts.services.campaigns.stop(campaign.campaign_id, "test")
        with pytest.raises(ConflictError):
            await site.parts.services.campaigns.start(campaign.campaign_id, "test")
        moved = [entry.note.body["to"] for entry in site.tables.ledger if entry.note.kind == "campaign_moved"]
        assert moved == ["running", "paused", "running", "stopped"]
