"""A result that is due stays due: whatever becomes of phone, desk, controller and links, in any order."""

import asyncio
from itertools import permutations

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.errors import ConflictError, InputError
from telephony.ids import AttemptId, SeatNumber
from telephony.services.calls.presence import AWAY_S
from tests.scenes.controller_on_doubles import ControllerOnDoubles, controller_on_doubles
from tests.virtual_time import passes, until, virtual


async def talking(site: ControllerOnDoubles) -> AttemptId:
    await site.log_in(1)
    count = len(site.dialled)
    await until("dialled", lambda: len(site.dialled) > count)
    await site.exchange.settle()
    attempt = site.dialled[-1].attempt_id
    await site.exchange.answer(attempt)
    await until("talking", lambda: site.state(1) is OperatorState.TALKING)
    await passes(1)
    return attempt


def hang_up_the_handset(site: ControllerOnDoubles) -> None:
    """The phone leaves its conference; the dialplan lets the called person go (end_marked)."""
    phones = [
        channel_fact.channel for channel_fact in site.exchange.switch.live.values() if channel_fact.endpoint == "seat1"
    ]
    for channel in phones:
        site.exchange.switch.end(channel)
    for attempt, call in site.exchange.calls.items():
        fact = site.exchange.switch.live.get(attempt)  # type: ignore[call-overload]
        if phones and fact is not None and call.seat == 1:
            site.exchange.hang_up(attempt)


async def phone_drops(site: ControllerOnDoubles) -> None:
    hang_up_the_handset(site)


async def called_person_hangs_up(site: ControllerOnDoubles) -> None:
    site.exchange.hang_up(site.dialled[0].attempt_id)


async def operator_signs_out(site: ControllerOnDoubles) -> None:
    site.absent.add(1)
    site.parts.screens.desk.left(site.operator(1))


async def controller_dies(site: ControllerOnDoubles) -> None:
    await site.crash()
    await site.start()
    await passes(1)


async def controller_is_restarted(site: ControllerOnDoubles) -> None:
    await site.stop()
    await site.start()
    await passes(1)


async def links_are_lost_and_back(site: ControllerOnDoubles) -> None:
    for link in (site.exchange.switch, site.exchange.gate):
        link.lose_link()
    await passes(1)
    for link in (site.exchange.gate, site.exchange.switch):
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
    async with controller_on_doubles(leads=3, seats=1) as site:
        attempt = await talking(site)
        for happens in order:
            await happens(site)  # type: ignore[operator]
            await passes(0.5)
        hang_up_the_handset(site)
        await site.ended(attempt)
        await site.exchange.log_in(1)
        await passes(120)
        assert site.state(1) is OperatorState.WRAP_UP
        assert len(site.dialled) == 1, "no call comes before the result"
        assert site.controller is not None
        await until("counted", lambda: site.parts.screens.floor.view().results_due == 1)
        site.absent.clear()
        site.sit_down()
        await site.parts.screens.desk.choose_result(site.operator(1), Result.NO_MORE_CALLS)
        assert site.attempt(attempt).result is Result.NO_MORE_CALLS
        await site.dials(2)
        await until("counted", lambda: site.parts.screens.floor.view().results_due == 0)


@virtual
async def test_the_handset_alone_ends_calls_and_no_result_is_lost():
    async with controller_on_doubles(leads=4, seats=1) as site:
        given = []
        for result in (Result.COMPLETE, Result.NO_MORE_CALLS, Result.NOT_TODAY):
            attempt = await talking(site)
            hang_up_the_handset(site)
            await site.ended(attempt)
            assert site.state(1) is OperatorState.WRAP_UP
            await site.parts.screens.desk.choose_result(site.operator(1), result)
            assert site.state(1) is OperatorState.OFFLINE
            given.append((attempt, result))
        assert [(attempt_id, site.attempt(attempt_id).result) for attempt_id, _ in given] == given


@virtual
async def test_another_person_gives_a_missing_result_and_the_seat_goes_on():
    async with controller_on_doubles(leads=2, seats=1) as site:
        attempt = await talking(site)
        with pytest.raises(ConflictError, match="is still up"):
            await site.parts.services.results.give(attempt, Result.COMPLETE, "s.martin")
        site.exchange.hang_up(attempt)
        await site.ended(attempt)
        assert [row.attempt_id for row in await site.parts.services.results.missing()] == [attempt]
        await site.parts.services.results.give(attempt, Result.NO_MORE_CALLS, "s.martin")
        note = next(entry.note for entry in site.tables.ledger if entry.note.kind == "result_chosen")
        assert (note.body["by"], note.body["result"]) == ("s.martin", "no_more_calls")
        await site.dials(2)
        with pytest.raises(ConflictError, match="already has a result"):
            await site.parts.services.results.give(attempt, Result.COMPLETE, "s.martin")
        with pytest.raises(ConflictError, match="was not a conversation"):
            await site.parts.services.results.give(site.dialled[1].attempt_id, Result.COMPLETE, "s.martin")


@virtual
async def test_a_result_the_database_alone_knows_to_be_due_is_asked_for():
    async with controller_on_doubles(leads=2, seats=1) as site:
        attempt = await talking(site)
        site.exchange.hang_up(attempt)
        await site.ended(attempt)
        await site.crash()
        del site.tables.seats[SeatNumber(1)]  # what the seat knew is gone
        await site.start()
        await passes(2)
        assert site.state(1) is OperatorState.WRAP_UP
        assert site.parts.calls.seats.seats[SeatNumber(1)].row.attempt_id == attempt


@pytest.mark.parametrize("is_gate_silent", [False, True])
@pytest.mark.parametrize("is_over_before", [False, True])
@virtual
async def test_a_result_only_the_seat_knew_to_be_due_is_missing_for_everybody(
    is_over_before: bool, is_gate_silent: bool
):
    """The database refused the call's history to the end: its seat was written, which shows that they talked."""
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        attempt = permit.attempt_id
        site.watched.refused.add("attempts.save")
        site.archive.operator_s = 0.0
        if is_gate_silent:
            site.records.lost.add(permit.permit_id)
            site.archive.lost.add(permit.recording_id)
        await site.exchange.answer(attempt)
        await until("talking", lambda: site.state(1) is OperatorState.TALKING)
        await passes(1)
        if is_over_before:
            site.exchange.hang_up(attempt)
            await passes(1)
        await site.crash()
        if not is_over_before:
            site.exchange.hang_up(attempt)
        site.watched.refused.clear()
        await site.start()
        row = await site.ended(attempt)
        assert (row.outcome, row.operator_id) == (Outcome.ANSWERED, site.operator(1))
        assert row.answered_at is not None
        await until("counted", lambda: site.parts.screens.floor.view().results_due == 1)
        assert [row.attempt_id for row in await site.parts.services.results.missing()] == [attempt]
        await site.parts.services.results.give(attempt, Result.NO_MORE_CALLS, "s.martin")
        assert site.attempt(attempt).result is Result.NO_MORE_CALLS
        await until("the seat goes on", lambda: site.state(1) is OperatorState.READY)


@virtual
async def test_a_result_given_once_is_not_asked_for_again():
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await talking(site)
        site.exchange.hang_up(attempt)
        await site.ended(attempt)
        await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)
        for _ in range(5):
            await passes(1)
            assert site.state(1) is OperatorState.READY
        with pytest.raises(InputError):
            await site.parts.screens.desk.choose_result(site.operator(1), Result.NO_MORE_CALLS)
        assert site.attempt(attempt).result is Result.COMPLETE


@virtual
async def test_a_seat_with_nobody_signed_in_at_its_desk_gets_no_call():
    async with controller_on_doubles(leads=2, seats=1, is_started=False) as site:
        site.absent.add(1)
        await site.start()
        await site.log_in(1)
        await passes(60)
        assert site.state(1) is OperatorState.ABSENT
        assert site.dialled == []
        site.absent.clear()
        site.sit_down()
        assert site.state(1) is OperatorState.READY
        (permit,) = await site.dials(1)
        assert (await site.exchange.answer(permit.attempt_id)).seat == 1


@pytest.mark.parametrize("how", ["signed out", "not heard of"])
@virtual
async def test_a_desk_that_is_left_gets_no_more_calls_and_is_ready_again_when_it_is_back(how: str):
    async with controller_on_doubles(seats=1) as site:
        await site.log_in(1)
        site.absent.add(1)
        if how == "signed out":
            site.parts.screens.desk.left(site.operator(1))
        await until("absent", lambda: site.state(1) is OperatorState.ABSENT, AWAY_S + 12)
        await site.campaign(1)
        await passes(30)
        assert site.dialled == []
        site.absent.clear()
        site.sit_down()
        await site.dials(1)


@virtual
async def test_an_open_connection_of_the_desk_counts_as_long_as_it_is_open():
    async with controller_on_doubles(seats=1) as site:
        await site.log_in(1)
        site.absent.add(1)
        with site.parts.screens.desk.connected(site.operator(1)):
            await passes(10 * AWAY_S)
            assert site.state(1) is OperatorState.READY
        await passes(AWAY_S + 2)
        assert site.state(1) is OperatorState.ABSENT


@virtual
async def test_a_conversation_goes_on_although_the_desk_is_left():
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await talking(site)
        site.absent.add(1)
        site.parts.screens.desk.left(site.operator(1))
        await passes(AWAY_S + 30)
        assert site.state(1) is OperatorState.TALKING
        site.exchange.hang_up(attempt)
        await site.ended(attempt)
        assert site.state(1) is OperatorState.WRAP_UP


@virtual
async def test_a_phone_without_its_operator_or_with_a_result_due_is_nobody_the_pacer_counts_on():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await talking(site)
        operator = site.operator(1)
        hang_up_the_handset(site)
        await passes(1)
        view = site.parts.dialing.view
        assert operator not in view.free | view.wrapping | view.talking


# What the person refused


@pytest.mark.parametrize("will", [Result.NO_MORE_CALLS, Result.NOT_TODAY])
@virtual
async def test_what_the_person_refused_is_not_replaced_by_less(will: Result):
    """A supervisor gives it on the page, and in the same second the operator presses something else."""
    async with controller_on_doubles(leads=2, seats=1) as site:
        attempt = await talking(site)
        hang_up_the_handset(site)
        await site.ended(attempt)
        await site.parts.services.results.give(attempt, will, "s.martin")
        with pytest.raises(ConflictError, match="a refusal is never replaced"):
            await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)
        assert site.attempt(attempt).result is will
        assert site.state(1) is not OperatorState.WRAP_UP, "the seat goes on"


@pytest.mark.parametrize(
    "presses", [(Result.NO_MORE_CALLS, Result.COMPLETE), (Result.COMPLETE, Result.NO_MORE_CALLS)], ids=str
)
@virtual
async def test_of_two_presses_at_once_the_refusal_stands(presses: tuple[Result, Result]):
    async with controller_on_doubles(leads=2, seats=1) as site:
        attempt = await talking(site)
        hang_up_the_handset(site)
        await site.ended(attempt)
        desk, operator = site.parts.screens.desk, site.operator(1)

        async def slow() -> None:
            await asyncio.sleep(0.005)  # how long the write takes: both were pressed before it ended; virtual time

        site.watched.before["attempts.set_result"] = slow
        await asyncio.gather(*(desk.choose_result(operator, press) for press in presses), return_exceptions=True)
        assert site.attempt(attempt).result is Result.NO_MORE_CALLS


@virtual
async def test_a_refusal_written_before_a_crash_stands_when_the_seat_asks_again():
    async with controller_on_doubles(leads=2, seats=1) as site:
        attempt = await talking(site)
        hang_up_the_handset(site)
        await site.ended(attempt)
        await site.fake.store.attempts.set_result(attempt, Result.NO_MORE_CALLS, site.operator(1), site.clock.now())
        await site.crash()
        await site.start()
        site.sit_down()
        assert site.state(1) is OperatorState.WRAP_UP
        with pytest.raises(ConflictError):
            await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)
        assert site.attempt(attempt).result is Result.NO_MORE_CALLS
        assert site.state(1) is not OperatorState.WRAP_UP
