"""Recovery: whatever state an attempt was left in and whatever exists on either side, it ends or is taken over (I4)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from telephony.domain.calls.attempts import CallState, Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.leads import LeadState
from telephony.errors import StoreUnavailableError
from telephony.ids import AttemptId, ChannelId, SeatNumber
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles
from tests.virtual_time import passes, until, virtual

LEFT_IN = ("permitted", "dialling", "at_gate", "ringing", "answered", "connected")


async def brought_to(site: ControllerOnDoubles, state: str) -> AttemptId:
    """Bring one call to ``state``, stored."""
    exchange = site.exchange
    if state in ("permitted", "dialling"):
        exchange.settle = _nothing  # type: ignore[method-assign]  # the gate has not asked yet
    if state == "permitted":
        site.exchange.switch.is_next_unanswered = True
    await site.log_in(1)
    await until("dialled", lambda: site.dialled)
    attempt = site.dialled[0].attempt_id
    if state in ("ringing", "answered", "connected"):
        await until("at the gate", lambda: exchange.calls[attempt].trunk)
        exchange.ring(attempt)
    if state == "answered":
        exchange.pick_up(attempt)
    if state == "connected":
        await exchange.answer(attempt)
    await until("stored", lambda: site.attempt(attempt).state == state)
    await passes(0.5)
    return attempt


async def _nothing() -> None:
    return None


def customer_gone(site: ControllerOnDoubles, attempt: AttemptId) -> None:
    site.exchange.switch.end(attempt)


def trunk_gone(site: ControllerOnDoubles, attempt: AttemptId) -> None:
    call = site.exchange.calls[attempt]
    site.exchange.gate.end(call.trunk)
    site.exchange.gate.end(call.inbound)


def both_gone(site: ControllerOnDoubles, attempt: AttemptId) -> None:
    customer_gone(site, attempt)
    trunk_gone(site, attempt)


def both_there(site: ControllerOnDoubles, attempt: AttemptId) -> None:
    pass


@pytest.mark.parametrize("meanwhile", [both_there, customer_gone, trunk_gone, both_gone])
@pytest.mark.parametrize("state", LEFT_IN)
@virtual
async def test_after_a_crash_an_attempt_ends_or_is_taken_over(
    state: str, meanwhile: Callable[[ControllerOnDoubles, AttemptId], None]
):
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await brought_to(site, state)
        await site.crash()
        meanwhile(site, attempt)
        site.pause_all()  # nothing new is dialled: only what is left is settled
        await site.start()
        await passes(1)
        is_taken_over = state == "connected" and meanwhile in (both_there, trunk_gone)
        if is_taken_over:
            assert site.attempt(attempt).state is CallState.CONNECTED
            assert site.state(1) is OperatorState.TALKING
            site.exchange.switch.end(attempt)  # as the dialplan does when the other side goes
            trunk_gone(site, attempt)
        elif meanwhile is customer_gone:
            trunk_gone(site, attempt)  # the gate follows within 20 s
        elif ChannelId(attempt) in site.exchange.switch.live:
            assert state == "answered", "nobody who has not answered is left ringing"
            both_gone(site, attempt)  # the dialplan said sorry
        row = await site.ended(attempt)
        was_answered = state in ("answered", "connected")
        assert row.outcome is {"answered": Outcome.ABANDONED, "connected": Outcome.ANSWERED}.get(
            state, Outcome.INTERRUPTED
        )
        assert site.lead_of(attempt) is (LeadState.DONE if was_answered else LeadState.WAITING)
        await passes(1)
        assert site.state(1) is (OperatorState.WRAP_UP if state == "connected" else OperatorState.READY)
        assert ChannelId(attempt) not in site.exchange.switch.live
        assert site.tables.permit_states[row.permit_id] in ("used", "void")
        if row.trunk_channel:
            await until("recorded", lambda: site.tables.recordings or site.tables.incidents, 60)
            assert not site.tables.incidents


@pytest.mark.parametrize("meanwhile", [both_there, both_gone])
@pytest.mark.parametrize("state", ["at_gate", "ringing", "answered", "connected"])
@pytest.mark.parametrize("node", ["pbx", "gate"])
@virtual
async def test_after_a_lost_link_an_attempt_ends_or_goes_on(
    node: str, state: str, meanwhile: Callable[[ControllerOnDoubles, AttemptId], None]
):
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await brought_to(site, state)
        link = site.exchange.switch if node == "pbx" else site.exchange.gate
        link.lose_link()
        await passes(0.5)
        meanwhile(site, attempt)
        link.restore_link()
        await passes(1)
        if ChannelId(attempt) in site.exchange.switch.live:
            assert site.parts.calls.tracker.call(attempt) is not None
            site.exchange.hang_up(attempt)
        row = await site.ended(attempt)
        assert (row.outcome is Outcome.ANSWERED) == (state == "connected")
        if state in ("answered", "connected"):
            assert site.lead_of(attempt) is LeadState.DONE


@virtual
async def test_somebody_who_answered_while_nobody_watched_is_not_called_again():
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await brought_to(site, "ringing")
        await site.crash()
        site.exchange.pick_up(attempt)
        await site.start()
        await passes(1)
        assert site.attempt(attempt).state is CallState.ANSWERED
        both_gone(site, attempt)  # the dialplan said sorry
        row = await site.ended(attempt)
        assert row.outcome is Outcome.ABANDONED
        assert row.answered_at is not None
        assert site.lead_of(attempt) is LeadState.DONE


@virtual
async def test_a_conversation_that_began_while_the_link_was_lost_is_taken_over():
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await brought_to(site, "ringing")
        site.exchange.switch.lose_link()
        await site.exchange.answer(attempt)
        assert site.state(1) is OperatorState.RESERVED
        site.exchange.switch.restore_link()
        await passes(1)
        assert site.state(1) is OperatorState.TALKING
        site.exchange.hang_up(attempt)
        assert (await site.ended(attempt)).outcome is Outcome.ANSWERED
        assert site.state(1) is OperatorState.WRAP_UP


@virtual
async def test_a_trunk_leg_that_began_while_the_gate_was_not_heard_is_known_and_recorded():
    async with controller_on_doubles(leads=1, pacer=Fixed(1), seats=1) as site:
        settle = site.exchange.settle
        site.exchange.settle = _nothing  # type: ignore[method-assign]
        await until("dialled", lambda: site.dialled)
        attempt = site.dialled[0].attempt_id
        site.exchange.gate.lose_link()
        await settle()
        site.exchange.settle = settle  # type: ignore[method-assign]
        site.exchange.gate.restore_link()
        await passes(1)
        assert site.attempt(attempt).trunk_channel == site.exchange.calls[attempt].trunk
        site.exchange.busy(attempt)
        assert (await site.ended(attempt)).outcome is Outcome.BUSY
        await until("recorded", lambda: site.tables.recordings)


@virtual
async def test_a_trunk_leg_that_came_and_went_while_the_gate_was_not_heard_is_recorded():
    async with controller_on_doubles(leads=1, seats=1) as site:
        settle = site.exchange.settle
        site.exchange.settle = _nothing  # type: ignore[method-assign]
        await site.log_in(1)
        await until("dialled", lambda: site.dialled)
        attempt = site.dialled[0].attempt_id
        site.exchange.gate.lose_link()
        await settle()
        site.exchange.settle = settle  # type: ignore[method-assign]
        await site.exchange.answer(attempt)
        site.exchange.hang_up(attempt)
        assert (await site.ended(attempt)).outcome is Outcome.ANSWERED
        await until("recorded", lambda: site.tables.recordings)
        assert not site.tables.incidents


@virtual
async def test_a_call_begun_between_listing_and_settling_is_not_ended():
    async with controller_on_doubles(leads=5, seats=2, pacer=Fixed(1)) as site:
        (first, *_) = await site.dials(3)
        site.archive.length_s = 1
        known = set(site.exchange.switch.live)
        listed = tuple(site.exchange.switch.live.values())
        site.parts.recovery.restored("pbx", listed)  # every call listed is ended, none has been answered
        site.pacer.count = 1
        await site.dials(5)  # begun while that is going on
        await passes(2)
        live = {permit.attempt_id for permit in site.dialled} & set(site.exchange.switch.live)
        begun_later = {permit.attempt_id for permit in site.dialled if ChannelId(permit.attempt_id) not in known}
        assert begun_later <= live
        assert first.attempt_id not in live


@virtual
async def test_a_call_that_was_begun_after_the_list_was_made_is_not_settled_by_it():
    async with controller_on_doubles(leads=1, seats=1) as site:
        restored, site.parts.recovery.restored = site.parts.recovery.restored, lambda *_: None  # type: ignore[method-assign]
        site.exchange.switch.lose_link()
        site.exchange.switch.restore_link()
        restored("pbx", ())
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await passes(1)
        assert site.parts.calls.tracker.call(permit.attempt_id) is not None
        assert ChannelId(permit.attempt_id) in site.exchange.switch.live


@virtual
async def test_an_attempt_written_but_never_ordered_is_swept():
    async with controller_on_doubles(leads=2, seats=1) as site:
        store = site.fake.store
        begin = store.attempts.begin

        async def begin_and_break(*args: object) -> object:
            store.attempts.begin = begin  # type: ignore[method-assign]
            await begin(*args)  # type: ignore[arg-type]
            raise StoreUnavailableError("the answer was lost")

        store.attempts.begin = begin_and_break  # type: ignore[method-assign]
        await site.log_in(1)
        await until("written", lambda: site.tables.attempts)
        (stray,) = list(site.tables.attempts)[:1]
        assert stray not in {permit.attempt_id for permit in site.dialled}
        row = await site.ended(stray, 60)
        assert row.outcome is Outcome.INTERRUPTED
        assert stray not in {permit.attempt_id for permit in site.dialled}
        lead = row.lead_id
        await until(
            "its lead is called after all",
            lambda: any(permit.lead_id == lead for permit in site.dialled) or _finish(site),
            60,
        )


def _finish(site: ControllerOnDoubles) -> bool:
    """Let every call that is up end as busy, so that the next lead's turn comes."""
    for permit in site.dialled:
        if ChannelId(permit.attempt_id) in site.exchange.switch.live and site.exchange.calls[permit.attempt_id].trunk:
            site.exchange.busy(permit.attempt_id)
    return False


@virtual
async def test_nothing_is_dialled_before_both_links_were_settled():
    async with controller_on_doubles(leads=1, seats=1, is_started=False) as site:
        gate = site.exchange.gate
        start, gate.restore_link = gate.restore_link, lambda: None  # type: ignore[method-assign]
        await site.start()
        await site.log_in(1)
        await passes(30)
        assert site.dialled == []
        gate.restore_link = start  # type: ignore[method-assign]
        gate.restore_link()
        await site.dials(1)


@virtual
async def test_a_conversation_taken_over_ends_with_its_result_and_the_next_call_comes():
    async with controller_on_doubles(leads=2, seats=1) as site:
        attempt = await brought_to(site, "connected")
        await site.crash()
        await site.start()
        await passes(5)
        assert len(site.dialled) == 1, "the operator talks: no call for them"
        site.exchange.hang_up(attempt)
        await site.ended(attempt)
        await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)
        await site.dials(2)


@virtual
async def test_a_conversation_begun_just_before_the_crash_takes_no_second_call():
    async with controller_on_doubles(leads=2, seats=1) as site:
        attempt = await brought_to(site, "connected")
        seat = site.tables.seats[SeatNumber(1)]
        await site.crash()
        site.tables.seats[SeatNumber(1)] = replace(seat, state="ready", attempt_id=None)  # saved before the call came
        await site.start()
        await passes(5)
        assert site.state(1) is OperatorState.TALKING
        assert len(site.dialled) == 1
        assert site.parts.calls.seats.seats[SeatNumber(1)].row.attempt_id == attempt


@virtual
async def test_a_conversation_is_taken_over_although_nobody_wrote_down_whose_it_is():
    async with controller_on_doubles(leads=1, seats=2) as site:
        await site.log_in(2)
        await until("dialled", lambda: site.dialled)
        await site.exchange.settle()
        attempt = site.dialled[0].attempt_id
        await passes(1)
        await site.exchange.answer(attempt)
        await site.crash()  # before the batch with the answer is written
        assert site.attempt(attempt).seat is None
        await site.start()
        await passes(1)
        assert site.state(2) is OperatorState.TALKING
        row = site.attempt(attempt)
        assert (row.state, row.seat, row.operator_id) == (CallState.CONNECTED, 2, site.operator(2))


@virtual
async def test_a_call_answered_as_the_controller_comes_back_gets_an_operator():
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await brought_to(site, "ringing")
        await site.crash()
        site.exchange.pick_up(attempt)
        await site.start()
        assert (await site.exchange.answer(attempt)).seat == 1
        await passes(1)
        assert site.state(1) is OperatorState.TALKING


@virtual
async def test_a_seat_whose_call_ended_in_the_books_before_the_crash_is_not_left_talking():
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await brought_to(site, "connected")
        seat = site.tables.seats[SeatNumber(1)]
        site.exchange.hang_up(attempt)
        await site.ended(attempt)
        await site.crash()
        site.tables.seats[SeatNumber(1)] = replace(seat, state="talking")  # the batch of seats came too late
        await site.start()
        await passes(1)
        assert site.state(1) is OperatorState.WRAP_UP
