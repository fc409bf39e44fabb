"""Recovery: whatever state an attempt was left in and whatever exists on either side, it ends or is taken over (I4)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from telephony.domain.attempts import CallState, Result
from telephony.domain.leads import LeadState
from telephony.domain.operators import OperatorState
from telephony.domain.outcomes import Outcome
from telephony.errors import StoreUnavailableError
from telephony.ids import AttemptId, ChannelId, SeatNumber
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, site

LEFT_IN = ("permitted", "dialling", "at_gate", "ringing", "answered", "connected")


async def brought_to(house: Site, state: str) -> AttemptId:
    """Bring one call to ``state``, stored."""
    exchange = house.exchange
    if state in ("permitted", "dialling"):
        exchange.settle = _nothing  # type: ignore[method-assign]  # the gate has not asked yet
    if state == "permitted":
        house.exchange.switch.is_next_unanswered = True
    await house.log_in(1)
    await until("dialled", lambda: house.dialled)
    attempt = house.dialled[0].attempt_id
    if state in ("ringing", "answered", "connected"):
        await until("at the gate", lambda: exchange.calls[attempt].trunk)
        exchange.ring(attempt)
    if state == "answered":
        exchange.pick_up(attempt)
    if state == "connected":
        await exchange.answer(attempt)
    await until("stored", lambda: house.attempt(attempt).state == state)
    await passes(0.5)
    return attempt


async def _nothing() -> None:
    return None


def customer_gone(house: Site, attempt: AttemptId) -> None:
    house.exchange.switch.end(attempt)


def trunk_gone(house: Site, attempt: AttemptId) -> None:
    call = house.exchange.calls[attempt]
    house.exchange.gate.end(call.trunk)
    house.exchange.gate.end(call.inbound)


def both_gone(house: Site, attempt: AttemptId) -> None:
    customer_gone(house, attempt)
    trunk_gone(house, attempt)


def both_there(house: Site, attempt: AttemptId) -> None:
    pass


@pytest.mark.parametrize("meanwhile", [both_there, customer_gone, trunk_gone, both_gone])
@pytest.mark.parametrize("state", LEFT_IN)
@virtual
async def test_after_a_crash_an_attempt_ends_or_is_taken_over(state: str, meanwhile: Callable[[Site, AttemptId], None]):
    async with site(leads=1, seats=1) as house:
        attempt = await brought_to(house, state)
        await house.crash()
        meanwhile(house, attempt)
        house.pause_all()  # nothing new is dialled: only what is left is settled
        await house.start()
        await passes(1)
        is_taken_over = state == "connected" and meanwhile in (both_there, trunk_gone)
        if is_taken_over:
            assert house.attempt(attempt).state is CallState.CONNECTED
            assert house.state(1) is OperatorState.TALKING
            house.exchange.switch.end(attempt)  # as the dialplan does when the other side goes
            trunk_gone(house, attempt)
        elif meanwhile is customer_gone:
            trunk_gone(house, attempt)  # the gate follows within 20 s
        elif ChannelId(attempt) in house.exchange.switch.live:
            assert state == "answered", "nobody who has not answered is left ringing"
            both_gone(house, attempt)  # the dialplan said sorry
        row = await house.ended(attempt)
        was_answered = state in ("answered", "connected")
        assert row.outcome is {"answered": Outcome.ABANDONED, "connected": Outcome.ANSWERED}.get(
            state, Outcome.INTERRUPTED
        )
        assert house.lead_of(attempt) is (LeadState.DONE if was_answered else LeadState.WAITING)
        await passes(1)
        assert house.state(1) is (OperatorState.WRAP_UP if state == "connected" else OperatorState.READY)
        assert ChannelId(attempt) not in house.exchange.switch.live
        assert house.tables.permit_states[row.permit_id] in ("used", "void")
        if row.trunk_channel:
            await until("recorded", lambda: house.tables.recordings or house.tables.incidents, 60)
            assert not house.tables.incidents


@pytest.mark.parametrize("meanwhile", [both_there, both_gone])
@pytest.mark.parametrize("state", ["at_gate", "ringing", "answered", "connected"])
@pytest.mark.parametrize("node", ["pbx", "gate"])
@virtual
async def test_after_a_lost_link_an_attempt_ends_or_goes_on(
    node: str, state: str, meanwhile: Callable[[Site, AttemptId], None]
):
    async with site(leads=1, seats=1) as house:
        attempt = await brought_to(house, state)
        link = house.exchange.switch if node == "pbx" else house.exchange.gate
        link.lose_link()
        await passes(0.5)
        meanwhile(house, attempt)
        link.restore_link()
        await passes(1)
        if ChannelId(attempt) in house.exchange.switch.live:
            assert house.parts.shared.tracker.call(attempt) is not None
            house.exchange.hang_up(attempt)
        row = await house.ended(attempt)
        assert (row.outcome is Outcome.ANSWERED) == (state == "connected")
        if state in ("answered", "connected"):
            assert house.lead_of(attempt) is LeadState.DONE


@virtual
async def test_somebody_who_answered_while_nobody_watched_is_not_called_again():
    async with site(leads=1, seats=1) as house:
        attempt = await brought_to(house, "ringing")
        await house.crash()
        house.exchange.pick_up(attempt)
        await house.start()
        await passes(1)
        assert house.attempt(attempt).state is CallState.ANSWERED
        both_gone(house, attempt)  # the dialplan said sorry
        row = await house.ended(attempt)
        assert row.outcome is Outcome.ABANDONED
        assert row.answered_at is not None
        assert house.lead_of(attempt) is LeadState.DONE


@virtual
async def test_a_conversation_that_began_while_the_link_was_lost_is_taken_over():
    async with site(leads=1, seats=1) as house:
        attempt = await brought_to(house, "ringing")
        house.exchange.switch.lose_link()
        await house.exchange.answer(attempt)
        assert house.state(1) is OperatorState.RESERVED
        house.exchange.switch.restore_link()
        await passes(1)
        assert house.state(1) is OperatorState.TALKING
        house.exchange.hang_up(attempt)
        assert (await house.ended(attempt)).outcome is Outcome.ANSWERED
        assert house.state(1) is OperatorState.WRAP_UP


@virtual
async def test_a_trunk_leg_that_began_while_the_gate_was_not_heard_is_known_and_recorded():
    async with site(leads=1, pacer=Fixed(1), seats=1) as house:
        settle = house.exchange.settle
        house.exchange.settle = _nothing  # type: ignore[method-assign]
        await until("dialled", lambda: house.dialled)
        attempt = house.dialled[0].attempt_id
        house.exchange.gate.lose_link()
        await settle()
        house.exchange.settle = settle  # type: ignore[method-assign]
        house.exchange.gate.restore_link()
        await passes(1)
        assert house.attempt(attempt).trunk_channel == house.exchange.calls[attempt].trunk
        house.exchange.busy(attempt)
        assert (await house.ended(attempt)).outcome is Outcome.BUSY
        await until("recorded", lambda: house.tables.recordings)


@virtual
async def test_a_trunk_leg_that_came_and_went_while_the_gate_was_not_heard_is_recorded():
    async with site(leads=1, seats=1) as house:
        settle = house.exchange.settle
        house.exchange.settle = _nothing  # type: ignore[method-assign]
        await house.log_in(1)
        await until("dialled", lambda: house.dialled)
        attempt = house.dialled[0].attempt_id
        house.exchange.gate.lose_link()
        await settle()
        house.exchange.settle = settle  # type: ignore[method-assign]
        await house.exchange.answer(attempt)
        house.exchange.hang_up(attempt)
        assert (await house.ended(attempt)).outcome is Outcome.ANSWERED
        await until("recorded", lambda: house.tables.recordings)
        assert not house.tables.incidents


@virtual
async def test_a_call_begun_between_listing_and_settling_is_not_ended():
    async with site(leads=5, seats=2, pacer=Fixed(1)) as house:
        (first, *_) = await house.dials(3)
        house.archive.length_s = 1
        known = set(house.exchange.switch.live)
        listed = tuple(house.exchange.switch.live.values())
        house.parts.recovery.restored("pbx", listed)  # every call listed is ended, none has been answered
        house.pacer.count = 1
        await house.dials(5)  # begun while that is going on
        await passes(2)
        live = {permit.attempt_id for permit in house.dialled} & set(house.exchange.switch.live)
        begun_later = {permit.attempt_id for permit in house.dialled if ChannelId(permit.attempt_id) not in known}
        assert begun_later <= live
        assert first.attempt_id not in live


@virtual
async def test_a_call_that_was_begun_after_the_list_was_made_is_not_settled_by_it():
    async with site(leads=1, seats=1) as house:
        restored, house.parts.recovery.restored = house.parts.recovery.restored, lambda *_: None  # type: ignore[method-assign]
        house.exchange.switch.lose_link()
        house.exchange.switch.restore_link()
        restored("pbx", ())
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await passes(1)
        assert house.parts.shared.tracker.call(permit.attempt_id) is not None
        assert ChannelId(permit.attempt_id) in house.exchange.switch.live


@virtual
async def test_an_attempt_written_but_never_ordered_is_swept():
    async with site(leads=2, seats=1) as house:
        store = house.fake.store
        begin = store.attempts.begin

        async def begin_and_break(*args: object) -> object:
            store.attempts.begin = begin  # type: ignore[method-assign]
            await begin(*args)  # type: ignore[arg-type]
            raise StoreUnavailableError("the answer was lost")

        store.attempts.begin = begin_and_break  # type: ignore[method-assign]
        await house.log_in(1)
        await until("written", lambda: house.tables.attempts)
        (stray,) = list(house.tables.attempts)[:1]
        assert stray not in {permit.attempt_id for permit in house.dialled}
        row = await house.ended(stray, 60)
        assert row.outcome is Outcome.INTERRUPTED
        assert stray not in {permit.attempt_id for permit in house.dialled}
        lead = row.lead_id
        await until(
            "its lead is called after all",
            lambda: any(permit.lead_id == lead for permit in house.dialled) or _finish(house),
            60,
        )


def _finish(house: Site) -> bool:
    """Let every call that is up end as busy, so that the next lead's turn comes."""
    for permit in house.dialled:
        if ChannelId(permit.attempt_id) in house.exchange.switch.live and house.exchange.calls[permit.attempt_id].trunk:
            house.exchange.busy(permit.attempt_id)
    return False


@virtual
async def test_nothing_is_dialled_before_both_links_were_settled():
    async with site(leads=1, seats=1, is_started=False) as house:
        gate = house.exchange.gate
        start, gate.restore_link = gate.restore_link, lambda: None  # type: ignore[method-assign]
        await house.start()
        await house.log_in(1)
        await passes(30)
        assert house.dialled == []
        gate.restore_link = start  # type: ignore[method-assign]
        gate.restore_link()
        await house.dials(1)


@virtual
async def test_a_conversation_taken_over_ends_with_its_result_and_the_next_call_comes():
    async with site(leads=2, seats=1) as house:
        attempt = await brought_to(house, "connected")
        await house.crash()
        await house.start()
        await passes(5)
        assert len(house.dialled) == 1, "the operator talks: no call for them"
        house.exchange.hang_up(attempt)
        await house.ended(attempt)
        await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)
        await house.dials(2)


@virtual
async def test_a_conversation_begun_just_before_the_crash_takes_no_second_call():
    async with site(leads=2, seats=1) as house:
        attempt = await brought_to(house, "connected")
        seat = house.tables.seats[SeatNumber(1)]
        await house.crash()
        house.tables.seats[SeatNumber(1)] = replace(seat, state="ready", attempt_id=None)  # saved before the call came
        await house.start()
        await passes(5)
        assert house.state(1) is OperatorState.TALKING
        assert len(house.dialled) == 1
        assert house.parts.shared.seats.seats[SeatNumber(1)].row.attempt_id == attempt


@virtual
async def test_a_conversation_is_taken_over_although_nobody_wrote_down_whose_it_is():
    async with site(leads=1, seats=2) as house:
        await house.log_in(2)
        await until("dialled", lambda: house.dialled)
        await house.exchange.settle()
        attempt = house.dialled[0].attempt_id
        await passes(1)
        await house.exchange.answer(attempt)
        await house.crash()  # before the batch that tells of the answer is written
        assert house.attempt(attempt).seat is None
        await house.start()
        await passes(1)
        assert house.state(2) is OperatorState.TALKING
        row = house.attempt(attempt)
        assert (row.state, row.seat, row.operator_id) == (CallState.CONNECTED, 2, house.operator(2))


@virtual
async def test_a_call_answered_as_the_controller_comes_back_gets_an_operator():
    async with site(leads=1, seats=1) as house:
        attempt = await brought_to(house, "ringing")
        await house.crash()
        house.exchange.pick_up(attempt)
        await house.start()
        assert (await house.exchange.answer(attempt)).seat == 1
        await passes(1)
        assert house.state(1) is OperatorState.TALKING


@virtual
async def test_a_seat_whose_call_ended_in_the_books_before_the_crash_is_not_left_talking():
    async with site(leads=1, seats=1) as house:
        attempt = await brought_to(house, "connected")
        seat = house.tables.seats[SeatNumber(1)]
        house.exchange.hang_up(attempt)
        await house.ended(attempt)
        await house.crash()
        house.tables.seats[SeatNumber(1)] = replace(seat, state="talking")  # the batch of seats came too late
        await house.start()
        await passes(1)
        assert house.state(1) is OperatorState.WRAP_UP
