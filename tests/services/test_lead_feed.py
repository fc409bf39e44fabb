"""The lead feed: who is next, and that nobody is forgotten or called against somebody's word."""

from datetime import timedelta

import pytest

from telephony.domain.attempts import Result
from telephony.domain.callbacks import CallbackState, Later
from telephony.domain.leads import LeadState, NewLead
from telephony.domain.outcomes import Outcome
from telephony.domain.retries import RetryPlan, RetryRule
from telephony.ids import AttemptId, ListId
from telephony.ports.leads import NewList
from telephony.words import english
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, number, site

BUSY = RetryPlan({Outcome.BUSY: RetryRule(timedelta(minutes=15), 1, jitter=0)})


async def another_list(house: Site, count: int, first: int, **fields: str) -> ListId:
    """Load and approve one more list of the campaign."""
    (campaign,) = house.tables.campaigns.values()
    store, now = house.fake.store, house.clock.now()
    async with store.leads.load(NewList(campaign.campaign_id, "more", "cd" * 32, "test", now)) as load:
        rows = range(first, first + count)
        await load.add([NewLead(number(row), "", dict(fields), row + 2) for row in rows])
        done = await load.finish()
    return (await store.whitelist.approve_list(done.list_id, "second", now)).list_id


async def talked(house: Site, attempt: AttemptId) -> None:
    """Let a call be answered and end."""
    await house.exchange.answer(attempt)
    await passes(2)
    house.exchange.hang_up(attempt)
    await house.ended(attempt)


@pytest.mark.slow
@virtual
async def test_a_busy_lead_is_called_again_at_its_moment_and_no_sooner():
    async with site(leads=1, seats=1, is_started=False) as house:
        (campaign,) = house.tables.campaigns
        await house.fake.store.campaigns.set_plan(campaign, BUSY, "test", house.clock.now())
        await house.start()
        await house.log_in(1)
        (first,) = await house.dials(1)
        house.exchange.busy(first.attempt_id)
        ended = await house.ended(first.attempt_id)
        await passes(60)
        assert english(house.reason(campaign)) == "Nobody is due to be called for 14 min."
        await passes(14 * 60 - 10)
        assert len(house.dialled) == 1
        _, again = await house.dials(2)
        assert ended.ended_at is not None
        assert house.attempt(again.attempt_id).started_at >= ended.ended_at + timedelta(minutes=15)


@virtual
async def test_a_paused_lists_leads_are_untouched_the_others_go_on():
    async with site(leads=5, pacer=Fixed(1), is_started=False) as house:
        (old,) = house.tables.lists
        await another_list(house, 3, 50)
        await house.fake.store.work.pause_list(old, "test", house.clock.now())
        await house.start()
        await house.dials(3)
        await passes(10)
        assert [one.number for one in house.dialled] == [number(row) for row in (50, 51, 52)]
        await house.fake.store.work.resume_list(old, "test", house.clock.now())
        await house.dials(8)


@virtual
async def test_a_list_paused_between_permit_and_gate_is_not_called_and_its_lead_waits():
    async with site(leads=3, seats=1, is_started=False) as house:
        (old,) = house.tables.lists
        await house.start()

        async def pause() -> None:
            if house.tables.lists[old].paused_at is None:
                await house.fake.store.work.pause_list(old, "test", house.clock.now())

        house.watched.before["permits.at_gate"] = pause
        await house.log_in(1)
        await house.dials(1)
        await passes(5)
        assert not any(call.trunk for call in house.exchange.calls.values())
        assert house.leads(LeadState.WAITING) == 3


@virtual
async def test_lists_are_called_by_their_shares():
    async with site(leads=60, pacer=Fixed(1), is_started=False) as house:
        (old,) = house.tables.lists
        new = await another_list(house, 60, 100)
        for one, share in ((old, 25), (new, 75)):
            await house.fake.store.work.set_share(one, share, "test", house.clock.now())
        await house.start()
        lists = [one.list_id for one in await house.dials(40)]
        assert (lists.count(old), lists.count(new)) == (10, 30)


@virtual
async def test_a_full_cell_closes_its_leads_and_raising_its_target_opens_them_again():
    async with site(leads=1, pacer=Fixed(1), is_started=False) as house:
        (campaign,) = house.tables.campaigns
        await another_list(house, 60, 50, sexe="F")
        await another_list(house, 2, 200, sexe="M")
        await house.fake.store.quotas.set(campaign, {"sexe": "F"}, 0, "test", house.clock.now())
        await house.start()
        await house.dials(3)
        await passes(10)
        assert [one.number for one in house.dialled] == [number(row) for row in (0, 200, 201)]
        assert house.leads(LeadState.DONE) >= 60
        await house.fake.store.quotas.set(campaign, {"sexe": "F"}, 100, "test", house.clock.now())
        await house.dials(63)


@pytest.mark.slow
@virtual
async def test_a_callback_is_made_at_its_moment_by_whoever_promised_it():
    async with site(leads=3, seats=2) as house:
        await house.log_in(1)
        (first,) = await house.dials(1)
        await talked(house, first.attempt_id)
        # 15:10 in Paris: the site's clock began at 15:00 there.
        await house.parts.screens.desk.choose_result(house.operator(1), Result.CALL_BACK, Later("2026-11-20 15:10"))
        for count in (2, 3):
            await house.dials(count)
            await talked(house, house.dialled[-1].attempt_id)
            await house.parts.screens.desk.choose_result(house.operator(1), Result.COMPLETE)
        await house.parts.screens.desk.pause(house.operator(1))
        await house.log_in(2)
        await passes(12 * 60)
        assert len(house.dialled) == 3, "its operator is away and it is kept for them"
        (campaign,) = house.tables.campaigns
        assert english(house.reason(campaign)) == "Callbacks wait for their operator."
        await house.parts.screens.desk.ready(house.operator(1))
        *_, made = await house.dials(4)
        assert made.lead_id == first.lead_id
        await house.exchange.answer(made.attempt_id)
        await until("its operator talks", lambda: house.state(1) == "talking")
        house.exchange.hang_up(made.attempt_id)
        await house.ended(made.attempt_id)
        assert [one.state for one in house.tables.callbacks.values()] == [CallbackState.MADE]


@pytest.mark.slow
@virtual
async def test_a_callback_nobody_came_back_for_is_anyones_after_a_while():
    async with site(leads=1, seats=2) as house:
        await house.log_in(1)
        (first,) = await house.dials(1)
        await talked(house, first.attempt_id)
        await house.parts.screens.desk.choose_result(house.operator(1), Result.CALL_BACK, Later("2026-11-20 15:10"))
        await house.parts.screens.desk.pause(house.operator(1))
        await house.log_in(2)
        await passes(38 * 60)
        assert len(house.dialled) == 1
        await passes(3 * 60)
        assert len(house.dialled) == 2


@virtual
async def test_what_is_due_is_read_ahead_so_that_the_feed_never_runs_dry():
    async with site(leads=300, pacer=Fixed(10), dialing={"poll_s": 1.0}) as house:
        await house.dials(300)
        assert house.journal.count("leads.due") <= 20
        assert sorted(one.number for one in house.dialled) == [number(row) for row in range(300)]
