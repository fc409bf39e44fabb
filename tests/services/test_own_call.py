"""The operator's own call, and what their desk shows of it: nothing that is not known to be true."""

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.operator_desk import Assurance
from telephony.domain.security.locks import LockScope
from telephony.errors import InputError
from telephony.words import say
from tests.scenes.controller_on_doubles import ControllerOnDoubles, controller_on_doubles
from tests.services.watched_talks import is_up, talking
from tests.virtual_time import passes, until, virtual


def lead(site: ControllerOnDoubles, seat: int) -> str:
    return site.parts.screens.feed.state(site.operator(seat)).lead


@virtual
async def test_an_operator_ends_their_own_call_and_no_other():
    async with controller_on_doubles(leads=2, seats=2) as site:
        first, second = await talking(site, 2)
        own = site.parts.calls.seats.seat_of(site.operator(1)).row.attempt_id
        ours, other = (first, second) if first.attempt_id == own else (second, first)
        site.parts.screens.own_call.end(site.operator(1))
        await until("ended", lambda: not is_up(site, ours), 2)
        assert is_up(site, other)
        assert (site.state(1), site.state(2)) == (OperatorState.WRAP_UP, OperatorState.TALKING)
        await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)


@virtual
async def test_a_late_press_never_ends_the_next_call():
    async with controller_on_doubles(leads=2, seats=1) as site:
        await site.log_in(1)
        with pytest.raises(InputError):
            site.parts.screens.own_call.end(site.operator(1))
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        since_ms = round(site.parts.screens.desk.seat_of(site.operator(1)).since_at.timestamp() * 1000)
        with pytest.raises(InputError):
            site.parts.screens.own_call.end(site.operator(1), since_ms - 1)
        assert is_up(site, permit)
        site.parts.screens.own_call.end(site.operator(1), since_ms)
        await until("ended", lambda: not is_up(site, permit), 2)


@virtual
async def test_a_desk_knows_whom_one_talks_to_for_whom_and_what_to_say_first():
    async with controller_on_doubles(leads=1, seats=1) as site:
        (campaign_id,) = site.tables.campaigns
        sentence = "Bonjour, {operator}, pour {company}."
        await site.parts.services.campaigns.change(campaign_id, {"first_sentence": sentence}, "x")
        await site.log_in(1)
        assert await site.parts.screens.own_call.talk(site.operator(1)) is None
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        talk = await site.parts.screens.own_call.talk(site.operator(1))
        assert talk is not None
        campaign = site.tables.campaigns[campaign_id]
        assert talk.person == site.tables.leads[permit.lead_id].name
        assert (talk.company, talk.campaign) == (campaign.client_company, campaign.name)
        assert talk.first_sentence == f"Bonjour, Name 1, pour {campaign.client_company}."
        assert permit.number not in repr(talk)


@virtual
async def test_a_call_is_said_to_be_recorded_only_while_the_gate_says_so():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await talking(site, 1)
        await passes(1)
        assert lead(site, 1) == Assurance.RECORDED
        site.warden.is_alive = False
        await until("nobody says so", lambda: lead(site, 1) == Assurance.UNPROVED, 5)


@virtual
async def test_a_lost_link_to_the_gate_is_said_at_once():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await talking(site, 1)
        await passes(1)
        site.exchange.gate.lose_link()
        await until("told", lambda: lead(site, 1) == Assurance.LINK_LOST, 1)


@virtual
async def test_the_next_call_is_promised_only_where_one_can_come():
    async with controller_on_doubles(leads=0, seats=1) as site:
        await site.log_in(1)
        await passes(3)
        assert lead(site, 1) == Assurance.NOTHING_COMES, "the list has nobody to call"
        await site.campaign(5, "Other", first=100)
        await until("promised", lambda: site.state(1) is not OperatorState.READY or lead(site, 1) == "next_call", 5)


@virtual
async def test_in_a_locked_room_the_desk_says_that_it_is_locked():
    async with controller_on_doubles(leads=5, seats=1) as site:
        await site.parts.calls.security.locks.lock(LockScope.SITE, "", "S. Martin", "visite")
        await passes(2)
        await site.log_in(1)
        await passes(2)
        state = site.parts.screens.feed.state(site.operator(1))
        assert (state.state, state.lead) == (OperatorState.READY, Assurance.NOTHING_COMES)
        assert state.reason is not None
        assert "S. Martin" in say(state.reason, "fr")


@virtual
async def test_a_campaign_that_is_paused_promises_no_call():
    async with controller_on_doubles(leads=5, seats=1) as site:
        site.pause_all()
        await passes(3)
        await site.log_in(1)
        await passes(1)
        assert lead(site, 1) == Assurance.NOTHING_COMES


@virtual
async def test_a_desk_is_told_of_its_call_in_the_moment_it_comes():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        with site.parts.screens.feed.following(site.operator(1)) as news:
            version = site.parts.screens.feed.state(site.operator(1)).version
            await site.exchange.answer(permit.attempt_id)
            assert news.is_set()
            assert site.parts.screens.feed.state(site.operator(1)).version > version
