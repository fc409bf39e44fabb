"""Calls that ring unanswered, chosen on a page and over the API: said first, done when confirmed, never under 15 s."""

import pytest

from tests.scenes.pages import Pages
from tests.web.browserless import Visitor
from tests.web.conftest import Visit


@pytest.fixture
async def manager(visit: Visit) -> Visitor:
    visitor = await visit()
    await visitor.sign_in("manager")
    return visitor


async def asked_s(pages: Pages) -> int:
    return (await pages.store.campaigns.get(pages.campaign.campaign_id)).dialing.withdraw_after_s


async def test_the_page_says_what_it_will_do_and_does_it_when_confirmed(manager: Visitor, pages: Pages) -> None:
    address = f"/campaigns/{pages.campaign.campaign_id}/withdraw-dials"
    assert address in (await manager.get(f"/campaigns/{pages.campaign.campaign_id}/mode")).text
    page = (await manager.get(address)).text
    assert "sonne jusqu’au bout" in page
    assert 'value="15"' in page
    said = await manager.send(address, after="20")
    assert "compte comme une tentative" in said.text
    assert await asked_s(pages) == 0
    assert (await manager.send(address, after="20", confirmed="yes")).status == 303
    assert await asked_s(pages) == 20
    last = [entry.note async for entry in pages.store.ledger.entries()][-1]
    assert (last.kind, last.body["by"], last.body["to"]) == ("campaign_changed", "manager", '{"withdraw_after_s":20}')
    assert "Laisser sonner" in (await manager.get(address)).text
    assert (await manager.send(address, after="0", confirmed="yes")).status == 303
    assert await asked_s(pages) == 0


@pytest.mark.parametrize("after", ["14", "61", "-1", "soon", "", "20" + " " * 20 + "or so", "2_0", "٢٠"])
async def test_a_shorter_ring_is_refused_at_the_first_step_already(manager: Visitor, pages: Pages, after: str) -> None:
    address = f"/campaigns/{pages.campaign.campaign_id}/withdraw-dials"
    for confirmed in ("", "yes"):
        assert (await manager.send(address, after=after, confirmed=confirmed)).status == 409
    assert (await manager.post_json(f"/api/v1{address}", {"after_s": after, "confirm": True})).status == 409
    assert await asked_s(pages) == 0


async def test_the_api_changes_only_what_is_confirmed(manager: Visitor, pages: Pages) -> None:
    address = f"/api/v1/campaigns/{pages.campaign.campaign_id}/withdraw-dials"
    reply = (await manager.post_json(address, {"after_s": 15})).json
    assert (reply["changed"], reply["withdraw_after_s"]) == (False, 0)
    assert "counts as an attempt" in reply["effect"]["en"]
    done = (await manager.post_json(address, {"after_s": 15, "confirm": True})).json
    assert (done["changed"], done["withdraw_after_s"]) == (True, 15)


async def test_who_may_not_run_campaigns_withdraws_nothing(visit: Visit, pages: Pages) -> None:
    address = f"/campaigns/{pages.campaign.campaign_id}/withdraw-dials"
    for username in ("supervisor", "compliance", "claire"):
        visitor = await visit()
        await visitor.sign_in(username)
        assert (await visitor.get(address)).status == 403
        assert (await visitor.send(address, after="15", confirmed="yes")).status == 403
    assert await asked_s(pages) == 0
