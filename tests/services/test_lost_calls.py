"""Absence of an event is not absence of the fact: every state of a call, a seat and a permit has a clock of its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.domain.attempts import CallState, Result
from telephony.domain.call_clocks import CallClocks
from telephony.domain.call_events import Originated
from telephony.domain.leads import LeadState
from telephony.domain.operators import TABLE, OperatorEvent, OperatorState
from telephony.domain.outcomes import Outcome
from telephony.domain.permits import DialPermit
from telephony.ids import AttemptId, ChannelId, SeatNumber
from telephony.ports.switch import LegBridged, LegUnbridged, OriginateFailed, SwitchFact
from tests.domain.test_calls import fresh
from tests.services.preview_acts import looking, press
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, site

SOON_S = 15.0
"""Within this a call of which neither side has a channel is settled."""


async def _nothing() -> None:
    return None


def vanish(house: Site, attempt: AttemptId) -> None:
    """Every channel of a call is gone, and no event told of it."""
    call = house.exchange.calls[attempt]
    for link, channel in (
        (house.exchange.switch, ChannelId(attempt)),
        (house.exchange.gate, call.inbound),
        (house.exchange.gate, call.trunk),
    ):
        if link.live.pop(channel, None) is not None:
            link.ended_at[channel] = house.clock.now()


async def rings(house: Site) -> DialPermit:
    (permit,) = await house.dials(1)
    house.exchange.ring(permit.attempt_id)
    await passes(0.5)
    return permit


@virtual
async def test_an_order_that_failed_and_never_had_a_channel_is_settled():
    async with site(leads=1, seats=1) as house:
        house.exchange.settle = _nothing  # type: ignore[method-assign]  # the gate never hears of it
        await house.log_in(1)
        await until("dialled", lambda: house.dialled)
        attempt = house.dialled[0].attempt_id
        await until("dialling", lambda: house.attempt(attempt).state is CallState.DIALLING)
        del house.exchange.switch.live[ChannelId(attempt)]  # there was none
        house.pause_all()
        house.exchange.switch.tell(OriginateFailed(attempt, house.clock.now()))
        row = await house.ended(attempt, 4)
        assert row.outcome is Outcome.INTERRUPTED
        assert house.lead_of(attempt) is LeadState.WAITING


@pytest.mark.parametrize("state", ["permitted", "dialling", "at_gate", "ringing", "answered", "connected"])
@virtual
async def test_a_call_of_which_neither_side_has_a_channel_is_settled_whatever_its_state(state: str):
    async with site(leads=1, seats=1) as house:
        exchange = house.exchange
        if state in ("permitted", "dialling"):
            exchange.settle = _nothing  # type: ignore[method-assign]
        await house.log_in(1)
        await until("dialled", lambda: house.dialled)
        attempt = house.dialled[0].attempt_id
        if state == "permitted":
            call = house.parts.shared.tracker.call(attempt)
            assert call is not None
        if state in ("ringing", "answered", "connected"):
            await until("at the gate", lambda: exchange.calls[attempt].trunk)
            exchange.ring(attempt)
        if state == "answered":
            exchange.pick_up(attempt)
        if state == "connected":
            await exchange.answer(attempt)
        await passes(0.5)
        house.pause_all()
        vanish(house, attempt)
        row = await house.ended(attempt, SOON_S)
        expected = {"answered": Outcome.ABANDONED, "connected": Outcome.ANSWERED}.get(state, Outcome.INTERRUPTED)
        assert row.outcome is expected
        await passes(3)
        assert house.state(1) is (OperatorState.WRAP_UP if state == "connected" else OperatorState.READY)
        assert [house.parts.shared.trunks.calls(name) for name in house.parts.shared.trunks.names] == [0]


@virtual
async def test_a_permit_used_at_the_gate_whose_pbx_leg_never_existed_frees_its_operator():
    async with site(seats=1) as house:
        await looking(house)
        house.exchange.settle = _nothing  # type: ignore[method-assign]
        await press(house)
        await until("ordered", lambda: house.dialled)
        (permit,) = house.dialled
        attempt = permit.attempt_id
        del house.exchange.switch.live[ChannelId(attempt)]  # the pbx never made it
        inbound = house.exchange.gate.add("pbx", extension=permit.permit_id)
        name = house.exchange.gate.live[inbound].name
        answer = await house.exchange.desk.ask("verdict", inbound, permit.permit_id, name=name)
        assert answer["VERDICT"].startswith("OK-")
        house.exchange.gate.end(inbound)
        assert house.state(1) is OperatorState.RESERVED
        row = await house.ended(attempt, SOON_S)
        assert row.outcome is Outcome.INTERRUPTED
        assert house.state(1) is not OperatorState.RESERVED


@virtual
async def test_a_leg_at_the_gate_that_has_none_at_the_pbx_is_cut():
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        permit = await rings(house)
        del house.exchange.switch.live[ChannelId(permit.attempt_id)]
        trunk = house.exchange.calls[permit.attempt_id].trunk
        await until("cut", lambda: trunk in house.warden.cuts, SOON_S)
        await house.ended(permit.attempt_id, SOON_S)


def test_every_state_of_a_call_has_a_clock():
    clocks = CallClocks(timedelta(seconds=30), timedelta(seconds=22), timedelta(hours=1))
    for state in CallState:
        attempt = replace(fresh().attempt, state=state)
        assert (clocks.ends_at(attempt) is None) == (state is CallState.ENDED)


def test_every_state_of_an_operator_that_waits_for_an_event_is_left_without_it():
    """Those left out wait for a person, keep calls away meanwhile, and stand on the floor with their age."""
    of_persons = {OperatorState.OFFLINE, OperatorState.READY, OperatorState.ABSENT, OperatorState.PAUSED}
    of_persons |= {OperatorState.WRAP_UP}
    clocks = {
        OperatorState.PREVIEW: OperatorEvent.LOOKED_TOO_LONG,  # previews: rules.look
        OperatorState.RESERVED: OperatorEvent.CALL_LOST,  # lost_calls: the call it is for is gone
        OperatorState.TALKING: OperatorEvent.CALL_ENDED,  # the same
    }
    assert set(clocks) == set(OperatorState) - of_persons
    assert all(pair in TABLE for pair in clocks.items())


@pytest.mark.parametrize("state", ["ringing", "answered"])
@virtual
async def test_a_call_that_stays_in_its_state_for_too_long_is_ended(state: str):
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        permit = await rings(house)
        if state == "answered":
            house.exchange.pick_up(permit.attempt_id)
        house.pause_all()
        row = await house.ended(permit.attempt_id, 200)
        assert row.outcome is (Outcome.ABANDONED if state == "answered" else Outcome.INTERRUPTED)


@virtual
async def test_a_call_joined_to_a_seat_that_nobody_is_at_is_ended():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        answer = await house.exchange.desk.ask("route", permit.attempt_id, "conf")
        assert answer["SEAT"] == "1"
        house.exchange.pick_up(permit.attempt_id)
        house.exchange.switch.end(house.parts.shared.seats.seats[SeatNumber(1)].row.channel)
        house.exchange.switch.bridge(permit.attempt_id, "bridge-1")  # the dialplan had its answer already
        row = await house.ended(permit.attempt_id, SOON_S)
        assert row.connected_at is not None
        await until("its result is due", lambda: house.state(1) is OperatorState.WRAP_UP, SOON_S)


# Joined, and no event told of it


def deaf(house: Site, *lost: type[SwitchFact]) -> None:
    """The pbx's facts of these kinds do not arrive."""
    tell = house.exchange.switch.tell
    house.exchange.switch.tell = lambda fact: None if isinstance(fact, lost) else tell(fact)  # type: ignore[method-assign]


@virtual
async def test_a_call_up_in_its_seats_bridge_is_a_conversation_although_no_event_told_of_the_joining():
    async with site(leads=2, seats=1) as house:
        await house.log_in(1)
        permit = await rings(house)
        attempt = permit.attempt_id
        deaf(house, LegBridged, LegUnbridged)
        answered_at = house.clock.now()
        await house.exchange.answer(attempt)
        await until("in conversation", lambda: house.state(1) is OperatorState.TALKING, SOON_S)
        await passes(300)
        assert ChannelId(attempt) in house.exchange.switch.live, "nobody cuts people who talk"
        row = house.attempt(attempt)
        assert (row.state, row.connected_at, row.seat) == (CallState.CONNECTED, answered_at, 1)
        assert house.parts.dialing.view.days[permit.campaign_id].n_connected == 1
        house.exchange.hang_up(attempt)
        assert (await house.ended(attempt)).outcome is Outcome.ANSWERED
        await until("recorded", lambda: house.tables.recordings, 60)
        (recording,) = house.tables.recordings.values()
        assert (recording.tag.operator_id, recording.tag.seat) == (house.operator(1), 1)
        await house.parts.screens.desk.choose_result(house.operator(1), Result.NO_MORE_CALLS)
        assert house.attempt(attempt).result is Result.NO_MORE_CALLS


@virtual
async def test_a_joining_told_late_is_no_second_conversation():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        permit = await rings(house)
        late: list[SwitchFact] = []
        tell = house.exchange.switch.tell
        house.exchange.switch.tell = lambda fact: (late.append if isinstance(fact, LegBridged) else tell)(fact)  # type: ignore[method-assign]
        await house.exchange.answer(permit.attempt_id)
        await until("in conversation", lambda: house.state(1) is OperatorState.TALKING, SOON_S)
        tell(late[0])
        assert house.parts.dialing.view.days[permit.campaign_id].n_connected == 1


@virtual
async def test_whoever_leaves_a_seat_was_in_it_however_short_the_talk():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        permit = await rings(house)
        deaf(house, LegBridged)
        await house.exchange.answer(permit.attempt_id)
        await passes(0.5)
        house.exchange.hang_up(permit.attempt_id)
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.ANSWERED
        assert house.state(1) is OperatorState.WRAP_UP


# A call that had a seat, and ended while nobody watched


async def routed(house: Site, how: str) -> AttemptId:
    """Give a call to seat 1, with nobody there to be told that it is joined: a link is away, or the controller died."""
    await house.log_in(1)
    attempt = (await rings(house)).attempt_id
    house.pause_all()
    if how == "crash":
        house.exchange.pick_up(attempt)
        answer = await house.exchange.desk.ask("route", attempt, "conf")
        assert answer["SEAT"] == "1"
        await passes(0.5)  # written down
        await house.crash()
        house.exchange.switch.bridge(attempt, "bridge-1")
    else:
        house.exchange.switch.lose_link()
        if how == "both links away":
            house.exchange.gate.lose_link()
        assert (await house.exchange.answer(attempt)).seat == 1
    return attempt


async def watched_again(house: Site, how: str) -> None:
    if how == "crash":
        await house.start()
    else:
        house.exchange.switch.restore_link()
        if how == "both links away":
            house.exchange.gate.restore_link()


WAYS = ["pbx link away", "both links away", "crash"]


@pytest.mark.parametrize(("how", "operator_s"), [*((way, 120.0) for way in WAYS), ("crash", 0.0)])
@virtual
async def test_a_call_that_had_a_seat_and_ended_unseen_was_a_conversation_and_its_result_is_due(
    how: str, operator_s: float
):
    """Also where nothing the operator said was recorded: whoever is taken by nobody is let go long before."""
    async with site(leads=1, seats=1) as house:
        attempt = await routed(house, how)
        await passes(120)
        house.archive.operator_s = operator_s
        house.exchange.hang_up(attempt)
        await watched_again(house, how)
        row = await house.ended(attempt, SOON_S)
        assert (row.outcome, row.operator_id, row.seat) == (Outcome.ANSWERED, house.operator(1), 1)
        assert row.connected_at is not None
        assert row.ended_at is not None
        assert timedelta(seconds=119) < row.ended_at - row.connected_at < timedelta(seconds=122)
        await until("its result is due", lambda: house.state(1) is OperatorState.WRAP_UP, SOON_S)
        assert [one.attempt_id for one in await house.parts.services.results.missing()] == [attempt]
        await until("recorded", lambda: house.tables.recordings, 60)
        (recording,) = house.tables.recordings.values()
        assert recording.tag.operator_id == house.operator(1)
        await house.parts.screens.desk.choose_result(house.operator(1), Result.NO_MORE_CALLS)
        assert house.attempt(attempt).result is Result.NO_MORE_CALLS
        assert all(day.n_abandoned == 0 for day in house.parts.dialing.view.days.values())


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("evidence", ["hung up at once", "no sound went to them"])
@virtual
async def test_a_call_whose_operator_was_surely_not_heard_is_abandoned_although_it_had_a_seat(how: str, evidence: str):
    async with site(leads=1, seats=1) as house:
        attempt = await routed(house, how)
        if evidence == "hung up at once":
            house.archive.length_s = 0.5 if how != "crash" else 0.9  # it had been answered before the crash
        else:
            house.archive.operator_s = 0.0  # the pbx died between the answer and the joining
            await passes(20)
        house.exchange.hang_up(attempt)
        await watched_again(house, how)
        row = await house.ended(attempt, SOON_S)
        assert (row.outcome, row.connected_at) == (Outcome.ABANDONED, None)
        await passes(3)
        assert house.state(1) is OperatorState.READY
        assert await house.parts.services.results.missing() == []


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("doubt", ["damaged", "gone", "unreadable", "never closed"])
@virtual
async def test_where_it_is_not_sure_whether_they_talked_the_operator_is_asked(how: str, doubt: str):
    async with site(leads=1, seats=1) as house:
        attempt = await routed(house, how)
        recording = house.attempt(attempt).recording_id
        house.archive.length_s = house.archive.operator_s = 0.0
        if doubt == "damaged":
            house.archive.damaged.add(recording)
        elif doubt == "gone":
            house.archive.lost.add(recording)
        elif doubt == "never closed":
            house.archive.stuck.add(recording)
        else:
            house.archive.is_broken = True
        await passes(1.5)
        house.exchange.hang_up(attempt)
        await watched_again(house, how)
        assert (await house.ended(attempt, SOON_S)).outcome is Outcome.ANSWERED
        await until("its result is due", lambda: house.state(1) is OperatorState.WRAP_UP, SOON_S)


@virtual
async def test_a_seat_written_down_for_a_call_says_who_talked_although_the_call_itself_was_not_written():
    async with site(leads=1, seats=1) as house:
        house.watched.refused.add("attempts.save")
        attempt = await routed(house, "crash")
        assert house.attempt(attempt).seat is None
        await passes(10)
        house.exchange.hang_up(attempt)
        house.watched.refused.clear()
        await house.start()
        row = await house.ended(attempt, SOON_S)
        assert (row.outcome, row.operator_id, row.seat) == (Outcome.ANSWERED, house.operator(1), 1)
        await until("its result is due", lambda: house.state(1) is OperatorState.WRAP_UP, SOON_S)


@pytest.mark.parametrize("talk_s", [10.0, 60.0])
@virtual
async def test_a_seat_kept_for_its_own_call_says_nothing_of_the_joining_but_the_length_does(talk_s: float):
    """The message for those whom nobody takes is over within 22 s: whoever stayed longer talked."""
    async with site(seats=1) as house:
        await looking(house)
        await press(house)
        await house.dials(1)
        permit = await rings(house)
        await passes(1)
        await house.crash()
        house.exchange.pick_up(permit.attempt_id)
        await passes(talk_s)
        house.exchange.hang_up(permit.attempt_id)
        await house.start()
        row = await house.ended(permit.attempt_id, SOON_S)
        assert row.outcome is (Outcome.ABANDONED if talk_s < 22 else Outcome.ANSWERED)
        await passes(3)
        assert (house.state(1) is OperatorState.WRAP_UP) == (talk_s > 22)


# Answered while nobody watched


@pytest.mark.parametrize("how", ["crash", "orderly stop", "both links away"])
@virtual
async def test_somebody_who_answered_and_hung_up_while_nobody_watched_is_abandoned_and_not_called_again(how: str):
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        permit = await rings(house)
        attempt = permit.attempt_id
        if how == "crash":
            await house.crash()
        elif how == "orderly stop":
            house.exchange.switch.on_end = None
            hang_up = house.exchange.switch.hang_up
            house.exchange.switch.hang_up = _hang_up_unheard  # type: ignore[method-assign,assignment]
            await house.stop()
            house.exchange.switch.hang_up = hang_up  # type: ignore[method-assign]
        else:
            house.exchange.switch.lose_link()
            house.exchange.gate.lose_link()
        house.exchange.pick_up(attempt)
        answered_at = house.clock.now()
        await passes(3)
        house.exchange.hang_up(attempt)
        if how == "both links away":
            house.exchange.switch.restore_link()
            house.exchange.gate.restore_link()
        else:
            await house.start()
        row = await house.ended(attempt, SOON_S)
        assert (row.outcome, row.answered_at) == (Outcome.ABANDONED, answered_at)
        await passes(60)
        assert len(house.dialled) == 1, "not called again within seconds"
        assert house.lead_of(attempt) is LeadState.DONE
        day = house.parts.dialing.view.days[permit.campaign_id]
        assert (day.n_human, day.n_abandoned) == (1, 1), "its campaign's budget bears it"


async def _hang_up_unheard(channel: ChannelId, cause: int = 16) -> None:
    del channel, cause


@pytest.mark.parametrize("records", ["the gate died too", "cannot be read"])
@virtual
async def test_without_the_gates_record_the_recording_says_whether_somebody_answered(records: str):
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        permit = await rings(house)
        await house.crash()
        house.exchange.pick_up(permit.attempt_id)
        await passes(5)
        house.exchange.hang_up(permit.attempt_id)
        if records == "cannot be read":
            house.records.is_broken = True
        else:
            house.records.lost.add(permit.permit_id)
        await house.start()
        row = await house.ended(permit.attempt_id, SOON_S)
        assert row.outcome is Outcome.ABANDONED


@pytest.mark.parametrize(("recorded_s", "ended_after_s"), [(5.4, 5.4), (4.0, 4.0), (2.0, 5.0), (9.0, 5.0)])
@virtual
async def test_an_end_nobody_saw_is_the_recordings_unless_the_gates_record_contradicts_it(
    recorded_s: float, ended_after_s: float
):
    """The gate keeps whole seconds, the recording finer ones; one that was cut is no measure of the call."""
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        await house.log_in(1)
        permit = await rings(house)
        house.exchange.pick_up(permit.attempt_id)
        answered_at = house.clock.now()
        await passes(0.5)
        house.exchange.switch.lose_link()
        house.exchange.gate.lose_link()
        await passes(4.5)
        house.archive.length_s = recorded_s
        house.exchange.hang_up(permit.attempt_id)
        house.exchange.switch.restore_link()
        house.exchange.gate.restore_link()
        row = await house.ended(permit.attempt_id, SOON_S)
        assert row.ended_at == answered_at + timedelta(seconds=ended_after_s)


@virtual
async def test_an_orderly_stop_cancels_ringing_dials():
    async with site(leads=3, pacer=Fixed(1)) as house:
        permits = await house.dials(3)
        for permit in permits:
            house.exchange.ring(permit.attempt_id)
        await house.stop()
        assert not any(permit.attempt_id in house.exchange.switch.live for permit in permits)
        assert {house.attempt(permit.attempt_id).outcome for permit in permits} == {Outcome.INTERRUPTED}
        assert house.leads(LeadState.WAITING) == 3


@virtual
async def test_a_call_up_across_a_restart_that_ends_abandoned_is_in_its_campaigns_budget():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        permit = await rings(house)
        house.exchange.pick_up(permit.attempt_id)
        await passes(0.5)
        await house.crash()
        await house.start()
        await until("followed", lambda: house.parts.dialing.view.days, SOON_S)
        assert house.parts.dialing.view.days[permit.campaign_id].n_abandoned == 0
        house.exchange.hang_up(permit.attempt_id)  # the message has been played
        row = await house.ended(permit.attempt_id, SOON_S)
        assert row.outcome is Outcome.ABANDONED
        day = house.parts.dialing.view.days[permit.campaign_id]
        assert (day.n_human, day.n_abandoned) == (1, 1)


# Phones


@virtual
async def test_a_phone_that_logs_in_while_the_link_is_away_is_in_when_it_is_back_and_cannot_log_in_twice():
    async with site(seats=1) as house:
        house.exchange.switch.lose_link()
        channel = await house.exchange.log_in(1)
        assert channel is not None
        assert await house.exchange.log_in(1) is None
        house.exchange.switch.restore_link()
        await passes(0.5)
        assert house.state(1) is OperatorState.READY
        assert house.parts.shared.seats.seats[SeatNumber(1)].row.channel == channel
        assert await house.exchange.log_in(1) is None


@virtual
async def test_a_phone_that_logged_in_and_left_while_the_link_was_away_can_log_in_again():
    async with site(seats=1) as house:
        house.exchange.switch.lose_link()
        channel = await house.exchange.log_in(1)
        assert channel is not None
        house.exchange.switch.end(channel)
        house.exchange.switch.restore_link()
        await passes(0.5)
        assert house.state(1) is OperatorState.OFFLINE
        await house.log_in(1)
        assert house.state(1) is OperatorState.READY


@pytest.mark.parametrize("lost", ["joins", "leaves"])
@virtual
async def test_a_phone_whose_event_was_lost_is_put_right_by_the_next_looks(lost: str):
    async with site(seats=1) as house:
        tell, house.exchange.switch.tell = house.exchange.switch.tell, lambda _: None  # type: ignore[method-assign]
        if lost == "joins":
            assert await house.exchange.log_in(1) is not None
        else:
            house.exchange.switch.tell = tell  # type: ignore[method-assign]
            await house.log_in(1)
            house.exchange.switch.tell = lambda _: None  # type: ignore[method-assign]
            house.exchange.switch.end(house.parts.shared.seats.seats[SeatNumber(1)].row.channel)
        house.exchange.switch.tell = tell  # type: ignore[method-assign]
        wanted = OperatorState.READY if lost == "joins" else OperatorState.OFFLINE
        await until(f"{wanted}", lambda: house.state(1) is wanted, SOON_S)


@virtual
async def test_a_phone_that_a_crash_took_from_the_books_is_in_after_the_restart():
    async with site(seats=1) as house:
        await house.log_in(1)
        await house.crash()
        house.tables.seats.clear()
        await house.start()
        await passes(1)
        assert house.state(1) is OperatorState.READY
        assert await house.exchange.log_in(1) is None


# The verdict


@pytest.mark.parametrize("while_", ["permits.at_gate", "permits.use"])
@virtual
async def test_no_verdict_is_given_for_a_call_that_ended_meanwhile(while_: str):
    async with site(leads=1, seats=1, pacer=Fixed(1)) as house:
        house.exchange.settle = _nothing  # type: ignore[method-assign]
        await until("dialled", lambda: house.dialled)
        (permit,) = house.dialled
        house.parts.shared.tracker.happened(permit.attempt_id, Originated(house.clock.now()))

        async def ends() -> None:
            house.exchange.switch.end(permit.attempt_id)

        house.watched.before[while_] = ends
        assert await house.exchange.desk.ask("verdict", "gate-1", permit.permit_id) == {}
        assert (await house.ended(permit.attempt_id, SOON_S)).outcome is not None
