"""The operator's own call, and what their desk says of it: nothing that is not known to hold."""

import pytest

from telephony.domain.attempts import Result
from telephony.domain.desk import Assurance
from telephony.domain.locks import LockScope
from telephony.domain.operators import OperatorState
from telephony.errors import InputError
from telephony.words import say
from tests.services.virtual_time import passes, until, virtual
from tests.services.watched_talks import is_up, talking
from tests.services.whole_site import Site, site


def lead(house: Site, seat: int) -> str:
    return house.parts.screens.feed.state(house.operator(seat)).lead


@virtual
async def test_an_operator_ends_their_own_call_and_no_other():
    async with site(leads=2, seats=2) as house:
        first, second = await talking(house, 2)
        own = house.parts.shared.seats.seat_of(house.operator(1)).row.attempt_id
        ours, other = (first, second) if first.attempt_id == own else (second, first)
        house.parts.screens.own_call.end(house.operator(1))
        await until("ended", lambda: not is_up(house, ours), 2)
        assert is_up(house, other)
        assert (house.state(1), house.state(2)) == (OperatorState.WRAP_UP, OperatorState.TALKING)
        await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)


@virtual
async def test_a_late_press_never_ends_the_next_call():
    async with site(leads=2, seats=1) as house:
        await house.log_in(1)
        with pytest.raises(InputError):
            house.parts.screens.own_call.end(house.operator(1))
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        since_ms = round(house.parts.screens.desk.seat_of(house.operator(1)).since_at.timestamp() * 1000)
        with pytest.raises(InputError):
            house.parts.screens.own_call.end(house.operator(1), since_ms - 1)
        assert is_up(house, permit)
        house.parts.screens.own_call.end(house.operator(1), since_ms)
        await until("ended", lambda: not is_up(house, permit), 2)


@virtual
async def test_a_desk_knows_whom_one_talks_to_for_whom_and_what_to_say_first():
    async with site(leads=1, seats=1) as house:
        (campaign_id,) = house.tables.campaigns
        sentence = "Bonjour, {operator}, pour {company}."
        await house.parts.services.campaigns.change(campaign_id, {"first_sentence": sentence}, "x")
        await house.log_in(1)
        assert await house.parts.screens.own_call.talk(house.operator(1)) is None
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        talk = await house.parts.screens.own_call.talk(house.operator(1))
        assert talk is not None
        campaign = house.tables.campaigns[campaign_id]
        assert talk.person == house.tables.leads[permit.lead_id].name
        assert (talk.company, talk.campaign) == (campaign.client_company, campaign.name)
        assert talk.first_sentence == f"Bonjour, Name 1, pour {campaign.client_company}."
        assert permit.number not in repr(talk)


@virtual
async def test_a_call_is_said_to_be_recorded_only_while_the_gate_says_so():
    async with site(leads=1, seats=1) as house:
        await talking(house, 1)
        await passes(1)
        assert lead(house, 1) == Assurance.RECORDED
        house.warden.is_alive = False
        await until("nobody says so", lambda: lead(house, 1) == Assurance.UNPROVED, 5)


@virtual
async def test_a_lost_link_to_the_gate_is_said_at_once():
    async with site(leads=1, seats=1) as house:
        await talking(house, 1)
        await passes(1)
        house.exchange.gate.lose_link()
        await until("told", lambda: lead(house, 1) == Assurance.LINK_LOST, 1)


@virtual
async def test_the_next_call_is_promised_only_where_one_can_come():
    async with site(leads=0, seats=1) as house:
        await house.log_in(1)
        await passes(3)
        assert lead(house, 1) == Assurance.NOTHING_COMES, "the list has nobody to call"
        await house.campaign(5, "Other", first=100)
        await until("promised", lambda: house.state(1) is not OperatorState.READY or lead(house, 1) == "next_call", 5)


@virtual
async def test_in_a_locked_room_the_desk_says_that_it_is_locked():
    async with site(leads=5, seats=1) as house:
        await house.parts.shared.watching.locks.lock(LockScope.SITE, "", "S. Martin", "visite")
        await passes(2)
        await house.log_in(1)
        await passes(2)
        state = house.parts.screens.feed.state(house.operator(1))
        assert (state.state, state.lead) == (OperatorState.READY, Assurance.NOTHING_COMES)
        assert state.reason is not None
        assert "S. Martin" in say(state.reason, "fr")


@virtual
async def test_a_campaign_that_is_paused_promises_no_call():
    async with site(leads=5, seats=1) as house:
        house.pause_all()
        await passes(3)
        await house.log_in(1)
        await passes(1)
        assert lead(house, 1) == Assurance.NOTHING_COMES


@virtual
async def test_a_desk_is_told_of_its_call_in_the_moment_it_comes():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        with house.parts.screens.feed.following(house.operator(1)) as news:
            version = house.parts.screens.feed.state(house.operator(1)).version
            await house.exchange.answer(permit.attempt_id)
            assert news.is_set()
            assert house.parts.screens.feed.state(house.operator(1)).version > version
