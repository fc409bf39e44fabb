"""Callbacks at the desk and by hand: refused with the next allowed time, counted, seen on the floor."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.leads.callbacks import CallbackState, Later
from telephony.domain.leads.leads import LeadState, NewLead
from telephony.services.campaigns.lead_management import LeadWork
from telephony.services.rules.callback_promises import CallbackError, Promises
from telephony.words import english, say
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles, number
from tests.virtual_time import passes, virtual

ZONE = "Europe/Paris"


async def talked(site: ControllerOnDoubles, count: int) -> None:
    """Let the operator of seat 1 talk to the person called, and end the call."""
    permit = (await site.dials(count))[-1]
    await site.exchange.answer(permit.attempt_id)
    await passes(1)
    site.exchange.hang_up(permit.attempt_id)
    await site.ended(permit.attempt_id)


async def promise(site: ControllerOnDoubles, minutes: float) -> None:
    at = site.clock.now() + timedelta(minutes=minutes)
    local = at.astimezone(site.clock.now().tzinfo)
    later = Later(f"{local:%Y-%m-%d %H:%M}", "UTC")
    await site.parts.screens.desk.choose_result(site.operator(1), Result.CALL_BACK, later)


@virtual
async def test_one_person_is_not_called_back_again_and_again_by_one_operator():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        await site.log_in(1)
        await talked(site, 1)
        with pytest.raises(CallbackError, match="2 minutes ahead"):
            await promise(site, 1)
        assert site.tables.callbacks == {}
        for made in (1, 2):
            await promise(site, 20)
            await passes(21 * 60)
            await talked(site, made + 1)
            with pytest.raises(CallbackError, match=r"between two callbacks|2 at most"):
                await promise(site, 5)
        with pytest.raises(CallbackError, match="2 at most"):
            await promise(site, 30)
        assert len(site.tables.callbacks) == 2
        await site.parts.screens.desk.choose_result(site.operator(1), Result.OTHER)


@virtual
async def test_a_callback_on_a_sunday_night_is_refused_with_the_next_moment_that_would_do_in_both_languages():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        await site.log_in(1)
        await talked(site, 1)
        with pytest.raises(CallbackError) as caught:
            await site.parts.screens.desk.choose_result(
                site.operator(1), Result.CALL_BACK, Later("2026-11-22 03:00", ZONE)
            )
        assert "Monday 23 November 2026 at 07:00" in english(caught.value.why)
        assert "lundi 23 novembre 2026 à 07\u00a0h\u00a000" in say(caught.value.why, "fr")
        assert site.tables.callbacks == {}
        await promise(site, 30)
        assert [callback.state for callback in site.tables.callbacks.values()] == [CallbackState.OPEN]


@virtual
async def test_a_callback_is_moved_to_a_moment_at_which_it_may_be_promised():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        await site.log_in(1)
        await talked(site, 1)
        await promise(site, 30)
        (callback,) = site.tables.callbacks.values()
        promises = Promises(site.fake.store, site.clock, site.parts.services.policy, ZONE)
        work = LeadWork(site.fake.store, site.clock, promises)
        with pytest.raises(CallbackError):
            await work.move_callback(callback.callback_id, "2026-11-22 03:00", ZONE, "test")
        moved = await work.move_callback(callback.callback_id, "2026-11-23 11:00", ZONE, "test")
        assert moved.state is CallbackState.OPEN
        assert site.tables.leads[callback.lead_id].state is LeadState.WAITING


@virtual
async def test_whoever_is_promised_a_second_callback_of_a_day_stands_on_the_floor():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        await site.log_in(1)
        await talked(site, 1)
        await promise(site, 5)
        await passes(3)
        assert site.parts.screens.floor.view().repeated == ()
        await passes(6 * 60)
        await talked(site, 2)
        await promise(site, 20)
        await passes(3)
        (line,) = site.parts.screens.floor.view().repeated
        assert "2 callbacks promised to this person today" in english(line)
        assert "2 rappels promis aujourd’hui" in say(line, "fr")


@asynccontextmanager
async def two_seats_after_two_calls_to_one_person() -> AsyncIterator[ControllerOnDoubles]:
    async with controller_on_doubles(seats=2, pacer=Fixed(1), is_started=False) as site:
        twins = [NewLead(number(row), "Person", {}, row, client_key="c-17") for row in (101, 102)]
        await site.campaign(0, "First", also=twins)
        await site.start()
        await site.log_in(1, 2)
        for count in (1, 2):
            await talked(site, count)
        yield site


@virtual
async def test_two_operators_promising_one_person_at_once_cannot_both_pass():
    async with two_seats_after_two_calls_to_one_person() as site:
        at = site.clock.now() + timedelta(minutes=20)
        later = Later(f"{at:%Y-%m-%d %H:%M}", "UTC")

        async def slow() -> None:
            await asyncio.sleep(0.005)  # how long the write takes; virtual time

        site.watched.before["attempts.set_result"] = slow
        choose = site.parts.screens.desk.choose_result
        said = await asyncio.gather(
            *(choose(site.operator(seat), Result.CALL_BACK, later) for seat in (1, 2)), return_exceptions=True
        )
        (refused,) = [error for error in said if error is not None]
        assert isinstance(refused, CallbackError)
        assert "between two callbacks" in english(refused.why)
        assert "Next possible time: " in english(refused.why)
        assert "Prochain créneau possible" in say(refused.why, "fr")
        assert [callback.state for callback in site.tables.callbacks.values()] == [CallbackState.OPEN]
        after = at + timedelta(minutes=20)
        seat = 2 if said[1] is refused else 1
        await choose(site.operator(seat), Result.CALL_BACK, Later(f"{after:%Y-%m-%d %H:%M}", "UTC"))
        assert len(site.tables.callbacks) == 2


@virtual
async def test_repeated_callbacks_on_the_floor_are_counted_for_the_person():
    async with two_seats_after_two_calls_to_one_person() as site:
        for seat in (1, 2):
            at = site.clock.now() + timedelta(minutes=30 * seat)
            later = Later(f"{at:%Y-%m-%d %H:%M}", "UTC")
            await site.parts.screens.desk.choose_result(site.operator(seat), Result.CALL_BACK, later)
        await passes(3)
        (line,) = site.parts.screens.floor.view().repeated
        assert "2 callbacks promised to this person today" in english(line)
