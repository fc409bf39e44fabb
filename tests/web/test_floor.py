import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.floor.snapshot import IncidentView, LinkView
from telephony.domain.leads.waiting_causes import Cause, Held
from telephony.domain.text.reason import Reason
from telephony.services.dialing.nobody_due import NOBODY_NOW
from telephony.web.pages import floor_stream
from telephony.web.views import floor as floor_display
from tests.scenes.pages import NOW, Pages
from tests.web.browserless import Visitor
from tests.web.conftest import Visit

DEADLINE_S = 5


@dataclass
class Event:
    """One event of the stream."""

    name: str
    number: str
    data: Any


@asynccontextmanager
async def events(visitor: Visitor, after: str = "") -> AsyncIterator[AsyncIterator[Event]]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
    async with visitor.client.get("/floor/events", headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"

        async def read() -> AsyncIterator[Event]:
            fields: dict[str, str] = {}
            async for line in response.content:
                text = line.decode().rstrip("\n")
                if text and not text.startswith(":"):
                    name, _, value = text.partition(": ")
                    fields[name] = value
                elif not text and fields:
                    yield Event(fields["event"], fields.get("id", ""), json.loads(fields["data"]))
                    fields = {}

        yield read()


async def following(stream: AsyncIterator[Event], *names: str) -> Event:
    async with asyncio.timeout(DEADLINE_S):
        async for event in stream:
            if event.name in names:
                return event
    raise AssertionError("the stream ended")


@pytest.fixture
async def supervisor(visit: Visit) -> Visitor:
    visitor = await visit()
    await visitor.sign_in("supervisor")
    return visitor


async def test_page_shows_state_by_shape_and_word_and_abandons_in_people(supervisor: Visitor) -> None:
    page = (await supervisor.get("/floor")).text
    assert "En conversation" in page
    assert "●" in page
    assert "9 personnes" in page
    assert "2,1\u202f%" in page
    assert "Un appel par poste libre (mode progressif)." in page


async def test_every_state_and_outcome_has_a_shape_and_a_word() -> None:
    assert set(floor_display.SHAPES) == set(OperatorState)
    assert len(set(floor_display.SHAPES.values())) == len(OperatorState)
    assert set(floor_display.OUTCOMES) == set(Outcome)


async def test_stream_sends_everything_once_then_what_changed(supervisor: Visitor, pages: Pages) -> None:
    async with events(supervisor) as stream:
        first = await following(stream, "floor")
        assert len(first.data["seats"]) == 6
        await pages.floor.seat(3, OperatorState.TALKING, NOW + timedelta(seconds=1))
        change = await following(stream, "change")
        assert [(seat["seat"], seat["word"]) for seat in change.data["seats"]] == [(3, "En conversation")]
        assert change.data["campaigns"] == []
        assert change.number != first.number
        await pages.floor.campaign(state=CampaignState.PAUSED, pace=Reason("pace.not_running"))
        change = await following(stream, "change")
        assert change.data["seats"] == []
        assert change.data["campaigns"][0]["pace"] == "La campagne n’est pas en cours."
        assert change.data["campaigns"][0]["may_start"] is True


async def test_browser_that_comes_back_in_time_gets_only_what_follows(supervisor: Visitor, pages: Pages) -> None:
    async with events(supervisor) as stream:
        first = await following(stream, "floor")
    async with events(supervisor, after=first.number) as stream:
        assert (await following(stream, "floor", "beat")).name == "beat"
        await pages.floor.seat(1, OperatorState.PAUSED, NOW)
        assert (await following(stream, "floor", "change")).name == "change"


@pytest.mark.parametrize("after", ["another0-1", "nonsense", "-"])
async def test_after_a_gap_the_browser_gets_everything(supervisor: Visitor, pages: Pages, after: str) -> None:
    async with events(supervisor, after=after) as stream:
        assert (await following(stream, "floor", "beat")).name == "floor"


async def test_missed_change_is_made_up_for_in_full(supervisor: Visitor, pages: Pages) -> None:
    async with events(supervisor) as stream:
        first = await following(stream, "floor")
    await pages.floor.seat(1, OperatorState.PAUSED, NOW)
    async with events(supervisor, after=first.number) as stream:
        event = await following(stream, "floor", "beat")
        assert (event.name, event.data["seats"][0]["state"]) == ("floor", "paused")


async def test_new_seat_or_campaign_sends_everything(supervisor: Visitor, pages: Pages) -> None:
    async with events(supervisor) as stream:
        await following(stream, "floor")
        view = pages.floor.view()
        await pages.floor.draw(replace(view, seats=view.seats[:4]))
        assert len((await following(stream, "floor")).data["seats"]) == 4


async def test_lost_link_and_incidents_reach_the_page(supervisor: Visitor, pages: Pages) -> None:
    async with events(supervisor) as stream:
        await following(stream, "floor")
        links = (LinkView("pbx", is_connected=True), LinkView("gate", is_connected=False))
        await pages.floor.draw(
            replace(
                pages.floor.view(), links=links, incidents=(IncidentView("recording_incomplete", "a1", "It stopped."),)
            )
        )
        change = (await following(stream, "change")).data
        assert change["links"][1] == {"node": "gate", "up": False, "text": "liaison perdue"}
        assert change["incidents"] == [
            "L’enregistrement de l’appel a1 est incomplet. Les fichiers bruts sont conservés."
        ]


async def test_quiet_stream_beats_and_tells_the_servers_time(
    supervisor: Visitor, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floor_stream, "BEAT_S", 0.05)
    async with events(supervisor) as stream:
        await following(stream, "floor")
        assert (await following(stream, "beat")).data["at"] == round(NOW.timestamp() * 1000)


async def test_stream_ends_with_its_sign_in(supervisor: Visitor, pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor_stream, "BEAT_S", 0.02)
    async with events(supervisor) as stream:
        await following(stream, "floor")
        await pages.deps.accounts.reset_password("supervisor")
        await following(stream, "ended")
        with pytest.raises(AssertionError, match="ended"):
            await following(stream, "beat")


async def test_browser_that_leaves_is_watched_for_no_longer(supervisor: Visitor, pages: Pages) -> None:
    async with events(supervisor) as stream:
        await following(stream, "floor")
        assert pages.floor.watchers == 1
    async with asyncio.timeout(DEADLINE_S):
        while pages.floor.watchers:
            await pages.floor.seat(1, OperatorState.PAUSED, NOW)


async def test_busy_floor_does_not_drown_a_browser(supervisor: Visitor, pages: Pages) -> None:
    async with events(supervisor) as stream:
        await following(stream, "floor")
        for number in range(100):
            await pages.floor.seat(2, OperatorState.READY, NOW + timedelta(seconds=number))
        versions: list[int] = []
        while not versions or versions[-1] < 101:
            versions.append((await following(stream, "change", "floor")).data["version"])
        assert len(versions) <= 3


async def test_manager_starts_pauses_and_stops_a_campaign(visit: Visit, pages: Pages) -> None:
    await pages.recording(sound=False)  # a campaign needs a list
    visitor = await visit()
    await visitor.sign_in("manager")
    for act, state in (("start", "running"), ("pause", "paused"), ("start", "running"), ("stop", "stopped")):
        answer = await visitor.send(f"/campaigns/{pages.campaign.campaign_id}/{act}")
        assert answer.status == 303
        assert (await pages.store.campaigns.get(pages.campaign.campaign_id)).state == state
    answer = await visitor.send(f"/campaigns/{pages.campaign.campaign_id}/start")
    assert answer.status == 409
    assert "Rien n’a été fait" in answer.text


async def test_htmx_is_told_in_words_what_was_done(visit: Visit, pages: Pages) -> None:
    await pages.recording(sound=False)
    visitor = await visit()
    await visitor.sign_in("manager")
    address = f"/campaigns/{pages.campaign.campaign_id}/start"
    answer = await visitor.ask("POST", address, headers={"HX-Request": "true", "X-CSRF-Token": visitor.form_token})
    assert answer.status == 200
    assert "a démarré" in answer.text
    assert "<html" not in answer.text


async def test_the_floor_says_who_is_left_and_who_can_change_it(pages: Pages, visit: Visit) -> None:
    held = (Held(Cause.APPROVAL, 120), Held(Cause.RETRY, 40, NOW + timedelta(hours=2)))
    await pages.floor.campaign(held=held, pace=NOBODY_NOW)
    visitor = await visit()
    await visitor.sign_in("manager")
    page = (await visitor.get("/floor")).text
    assert "120 sur une liste pas encore approuvée\u202f: une seconde personne l’approuve sur la page Listes." in page
    assert "40 à rappeler à partir de vendredi 20 novembre 2026 à 17\u00a0h\u00a005 (Europe/Paris)" in page
    assert "Liste terminée" not in page
    (campaign,) = (await visitor.get("/api/v1/floor")).json["campaigns"]
    assert campaign["held"] == [
        {"cause": "approval", "leads": 120, "at_least": False, "until": None},
        {"cause": "retry", "leads": 40, "at_least": False, "until": "2026-11-20T16:05:09+00:00"},
    ]
