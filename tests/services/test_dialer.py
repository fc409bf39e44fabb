"""The dialer: how many, in which order, and that nothing is dialled when anything is away (I3, I4, I9)."""

import asyncio

from telephony.domain.campaigns import CampaignState
from telephony.domain.held_leads import Cause
from telephony.domain.leads import LeadState
from telephony.domain.outcomes import Outcome
from telephony.domain.pacing_interface import Kind
from telephony.domain.reason import Reason
from telephony.errors import SwitchError
from telephony.ids import SeatNumber
from telephony.services.nobody_due import FINISHED, NOBODY_NOW
from telephony.services.pace import DialOrder
from telephony.words import english
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, number, site


def why(house: Site) -> Reason:
    return house.reason(next(iter(house.tables.campaigns)))


def said(house: Site) -> str:
    return english(why(house))


@virtual
async def test_progressive_dials_one_call_per_free_operator():
    async with site(leads=10, seats=3) as house:
        await house.log_in(1, 2)
        await house.dials(2)
        await passes(10)
        assert len(house.dialled) == 2
        await house.log_in(3)
        await house.dials(3)
        await passes(10)
        assert len(house.dialled) == 3


@virtual
async def test_no_operator_no_call():
    async with site(leads=10, seats=2) as house:
        await passes(10)
        assert house.dialled == []
        assert "No seat is free" in said(house)


@virtual
async def test_a_talking_or_choosing_operator_is_not_dialled_for():
    async with site(leads=10, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        await passes(5)
        assert len(house.dialled) == 1
        house.exchange.hang_up(permit.attempt_id)
        await house.ended(permit.attempt_id)
        assert house.state(1) == "wrap_up"
        await passes(5)
        assert len(house.dialled) == 1


@virtual
async def test_a_paused_operator_is_not_dialled_for():
    async with site(leads=10, seats=1, is_started=False) as house:
        await house.start()
        await passes(1)
        await house.watched.store.campaigns.set_state(
            next(iter(house.tables.campaigns)), CampaignState.PAUSED, "test", house.clock.now()
        )
        await passes(1)
        await house.log_in(1)
        await house.parts.screens.desk.pause(house.operator(1))
        await house.watched.store.campaigns.set_state(
            next(iter(house.tables.campaigns)), CampaignState.RUNNING, "test", house.clock.now()
        )
        await passes(5)
        assert house.dialled == []
        await house.parts.screens.desk.ready(house.operator(1))
        await house.dials(1)


@virtual
async def test_every_attempt_is_written_before_it_is_dialled():
    async with site(leads=8, seats=4, pacer=Fixed(2)) as house:
        await house.dials(8)
        assert house.not_durable == []
        begun = [what for what in house.journal if what in ("attempts.begin", "originate")]
        assert begun[0] == "attempts.begin"
        assert begun.count("originate") == 8


@virtual
async def test_no_lead_is_claimed_twice_however_many_are_wanted():
    async with site(leads=7, pacer=Fixed(5)) as house:
        await house.dials(7)
        await passes(20)
        assert sorted(permit.number for permit in house.dialled) == [number(row) for row in range(7)]


@virtual
async def test_leads_are_dialled_in_the_order_of_the_list():
    async with site(leads=120, pacer=Fixed(3)) as house:
        await house.dials(120)
        assert [permit.number for permit in house.dialled] == [number(row) for row in range(120)]


@virtual
async def test_campaigns_take_turns():
    async with site(leads=3, pacer=Fixed(1), is_started=False) as house:
        await house.campaign(3, "Other", first=100)
        await house.start()
        await house.dials(6)
        campaigns = [permit.campaign_id for permit in house.dialled]
        assert campaigns[0] != campaigns[1] != campaigns[2] != campaigns[3]


@virtual
async def test_a_lost_link_stops_dialling_and_says_so():
    async with site(leads=290, pacer=Fixed(1)) as house:
        await house.dials(1)
        for link, name in ((house.exchange.gate, "gate"), (house.exchange.switch, "pbx")):
            link.lose_link()
            await passes(0.2)
            count = len(house.dialled)
            await passes(10)
            assert len(house.dialled) == count
            assert said(house) == f"The link to {name} is lost: no call leaves."
            link.restore_link()
            await house.dials(count + 1)


@virtual
async def test_a_recorder_without_room_stops_dialling_and_says_so():
    async with site(leads=9, seats=1, is_started=False) as house:
        house.archive.free = (99.0, 10_000.0)
        await house.start()
        await house.log_in(1)
        await passes(10)
        assert house.dialled == []
        assert said(house) == "Recording not possible: no call leaves."
        house.archive.free = (101.0, 10_000.0)
        await house.dials(1)


@virtual
async def test_a_database_that_refuses_stops_dialling_and_says_so():
    async with site(leads=9, seats=1) as house:
        await passes(1)
        house.watched.is_away = True
        await house.exchange.log_in(1)
        await passes(10)
        assert house.dialled == []
        assert said(house) == "The database does not answer: no call leaves."
        house.watched.is_away = False
        await house.dials(1)
        assert "database" not in said(house)


@virtual
async def test_nothing_is_dialled_when_the_attempt_cannot_be_written():
    async with site(leads=3, seats=1) as house:
        house.watched.refused = {"attempts.begin"}
        await house.log_in(1)
        await passes(10)
        assert house.dialled == []
        assert house.parts.shared.trunks.take("carrier"), "the trunk's room was given back"
        house.parts.shared.trunks.give_back("carrier")
        house.watched.refused = set()
        await house.dials(1)


@virtual
async def test_an_order_that_the_pbx_refuses_gives_the_lead_back_and_voids_the_permit():
    async with site(leads=1, seats=1) as house:
        house.exchange.switch.next_error = SwitchError("Originate was refused")
        await house.log_in(1)
        await until("dialled again", lambda: len(house.dialled) == 1)
        first, second = sorted(house.tables.attempts.values(), key=lambda one: one.started_at)
        assert first.outcome is Outcome.INTERRUPTED
        assert house.tables.permit_states[first.permit_id] == "void"
        assert second.attempt_id == house.dialled[0].attempt_id
        assert second.lead_id == first.lead_id


@virtual
async def test_an_order_whose_answer_was_lost_is_not_given_twice():
    async with site(leads=1, seats=1) as house:
        house.exchange.switch.is_next_unanswered = True
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        house.exchange.hang_up(permit.attempt_id)
        attempt = await house.ended(permit.attempt_id)
        assert attempt.outcome is Outcome.ANSWERED
        await passes(10)
        assert len(house.dialled) == 1


@virtual
async def test_a_campaign_whose_caller_id_is_no_longer_allowed_waits_and_the_other_one_goes_on():
    async with site(is_started=False, pacer=Fixed(1)) as house:
        await house.campaign(120, caller_id="33199008888")
        await house.campaign(2, "Other", first=200)
        await house.start()
        await house.dials(2)
        await passes(60)
        assert [permit.number for permit in house.dialled] == [number(200), number(201)]
        assert house.leads(LeadState.WAITING) == 120
        assert not [entry for entry in house.tables.ledger if entry.note.kind == "lead_refused"]
        held = [entry.note.body["rule"] for entry in house.tables.ledger if entry.note.kind == "campaign_waits"]
        assert held == ["caller_id"]


@virtual
async def test_a_finished_list_says_so():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        house.exchange.busy(permit.attempt_id)
        await house.ended(permit.attempt_id)
        await until("said", lambda: why(house) == FINISHED)


@virtual
async def test_nobody_due_is_not_said_to_be_nobody_left():
    async with site(leads=3, seats=1, is_started=False) as house:
        (first,) = house.tables.lists
        await house.fake.store.work.pause_list(first, "test", house.clock.now())
        await house.start()
        await house.log_in(1)
        await until("counted", lambda: [one.held for one in house.parts.screens.floor.view().campaigns] != [()])
        (view,) = house.parts.screens.floor.view().campaigns
        assert [(one.cause, one.count) for one in view.held] == [(Cause.PAUSED_LIST, 3)]
        assert view.pace == why(house) == NOBODY_NOW
        await house.fake.store.work.resume_list(first, "test", house.clock.now())
        await house.dials(1)
        await until("drawn", lambda: house.parts.screens.floor.view().campaigns[0].held == ())


@virtual
async def test_a_paused_campaign_dials_no_more():
    async with site(leads=200, pacer=Fixed(1)) as house:
        await house.dials(1)
        campaign = next(iter(house.tables.campaigns))
        await house.parts.services.campaigns.pause(campaign, "test")
        await passes(0.5)
        count = len(house.dialled)
        await passes(10)
        assert len(house.dialled) == count < 200
        assert said(house) == "The campaign does not run."


@virtual
async def test_a_stopping_controller_dials_nothing_more():
    async with site(leads=50, pacer=Fixed(1)) as house:
        await house.dials(1)
        await house.stop()
        count = len(house.dialled)
        await passes(10)
        assert len(house.dialled) == count
        assert all(house.attempt(permit.attempt_id).attempt_id for permit in house.dialled)
        assert SeatNumber(1) not in house.tables.seats


async def being_written(house: Site) -> asyncio.Event:
    """Order a call for the operator of seat 1; its attempt is written once the event is set."""
    written = asyncio.Event()
    house.watched.before["attempts.begin"] = written.wait
    await house.log_in(1)
    await until("one is ordered", lambda: house.journal.count("attempts.begin") == 1)
    return written


@virtual
async def test_decisions_go_on_while_attempts_are_written():
    async with site(leads=10, seats=3) as house:
        written = await being_written(house)
        await house.log_in(2, 3)
        await passes(0.5)
        assert len(house.parts.dialing.view.inflight) == 3, "decided at once"
        assert house.parts.dialing.view.n_dials == 0
        assert house.dialled == [], "nothing is dialled before it is durable"
        written.set()
        await house.dials(3)
        await passes(10)
        assert len(house.dialled) == 3, "none was ordered twice"


@virtual
async def test_an_order_that_waited_too_long_is_given_back_and_decided_anew():
    async with site(leads=10, seats=2) as house:
        written = await being_written(house)
        await house.log_in(2)
        await passes(3)
        await house.parts.screens.desk.pause(house.operator(2))
        written.set()
        await house.dials(1)
        await passes(10)
        assert len(house.dialled) == 1, "the second operator has gone since"
        assert len(house.parts.dialing.view.inflight) == 1


@virtual
async def test_dials_that_cannot_be_made_do_not_stay_in_the_air():
    async with site(leads=1, seats=3) as house:
        await house.log_in(1, 2, 3)
        await house.dials(1)
        await passes(5)
        assert len(house.parts.dialing.view.inflight) == 1, "there was one lead"
        assert house.parts.dialing.view.ordered == 0


@virtual
async def test_a_pacer_is_told_of_every_dial_after_it_left_and_of_none_that_did_not():
    heard: list[tuple[int, int]] = []

    class Listening(Fixed):
        def step(self, t: float, kind: int, call: int, agent: int) -> int:
            heard.append((kind, call))
            return self.count if kind == Kind.TICK else 0

    async with site(leads=3, pacer=Listening(2)) as house:
        await house.dials(3)
        await passes(5)
        dialled = [call for kind, call in heard if kind == Kind.DIAL]
        assert len(dialled) == len(set(dialled)) == 3
        assert {kind for kind, _ in heard} == {Kind.TICK, Kind.DIAL}


@virtual
async def test_each_campaigns_leads_are_read_on_though_another_ones_wait_to_be_written():
    async with site(leads=120, dialing={"poll_s": 5.0}) as house:
        other = await house.campaign(120, "Other", first=200)
        await passes(5.5)  # just after a look: fifty leads of each are read
        first = next(iter(house.tables.campaigns))
        launcher = house.parts.dialing.launcher
        for _ in range(4):
            for _ in range(20):
                assert launcher.order(DialOrder(first))
                assert launcher.order(DialOrder(other.campaign_id))
            await passes(1.1)  # more than a second apart: the trunk's rate is not what is tested
        assert len(house.dialled) == 140, "more than one reading ahead holds, of both"
        assert house.parts.dialing.view.ordered == 0
