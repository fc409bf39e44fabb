"""Unanswered calls: cancelled after 15 s where a campaign asks, written down first; who answers first is connected."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import DialPermit
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.domain.leads.leads import LeadState
from telephony.domain.leads.retries import USUAL_PLAN
from telephony.domain.pacing.interface import Kind, View
from telephony.domain.pacing.predicting.tuning import Tuning
from telephony.domain.pacing.predictive import Predictive
from telephony.errors import SwitchTimeoutError
from telephony.ids import ChannelId
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles
from tests.virtual_time import passes, until, virtual


class Impatient(Fixed):
    """Dials so many and asks for every one of them to be hung up, all the time."""

    def start(self, view: View) -> None:
        self.view = view
        self.heard: list[Kind] = []

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        self.heard.append(Kind(kind))
        for number in self.view.inflight:
            self.view.cancel(number)
        return self.count - self.view.n_dials


def ask(site: ControllerOnDoubles, after_s: int = 15, mode: DialMode = DialMode.PREDICTIVE) -> None:
    """Let the campaign cancel ringing calls."""
    for campaign_id in site.tables.campaigns:
        site.change(campaign_id, withdraw_after_s=after_s, mode=mode)


async def left(site: ControllerOnDoubles, after_s: int = 15, mode: DialMode = DialMode.PREDICTIVE) -> DialPermit:
    """One call that has left, in a campaign that cancels ringing calls."""
    await site.campaign(1, plan=USUAL_PLAN)
    ask(site, after_s, mode)
    await site.start()
    (permit,) = await site.dials(1)
    return permit


async def rings(site: ControllerOnDoubles, after_s: int = 15, mode: DialMode = DialMode.PREDICTIVE) -> DialPermit:
    """One call that rings, in a campaign that cancels ringing calls."""
    permit = await left(site, after_s, mode)
    site.exchange.ring(permit.attempt_id)
    return permit


def ordered(site: ControllerOnDoubles) -> list[str]:
    """Attempts the pbx was ordered to hang up."""
    return [channel for channel, _ in site.exchange.switch.hung_up]


def before_the_hang_up(site: ControllerOnDoubles, act: Callable[[], Awaitable[None]]) -> None:
    """Let something happen after the order left and before it reaches the channel."""
    hang_up = site.exchange.switch.hang_up

    async def late(channel: ChannelId, cause: int = 16) -> None:
        await act()
        await hang_up(channel, cause)

    site.exchange.switch.hang_up = late  # type: ignore[method-assign]


@virtual
async def test_a_dial_that_rang_15_seconds_is_hung_up_and_ends_withdrawn():
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        permit = await rings(site)
        await passes(14.9)
        assert ordered(site) == []
        attempt = await site.ended(permit.attempt_id, 2)
        assert (attempt.outcome, attempt.operator_id, attempt.answered_at) == (Outcome.WITHDRAWN, None, None)
        assert attempt.rang_at is not None
        assert attempt.ended_at is not None
        assert attempt.ended_at - attempt.rang_at >= timedelta(seconds=15)
        assert ordered(site) == [permit.attempt_id]
        assert Kind.NOANSWER in site.pacer.heard
        assert Kind.FAIL not in site.pacer.heard
        assert (site.parts.dialing.view.n_human, site.parts.dialing.view.n_abandoned) == (0, 0)
        lead = site.tables.leads[permit.lead_id]
        assert (lead.state, lead.reason, lead.tries) == (LeadState.WAITING, "withdrawn", 1)


@virtual
async def test_it_is_written_down_before_the_pbx_hears_of_it():
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        written: list[list[str]] = []

        async def look() -> None:
            written.append([event.kind for event in site.tables.events])

        before_the_hang_up(site, look)
        permit = await rings(site)
        await site.ended(permit.attempt_id)
        assert "CallWithdrawn" in written[0]


@pytest.mark.parametrize(
    ("after_s", "mode"), [(0, DialMode.PREDICTIVE), (15, DialMode.PROGRESSIVE), (15, DialMode.POWER)]
)
@virtual
async def test_nothing_is_withdrawn_where_the_campaign_does_not_ask_or_is_not_dialled_ahead(
    after_s: int, mode: DialMode
):
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        permit = await rings(site, after_s, mode)
        assert site.parts.dialing.view.min_ring == float("inf")
        await passes(24)
        assert ordered(site) == []
        site.exchange.no_answer(permit.attempt_id)
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.NO_ANSWER


@virtual
async def test_a_campaigns_own_longer_ring_holds():
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        permit = await rings(site, 22)
        assert site.parts.dialing.view.min_ring == 22
        await passes(21.9)
        assert ordered(site) == []
        assert (await site.ended(permit.attempt_id, 2)).outcome is Outcome.WITHDRAWN


@virtual
async def test_an_announcement_is_no_ringing():
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        permit = await left(site)
        site.exchange.play_early(permit.attempt_id)
        await passes(24)
        assert ordered(site) == []


@virtual
async def test_a_correction_of_the_wall_clock_makes_no_ring_longer():
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        await rings(site)
        right = site.clock.now
        site.clock.now = lambda: right() + timedelta(seconds=8)  # type: ignore[method-assign]
        await passes(14.9)
        assert ordered(site) == []


@virtual
async def test_whoever_answers_before_the_order_leaves_gets_an_operator():
    async with controller_on_doubles(is_started=False, seats=1, pacer=Impatient(1)) as site:
        permit = await rings(site)
        await site.log_in(1)
        await passes(14.5)

        async def answer() -> None:
            leg = site.exchange.switch.live.get(ChannelId(permit.attempt_id))
            if leg is not None and not leg.is_up:
                await site.exchange.answer(permit.attempt_id)

        site.watched.before["attempts.save"] = answer
        await until("connected", lambda: site.state(1) == "talking", 3)
        assert "CallWithdrawn" in [event.kind for event in site.tables.events]
        await passes(5)
        assert ordered(site) == []
        site.exchange.hang_up(permit.attempt_id)
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.ANSWERED
        assert Kind.HUMAN in site.pacer.heard


@pytest.mark.parametrize("is_told_first", [True, False])
@virtual
async def test_an_answer_that_crosses_the_order_is_abandoned_recorded_and_counted(is_told_first: bool):
    async with controller_on_doubles(is_started=False, seats=1, pacer=Impatient(1)) as site:
        permit = await rings(site)
        await site.log_in(1)
        call = site.exchange.calls[permit.attempt_id]

        async def cross() -> None:
            if not is_told_first:  # the pbx's link is the faster one: the leg is gone before the answer is reported
                site.exchange.switch.end(permit.attempt_id, 16)
            site.exchange.gate.pick_up(call.trunk)
            if not is_told_first:
                site.exchange.gate.end(call.trunk, 16)

        before_the_hang_up(site, cross)
        attempt = await site.ended(permit.attempt_id)
        assert (attempt.outcome, attempt.connected_at) == (Outcome.ABANDONED, None)
        assert attempt.answered_at is not None
        view = site.parts.dialing.view
        assert (view.n_human, view.n_abandoned, view.waiting) == (1, 1, {})
        await until("recorded", lambda: [tag.attempt_id for tag in site.archive.finished] == [permit.attempt_id])
        assert site.state(1) == "ready"


@virtual
async def test_an_operator_who_was_given_a_call_that_the_order_ended_is_free_again():
    async with controller_on_doubles(is_started=False, seats=1, pacer=Impatient(1)) as site:
        permit = await rings(site)
        await site.log_in(1)

        async def cross() -> None:
            site.exchange.pick_up(permit.attempt_id)
            answer = await site.exchange.desk.ask("route", permit.attempt_id, "conf")
            assert answer["SEAT"] == "1"

        before_the_hang_up(site, cross)
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.ABANDONED
        assert site.state(1) == "ready"


@virtual
async def test_what_cannot_be_written_rings_on_and_is_hung_up_when_it_can():
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        permit = await rings(site)
        await passes(10)
        site.watched.is_away = True
        await passes(8)
        assert ordered(site) == []
        site.watched.is_away = False
        assert (await site.ended(permit.attempt_id, 4)).outcome is Outcome.WITHDRAWN


@virtual
async def test_an_order_that_is_not_taken_is_given_again():
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        faults = [SwitchTimeoutError("no answer within 5 s")]

        async def fail() -> None:
            if faults:
                raise faults.pop()

        before_the_hang_up(site, fail)
        permit = await rings(site)
        assert (await site.ended(permit.attempt_id, 20)).outcome is Outcome.WITHDRAWN
        assert faults == []


@virtual
async def test_a_dial_that_rings_out_before_the_order_reaches_it_is_no_answer():
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        permit = await rings(site)

        async def rings_out() -> None:
            site.exchange.no_answer(permit.attempt_id)

        before_the_hang_up(site, rings_out)
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.NO_ANSWER


@virtual
async def test_a_controller_that_dies_before_the_hang_up_finds_the_dial_withdrawn():
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        stuck = True

        async def fail() -> None:
            if stuck:
                raise SwitchTimeoutError("no answer within 5 s")

        before_the_hang_up(site, fail)
        permit = await rings(site)
        await passes(17)
        await site.crash()
        stuck = False
        await site.start()
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.WITHDRAWN
        assert site.tables.leads[permit.lead_id].reason == "withdrawn"
        await passes(60)
        assert len(site.dialled) == 1, "the telephone rang: the lead is not called again at once"


def learned(is_withdrawn: bool) -> float:
    """The share of people the predictive pacer believes in after one unanswered call."""
    shares = []

    @virtual
    async def run() -> None:
        tuning = replace(Tuning(), dials_seen=0, people_seen=0, withdraw=-1.0)  # every dial that may be
        pacer = Predictive(0.03, tuning=tuning)
        async with controller_on_doubles(is_started=False, seats=1, pacer=pacer) as site:
            await site.campaign(1)
            ask(site, 15 if is_withdrawn else 0)
            await site.start()
            await site.log_in(1)
            (permit,) = await site.dials(1)
            site.exchange.ring(permit.attempt_id)
            await passes(20)
            if not is_withdrawn:
                site.exchange.no_answer(permit.attempt_id)
            outcome = (await site.ended(permit.attempt_id)).outcome
            assert outcome is (Outcome.WITHDRAWN if is_withdrawn else Outcome.NO_ANSWER)
            await passes(2)
            people: Any = pacer._learner.ringing.people
            assert people.seen == 1
            shares.append(people.value)

    run()
    return float(shares[0])


def test_the_predictive_pacer_withdraws_and_does_not_learn_a_no_answer_from_it():
    assert learned(is_withdrawn=True) > learned(is_withdrawn=False)


@virtual
async def test_a_promised_callback_is_never_withdrawn():
    async with controller_on_doubles(is_started=False, pacer=Impatient(1)) as site:
        await site.campaign(1)
        ask(site)
        await site.start()
        site.parts.dialing.feed.is_promised = lambda lead_id: True  # type: ignore[method-assign]
        (permit,) = await site.dials(1)
        site.exchange.ring(permit.attempt_id)
        await passes(24)
        assert ordered(site) == []


@virtual
async def test_people_who_picked_up_unseen_are_in_the_rate_and_in_the_budget_by_an_estimate():
    leads = 130
    async with controller_on_doubles(is_started=False, pacer=Impatient(leads)) as site:
        await site.campaign(leads)
        ask(site)
        await site.start()
        for permit in await site.dials(leads):
            site.exchange.ring(permit.attempt_id)
        await until("all withdrawn", lambda: not site.parts.dialing.view.inflight, 20)
        assert site.parts.dialing.view.n_abandoned == 1, "130 times four in a thousand is half a person"
        await until(
            "drawn",
            lambda: site.parts.screens.floor.view().campaigns[0].estimated_unseen_abandons == pytest.approx(0.52),
        )
        assert site.parts.screens.floor.view().campaigns[0].abandoned == 0
