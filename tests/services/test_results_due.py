"""A result that is due stays due: whatever becomes of phone, desk, controller and links, in any order."""

import asyncio
from itertools import permutations

import pytest

from telephony.domain.attempts import Result
from telephony.domain.operators import OperatorState
from telephony.domain.outcomes import Outcome
from telephony.errors import ConflictError, InputError
from telephony.ids import AttemptId, SeatNumber
from telephony.services.presence import AWAY_S
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Site, site


async def talking(house: Site) -> AttemptId:
    await house.log_in(1)
    count = len(house.dialled)
    await until("dialled", lambda: len(house.dialled) > count)
    await house.exchange.settle()
    attempt = house.dialled[-1].attempt_id
    await house.exchange.answer(attempt)
    await until("talking", lambda: house.state(1) is OperatorState.TALKING)
    await passes(1)
    return attempt


def hang_up_the_handset(house: Site) -> None:
    """The phone leaves its conference; the dialplan lets the called person go (end_marked)."""
    phones = [one.channel for one in house.exchange.switch.live.values() if one.endpoint == "seat1"]
    for channel in phones:
        house.exchange.switch.end(channel)
    for attempt, call in house.exchange.calls.items():
        fact = house.exchange.switch.live.get(attempt)  # type: ignore[call-overload]
        if phones and fact is not None and call.seat == 1:
            house.exchange.hang_up(attempt)


async def phone_drops(house: Site) -> None:
    hang_up_the_handset(house)


async def called_person_hangs_up(house: Site) -> None:
    house.exchange.hang_up(house.dialled[0].attempt_id)


async def operator_signs_out(house: Site) -> None:
    house.absent.add(1)
    house.parts.screens.desk.left(house.operator(1))


async def controller_dies(house: Site) -> None:
    await house.crash()
    await house.start()
    await passes(1)


async def controller_is_restarted(house: Site) -> None:
    await house.stop()
    await house.start()
    await passes(1)


async def links_are_lost_and_back(house: Site) -> None:
    for link in (house.exchange.switch, house.exchange.gate):
        link.lose_link()
    await passes(1)
    for link in (house.exchange.gate, house.exchange.switch):
        link.restore_link()
    await passes(1)


HAPPENINGS = (
    phone_drops,
    called_person_hangs_up,
    operator_signs_out,
    controller_dies,
    controller_is_restarted,
    links_are_lost_and_back,
)


@pytest.mark.parametrize(
    "order", list(permutations(HAPPENINGS, 2)), ids=lambda order: "-".join(o.__name__ for o in order)
)
@virtual
async def test_a_result_owed_stays_owed(order: tuple[object, ...]):
    async with site(leads=3, seats=1) as house:
        attempt = await talking(house)
        for happens in order:
            await happens(house)  # type: ignore[operator]
            await passes(0.5)
        hang_up_the_handset(house)
        await house.ended(attempt)
        await house.exchange.log_in(1)
        await passes(120)
        assert house.state(1) is OperatorState.WRAP_UP
        assert len(house.dialled) == 1, "no call comes before the result"
        assert house.controller is not None
        await until("counted", lambda: house.parts.screens.floor.view().results_due == 1)
        house.absent.clear()
        house.sit_down()
        await house.parts.screens.desk.choose_result(house.operator(1), Result.NO_MORE_CALLS)
        assert house.attempt(attempt).result is Result.NO_MORE_CALLS
        await house.dials(2)
        await until("counted", lambda: house.parts.screens.floor.view().results_due == 0)


@virtual
async def test_the_handset_alone_ends_calls_and_no_result_is_lost():
    async with site(leads=4, seats=1) as house:
        given = []
        for result in (Result.COMPLETE, Result.NO_MORE_CALLS, Result.NOT_TODAY):
            attempt = await talking(house)
            hang_up_the_handset(house)
            await house.ended(attempt)
            assert house.state(1) is OperatorState.WRAP_UP
            await house.parts.screens.desk.choose_result(house.operator(1), result)
            assert house.state(1) is OperatorState.OFFLINE
            given.append((attempt, result))
        assert [(one, house.attempt(one).result) for one, _ in given] == given


@virtual
async def test_another_person_gives_a_missing_result_and_the_seat_goes_on():
    async with site(leads=2, seats=1) as house:
        attempt = await talking(house)
        with pytest.raises(ConflictError, match="goes on"):
            await house.parts.services.results.give(attempt, Result.COMPLETE, "s.martin")
        house.exchange.hang_up(attempt)
        await house.ended(attempt)
        assert [one.attempt_id for one in await house.parts.services.results.missing()] == [attempt]
        await house.parts.services.results.give(attempt, Result.NO_MORE_CALLS, "s.martin")
        note = next(one.note for one in house.tables.ledger if one.note.kind == "result_chosen")
        assert (note.body["by"], note.body["result"]) == ("s.martin", "no_more_calls")
        await house.dials(2)
        with pytest.raises(ConflictError, match="has its result already"):
            await house.parts.services.results.give(attempt, Result.COMPLETE, "s.martin")
        with pytest.raises(ConflictError, match="was no conversation"):
            await house.parts.services.results.give(house.dialled[1].attempt_id, Result.COMPLETE, "s.martin")


@virtual
async def test_a_result_the_database_alone_knows_to_be_due_is_asked_for():
    async with site(leads=2, seats=1) as house:
        attempt = await talking(house)
        house.exchange.hang_up(attempt)
        await house.ended(attempt)
        await house.crash()
        del house.tables.seats[SeatNumber(1)]  # what the seat knew is gone
        await house.start()
        await passes(2)
        assert house.state(1) is OperatorState.WRAP_UP
        assert house.parts.shared.seats.seats[SeatNumber(1)].row.attempt_id == attempt


@pytest.mark.parametrize("is_gate_silent", [False, True])
@pytest.mark.parametrize("is_over_before", [False, True])
@virtual
async def test_a_result_only_the_seat_knew_to_be_due_is_missing_for_everybody(
    is_over_before: bool, is_gate_silent: bool
):
    """The database refused the call's own story to the end: its seat was written down, and says that they talked."""
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        attempt = permit.attempt_id
        house.watched.refused.add("attempts.save")
        house.archive.operator_s = 0.0
        if is_gate_silent:
            house.records.lost.add(permit.permit_id)
            house.archive.lost.add(permit.recording_id)
        await house.exchange.answer(attempt)
        await until("talking", lambda: house.state(1) is OperatorState.TALKING)
        await passes(1)
        if is_over_before:
            house.exchange.hang_up(attempt)
            await passes(1)
        await house.crash()
        if not is_over_before:
            house.exchange.hang_up(attempt)
        house.watched.refused.clear()
        await house.start()
        row = await house.ended(attempt)
        assert (row.outcome, row.operator_id) == (Outcome.ANSWERED, house.operator(1))
        assert row.answered_at is not None
        await until("counted", lambda: house.parts.screens.floor.view().results_due == 1)
        assert [one.attempt_id for one in await house.parts.services.results.missing()] == [attempt]
        await house.parts.services.results.give(attempt, Result.NO_MORE_CALLS, "s.martin")
        assert house.attempt(attempt).result is Result.NO_MORE_CALLS
        await until("the seat goes on", lambda: house.state(1) is OperatorState.READY)


@virtual
async def test_a_result_given_once_is_not_asked_for_again():
    async with site(leads=1, seats=1) as house:
        attempt = await talking(house)
        house.exchange.hang_up(attempt)
        await house.ended(attempt)
        await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)
        for _ in range(5):
            await passes(1)
            assert house.state(1) is OperatorState.READY
        with pytest.raises(InputError):
            await house.parts.screens.desk.choose_result(house.operator(1), Result.NO_MORE_CALLS)
        assert house.attempt(attempt).result is Result.COMPLETE


@virtual
async def test_a_seat_with_nobody_signed_in_at_its_desk_gets_no_call():
    async with site(leads=2, seats=1, is_started=False) as house:
        house.absent.add(1)
        await house.start()
        await house.log_in(1)
        await passes(60)
        assert house.state(1) is OperatorState.ABSENT
        assert house.dialled == []
        house.absent.clear()
        house.sit_down()
        assert house.state(1) is OperatorState.READY
        (permit,) = await house.dials(1)
        assert (await house.exchange.answer(permit.attempt_id)).seat == 1


@pytest.mark.parametrize("how", ["signed out", "not heard of"])
@virtual
async def test_a_desk_that_is_left_gets_no_more_calls_and_is_ready_again_when_it_is_back(how: str):
    async with site(seats=1) as house:
        await house.log_in(1)
        house.absent.add(1)
        if how == "signed out":
            house.parts.screens.desk.left(house.operator(1))
        await until("absent", lambda: house.state(1) is OperatorState.ABSENT, AWAY_S + 12)
        await house.campaign(1)
        await passes(30)
        assert house.dialled == []
        house.absent.clear()
        house.sit_down()
        await house.dials(1)


@virtual
async def test_an_open_connection_of_the_desk_counts_as_long_as_it_is_open():
    async with site(seats=1) as house:
        await house.log_in(1)
        house.absent.add(1)
        with house.parts.screens.desk.connected(house.operator(1)):
            await passes(10 * AWAY_S)
            assert house.state(1) is OperatorState.READY
        await passes(AWAY_S + 2)
        assert house.state(1) is OperatorState.ABSENT


@virtual
async def test_a_conversation_goes_on_although_the_desk_is_left():
    async with site(leads=1, seats=1) as house:
        attempt = await talking(house)
        house.absent.add(1)
        house.parts.screens.desk.left(house.operator(1))
        await passes(AWAY_S + 30)
        assert house.state(1) is OperatorState.TALKING
        house.exchange.hang_up(attempt)
        await house.ended(attempt)
        assert house.state(1) is OperatorState.WRAP_UP


@virtual
async def test_a_phone_without_its_operator_or_with_a_result_due_is_nobody_the_pacer_counts_on():
    async with site(leads=1, seats=1) as house:
        await talking(house)
        operator = house.operator(1)
        hang_up_the_handset(house)
        await passes(1)
        view = house.parts.dialing.view
        assert operator not in view.free | view.wrapping | view.talking


# What the person refused


@pytest.mark.parametrize("will", [Result.NO_MORE_CALLS, Result.NOT_TODAY])
@virtual
async def test_what_the_person_refused_is_not_replaced_by_less(will: Result):
    """A supervisor gives it on the page, and in the same second the operator presses something else."""
    async with site(leads=2, seats=1) as house:
        attempt = await talking(house)
        hang_up_the_handset(house)
        await house.ended(attempt)
        await house.parts.services.results.give(attempt, will, "s.martin")
        with pytest.raises(ConflictError, match="what the person refused stands"):
            await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)
        assert house.attempt(attempt).result is will
        assert house.state(1) is not OperatorState.WRAP_UP, "the seat goes on"


@pytest.mark.parametrize(
    "presses", [(Result.NO_MORE_CALLS, Result.COMPLETE), (Result.COMPLETE, Result.NO_MORE_CALLS)], ids=str
)
@virtual
async def test_of_two_presses_at_once_the_refusal_stands(presses: tuple[Result, Result]):
    async with site(leads=2, seats=1) as house:
        attempt = await talking(house)
        hang_up_the_handset(house)
        await house.ended(attempt)
        desk, operator = house.parts.screens.desk, house.operator(1)

        async def slow() -> None:
            await asyncio.sleep(0.005)  # how long the write takes: both were pressed before it ended; virtual time

        house.watched.before["attempts.set_result"] = slow
        await asyncio.gather(*(desk.choose_result(operator, one) for one in presses), return_exceptions=True)
        assert house.attempt(attempt).result is Result.NO_MORE_CALLS


@virtual
async def test_a_refusal_written_before_a_crash_stands_when_the_seat_asks_again():
    async with site(leads=2, seats=1) as house:
        attempt = await talking(house)
        hang_up_the_handset(house)
        await house.ended(attempt)
        await house.fake.store.attempts.set_result(attempt, Result.NO_MORE_CALLS, house.operator(1), house.clock.now())
        await house.crash()
        await house.start()
        house.sit_down()
        assert house.state(1) is OperatorState.WRAP_UP
        with pytest.raises(ConflictError):
            await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)
        assert house.attempt(attempt).result is Result.NO_MORE_CALLS
        assert house.state(1) is not OperatorState.WRAP_UP
