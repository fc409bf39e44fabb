"""The desk: an operator acts on their own seat and on no other (I8)."""

import pytest

from telephony.domain.calls.attempts import Result
from telephony.errors import InputError
from telephony.ids import OperatorId
from tests.scenes.controller_on_doubles import controller_on_doubles
from tests.virtual_time import passes, virtual


@virtual
async def test_an_operator_sees_their_own_seat_and_no_number():
    async with controller_on_doubles(leads=2, seats=2) as site:
        await site.log_in(2)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        await passes(1)
        own = site.parts.screens.desk.seat_of(site.operator(2))
        assert (own.seat, own.operator, own.state, own.campaign) == (2, "Name 2", "talking", "Survey")
        assert permit.number not in repr(own)
        assert site.parts.screens.desk.seat_of(site.operator(1)).state == "offline"


@virtual
async def test_one_operators_result_is_not_anothers():
    async with controller_on_doubles(leads=2, seats=2) as site:
        await site.log_in(2)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        site.exchange.hang_up(permit.attempt_id)
        with pytest.raises(InputError):
            await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)
        await site.parts.screens.desk.choose_result(site.operator(2), Result.NO_MORE_CALLS)
        assert site.attempt(permit.attempt_id).result is Result.NO_MORE_CALLS


@virtual
async def test_a_person_without_a_seat_is_told_the_mend():
    async with controller_on_doubles(seats=1) as site:
        with pytest.raises(InputError, match="telephony operator add"):
            site.parts.screens.desk.seat_of(OperatorId(404))


@virtual
async def test_pause_and_back():
    async with controller_on_doubles(seats=1) as site:
        await site.log_in(1)
        await site.parts.screens.desk.pause(site.operator(1))
        assert site.parts.screens.desk.seat_of(site.operator(1)).state == "paused"
        await site.parts.screens.desk.ready(site.operator(1))
        assert site.parts.screens.desk.seat_of(site.operator(1)).state == "ready"
