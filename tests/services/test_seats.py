"""Seats: who gets the answered call, and that no seat is lost whatever ends when (I8)."""

import asyncio

import pytest

from telephony.domain.attempts import Result
from telephony.domain.operators import OperatorState
from telephony.domain.outcomes import Outcome
from telephony.errors import InputError
from telephony.ids import OperatorId, SeatNumber
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, site


async def talking(house: Site, seat: int = 1) -> str:
    """Bring a call to the seat's operator; give its attempt."""
    await house.log_in(seat)
    count = len(house.dialled)
    await until("dialled", lambda: len(house.dialled) > count)
    await house.exchange.settle()
    attempt = house.dialled[-1].attempt_id
    call = await house.exchange.answer(attempt)
    assert call.seat == seat
    await until("talking", lambda: house.state(seat) is OperatorState.TALKING)
    return attempt


@virtual
async def test_the_operator_ready_longest_gets_the_call():
    async with site(leads=5, seats=3, pacer=Fixed(1)) as house:
        await house.log_in(2)
        await passes(1)
        await house.log_in(3)
        await passes(1)
        await house.log_in(1)
        permits = await house.dials(3)
        seats = [(await house.exchange.answer(permit.attempt_id)).seat for permit in permits]
        assert seats == [2, 3, 1]


@virtual
async def test_an_answered_call_waits_for_an_operator_up_to_the_bound():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        (permit,) = await house.dials(1)
        answered_at = house.clock.now()
        answering = house.task(house.exchange.answer(permit.attempt_id))
        await passes(1.9)
        assert house.parts.shared.router.waiting == 1
        await house.log_in(1)
        call = await answering
        assert call.seat == 1
        assert (house.clock.now() - answered_at).total_seconds() < 2
        assert house.parts.shared.router.waiting == 0


@virtual
async def test_an_answered_call_that_finds_nobody_is_abandoned_at_the_bound():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        (permit,) = await house.dials(1)
        answered_at = house.clock.now()
        call = await house.exchange.answer(permit.attempt_id)
        assert call.seat is None
        assert (house.clock.now() - answered_at).total_seconds() == pytest.approx(2.0, abs=0.01)
        attempt = await house.ended(permit.attempt_id)
        assert attempt.outcome is Outcome.ABANDONED
        assert attempt.operator_id is None


@virtual
async def test_those_who_wait_are_served_in_their_order():
    async with site(leads=2, seats=1, pacer=Fixed(1)) as house:
        first, second = await house.dials(2)
        one = house.task(house.exchange.answer(first.attempt_id))
        await passes(0.5)
        two = house.task(house.exchange.answer(second.attempt_id))
        await passes(0.5)
        await house.log_in(1)
        assert (await one).seat == 1
        assert (await two).seat is None


@virtual
async def test_a_caller_who_hung_up_while_waiting_does_not_keep_the_seat():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        (permit,) = await house.dials(1)
        answering = house.task(house.exchange.answer(permit.attempt_id))
        await passes(0.5)
        house.exchange.hang_up(permit.attempt_id)
        await house.log_in(1)
        await answering
        assert house.state(1) is OperatorState.READY
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.ABANDONED


@virtual
async def test_a_caller_who_hangs_up_before_the_operator_hears_them_frees_the_seat():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        answer = await house.exchange.desk.ask("route", permit.attempt_id, "conf")
        assert answer["SEAT"] == "1"
        assert house.state(1) is OperatorState.RESERVED
        house.exchange.switch.pick_up(permit.attempt_id)
        house.exchange.hang_up(permit.attempt_id)
        assert house.state(1) is OperatorState.READY
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.ABANDONED


@virtual
async def test_a_seat_given_in_the_very_moment_its_caller_leaves_is_free_again():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        (permit,) = await house.dials(1)
        asking = asyncio.ensure_future(house.exchange.desk.ask("route", permit.attempt_id, "conf"))
        await passes(0.5)
        await house.log_in(1)
        assert house.state(1) is OperatorState.RESERVED
        asking.cancel()
        await asyncio.wait((asking,))
        assert house.state(1) is OperatorState.READY


@virtual
async def test_a_seat_that_comes_free_at_the_bound_is_never_lost():
    for early_s in (0.0, 0.00001, 0.0001):
        async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
            (permit,) = await house.dials(1)
            await house.log_in(1)
            await house.parts.screens.desk.pause(house.operator(1))
            loop = asyncio.get_running_loop()
            operator = house.operator(1)
            asking = house.task(house.exchange.desk.ask("route", permit.attempt_id, "conf"))
            await asyncio.sleep(0)  # so that the call waits from now on
            when = loop.time() + 2.0 - early_s
            loop.call_at(when, lambda h=house, o=operator: h.task(h.parts.screens.desk.ready(o)))
            answer = await asking
            await passes(0.1)
            free_or_taken = OperatorState.RESERVED if answer["SEAT"] else OperatorState.READY
            assert house.state(1) is free_or_taken


@virtual
async def test_a_result_is_chosen_in_wrap_up_only_and_makes_the_seat_ready():
    async with site(leads=3, seats=1) as house:
        attempt = await talking(house)
        operator = house.operator(1)
        with pytest.raises(InputError, match="after a call"):
            await house.parts.screens.desk.choose_result(operator, Result.COMPLETE)
        house.exchange.hang_up(attempt)
        assert house.state(1) is OperatorState.WRAP_UP
        await passes(120)
        assert house.state(1) is OperatorState.WRAP_UP, "no timer picks a result"
        await house.parts.screens.desk.choose_result(operator, Result.CALL_BACK)
        assert house.tables.attempts[house.dialled[0].attempt_id].result is Result.CALL_BACK
        with pytest.raises(InputError):
            await house.parts.screens.desk.choose_result(operator, Result.COMPLETE)


@virtual
async def test_a_result_that_cannot_be_written_leaves_the_operator_choosing():
    async with site(leads=2, seats=1) as house:
        attempt = await talking(house)
        house.exchange.hang_up(attempt)
        await passes(1)
        house.watched.refused = {"attempts.set_result"}
        with pytest.raises(Exception, match="database"):
            await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)
        assert house.state(1) is OperatorState.WRAP_UP


@virtual
async def test_only_a_ready_operator_may_pause_and_only_a_paused_one_be_ready():
    async with site(leads=2, seats=2) as house:
        await talking(house)
        with pytest.raises(InputError):
            await house.parts.screens.desk.pause(house.operator(1))
        with pytest.raises(InputError):
            await house.parts.screens.desk.ready(house.operator(1))
        with pytest.raises(InputError):
            await house.parts.screens.desk.ready(house.operator(2))
        with pytest.raises(InputError, match="no seat"):
            await house.parts.screens.desk.pause(OperatorId(999))


@virtual
async def test_a_phone_that_goes_away_takes_its_operator_offline_and_lets_them_in_again():
    async with site(seats=1) as house:
        await house.log_in(1)
        house.exchange.switch.end(house.parts.shared.seats.seats[SeatNumber(1)].row.channel)
        assert house.state(1) is OperatorState.OFFLINE
        await house.log_in(1)
        assert house.state(1) is OperatorState.READY


@pytest.mark.parametrize("name", ["PJSIP/seat7-00000001", "PJSIP/gate-00000001", "PJSIP/seat-1", "Local/seat1-1", "x"])
@virtual
async def test_a_phone_without_a_seat_is_not_let_in(name: str):
    async with site(seats=1) as house:
        answer = await house.exchange.desk.ask("login", "pbx-9", "login", name=name)
        assert (not answer) or name.startswith("Local/seat1")


@virtual
async def test_a_second_phone_of_the_same_seat_is_not_let_in():
    async with site(seats=1) as house:
        await house.log_in(1)
        assert await house.exchange.log_in(1) is None
        assert house.state(1) is OperatorState.READY


@virtual
async def test_an_operator_added_while_the_service_runs_can_log_in():
    async with site() as house:
        assert await house.exchange.log_in(1) is None
        await house.people(1)
        await house.log_in(1)
        assert house.state(1) is OperatorState.READY


@virtual
async def test_a_call_nobody_knows_gets_no_seat():
    async with site(seats=1) as house:
        await house.log_in(1)
        assert await house.exchange.desk.ask("route", "8e6f6b5e-0000-4000-8000-000000000000", "conf") == {}
        assert house.state(1) is OperatorState.READY


@virtual
async def test_seats_survive_an_orderly_restart():
    async with site(leads=0, seats=3) as house:
        await house.log_in(1, 2)
        await house.parts.screens.desk.pause(house.operator(2))
        await house.stop()
        house.exchange.switch.lose_link()
        await house.start()
        await passes(0.1)
        assert [house.state(seat) for seat in (1, 2, 3)] == ["ready", "paused", "offline"]


@virtual
async def test_a_phone_that_left_during_the_restart_is_offline_after():
    async with site(seats=2) as house:
        await house.log_in(1, 2)
        phone = house.parts.shared.seats.seats[SeatNumber(2)].row.channel
        await house.stop()
        house.exchange.switch.end(phone)
        await house.start()
        await passes(0.1)
        assert [house.state(seat) for seat in (1, 2)] == ["ready", "offline"]


@virtual
async def test_a_phone_that_logs_in_while_a_restart_settles_stays_logged_in():
    async with site(seats=1, is_started=False) as house:
        await house.start()
        await house.log_in(1)  # the settling task has not run yet
        await passes(1)
        assert house.state(1) is OperatorState.READY


@virtual
async def test_a_seat_reserved_when_the_controller_died_is_ready_after():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.exchange.desk.ask("route", permit.attempt_id, "conf")
        await passes(0.5)
        assert house.tables.seats[SeatNumber(1)].state == "reserved"
        await house.crash()
        house.exchange.end(permit.attempt_id, 16)
        house.pause_all()
        await house.start()
        await passes(1)
        assert house.state(1) is OperatorState.READY


@virtual
async def test_a_result_still_due_at_a_crash_is_due_after():
    async with site(leads=2, seats=1) as house:
        attempt = await talking(house)
        house.exchange.hang_up(attempt)
        await passes(1)
        await house.crash()
        await house.start()
        await passes(1)
        assert house.state(1) is OperatorState.WRAP_UP
        await house.parts.screens.desk.choose_result(house.operator(1), Result.NOT_TODAY)
        assert house.tables.attempts[house.dialled[0].attempt_id].result is Result.NOT_TODAY
