"""Which pacer decides: the campaign's mode, its cap, its day; and what is known of the day after a restart (I9)."""

from collections import Counter
from datetime import timedelta

import pytest

from telephony.domain.campaigns import CampaignState
from telephony.domain.dialing_options import DialMode
from telephony.domain.outcomes import Outcome
from telephony.domain.permits import DialPermit
from telephony.ids import CampaignId, SeatNumber
from telephony.services.pace import DialOrder
from telephony.words import english
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Site, site


def said(house: Site) -> str:
    return english(house.reason(next(iter(house.tables.campaigns))))


def pace(house: Site, mode: DialMode, which: int = 0) -> CampaignId:
    campaign_id = list(house.tables.campaigns)[which]
    house.change(campaign_id, mode=mode)
    return campaign_id


@virtual
async def test_a_mode_is_followed_while_the_campaign_runs():
    async with site(leads=10, seats=2) as house:
        await passes(1)
        assert "progressive" in said(house) or "No seat" in said(house)
        pace(house, DialMode.PREDICTIVE)
        await until("it predicts", lambda: said(house).startswith("1:1: 0 answers seen"))
        pace(house, DialMode.PROGRESSIVE)
        await until("it does not", lambda: not said(house).startswith("1:1"))


@virtual
async def test_power_follows_its_ratio_while_the_campaign_runs():
    async with site(leads=30, seats=2) as house:
        await passes(1)
        pace(house, DialMode.POWER)
        await until("thin", lambda: said(house) == "1:1: 0 answers seen, need 10.")
        day = house.parts.dialing.view.counters.floor
        day.n_human = day.n_connected = 200
        campaign_id = next(iter(house.tables.campaigns))
        assert said(house) == "1.5 calls per free seat, budget 6.0 calls."
        await house.log_in(1, 2)
        await house.dials(3)
        await house.parts.services.campaigns.change(campaign_id, {"mode": DialMode.POWER, "ratio": 3.0}, "x")
        await until("counts are read anew", lambda: said(house) == "1:1: 0 answers seen, need 10.")


@virtual
async def test_predictive_without_experience_is_one_call_per_free_operator():
    async with site(leads=10, seats=2, is_started=False) as house:
        pace(house, DialMode.PREDICTIVE)
        await house.start()
        await house.log_in(1, 2)
        await house.dials(2)
        await passes(10)
        assert len(house.dialled) == 2


@virtual
async def test_several_campaigns_share_the_floor_each_as_its_own_mode_says():
    async with site(leads=10, seats=2) as house:
        other = (await house.campaign(10, "Other", first=100)).campaign_id
        first = pace(house, DialMode.PREDICTIVE, 0)
        why = house.reason
        await until("it learns", lambda: english(why(first)) == "1:1: 0 answers seen, need 10.")
        assert "No seat" in english(why(other))
        pace(house, DialMode.POWER, 1)
        await until("power is one to one", lambda: "power mode dials ahead only when" in english(why(other)))
        house.change(other, state=CampaignState.PAUSED)
        await until("alone again", lambda: english(why(first)) == "1:1: 0 answers seen, need 10.")


@virtual
async def test_whoever_is_left_alone_is_paced_by_its_own_mode_not_by_that_of_one_that_ran_alone_before():
    async with site(leads=10, seats=2) as house:
        why = house.reason
        first = pace(house, DialMode.PREDICTIVE)
        await until("the first one is predicted", lambda: english(why(first)) == "1:1: 0 answers seen, need 10.")
        other = (await house.campaign(10, "Other", first=100)).campaign_id
        await until("they share", lambda: "No seat" in english(why(other)))
        house.change(first, state=CampaignState.PAUSED)
        await until("the first one rests", lambda: english(why(first)) == "The campaign does not run.")
        assert "No seat" in english(why(other)), "one call per free operator, as its mode says"


@virtual
async def test_several_campaigns_dial_in_turn_one_call_per_free_operator_and_keep_the_operator_for_it():
    async with site(leads=20, seats=4) as house:
        await house.campaign(20, "Other", first=100)
        for which in (0, 1):
            pace(house, DialMode.PREDICTIVE, which)
        await passes(1)
        await house.log_in(1, 2, 3, 4)
        dialled = await house.dials(4)
        await passes(10)
        assert len(house.dialled) == 4
        assert set(Counter(permit.campaign_id for permit in dialled).values()) == {2}
        assert len(house.parts.dialing.view.covered) == 4


async def kept_and_risked(house: Site) -> tuple[DialPermit, DialPermit]:
    """A call the one free operator is kept for, and one dialled beside it, whose person picked up and waits."""
    await house.campaign(20, "Other", first=100)
    await passes(1)
    await house.log_in(1)
    (kept,) = await house.dials(1)
    assert len(house.parts.dialing.view.covered) == 1
    assert house.parts.dialing.launcher.order(DialOrder(kept.campaign_id))
    _, risked = await house.dials(2)
    answered = house.task(house.exchange.answer(risked.attempt_id))
    await passes(1)
    assert not answered.done(), "the free operator is not for this call"
    assert house.state(1) == "ready"
    return kept, risked


@virtual
async def test_an_operator_kept_for_a_call_is_given_to_no_other_one():
    async with site(leads=20, seats=1) as house:
        kept, risked = await kept_and_risked(house)
        await house.exchange.answer(kept.attempt_id)
        assert house.state(1) == "talking"
        await passes(2)
        assert (await house.ended(risked.attempt_id)).outcome is Outcome.ABANDONED
        days = house.parts.dialing.view.days[kept.campaign_id]
        assert (days.n_human, days.n_connected, days.n_abandoned) == (2, 1, 1)


@virtual
async def test_an_operator_who_is_kept_no_more_takes_who_waits():
    async with site(leads=20, seats=1) as house:
        kept, risked = await kept_and_risked(house)
        house.exchange.busy(kept.attempt_id)
        await until("it is taken", lambda: house.state(1) == "talking")
        assert house.parts.shared.seats.seats[SeatNumber(1)].row.attempt_id == risked.attempt_id


@virtual
async def test_each_campaigns_day_is_read_back_after_a_restart():
    async with site(leads=10, seats=1) as house:
        other = (await house.campaign(10, "Other", first=100)).campaign_id
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        await passes(2)
        await house.crash()
        await house.start()
        days = house.parts.dialing.view.days
        await until("read back", lambda: other in days and days[permit.campaign_id].n_connected == 1)
        assert sum(day.n_connected for day in days.values()) == 1


@pytest.mark.slow
@virtual
async def test_a_new_day_begins_for_every_campaign_at_midnight():
    darwin = {"timezone": "Australia/Darwin"}  # half an hour before midnight there
    async with site(leads=10, seats=1, site=darwin, dialing={"poll_s": 2.0}) as house:
        other = (await house.campaign(10, "Other", first=100)).campaign_id
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        days = house.parts.dialing.view.days
        await until("counted", lambda: days[permit.campaign_id].n_connected == 1)
        await passes(timedelta(minutes=31).total_seconds())
        await until("a new day", lambda: days[permit.campaign_id].n_connected == 0)
        assert days[other].n_connected == 0
        assert "No seat" in english(house.reason(other))


@pytest.mark.slow
@virtual
async def test_the_days_counts_survive_a_restart_and_end_at_midnight():
    darwin = {"timezone": "Australia/Darwin"}  # the tests' day begins at 14:00 UTC: half an hour before midnight there
    async with site(leads=10, seats=2, site=darwin, dialing={"poll_s": 2.0}) as house:
        pace(house, DialMode.PREDICTIVE)
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        await until("connected", lambda: house.parts.dialing.view.n_connected == 1)
        await passes(2)
        await house.crash()
        await house.start()
        await until("read back", lambda: house.parts.dialing.view.n_connected == 1)
        assert house.parts.dialing.view.n_dials >= 1
        await passes(timedelta(minutes=31).total_seconds())
        await until("a new day", lambda: house.parts.dialing.view.n_connected == 0)


@virtual
async def test_people_hung_up_on_unseen_are_in_the_days_budget_after_a_restart_too():
    async with site(leads=3, seats=1, is_started=False) as house:
        pace(house, DialMode.PREDICTIVE)
        await house.start()
        await house.log_in(1)
        (permit,) = await house.dials(1)
        house.exchange.pick_up(permit.attempt_id)
        await house.exchange.desk.ask("route", permit.attempt_id, "conf", arguments=("MACHINE", "LONGGREETING-900"))
        house.exchange.hang_up(permit.attempt_id)
        assert (await house.ended(permit.attempt_id)).outcome is Outcome.MACHINE
        assert house.parts.dialing.view.n_abandoned == 1
        await house.crash()
        await house.start()
        await until("read back", lambda: house.parts.dialing.view.n_dials >= 1)
        assert house.parts.dialing.view.n_abandoned == 1, "one machine, of which a twentieth was a person: a whole call"
