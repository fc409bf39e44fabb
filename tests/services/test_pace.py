"""Which pacer decides: the campaign's mode, its cap, its day; and what is known of the day after a restart (I9)."""

from collections import Counter
from datetime import timedelta

import pytest

from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import DialPermit
from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.campaigns.dialing_options import DialMode
from telephony.ids import CampaignId, SeatNumber
from telephony.services.dialing.pace import DialOrder
from telephony.words import english
from tests.scenes.controller_on_doubles import ControllerOnDoubles, controller_on_doubles
from tests.virtual_time import passes, until, virtual


def said(site: ControllerOnDoubles) -> str:
    return english(site.reason(next(iter(site.tables.campaigns))))


def pace(site: ControllerOnDoubles, mode: DialMode, which: int = 0) -> CampaignId:
    campaign_id = list(site.tables.campaigns)[which]
    site.change(campaign_id, mode=mode)
    return campaign_id


@virtual
async def test_a_mode_is_followed_while_the_campaign_runs():
    async with controller_on_doubles(leads=10, seats=2) as site:
        await passes(1)
        assert "progressive" in said(site) or "No seat" in said(site)
        pace(site, DialMode.PREDICTIVE)
        await until("it predicts", lambda: said(site).startswith("1:1: 0 answers seen"))
        pace(site, DialMode.PROGRESSIVE)
        await until("it does not", lambda: not said(site).startswith("1:1"))


@virtual
async def test_power_follows_its_ratio_while_the_campaign_runs():
    async with controller_on_doubles(leads=30, seats=2) as site:
        await passes(1)
        pace(site, DialMode.POWER)
        await until("thin", lambda: said(site) == "1:1: 0 answers seen, need 10.")
        day = site.parts.dialing.view.counters.floor
        day.n_human = day.n_connected = 200
        campaign_id = next(iter(site.tables.campaigns))
        assert said(site) == "1.5 calls per free seat, budget 6.0 calls."
        await site.log_in(1, 2)
        await site.dials(3)
        await site.parts.services.campaigns.change(campaign_id, {"mode": DialMode.POWER, "ratio": 3.0}, "x")
        await until("counts are read again", lambda: said(site) == "1:1: 0 answers seen, need 10.")


@virtual
async def test_predictive_without_experience_is_one_call_per_free_operator():
    async with controller_on_doubles(leads=10, seats=2, is_started=False) as site:
        pace(site, DialMode.PREDICTIVE)
        await site.start()
        await site.log_in(1, 2)
        await site.dials(2)
        await passes(10)
        assert len(site.dialled) == 2


@virtual
async def test_several_campaigns_share_the_floor_each_as_its_own_mode_says():
    async with controller_on_doubles(leads=10, seats=2) as site:
        other = (await site.campaign(10, "Other", first=100)).campaign_id
        first = pace(site, DialMode.PREDICTIVE, 0)
        why = site.reason
        await until("it learns", lambda: english(why(first)) == "1:1: 0 answers seen, need 10.")
        assert "No seat" in english(why(other))
        pace(site, DialMode.POWER, 1)
        await until("power is one to one", lambda: "power mode dials ahead only when" in english(why(other)))
        site.change(other, state=CampaignState.PAUSED)
        await until("alone again", lambda: english(why(first)) == "1:1: 0 answers seen, need 10.")


@virtual
async def test_whoever_is_left_alone_is_paced_by_its_own_mode_not_by_that_of_one_that_ran_alone_before():
    async with controller_on_doubles(leads=10, seats=2) as site:
        why = site.reason
        first = pace(site, DialMode.PREDICTIVE)
        await until("the first one is predicted", lambda: english(why(first)) == "1:1: 0 answers seen, need 10.")
        other = (await site.campaign(10, "Other", first=100)).campaign_id
        await until("they share", lambda: "No seat" in english(why(other)))
        site.change(first, state=CampaignState.PAUSED)
        await until("the first one rests", lambda: english(why(first)) == "The campaign is not running.")
        assert "No seat" in english(why(other)), "one call per free operator, as its mode says"


@virtual
async def test_several_campaigns_dial_in_turn_one_call_per_free_operator_and_keep_the_operator_for_it():
    async with controller_on_doubles(leads=20, seats=4) as site:
        await site.campaign(20, "Other", first=100)
        for which in (0, 1):
            pace(site, DialMode.PREDICTIVE, which)
        await passes(1)
        await site.log_in(1, 2, 3, 4)
        dialled = await site.dials(4)
        await passes(10)
        assert len(site.dialled) == 4
        assert set(Counter(permit.campaign_id for permit in dialled).values()) == {2}
        assert len(site.parts.dialing.view.reserved) == 4


async def reserved_and_overdialed(site: ControllerOnDoubles) -> tuple[DialPermit, DialPermit]:
    """A reserved call for the one free operator, and an overdialed one, whose person answered and waits."""
    await site.campaign(20, "Other", first=100)
    await passes(1)
    await site.log_in(1)
    (dial_permit,) = await site.dials(1)
    assert len(site.parts.dialing.view.reserved) == 1
    assert site.parts.dialing.launcher.order(DialOrder(dial_permit.campaign_id))
    _, overdialed = await site.dials(2)
    answered = site.task(site.exchange.answer(overdialed.attempt_id))
    await passes(1)
    assert not answered.done(), "the free operator is not for this call"
    assert site.state(1) == "ready"
    return dial_permit, overdialed


@virtual
async def test_an_operator_kept_for_a_call_is_given_to_no_other_one():
    async with controller_on_doubles(leads=20, seats=1) as site:
        dial_permit, overdialed = await reserved_and_overdialed(site)
        await site.exchange.answer(dial_permit.attempt_id)
        assert site.state(1) == "talking"
        await passes(2)
        assert (await site.ended(overdialed.attempt_id)).outcome is Outcome.ABANDONED
        days = site.parts.dialing.view.days[dial_permit.campaign_id]
        assert (days.n_human, days.n_connected, days.n_abandoned) == (2, 1, 1)


@virtual
async def test_an_operator_who_is_kept_no_more_takes_who_waits():
    async with controller_on_doubles(leads=20, seats=1) as site:
        dial_permit, overdialed = await reserved_and_overdialed(site)
        site.exchange.busy(dial_permit.attempt_id)
        await until("it is taken", lambda: site.state(1) == "talking")
        assert site.parts.calls.seats.seats[SeatNumber(1)].row.attempt_id == overdialed.attempt_id


@virtual
async def test_each_campaigns_day_is_read_back_after_a_restart():
    async with controller_on_doubles(leads=10, seats=1) as site:
        other = (await site.campaign(10, "Other", first=100)).campaign_id
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        await passes(2)
        await site.crash()
        await site.start()
        days = site.parts.dialing.view.days
        await until("read back", lambda: other in days and days[permit.campaign_id].n_connected == 1)
        assert sum(day.n_connected for day in days.values()) == 1


@pytest.mark.slow
@virtual
async def test_a_new_day_begins_for_every_campaign_at_midnight():
    darwin = {"timezone": "Australia/Darwin"}  # half an hour before midnight there
    async with controller_on_doubles(leads=10, seats=1, site=darwin, dialing={"poll_s": 2.0}) as site:
        other = (await site.campaign(10, "Other", first=100)).campaign_id
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        days = site.parts.dialing.view.days
        await until("counted", lambda: days[permit.campaign_id].n_connected == 1)
        await passes(timedelta(minutes=31).total_seconds())
        await until("a new day", lambda: days[permit.campaign_id].n_connected == 0)
        assert days[other].n_connected == 0
        assert "No seat" in english(site.reason(other))


@pytest.mark.slow
@virtual
async def test_the_days_counts_survive_a_restart_and_end_at_midnight():
    darwin = {"timezone": "Australia/Darwin"}  # the tests' day begins at 14:00 UTC: half an hour before midnight there
    async with controller_on_doubles(leads=10, seats=2, site=darwin, dialing={"poll_s": 2.0}) as site:
        pace(site, DialMode.PREDICTIVE)
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        await until("connected", lambda: site.parts.dialing.view.n_connected == 1)
        await passes(2)
        await site.crash()
        await site.start()
        await until("read back", lambda: site.parts.dialing.view.n_connected == 1)
        assert site.parts.dialing.view.n_dials >= 1
        await passes(timedelta(minutes=31).total_seconds())
        await until("a new day", lambda: site.parts.dialing.view.n_connected == 0)


@virtual
async def test_people_hung_up_on_unseen_are_in_the_days_budget_after_a_restart_too():
    async with controller_on_doubles(leads=3, seats=1, is_started=False) as site:
        pace(site, DialMode.PREDICTIVE)
        await site.start()
        await site.log_in(1)
        (permit,) = await site.dials(1)
        site.exchange.pick_up(permit.attempt_id)
        await site.exchange.desk.ask("route", permit.attempt_id, "conf", arguments=("MACHINE", "LONGGREETING-900"))
        site.exchange.hang_up(permit.attempt_id)
        assert (await site.ended(permit.attempt_id)).outcome is Outcome.MACHINE
        assert site.parts.dialing.view.n_abandoned == 1
        await site.crash()
        await site.start()
        await until("read back", lambda: site.parts.dialing.view.n_dials >= 1)
        assert site.parts.dialing.view.n_abandoned == 1, "one machine, of which a twentieth was a person: a whole call"
