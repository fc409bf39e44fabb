"""The dialer: how many, in which order, and that nothing is dialled when anything is away (I3, I4, I9)."""

import asyncio

from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.leads.leads import LeadState
from telephony.domain.leads.waiting_causes import Cause
from telephony.domain.pacing.interface import Kind
from telephony.domain.text.reason import Reason
from telephony.errors import SwitchError
from telephony.ids import SeatNumber
from telephony.services.dialing.nobody_due import FINISHED, NOBODY_NOW
from telephony.services.dialing.pace import DialOrder
from telephony.words import english
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles, number
from tests.virtual_time import passes, until, virtual


def why(site: ControllerOnDoubles) -> Reason:
    return site.reason(next(iter(site.tables.campaigns)))


def said(site: ControllerOnDoubles) -> str:
    return english(why(site))


@virtual
async def test_progressive_dials_one_call_per_free_operator():
    async with controller_on_doubles(leads=10, seats=3) as site:
        await site.log_in(1, 2)
        await site.dials(2)
        await passes(10)
        assert len(site.dialled) == 2
        await site.log_in(3)
        await site.dials(3)
        await passes(10)
        assert len(site.dialled) == 3


@virtual
async def test_no_operator_no_call():
    async with controller_on_doubles(leads=10, seats=2) as site:
        await passes(10)
        assert site.dialled == []
        assert "No seat is free" in said(site)


@virtual
async def test_a_talking_or_choosing_operator_is_not_dialled_for():
    async with controller_on_doubles(leads=10, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        await passes(5)
        assert len(site.dialled) == 1
        site.exchange.hang_up(permit.attempt_id)
        await site.ended(permit.attempt_id)
        assert site.state(1) == "wrap_up"
        await passes(5)
        assert len(site.dialled) == 1


@virtual
async def test_a_paused_operator_is_not_dialled_for():
    async with controller_on_doubles(leads=10, seats=1, is_started=False) as site:
        await site.start()
        await passes(1)
        await site.watched.store.campaigns.set_state(
            next(iter(site.tables.campaigns)), CampaignState.PAUSED, "test", site.clock.now()
        )
        await passes(1)
        await site.log_in(1)
        await site.parts.screens.desk.pause(site.operator(1))
        await site.watched.store.campaigns.set_state(
            next(iter(site.tables.campaigns)), CampaignState.RUNNING, "test", site.clock.now()
        )
        await passes(5)
        assert site.dialled == []
        await site.parts.screens.desk.ready(site.operator(1))
        await site.dials(1)


@virtual
async def test_every_attempt_is_written_before_it_is_dialled():
    async with controller_on_doubles(leads=8, seats=4, pacer=Fixed(2)) as site:
        await site.dials(8)
        assert site.not_durable == []
        begun = [what for what in site.journal if what in ("attempts.begin", "originate")]
        assert begun[0] == "attempts.begin"
        assert begun.count("originate") == 8


@virtual
async def test_no_lead_is_claimed_twice_however_many_are_wanted():
    async with controller_on_doubles(leads=7, pacer=Fixed(5)) as site:
        await site.dials(7)
        await passes(20)
        assert sorted(permit.number for permit in site.dialled) == [number(row) for row in range(7)]


@virtual
async def test_leads_are_dialled_in_the_order_of_the_list():
    async with controller_on_doubles(leads=120, pacer=Fixed(3)) as site:
        await site.dials(120)
        assert [permit.number for permit in site.dialled] == [number(row) for row in range(120)]


@virtual
async def test_campaigns_take_turns():
    async with controller_on_doubles(leads=3, pacer=Fixed(1), is_started=False) as site:
        await site.campaign(3, "Other", first=100)
        await site.start()
        await site.dials(6)
        campaigns = [permit.campaign_id for permit in site.dialled]
        assert campaigns[0] != campaigns[1] != campaigns[2] != campaigns[3]


@virtual
async def test_a_lost_link_stops_dialling_and_says_so():
    async with controller_on_doubles(leads=290, pacer=Fixed(1)) as site:
        await site.dials(1)
        for link, name in ((site.exchange.gate, "gate"), (site.exchange.switch, "pbx")):
            link.lose_link()
            await passes(0.2)
            count = len(site.dialled)
            await passes(10)
            assert len(site.dialled) == count
            assert said(site) == f"The connection to {name} is lost: no calls go out."
            link.restore_link()
            await site.dials(count + 1)


@virtual
async def test_a_recorder_without_room_stops_dialling_and_says_so():
    async with controller_on_doubles(leads=9, seats=1, is_started=False) as site:
        site.archive.free = (99.0, 10_000.0)
        await site.start()
        await site.log_in(1)
        await passes(10)
        assert site.dialled == []
        assert said(site) == "Recording is not possible: no calls go out."
        site.archive.free = (101.0, 10_000.0)
        await site.dials(1)


@virtual
async def test_a_database_that_refuses_stops_dialling_and_says_so():
    async with controller_on_doubles(leads=9, seats=1) as site:
        await passes(1)
        site.watched.is_away = True
        await site.exchange.log_in(1)
        await passes(10)
        assert site.dialled == []
        assert said(site) == "The database is not responding: no calls go out."
        site.watched.is_away = False
        await site.dials(1)
        assert "database" not in said(site)


@virtual
async def test_nothing_is_dialled_when_the_attempt_cannot_be_written():
    async with controller_on_doubles(leads=3, seats=1) as site:
        site.watched.refused = {"attempts.begin"}
        await site.log_in(1)
        await passes(10)
        assert site.dialled == []
        assert site.parts.calls.trunks.take("carrier"), "the trunk's room was given back"
        site.parts.calls.trunks.give_back("carrier")
        site.watched.refused = set()
        await site.dials(1)


@virtual
async def test_an_order_that_the_pbx_refuses_gives_the_lead_back_and_voids_the_permit():
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.exchange.switch.next_error = SwitchError("Originate was refused")
        await site.log_in(1)
        await until("dialled again", lambda: len(site.dialled) == 1)
        first, second = sorted(site.tables.attempts.values(), key=lambda attempt: attempt.started_at)
        assert first.outcome is Outcome.INTERRUPTED
        assert site.tables.permit_states[first.permit_id] == "void"
        assert second.attempt_id == site.dialled[0].attempt_id
        assert second.lead_id == first.lead_id


@virtual
async def test_an_order_whose_answer_was_lost_is_not_given_twice():
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.exchange.switch.is_next_unanswered = True
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        site.exchange.hang_up(permit.attempt_id)
        attempt = await site.ended(permit.attempt_id)
        assert attempt.outcome is Outcome.ANSWERED
        await passes(10)
        assert len(site.dialled) == 1


@virtual
async def test_a_campaign_whose_caller_id_is_no_longer_allowed_waits_and_the_other_one_goes_on():
    async with controller_on_doubles(is_started=False, pacer=Fixed(1)) as site:
        await site.campaign(120, caller_id="33199008888")
        await site.campaign(2, "Other", first=200)
        await site.start()
        await site.dials(2)
        await passes(60)
        assert [permit.number for permit in site.dialled] == [number(200), number(201)]
        assert site.leads(LeadState.WAITING) == 120
        assert not [entry for entry in site.tables.ledger if entry.note.kind == "lead_refused"]
        held = [entry.note.body["rule"] for entry in site.tables.ledger if entry.note.kind == "campaign_waits"]
        assert held == ["caller_id"]


@virtual
async def test_a_finished_list_says_so():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        site.exchange.busy(permit.attempt_id)
        await site.ended(permit.attempt_id)
        await until("said", lambda: why(site) == FINISHED)


@virtual
async def test_nobody_due_is_not_said_to_be_nobody_left():
    async with controller_on_doubles(leads=3, seats=1, is_started=False) as site:
        (first,) = site.tables.lists
        await site.fake.store.work.pause_list(first, "test", site.clock.now())
        await site.start()
        await site.log_in(1)
        await until(
            "counted", lambda: [campaign.held for campaign in site.parts.screens.floor.view().campaigns] != [()]
        )
        (view,) = site.parts.screens.floor.view().campaigns
        assert [(held_back.cause, held_back.count) for held_back in view.held] == [(Cause.PAUSED_LIST, 3)]
        assert view.pace == why(site) == NOBODY_NOW
        await site.fake.store.work.resume_list(first, "test", site.clock.now())
        await site.dials(1)
        await until("drawn", lambda: site.parts.screens.floor.view().campaigns[0].held == ())


@virtual
async def test_a_paused_campaign_dials_no_more():
    async with controller_on_doubles(leads=200, pacer=Fixed(1)) as site:
        await site.dials(1)
        campaign = next(iter(site.tables.campaigns))
        await site.parts.services.campaigns.pause(campaign, "test")
        await passes(0.5)
        count = len(site.dialled)
        await passes(10)
        assert len(site.dialled) == count < 200
        assert said(site) == "The campaign is not running."


@virtual
async def test_a_stopping_controller_dials_nothing_more():
    async with controller_on_doubles(leads=50, pacer=Fixed(1)) as site:
        await site.dials(1)
        await site.stop()
        count = len(site.dialled)
        await passes(10)
        assert len(site.dialled) == count
        assert all(site.attempt(permit.attempt_id).attempt_id for permit in site.dialled)
        assert SeatNumber(1) not in site.tables.seats


async def being_written(site: ControllerOnDoubles) -> asyncio.Event:
    """Order a call for the operator of seat 1; its attempt is written once the event is set."""
    written = asyncio.Event()
    site.watched.before["attempts.begin"] = written.wait
    await site.log_in(1)
    await until("one is ordered", lambda: site.journal.count("attempts.begin") == 1)
    return written


@virtual
async def test_decisions_go_on_while_attempts_are_written():
    async with controller_on_doubles(leads=10, seats=3) as site:
        written = await being_written(site)
        await site.log_in(2, 3)
        await passes(0.5)
        assert len(site.parts.dialing.view.inflight) == 3, "decided at once"
        assert site.parts.dialing.view.n_dials == 0
        assert site.dialled == [], "nothing is dialled before it is durable"
        written.set()
        await site.dials(3)
        await passes(10)
        assert len(site.dialled) == 3, "none was ordered twice"


@virtual
async def test_an_order_that_waited_too_long_is_given_back_and_decided_again():
    async with controller_on_doubles(leads=10, seats=2) as site:
        written = await being_written(site)
        await site.log_in(2)
        await passes(3)
        await site.parts.screens.desk.pause(site.operator(2))
        written.set()
        await site.dials(1)
        await passes(10)
        assert len(site.dialled) == 1, "the second operator has gone since"
        assert len(site.parts.dialing.view.inflight) == 1


@virtual
async def test_dials_that_cannot_be_made_do_not_stay_in_the_air():
    async with controller_on_doubles(leads=1, seats=3) as site:
        await site.log_in(1, 2, 3)
        await site.dials(1)
        await passes(5)
        assert len(site.parts.dialing.view.inflight) == 1, "there was one lead"
        assert site.parts.dialing.view.ordered == 0


@virtual
async def test_a_pacer_is_told_of_every_dial_after_it_left_and_of_none_that_did_not():
    heard: list[tuple[int, int]] = []

    class Listening(Fixed):
        def step(self, t: float, kind: int, call: int, agent: int) -> int:
            heard.append((kind, call))
            return self.count if kind == Kind.TICK else 0

    async with controller_on_doubles(leads=3, pacer=Listening(2)) as site:
        await site.dials(3)
        await passes(5)
        dialled = [call for kind, call in heard if kind == Kind.DIAL]
        assert len(dialled) == len(set(dialled)) == 3
        assert {kind for kind, _ in heard} == {Kind.TICK, Kind.DIAL}


@virtual
async def test_each_campaigns_leads_are_read_on_though_another_ones_wait_to_be_written():
    async with controller_on_doubles(leads=120, dialing={"poll_s": 5.0}) as site:
        other = await site.campaign(120, "Other", first=200)
        await passes(5.5)  # just after a poll: fifty leads of each are read
        first = next(iter(site.tables.campaigns))
        launcher = site.parts.dialing.launcher
        for _ in range(4):
            for _ in range(20):
                assert launcher.order(DialOrder(first))
                assert launcher.order(DialOrder(other.campaign_id))
            await passes(1.1)  # more than a second apart: the trunk's rate is not what is tested
        assert len(site.dialled) == 140, "more than one reading ahead holds, of both"
        assert site.parts.dialing.view.ordered == 0
