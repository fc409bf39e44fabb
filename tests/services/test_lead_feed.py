"""The lead feed: who is next, and that nobody is forgotten or called against somebody's word."""

from datetime import timedelta

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.leads.callbacks import CallbackState, Later
from telephony.domain.leads.leads import LeadState, NewLead
from telephony.domain.leads.retries import RetryPlan, RetryRule
from telephony.ids import AttemptId, ListId
from telephony.ports.leads.leads import NewList
from telephony.words import english
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles, number
from tests.virtual_time import passes, until, virtual

BUSY = RetryPlan({Outcome.BUSY: RetryRule(timedelta(minutes=15), 1, jitter=0)})


async def another_list(site: ControllerOnDoubles, count: int, first: int, **fields: str) -> ListId:
    """Load and approve one more list of the campaign."""
    (campaign,) = site.tables.campaigns.values()
    store, now = site.fake.store, site.clock.now()
    async with store.leads.load(NewList(campaign.campaign_id, "more", "cd" * 32, "test", now)) as load:
        rows = range(first, first + count)
        await load.add([NewLead(number(row), "", dict(fields), row + 2) for row in rows])
        done = await load.finish()
    return (await store.whitelist.approve_list(done.list_id, "second", now)).list_id


async def talked(site: ControllerOnDoubles, attempt: AttemptId) -> None:
    """Let a call be answered and end."""
    await site.exchange.answer(attempt)
    await passes(2)
    site.exchange.hang_up(attempt)
    await site.ended(attempt)


@pytest.mark.slow
@virtual
async def test_a_busy_lead_is_called_again_at_its_moment_and_no_sooner():
    async with controller_on_doubles(leads=1, seats=1, is_started=False) as site:
        (campaign,) = site.tables.campaigns
        await site.fake.store.campaigns.set_plan(campaign, BUSY, "test", site.clock.now())
        await site.start()
        await site.log_in(1)
        (first,) = await site.dials(1)
        site.exchange.busy(first.attempt_id)
        ended = await site.ended(first.attempt_id)
        await passes(60)
        assert english(site.reason(campaign)) == "Nobody to call for 14 min."
        await passes(14 * 60 - 10)
        assert len(site.dialled) == 1
        _, again = await site.dials(2)
        assert ended.ended_at is not None
        assert site.attempt(again.attempt_id).started_at >= ended.ended_at + timedelta(minutes=15)


@virtual
async def test_a_paused_lists_leads_are_untouched_the_others_go_on():
    async with controller_on_doubles(leads=5, pacer=Fixed(1), is_started=False) as site:
        (old,) = site.tables.lists
        await another_list(site, 3, 50)
        await site.fake.store.work.pause_list(old, "test", site.clock.now())
        await site.start()
        await site.dials(3)
        await passes(10)
        assert [dial_permit.number for dial_permit in site.dialled] == [number(row) for row in (50, 51, 52)]
        await site.fake.store.work.resume_list(old, "test", site.clock.now())
        await site.dials(8)


@virtual
async def test_a_list_paused_between_permit_and_gate_is_not_called_and_its_lead_waits():
    async with controller_on_doubles(leads=3, seats=1, is_started=False) as site:
        (old,) = site.tables.lists
        await site.start()

        async def pause() -> None:
            if site.tables.lists[old].paused_at is None:
                await site.fake.store.work.pause_list(old, "test", site.clock.now())

        site.watched.before["permits.at_gate"] = pause
        await site.log_in(1)
        await site.dials(1)
        await passes(5)
        assert not any(call.trunk for call in site.exchange.calls.values())
        assert site.leads(LeadState.WAITING) == 3


@virtual
async def test_lists_are_called_by_their_shares():
    async with controller_on_doubles(leads=60, pacer=Fixed(1), is_started=False) as site:
        (old,) = site.tables.lists
        new = await another_list(site, 60, 100)
        for list_id, share in ((old, 25), (new, 75)):
            await site.fake.store.work.set_share(list_id, share, "test", site.clock.now())
        await site.start()
        lists = [dial.list_id for dial in await site.dials(40)]
        assert (lists.count(old), lists.count(new)) == (10, 30)


@virtual
async def test_a_full_cell_closes_its_leads_and_raising_its_target_opens_them_again():
    async with controller_on_doubles(leads=1, pacer=Fixed(1), is_started=False) as site:
        (campaign,) = site.tables.campaigns
        await another_list(site, 60, 50, sexe="F")
        await another_list(site, 2, 200, sexe="M")
        await site.fake.store.quotas.set(campaign, {"sexe": "F"}, 0, "test", site.clock.now())
        await site.start()
        await site.dials(3)
        await passes(10)
        assert [dial_permit.number for dial_permit in site.dialled] == [number(row) for row in (0, 200, 201)]
        assert site.leads(LeadState.DONE) >= 60
        await site.fake.store.quotas.set(campaign, {"sexe": "F"}, 100, "test", site.clock.now())
        await site.dials(63)


@pytest.mark.slow
@virtual
async def test_a_callback_is_made_at_its_moment_by_whoever_promised_it():
    async with controller_on_doubles(leads=3, seats=2) as site:
        await site.log_in(1)
        (first,) = await site.dials(1)
        await talked(site, first.attempt_id)
        # 15:10 in Paris: the site's clock began at 15:00 there.
        await site.parts.screens.desk.choose_result(site.operator(1), Result.CALL_BACK, Later("2026-11-20 15:10"))
        for count in (2, 3):
            await site.dials(count)
            await talked(site, site.dialled[-1].attempt_id)
            await site.parts.screens.desk.choose_result(site.operator(1), Result.COMPLETE)
        await site.parts.screens.desk.pause(site.operator(1))
        await site.log_in(2)
        await passes(12 * 60)
        assert len(site.dialled) == 3, "its operator is away and it is kept for them"
        (campaign,) = site.tables.campaigns
        assert english(site.reason(campaign)) == "Callbacks wait for their operator."
        await site.parts.screens.desk.ready(site.operator(1))
        *_, made = await site.dials(4)
        assert made.lead_id == first.lead_id
        await site.exchange.answer(made.attempt_id)
        await until("its operator talks", lambda: site.state(1) == "talking")
        site.exchange.hang_up(made.attempt_id)
        await site.ended(made.attempt_id)
        assert [callback.state for callback in site.tables.callbacks.values()] == [CallbackState.MADE]


@pytest.mark.slow
@virtual
async def test_a_callback_nobody_came_back_for_is_anyones_after_a_while():
    async with controller_on_doubles(leads=1, seats=2) as site:
        await site.log_in(1)
        (first,) = await site.dials(1)
        await talked(site, first.attempt_id)
        await site.parts.screens.desk.choose_result(site.operator(1), Result.CALL_BACK, Later("2026-11-20 15:10"))
        await site.parts.screens.desk.pause(site.operator(1))
        await site.log_in(2)
        await passes(38 * 60)
        assert len(site.dialled) == 1
        await passes(3 * 60)
        assert len(site.dialled) == 2


@virtual
async def test_what_is_due_is_read_ahead_so_that_the_feed_never_runs_dry():
    async with controller_on_doubles(leads=300, pacer=Fixed(10), dialing={"poll_s": 1.0}) as site:
        await site.dials(300)
        assert site.journal.count("leads.due") <= 20
        assert sorted(dial_permit.number for dial_permit in site.dialled) == [number(row) for row in range(300)]
