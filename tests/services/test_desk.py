"""The desk: an operator acts on their own seat and on no other (I8)."""

import pytest

from telephony.domain.attempts import Result
from telephony.errors import InputError
from telephony.ids import OperatorId
from tests.services.virtual_time import passes, virtual
from tests.services.whole_site import site


@virtual
async def test_an_operator_sees_their_own_seat_and_no_number():
    async with site(leads=2, seats=2) as house:
        await house.log_in(2)
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        await passes(1)
        own = house.parts.screens.desk.seat_of(house.operator(2))
        assert (own.seat, own.operator, own.state, own.campaign) == (2, "Name 2", "talking", "Survey")
        assert permit.number not in repr(own)
        assert house.parts.screens.desk.seat_of(house.operator(1)).state == "offline"


@virtual
async def test_one_operators_result_is_not_anothers():
    async with site(leads=2, seats=2) as house:
        await house.log_in(2)
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        house.exchange.hang_up(permit.attempt_id)
        with pytest.raises(InputError):
            await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)
        await house.parts.screens.desk.choose_result(house.operator(2), Result.NO_MORE_CALLS)
        assert house.attempt(permit.attempt_id).result is Result.NO_MORE_CALLS


@virtual
async def test_a_person_without_a_seat_is_told_the_mend():
    async with site(seats=1) as house:
        with pytest.raises(InputError, match="telephony operator add"):
            house.parts.screens.desk.seat_of(OperatorId(404))


@virtual
async def test_pause_and_back():
    async with site(seats=1) as house:
        await house.log_in(1)
        await house.parts.screens.desk.pause(house.operator(1))
        assert house.parts.screens.desk.seat_of(house.operator(1)).state == "paused"
        await house.parts.screens.desk.ready(house.operator(1))
        assert house.parts.screens.desk.seat_of(house.operator(1)).state == "ready"
