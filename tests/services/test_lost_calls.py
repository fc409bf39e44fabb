"""Absence of an event is not absence of the fact: every state of a call, a seat and a permit has a clock of its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.domain.calls.attempts import CallState, Result
from telephony.domain.calls.events import Originated
from telephony.domain.calls.operators import TABLE, OperatorEvent, OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import DialPermit
from telephony.domain.calls.time_limits import CallClocks
from telephony.domain.leads.leads import LeadState
from telephony.ids import AttemptId, ChannelId, SeatNumber
from telephony.ports.calls.switch import LegBridged, LegUnbridged, OriginateFailed, SwitchFact
from tests.domain.test_calls import fresh
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles
from tests.services.preview_acts import looking, press
from tests.virtual_time import passes, until, virtual

SOON_S = 15.0
"""Within this a call of which neither side has a channel is settled."""


async def _nothing() -> None:
    return None


def vanish(site: ControllerOnDoubles, attempt: AttemptId) -> None:
    """Remove every channel of a call without an event."""
    call = site.exchange.calls[attempt]
    for link, channel in (
        (site.exchange.switch, ChannelId(attempt)),
        (site.exchange.gate, call.inbound),
        (site.exchange.gate, call.trunk),
    ):
        if link.live.pop(channel, None) is not None:
            link.ended_at[channel] = site.clock.now()


async def rings(site: ControllerOnDoubles) -> DialPermit:
    (permit,) = await site.dials(1)
    site.exchange.ring(permit.attempt_id)
    await passes(0.5)
    return permit


@virtual
async def test_an_order_that_failed_and_never_had_a_channel_is_settled():
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.exchange.settle = _nothing  # type: ignore[method-assign]  # the gate never gets it
        await site.log_in(1)
        await until("dialled", lambda: site.dialled)
        attempt = site.dialled[0].attempt_id
        await until("dialling", lambda: site.attempt(attempt).state is CallState.DIALLING)
        del site.exchange.switch.live[ChannelId(attempt)]  # there was none
        site.pause_all()
        site.exchange.switch.tell(OriginateFailed(attempt, site.clock.now()))
        row = await site.ended(attempt, 4)
        assert row.outcome is Outcome.INTERRUPTED
        assert site.lead_of(attempt) is LeadState.WAITING


@pytest.mark.parametrize("state", ["permitted", "dialling", "at_gate", "ringing", "answered", "connected"])
@virtual
async def test_a_call_of_which_neither_side_has_a_channel_is_settled_whatever_its_state(state: str):
    async with controller_on_doubles(leads=1, seats=1) as site:
        exchange = site.exchange
        if state in ("permitted", "dialling"):
            exchange.settle = _nothing  # type: ignore[method-assign]
        await site.log_in(1)
        await until("dialled", lambda: site.dialled)
        attempt = site.dialled[0].attempt_id
        if state == "permitted":
            call = site.parts.calls.tracker.call(attempt)
            assert call is not None
        if state in ("ringing", "answered", "connected"):
            await until("at the gate", lambda: exchange.calls[attempt].trunk)
            exchange.ring(attempt)
        if state == "answered":
            exchange.pick_up(attempt)
        if state == "connected":
            await exchange.answer(attempt)
        await passes(0.5)
        site.pause_all()
        vanish(site, attempt)
        row = await site.ended(attempt, SOON_S)
        expected = {"answered": Outcome.ABANDONED, "connected": Outcome.ANSWERED}.get(state, Outcome.INTERRUPTED)
        assert row.outcome is expected
        await passes(3)
        assert site.state(1) is (OperatorState.WRAP_UP if state == "connected" else OperatorState.READY)
        assert [site.parts.calls.trunks.calls(name) for name in site.parts.calls.trunks.names] == [0]


@virtual
async def test_a_permit_used_at_the_gate_whose_pbx_leg_never_existed_frees_its_operator():
    async with controller_on_doubles(seats=1) as site:
        await looking(site)
        site.exchange.settle = _nothing  # type: ignore[method-assign]
        await press(site)
        await until("ordered", lambda: site.dialled)
        (permit,) = site.dialled
        attempt = permit.attempt_id
        del site.exchange.switch.live[ChannelId(attempt)]  # the pbx never made it
        inbound = site.exchange.gate.add("pbx", extension=permit.permit_id)
        name = site.exchange.gate.live[inbound].name
        answer = await site.exchange.desk.ask("verdict", inbound, permit.permit_id, name=name)
        assert answer["VERDICT"].startswith("OK-")
        site.exchange.gate.end(inbound)
        assert site.state(1) is OperatorState.RESERVED
        row = await site.ended(attempt, SOON_S)
        assert row.outcome is Outcome.INTERRUPTED
        assert site.state(1) is not OperatorState.RESERVED


@virtual
async def test_a_leg_at_the_gate_that_has_none_at_the_pbx_is_cut():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        permit = await rings(site)
        del site.exchange.switch.live[ChannelId(permit.attempt_id)]
        trunk = site.exchange.calls[permit.attempt_id].trunk
        await until("cut", lambda: trunk in site.warden.hangups, SOON_S)
        await site.ended(permit.attempt_id, SOON_S)


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
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        permit = await rings(site)
        if state == "answered":
            site.exchange.pick_up(permit.attempt_id)
        site.pause_all()
        row = await site.ended(permit.attempt_id, 200)
        assert row.outcome is (Outcome.ABANDONED if state == "answered" else Outcome.INTERRUPTED)


@virtual
async def test_a_call_joined_to_a_seat_that_nobody_is_at_is_ended():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        answer = await site.exchange.desk.ask("route", permit.attempt_id, "conf")
        assert answer["SEAT"] == "1"
        site.exchange.pick_up(permit.attempt_id)
        site.exchange.switch.end(site.parts.calls.seats.seats[SeatNumber(1)].row.channel)
        site.exchange.switch.bridge(permit.attempt_id, "bridge-1")  # the dialplan had its answer already
        row = await site.ended(permit.attempt_id, SOON_S)
        assert row.connected_at is not None
        await until("its result is due", lambda: site.state(1) is OperatorState.WRAP_UP, SOON_S)


# Joined, without an event


def deaf(site: ControllerOnDoubles, *lost: type[SwitchFact]) -> None:
    """The pbx's facts of these kinds do not arrive."""
    tell = site.exchange.switch.tell
    site.exchange.switch.tell = lambda fact: None if isinstance(fact, lost) else tell(fact)  # type: ignore[method-assign]


@virtual
async def test_a_call_up_in_its_seats_bridge_is_a_conversation_although_no_event_told_of_the_joining():
    async with controller_on_doubles(leads=2, seats=1) as site:
        await site.log_in(1)
        permit = await rings(site)
        attempt = permit.attempt_id
        deaf(site, LegBridged, LegUnbridged)
        answered_at = site.clock.now()
        await site.exchange.answer(attempt)
        await until("in conversation", lambda: site.state(1) is OperatorState.TALKING, SOON_S)
        await passes(300)
        assert ChannelId(attempt) in site.exchange.switch.live, "nobody cuts people who talk"
        row = site.attempt(attempt)
        assert (row.state, row.connected_at, row.seat) == (CallState.CONNECTED, answered_at, 1)
        assert site.parts.dialing.view.days[permit.campaign_id].n_connected == 1
        site.exchange.hang_up(attempt)
        assert (await site.ended(attempt)).outcome is Outcome.ANSWERED
        await until("recorded", lambda: site.tables.recordings, 60)
        (recording,) = site.tables.recordings.values()
        assert (recording.tag.operator_id, recording.tag.seat) == (site.operator(1), 1)
        await site.parts.screens.desk.choose_result(site.operator(1), Result.NO_MORE_CALLS)
        assert site.attempt(attempt).result is Result.NO_MORE_CALLS


@virtual
async def test_a_joining_told_late_is_no_second_conversation():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        permit = await rings(site)
        late: list[SwitchFact] = []
        tell = site.exchange.switch.tell
        site.exchange.switch.tell = lambda fact: (late.append if isinstance(fact, LegBridged) else tell)(fact)  # type: ignore[method-assign]
        await site.exchange.answer(permit.attempt_id)
        await until("in conversation", lambda: site.state(1) is OperatorState.TALKING, SOON_S)
        tell(late[0])
        assert site.parts.dialing.view.days[permit.campaign_id].n_connected == 1


@virtual
async def test_whoever_leaves_a_seat_was_in_it_however_short_the_talk():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        permit = await rings(site)
        deaf(site, LegBridged)
        await site.exchange.answer(permit.attempt_id)
        await passes(0.5)
        site.exchange.hang_up(permit.attempt_id)
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.ANSWERED
        assert site.state(1) is OperatorState.WRAP_UP


# A call that had a seat, and ended while nobody watched


async def routed(site: ControllerOnDoubles, how: str) -> AttemptId:
    """Give a call to seat 1, with nobody there to learn that it is joined: a link is away, or the controller died."""
    await site.log_in(1)
    attempt = (await rings(site)).attempt_id
    site.pause_all()
    if how == "crash":
        site.exchange.pick_up(attempt)
        answer = await site.exchange.desk.ask("route", attempt, "conf")
        assert answer["SEAT"] == "1"
        await passes(0.5)  # written down
        await site.crash()
        site.exchange.switch.bridge(attempt, "bridge-1")
    else:
        site.exchange.switch.lose_link()
        if how == "both links away":
            site.exchange.gate.lose_link()
        assert (await site.exchange.answer(attempt)).seat == 1
    return attempt


async def watched_again(site: ControllerOnDoubles, how: str) -> None:
    if how == "crash":
        await site.start()
    else:
        site.exchange.switch.restore_link()
        if how == "both links away":
            site.exchange.gate.restore_link()


WAYS = ["pbx link away", "both links away", "crash"]


@pytest.mark.parametrize(("how", "operator_s"), [*((way, 120.0) for way in WAYS), ("crash", 0.0)])
@virtual
async def test_a_call_that_had_a_seat_and_ended_unseen_was_a_conversation_and_its_result_is_due(
    how: str, operator_s: float
):
    """Also where no operator audio was recorded: a call without an operator is hung up long before."""
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await routed(site, how)
        await passes(120)
        site.archive.operator_s = operator_s
        site.exchange.hang_up(attempt)
        await watched_again(site, how)
        row = await site.ended(attempt, SOON_S)
        assert (row.outcome, row.operator_id, row.seat) == (Outcome.ANSWERED, site.operator(1), 1)
        assert row.connected_at is not None
        assert row.ended_at is not None
        assert timedelta(seconds=119) < row.ended_at - row.connected_at < timedelta(seconds=122)
        await until("its result is due", lambda: site.state(1) is OperatorState.WRAP_UP, SOON_S)
        assert [row.attempt_id for row in await site.parts.services.results.missing()] == [attempt]
        await until("recorded", lambda: site.tables.recordings, 60)
        (recording,) = site.tables.recordings.values()
        assert recording.tag.operator_id == site.operator(1)
        await site.parts.screens.desk.choose_result(site.operator(1), Result.NO_MORE_CALLS)
        assert site.attempt(attempt).result is Result.NO_MORE_CALLS
        assert all(day.n_abandoned == 0 for day in site.parts.dialing.view.days.values())


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("evidence", ["hung up at once", "no sound went to them"])
@virtual
async def test_a_call_whose_operator_was_surely_not_heard_is_abandoned_although_it_had_a_seat(how: str, evidence: str):
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await routed(site, how)
        if evidence == "hung up at once":
            site.archive.length_s = 0.5 if how != "crash" else 0.9  # it had been answered before the crash
        else:
            site.archive.operator_s = 0.0  # the pbx died between the answer and the joining
            await passes(20)
        site.exchange.hang_up(attempt)
        await watched_again(site, how)
        row = await site.ended(attempt, SOON_S)
        assert (row.outcome, row.connected_at) == (Outcome.ABANDONED, None)
        await passes(3)
        assert site.state(1) is OperatorState.READY
        assert await site.parts.services.results.missing() == []


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("uncertainty", ["damaged", "gone", "unreadable", "never closed"])
@virtual
async def test_where_it_is_not_sure_whether_they_talked_the_operator_is_asked(how: str, uncertainty: str):
    async with controller_on_doubles(leads=1, seats=1) as site:
        attempt = await routed(site, how)
        recording = site.attempt(attempt).recording_id
        site.archive.length_s = site.archive.operator_s = 0.0
        if uncertainty == "damaged":
            site.archive.damaged.add(recording)
        elif uncertainty == "gone":
            site.archive.lost.add(recording)
        elif uncertainty == "never closed":
            site.archive.stuck.add(recording)
        else:
            site.archive.is_broken = True
        await passes(1.5)
        site.exchange.hang_up(attempt)
        await watched_again(site, how)
        assert (await site.ended(attempt, SOON_S)).outcome is Outcome.ANSWERED
        await until("its result is due", lambda: site.state(1) is OperatorState.WRAP_UP, SOON_S)


@virtual
async def test_a_seat_written_down_for_a_call_says_who_talked_although_the_call_itself_was_not_written():
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.watched.refused.add("attempts.save")
        attempt = await routed(site, "crash")
        assert site.attempt(attempt).seat is None
        await passes(10)
        site.exchange.hang_up(attempt)
        site.watched.refused.clear()
        await site.start()
        row = await site.ended(attempt, SOON_S)
        assert (row.outcome, row.operator_id, row.seat) == (Outcome.ANSWERED, site.operator(1), 1)
        await until("its result is due", lambda: site.state(1) is OperatorState.WRAP_UP, SOON_S)


@pytest.mark.parametrize("talk_s", [10.0, 60.0])
@virtual
async def test_a_seat_kept_for_its_own_call_says_nothing_of_the_joining_but_the_length_does(talk_s: float):
    """The message for calls without an operator ends within 22 s: a longer call was a conversation."""
    async with controller_on_doubles(seats=1) as site:
        await looking(site)
        await press(site)
        await site.dials(1)
        permit = await rings(site)
        await passes(1)
        await site.crash()
        site.exchange.pick_up(permit.attempt_id)
        await passes(talk_s)
        site.exchange.hang_up(permit.attempt_id)
        await site.start()
        row = await site.ended(permit.attempt_id, SOON_S)
        assert row.outcome is (Outcome.ABANDONED if talk_s < 22 else Outcome.ANSWERED)
        await passes(3)
        assert (site.state(1) is OperatorState.WRAP_UP) == (talk_s > 22)


# Answered while nobody watched


@pytest.mark.parametrize("how", ["crash", "orderly stop", "both links away"])
@virtual
async def test_somebody_who_answered_and_hung_up_while_nobody_watched_is_abandoned_and_not_called_again(how: str):
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        permit = await rings(site)
        attempt = permit.attempt_id
        if how == "crash":
            await site.crash()
        elif how == "orderly stop":
            site.exchange.switch.on_end = None
            hang_up = site.exchange.switch.hang_up
            site.exchange.switch.hang_up = _hang_up_unheard  # type: ignore[method-assign,assignment]
            await site.stop()
            site.exchange.switch.hang_up = hang_up  # type: ignore[method-assign]
        else:
            site.exchange.switch.lose_link()
            site.exchange.gate.lose_link()
        site.exchange.pick_up(attempt)
        answered_at = site.clock.now()
        await passes(3)
        site.exchange.hang_up(attempt)
        if how == "both links away":
            site.exchange.switch.restore_link()
            site.exchange.gate.restore_link()
        else:
            await site.start()
        row = await site.ended(attempt, SOON_S)
        assert (row.outcome, row.answered_at) == (Outcome.ABANDONED, answered_at)
        await passes(60)
        assert len(site.dialled) == 1, "not called again within seconds"
        assert site.lead_of(attempt) is LeadState.DONE
        day = site.parts.dialing.view.days[permit.campaign_id]
        assert (day.n_human, day.n_abandoned) == (1, 1), "its campaign's budget bears it"


async def _hang_up_unheard(channel: ChannelId, cause: int = 16) -> None:
    del channel, cause


@pytest.mark.parametrize("records", ["the gate died too", "cannot be read"])
@virtual
async def test_without_the_gates_record_the_recording_says_whether_somebody_answered(records: str):
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        permit = await rings(site)
        await site.crash()
        site.exchange.pick_up(permit.attempt_id)
        await passes(5)
        site.exchange.hang_up(permit.attempt_id)
        if records == "cannot be read":
            site.records.is_broken = True
        else:
            site.records.lost.add(permit.permit_id)
        await site.start()
        row = await site.ended(permit.attempt_id, SOON_S)
        assert row.outcome is Outcome.ABANDONED


@pytest.mark.parametrize(("recorded_s", "ended_after_s"), [(5.4, 5.4), (4.0, 4.0), (2.0, 5.0), (9.0, 5.0)])
@virtual
async def test_an_end_nobody_saw_is_the_recordings_unless_the_gates_record_contradicts_it(
    recorded_s: float, ended_after_s: float
):
    """The gate keeps whole seconds, the recording finer ones; one that was cut is no measure of the call."""
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        await site.log_in(1)
        permit = await rings(site)
        site.exchange.pick_up(permit.attempt_id)
        answered_at = site.clock.now()
        await passes(0.5)
        site.exchange.switch.lose_link()
        site.exchange.gate.lose_link()
        await passes(4.5)
        site.archive.length_s = recorded_s
        site.exchange.hang_up(permit.attempt_id)
        site.exchange.switch.restore_link()
        site.exchange.gate.restore_link()
        row = await site.ended(permit.attempt_id, SOON_S)
        assert row.ended_at == answered_at + timedelta(seconds=ended_after_s)


@virtual
async def test_an_orderly_stop_cancels_ringing_dials():
    async with controller_on_doubles(leads=3, pacer=Fixed(1)) as site:
        permits = await site.dials(3)
        for permit in permits:
            site.exchange.ring(permit.attempt_id)
        await site.stop()
        assert not any(permit.attempt_id in site.exchange.switch.live for permit in permits)
        assert {site.attempt(permit.attempt_id).outcome for permit in permits} == {Outcome.INTERRUPTED}
        assert site.leads(LeadState.WAITING) == 3


@virtual
async def test_a_call_up_across_a_restart_that_ends_abandoned_is_in_its_campaigns_budget():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        permit = await rings(site)
        site.exchange.pick_up(permit.attempt_id)
        await passes(0.5)
        await site.crash()
        await site.start()
        await until("followed", lambda: site.parts.dialing.view.days, SOON_S)
        assert site.parts.dialing.view.days[permit.campaign_id].n_abandoned == 0
        site.exchange.hang_up(permit.attempt_id)  # the message has been played
        row = await site.ended(permit.attempt_id, SOON_S)
        assert row.outcome is Outcome.ABANDONED
        day = site.parts.dialing.view.days[permit.campaign_id]
        assert (day.n_human, day.n_abandoned) == (1, 1)


# Phones


@virtual
async def test_a_phone_that_logs_in_while_the_link_is_away_is_in_when_it_is_back_and_cannot_log_in_twice():
    async with controller_on_doubles(seats=1) as site:
        site.exchange.switch.lose_link()
        channel = await site.exchange.log_in(1)
        assert channel is not None
        assert await site.exchange.log_in(1) is None
        site.exchange.switch.restore_link()
        await passes(0.5)
        assert site.state(1) is OperatorState.READY
        assert site.parts.calls.seats.seats[SeatNumber(1)].row.channel == channel
        assert await site.exchange.log_in(1) is None


@virtual
async def test_a_phone_that_logged_in_and_left_while_the_link_was_away_can_log_in_again():
    async with controller_on_doubles(seats=1) as site:
        site.exchange.switch.lose_link()
        channel = await site.exchange.log_in(1)
        assert channel is not None
        site.exchange.switch.end(channel)
        site.exchange.switch.restore_link()
        await passes(0.5)
        assert site.state(1) is OperatorState.OFFLINE
        await site.log_in(1)
        assert site.state(1) is OperatorState.READY


@pytest.mark.parametrize("lost", ["joins", "leaves"])
@virtual
async def test_a_phone_whose_event_was_lost_is_put_right_by_the_next_looks(lost: str):
    async with controller_on_doubles(seats=1) as site:
        tell, site.exchange.switch.tell = site.exchange.switch.tell, lambda _: None  # type: ignore[method-assign]
        if lost == "joins":
            assert await site.exchange.log_in(1) is not None
        else:
            site.exchange.switch.tell = tell  # type: ignore[method-assign]
            await site.log_in(1)
            site.exchange.switch.tell = lambda _: None  # type: ignore[method-assign]
            site.exchange.switch.end(site.parts.calls.seats.seats[SeatNumber(1)].row.channel)
        site.exchange.switch.tell = tell  # type: ignore[method-assign]
        operator_state = OperatorState.READY if lost == "joins" else OperatorState.OFFLINE
        await until(f"{operator_state}", lambda: site.state(1) is operator_state, SOON_S)


@virtual
async def test_a_phone_that_a_crash_took_from_the_books_is_in_after_the_restart():
    async with controller_on_doubles(seats=1) as site:
        await site.log_in(1)
        await site.crash()
        site.tables.seats.clear()
        await site.start()
        await passes(1)
        assert site.state(1) is OperatorState.READY
        assert await site.exchange.log_in(1) is None


# The verdict


@pytest.mark.parametrize("while_", ["permits.at_gate", "permits.use"])
@virtual
async def test_no_verdict_is_given_for_a_call_that_ended_meanwhile(while_: str):
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        site.exchange.settle = _nothing  # type: ignore[method-assign]
        await until("dialled", lambda: site.dialled)
        (permit,) = site.dialled
        site.parts.calls.tracker.record_event(permit.attempt_id, Originated(site.clock.now()))

        async def ends() -> None:
            site.exchange.switch.end(permit.attempt_id)

        site.watched.before[while_] = ends
        assert await site.exchange.desk.ask("verdict", "gate-1", permit.permit_id) == {}
        assert (await site.ended(permit.attempt_id, SOON_S)).outcome is not None
