"""Seats: who gets the answered call, and no seat is lost, in any order of ends (I8)."""

import asyncio

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.errors import InputError
from telephony.ids import OperatorId, SeatNumber
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles
from tests.virtual_time import passes, until, virtual


async def talking(site: ControllerOnDoubles, seat: int = 1) -> str:
    """Bring a call to the seat's operator; give its attempt."""
    await site.log_in(seat)
    count = len(site.dialled)
    await until("dialled", lambda: len(site.dialled) > count)
    await site.exchange.settle()
    attempt = site.dialled[-1].attempt_id
    call = await site.exchange.answer(attempt)
    assert call.seat == seat
    await until("talking", lambda: site.state(seat) is OperatorState.TALKING)
    return attempt


@virtual
async def test_the_operator_ready_longest_gets_the_call():
    async with controller_on_doubles(leads=5, seats=3, pacer=Fixed(1)) as site:
        await site.log_in(2)
        await passes(1)
        await site.log_in(3)
        await passes(1)
        await site.log_in(1)
        permits = await site.dials(3)
        seats = [(await site.exchange.answer(permit.attempt_id)).seat for permit in permits]
        assert seats == [2, 3, 1]


@virtual
async def test_an_answered_call_waits_for_an_operator_up_to_the_bound():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        answered_at = site.clock.now()
        answering = site.task(site.exchange.answer(permit.attempt_id))
        await passes(1.9)
        assert site.parts.calls.router.waiting == 1
        await site.log_in(1)
        call = await answering
        assert call.seat == 1
        assert (site.clock.now() - answered_at).total_seconds() < 2
        assert site.parts.calls.router.waiting == 0


@virtual
async def test_an_answered_call_that_finds_nobody_is_abandoned_at_the_bound():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        answered_at = site.clock.now()
        call = await site.exchange.answer(permit.attempt_id)
        assert call.seat is None
        assert (site.clock.now() - answered_at).total_seconds() == pytest.approx(2.0, abs=0.01)
        attempt = await site.ended(permit.attempt_id)
        assert attempt.outcome is Outcome.ABANDONED
        assert attempt.operator_id is None


@virtual
async def test_those_who_wait_are_served_in_their_order():
    async with controller_on_doubles(leads=2, seats=1, pacer=Fixed(1)) as site:
        first, second = await site.dials(2)
        task = site.task(site.exchange.answer(first.attempt_id))
        await passes(0.5)
        two = site.task(site.exchange.answer(second.attempt_id))
        await passes(0.5)
        await site.log_in(1)
        assert (await task).seat == 1
        assert (await two).seat is None


@virtual
async def test_a_caller_who_hung_up_while_waiting_does_not_keep_the_seat():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        answering = site.task(site.exchange.answer(permit.attempt_id))
        await passes(0.5)
        site.exchange.hang_up(permit.attempt_id)
        await site.log_in(1)
        await answering
        assert site.state(1) is OperatorState.READY
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.ABANDONED


@virtual
async def test_a_caller_who_hangs_up_before_the_operator_hears_them_frees_the_seat():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        answer = await site.exchange.desk.ask("route", permit.attempt_id, "conf")
        assert answer["SEAT"] == "1"
        assert site.state(1) is OperatorState.RESERVED
        site.exchange.switch.pick_up(permit.attempt_id)
        site.exchange.hang_up(permit.attempt_id)
        assert site.state(1) is OperatorState.READY
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.ABANDONED


@virtual
async def test_a_seat_given_in_the_very_moment_its_caller_leaves_is_free_again():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        (permit,) = await site.dials(1)
        asking = asyncio.ensure_future(site.exchange.desk.ask("route", permit.attempt_id, "conf"))
        await passes(0.5)
        await site.log_in(1)
        assert site.state(1) is OperatorState.RESERVED
        asking.cancel()
        await asyncio.wait((asking,))
        assert site.state(1) is OperatorState.READY


@virtual
async def test_a_seat_that_comes_free_at_the_bound_is_never_lost():
    for early_s in (0.0, 0.00001, 0.0001):
        async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
            (permit,) = await site.dials(1)
            await site.log_in(1)
            await site.parts.screens.desk.pause(site.operator(1))
            loop = asyncio.get_running_loop()
            operator = site.operator(1)
            asking = site.task(site.exchange.desk.ask("route", permit.attempt_id, "conf"))
            await asyncio.sleep(0)  # so that the call waits from now on
            when = loop.time() + 2.0 - early_s
            loop.call_at(when, lambda h=site, o=operator: h.task(h.parts.screens.desk.ready(o)))
            answer = await asking
            await passes(0.1)
            free_or_taken = OperatorState.RESERVED if answer["SEAT"] else OperatorState.READY
            assert site.state(1) is free_or_taken


@virtual
async def test_a_result_is_chosen_in_wrap_up_only_and_makes_the_seat_ready():
    async with controller_on_doubles(leads=3, seats=1) as site:
        attempt = await talking(site)
        operator = site.operator(1)
        with pytest.raises(InputError, match="after a call"):
            await site.parts.screens.desk.choose_result(operator, Result.COMPLETE)
        site.exchange.hang_up(attempt)
        assert site.state(1) is OperatorState.WRAP_UP
        await passes(120)
        assert site.state(1) is OperatorState.WRAP_UP, "no timer picks a result"
        await site.parts.screens.desk.choose_result(operator, Result.CALL_BACK)
        assert site.tables.attempts[site.dialled[0].attempt_id].result is Result.CALL_BACK
        with pytest.raises(InputError):
            await site.parts.screens.desk.choose_result(operator, Result.COMPLETE)


@virtual
async def test_a_result_that_cannot_be_written_leaves_the_operator_choosing():
    async with controller_on_doubles(leads=2, seats=1) as site:
        attempt = await talking(site)
        site.exchange.hang_up(attempt)
        await passes(1)
        site.watched.refused = {"attempts.set_result"}
        with pytest.raises(Exception, match="database"):
            await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)
        assert site.state(1) is OperatorState.WRAP_UP


@virtual
async def test_only_a_ready_operator_may_pause_and_only_a_paused_one_be_ready():
    async with controller_on_doubles(leads=2, seats=2) as site:
        await talking(site)
        with pytest.raises(InputError):
            await site.parts.screens.desk.pause(site.operator(1))
        with pytest.raises(InputError):
            await site.parts.screens.desk.ready(site.operator(1))
        with pytest.raises(InputError):
            await site.parts.screens.desk.ready(site.operator(2))
        with pytest.raises(InputError, match="no seat"):
            await site.parts.screens.desk.pause(OperatorId(999))


@virtual
async def test_a_phone_that_goes_away_takes_its_operator_offline_and_lets_them_in_again():
    async with controller_on_doubles(seats=1) as site:
        await site.log_in(1)
        site.exchange.switch.end(site.parts.calls.seats.seats[SeatNumber(1)].row.channel)
        assert site.state(1) is OperatorState.OFFLINE
        await site.log_in(1)
        assert site.state(1) is OperatorState.READY


@pytest.mark.parametrize("name", ["PJSIP/seat7-00000001", "PJSIP/gate-00000001", "PJSIP/seat-1", "Local/seat1-1", "x"])
@virtual
async def test_a_phone_without_a_seat_is_not_let_in(name: str):
    async with controller_on_doubles(seats=1) as site:
        answer = await site.exchange.desk.ask("login", "pbx-9", "login", name=name)
        assert (not answer) or name.startswith("Local/seat1")


@virtual
async def test_a_second_phone_of_the_same_seat_is_not_let_in():
    async with controller_on_doubles(seats=1) as site:
        await site.log_in(1)
        assert await site.exchange.log_in(1) is None
        assert site.state(1) is OperatorState.READY


@virtual
async def test_an_operator_added_while_the_service_runs_can_log_in():
    async with controller_on_doubles() as site:
        assert await site.exchange.log_in(1) is None
        await site.people(1)
        await site.log_in(1)
        assert site.state(1) is OperatorState.READY


@virtual
async def test_a_call_nobody_knows_gets_no_seat():
    async with controller_on_doubles(seats=1) as site:
        await site.log_in(1)
        assert await site.exchange.desk.ask("route", "8e6f6b5e-0000-4000-8000-000000000000", "conf") == {}
        assert site.state(1) is OperatorState.READY


@virtual
async def test_seats_survive_an_orderly_restart():
    async with controller_on_doubles(leads=0, seats=3) as site:
        await site.log_in(1, 2)
        await site.parts.screens.desk.pause(site.operator(2))
        await site.stop()
        site.exchange.switch.lose_link()
        await site.start()
        await passes(0.1)
        assert [site.state(seat) for seat in (1, 2, 3)] == ["ready", "paused", "offline"]


@virtual
async def test_a_phone_that_left_during_the_restart_is_offline_after():
    async with controller_on_doubles(seats=2) as site:
        await site.log_in(1, 2)
        phone = site.parts.calls.seats.seats[SeatNumber(2)].row.channel
        await site.stop()
        site.exchange.switch.end(phone)
        await site.start()
        await passes(0.1)
        assert [site.state(seat) for seat in (1, 2)] == ["ready", "offline"]


@virtual
async def test_a_phone_that_logs_in_while_a_restart_settles_stays_logged_in():
    async with controller_on_doubles(seats=1, is_started=False) as site:
        await site.start()
        await site.log_in(1)  # the settling task has not run yet
        await passes(1)
        assert site.state(1) is OperatorState.READY


@virtual
async def test_a_seat_reserved_when_the_controller_died_is_ready_after():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.desk.ask("route", permit.attempt_id, "conf")
        await passes(0.5)
        assert site.tables.seats[SeatNumber(1)].state == "reserved"
        await site.crash()
        site.exchange.end(permit.attempt_id, 16)
        site.pause_all()
        await site.start()
        await passes(1)
        assert site.state(1) is OperatorState.READY


@virtual
async def test_a_result_still_due_at_a_crash_is_due_after():
    async with controller_on_doubles(leads=2, seats=1) as site:
        attempt = await talking(site)
        site.exchange.hang_up(attempt)
        await passes(1)
        await site.crash()
        await site.start()
        await passes(1)
        assert site.state(1) is OperatorState.WRAP_UP
        await site.parts.screens.desk.choose_result(site.operator(1), Result.NOT_TODAY)
        assert site.tables.attempts[site.dialled[0].attempt_id].result is Result.NOT_TODAY
