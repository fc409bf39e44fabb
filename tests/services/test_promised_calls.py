"""Callbacks at the desk and by hand: refused with the next moment that would do, counted, seen on the floor."""

from datetime import timedelta

import pytest

from telephony.domain.attempts import Result
from telephony.domain.callbacks import CallbackState, Later
from telephony.domain.leads import LeadState
from telephony.services.lead_work import LeadWork
from telephony.services.promises import CallbackError, Promises
from tests.services.virtual_time import passes, virtual
from tests.services.whole_site import Fixed, Site, site

ZONE = "Europe/Paris"


async def talked(house: Site, count: int) -> None:
    """Let the operator of seat 1 talk to whoever is called, and end the call."""
    permit = (await house.dials(count))[-1]
    await house.exchange.answer(permit.attempt_id)
    await passes(1)
    house.exchange.hang_up(permit.attempt_id)
    await house.ended(permit.attempt_id)


async def promise(house: Site, minutes: float) -> None:
    at = house.clock.now() + timedelta(minutes=minutes)
    local = at.astimezone(house.clock.now().tzinfo)
    later = Later(f"{local:%Y-%m-%d %H:%M}", "UTC")
    await house.parts.desk.choose_result(house.operator(1), Result.CALL_BACK, later)


@virtual
async def test_one_person_is_not_called_back_again_and_again_by_one_operator():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        await house.log_in(1)
        await talked(house, 1)
        with pytest.raises(CallbackError, match="2 minutes ahead"):
            await promise(house, 1)
        assert house.tables.callbacks == {}
        for made in (1, 2):
            await promise(house, 20)
            await passes(21 * 60)
            await talked(house, made + 1)
            with pytest.raises(CallbackError, match=r"between two callbacks|2 at most"):
                await promise(house, 5)
        with pytest.raises(CallbackError, match="2 at most"):
            await promise(house, 30)
        assert len(house.tables.callbacks) == 2
        await house.parts.desk.choose_result(house.operator(1), Result.OTHER)


@virtual
async def test_a_callback_on_a_sunday_night_is_refused_with_the_next_moment_that_would_do_in_both_languages():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        await house.log_in(1)
        await talked(house, 1)
        with pytest.raises(CallbackError) as caught:
            await house.parts.desk.choose_result(house.operator(1), Result.CALL_BACK, Later("2026-11-22 03:00", ZONE))
        assert "Monday 2026-11-23 at 07:00" in caught.value.why.en
        assert "lundi 2026-11-23 à 07:00" in caught.value.why.fr
        assert house.tables.callbacks == {}
        await promise(house, 30)
        assert [one.state for one in house.tables.callbacks.values()] == [CallbackState.OPEN]


@virtual
async def test_a_callback_is_moved_to_a_moment_at_which_it_may_be_promised():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        await house.log_in(1)
        await talked(house, 1)
        await promise(house, 30)
        (one,) = house.tables.callbacks.values()
        promises = Promises(house.fake.store, house.clock, house.parts.gate._practice, ZONE)
        work = LeadWork(house.fake.store, house.clock, promises)
        with pytest.raises(CallbackError):
            await work.move_callback(one.callback_id, "2026-11-22 03:00", ZONE, "test")
        moved = await work.move_callback(one.callback_id, "2026-11-23 11:00", ZONE, "test")
        assert moved.state is CallbackState.OPEN
        assert house.tables.leads[one.lead_id].state is LeadState.WAITING


@virtual
async def test_whoever_is_promised_a_second_callback_of_a_day_stands_on_the_floor():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        await house.log_in(1)
        await talked(house, 1)
        await promise(house, 5)
        await passes(3)
        assert house.parts.floor.view().repeated == ()
        await passes(6 * 60)
        await talked(house, 2)
        await promise(house, 20)
        await passes(3)
        (line,) = house.parts.floor.view().repeated
        assert "2 callbacks promised today" in line.en
        assert "2 rappels promis aujourd’hui" in line.fr
