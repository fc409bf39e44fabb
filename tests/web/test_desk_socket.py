"""The desk's socket: told in the moment of a change, versioned, ended with the sign-in, and deaf to other sites."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from telephony.domain.accounts import Role
from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.operator_desk import SiteFacts
from telephony.domain.text.reason import Reason
from telephony.words import say
from tests.scenes.pages import Pages
from tests.web.browserless import Visitor
from tests.web.conftest import Visit

DEADLINE_S = 10
LOCKED = Reason("locked.site", at=datetime(2026, 11, 22, 14, 2, tzinfo=UTC), by="S. Martin")


@asynccontextmanager
async def link(visitor: Visitor, **headers: str) -> AsyncIterator[ClientWebSocketResponse]:
    async with visitor.client.ws_connect("/desk/socket", headers=headers) as socket:
        yield socket


async def frame(socket: ClientWebSocketResponse, **expected: Any) -> dict[str, Any]:
    """Read frames until one holds what is wanted."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            message: dict[str, Any] = await socket.receive_json()
            if all(message.get(key) == value for key, value in expected.items()):
                return message


async def closed(socket: ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(DEADLINE_S):
        while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED):
            pass
    return socket.close_code


@pytest.fixture
async def claire(visit: Visit) -> Visitor:
    visitor = await visit()
    await visitor.sign_in("claire")
    return visitor


async def test_every_change_of_the_desk_is_told_with_a_higher_version(claire: Visitor, pages: Pages) -> None:
    async with link(claire) as socket:
        version = (await frame(socket, state="ready"))["version"]
        for state in (OperatorState.RESERVED, OperatorState.TALKING, OperatorState.WRAP_UP, OperatorState.READY):
            pages.desk.put(pages.operator.operator_id, state)
            message = await frame(socket, state=str(state))
            assert message["version"] > version
            version = message["version"]
    assert f'data-version="{version}"' in (await claire.get("/desk")).text


async def test_the_round_trip_is_measured_and_told_each_second(claire: Visitor) -> None:
    async with link(claire) as socket:
        first = await frame(socket)
        async with asyncio.timeout(DEADLINE_S):
            while (message := await frame(socket))["rtt"] is None:
                pass
        assert 0 <= message["rtt"] < 5_000
        assert message["version"] == first["version"]
        assert message["at"] > 0


async def test_what_a_browser_sends_over_the_socket_acts_on_nothing(claire: Visitor, pages: Pages) -> None:
    async with link(claire) as socket:
        await socket.send_str('{"act": "pause"}')
        await frame(socket, state="ready")
    assert pages.desk.seats[pages.operator.operator_id].state is OperatorState.READY


async def test_a_page_of_another_site_gets_no_socket(claire: Visitor) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        async with link(claire, Origin="https://elsewhere.example"):
            pass
    assert refused.value.status == 403
    own = f"http://{claire.client.host}:{claire.client.port}"
    async with link(claire, Origin=own) as socket:
        await frame(socket, state="ready")


@pytest.mark.parametrize("who", [None, "supervisor"])
async def test_whoever_has_no_desk_gets_no_socket(visit: Visit, who: str | None) -> None:
    visitor = await visit()
    if who is not None:
        await visitor.sign_in(who)
    with pytest.raises(WSServerHandshakeError):
        async with link(visitor):
            pass


async def test_an_operator_without_a_seat_gets_no_socket(visit: Visit, pages: Pages) -> None:
    _, password = await pages.deps.accounts.create("nadia", "Nadia B.", Role.OPERATOR)
    visitor = await visit()
    await visitor.sign_in("nadia", password)
    with pytest.raises(WSServerHandshakeError):
        async with link(visitor):
            pass


async def test_signing_out_ends_the_socket(claire: Visitor) -> None:
    async with link(claire) as socket:
        await frame(socket, state="ready")
        await claire.get("/desk")
        assert (await claire.send("/sign-out")).status == 303
        await frame(socket, ended=True)
        assert await closed(socket) == 4401


async def test_a_revoked_session_ends_the_socket(claire: Visitor, pages: Pages) -> None:
    async with link(claire) as socket:
        await frame(socket, state="ready")
        await pages.deps.accounts.reset_password("claire")
        await frame(socket, ended=True)
        assert await closed(socket) == 4401


async def test_two_browsers_at_one_seat_are_told_of_each_other_and_two_tabs_are_not(
    claire: Visitor, visit: Visit
) -> None:
    async with link(claire) as first, link(claire) as tab:
        assert (await frame(first))["elsewhere"] is False
        assert (await frame(tab))["elsewhere"] is False
        other = await visit()
        await other.sign_in("claire")
        async with link(other) as second:
            await frame(second, elsewhere=True)
            await frame(first, elsewhere=True)
        await frame(first, elsewhere=False)


async def test_the_link_says_what_is_true_now_without_the_desk_being_drawn_again(claire: Visitor, pages: Pages) -> None:
    async with link(claire) as socket:
        version = (await frame(socket, lead="Le prochain appel arrive tout seul."))["version"]
        pages.desk.facts = SiteFacts(recorder_age_s=0, nothing_comes=LOCKED)
        assert (await frame(socket, lead=say(LOCKED, "fr")))["version"] == version
        pages.desk.put(pages.operator.operator_id, OperatorState.TALKING)
        pages.desk.facts = SiteFacts(recorder_age_s=0)
        await frame(socket, kind="recorded")
        pages.desk.facts = SiteFacts(lost_links=("gate",), recorder_age_s=0)
        message = await frame(socket, kind="link_lost")
        assert "Liaison perdue" in message["lead"]
        assert "L’appel est enregistré" not in message["lead"]


async def test_no_frame_holds_a_number(claire: Visitor, pages: Pages) -> None:
    number = (await pages.store.recordings.get(await pages.recording("4127"))).tag.number
    async with link(claire) as socket:
        for state in OperatorState:
            pages.desk.put(pages.operator.operator_id, state)
            message = await frame(socket, state=str(state))
            text = "".join(str(value) for key, value in message.items() if key not in {"since", "at", "boot"})
            assert number not in text
            assert "4127" not in text
