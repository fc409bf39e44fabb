"""The learned order at work: who is called first, nobody forgotten, and a restart that knows what was known."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import DialPermit
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.campaigns.dialing_options import CallOrder
from telephony.domain.leads.leads import LeadState, NewLead
from telephony.domain.leads.retries import RetryPlan, RetryRule
from telephony.ids import ListId, Number
from telephony.ports.leads.leads import NewList
from telephony.services.dialing.lead_order import LeadOrders, LearnedOrder
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles, number
from tests.virtual_time import passes, virtual

AGAIN = RetryPlan({Outcome.NO_ANSWER: RetryRule(timedelta(minutes=10), 1, jitter=0)})


def mobile(row: int) -> Number:
    return Number(f"3363998{row:04d}")


class OneByOne(Fixed):
    """One call at a time, answered or not."""

    def __init__(self) -> None:
        super().__init__(1)
        self.view: Any = None
        self.lived = 0
        """Calls that have been lived through."""

    def start(self, view: Any) -> None:
        self.view = view

    def step(self, t: float, kind: int, call: int, agent: int) -> int:
        return 0 if self.view.inflight or self.view.waiting else self.count


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan on the loop itself: a thread's time is not virtual."""

    async def here(work: Any, *args: Any) -> Any:
        return work(*args)

    monkeypatch.setattr("telephony.services.dialing.lead_order.asyncio.to_thread", here)


async def learned(
    site: ControllerOnDoubles, *, landlines: int = 60, mobiles: int = 60, plan: RetryPlan = AGAIN
) -> Campaign:
    """A running campaign in learned order: landlines, then mobiles."""
    also = [NewLead(mobile(row), "", {}, 1000 + row) for row in range(mobiles)]
    campaign = await site.campaign(landlines, also=also, plan=plan)
    store = site.fake.store.campaigns
    return await store.change(campaign.campaign_id, "test", site.clock.now(), {"call_order": CallOrder.LEARNED})


async def lived(site: ControllerOnDoubles, dials: int, answering: str = "336") -> list[DialPermit]:
    """Live that many calls more: numbers that begin so answer, and find nobody; the others do not."""
    begun, site.pacer.lived = site.pacer.lived, site.pacer.lived + dials
    for n in range(begun, begun + dials):
        permit = (await site.dials(n + 1))[n]
        if permit.number.startswith(answering):
            await site.exchange.answer(permit.attempt_id)
            await passes(3)
            site.exchange.hang_up(permit.attempt_id)
        else:
            site.exchange.no_answer(permit.attempt_id)
        await site.ended(permit.attempt_id)
    return site.dialled[begun : begun + dials]


def order_of(site: ControllerOnDoubles, campaign: Campaign) -> LearnedOrder:
    """What a controller that starts now would know, before it has read anything."""
    return LeadOrders(site.fake.store, site.clock, "Europe/Paris").learned(campaign.campaign_id)


@virtual
async def test_every_lead_is_called_and_none_twice():
    async with controller_on_doubles(pacer=Fixed(2), is_started=False) as site:
        await learned(site)
        await site.start()
        numbers = [dial.number for dial in await site.dials(120)]
        assert sorted(numbers) == sorted([*map(number, range(60)), *map(mobile, range(60))])
        await passes(5)
        assert len(site.dialled) == 120


@pytest.mark.slow
@virtual
async def test_those_who_are_likelier_to_answer_come_first_once_calls_have_told():
    async with controller_on_doubles(pacer=OneByOne(), is_started=False) as site:
        await learned(site, landlines=300, mobiles=300)
        await site.start()
        await lived(site, 120)
        await passes(120)
        later = await lived(site, 60)
        assert sum(dial_permit.number.startswith("336") for dial_permit in later) >= 50


@virtual
async def test_after_a_restart_it_knows_what_it_knew():
    async with controller_on_doubles(pacer=OneByOne(), is_started=False) as site:
        campaign = await learned(site, landlines=100, mobiles=100)
        await site.start()
        await lived(site, 80)
        await passes(70)
        await site.stop()
        learned_order, other = order_of(site, campaign), order_of(site, campaign)
        await learned_order.keep_up()
        for _ in range(3):
            await other.keep_up()
            await passes(6)
        assert learned_order.propensity.seen == other.propensity.seen == 80
        waiting = [lead for lead in site.tables.leads.values() if lead.state is LeadState.WAITING]
        buckets = sorted({lead.bucket for lead in waiting})
        said = [[known.standing(lead, buckets) for lead in waiting] for known in (learned_order, other)]
        assert said[0] == said[1]
        assert said[0][0] is not None


@virtual
async def test_a_dial_that_was_withdrawn_tells_nothing():
    async with controller_on_doubles(pacer=OneByOne(), is_started=False) as site:
        campaign = await learned(site, landlines=3, mobiles=0)
        await site.start()
        (first,) = await lived(site, 1)
        attempt = site.attempt(first.attempt_id)
        site.tables.attempts[first.attempt_id] = replace(attempt, outcome=Outcome.WITHDRAWN)
        await passes(70)
        order = order_of(site, campaign)
        await order.keep_up()
        assert order.propensity.seen == 0


@virtual
async def test_shares_of_lists_hold():
    async with controller_on_doubles(pacer=Fixed(1), is_started=False) as site:
        campaign = await learned(site, landlines=60, mobiles=0)
        (old,) = site.tables.lists
        new = await another(site, campaign, 60)
        for list_id, share in ((old, 25), (new, 75)):
            await site.fake.store.work.set_share(list_id, share, "test", site.clock.now())
        await site.start()
        lists = [dial.list_id for dial in await site.dials(40)]
        assert (lists.count(old), lists.count(new)) == (10, 30)


@pytest.mark.slow
@virtual
async def test_lists_without_a_share_are_one_pool_and_a_priority_goes_first():
    async with controller_on_doubles(pacer=OneByOne(), is_started=False) as site:
        campaign = await learned(site, landlines=200, mobiles=0)
        new = await another(site, campaign, 200, priority_of_last=9)
        await site.start()
        (first, *_) = await lived(site, 120)
        assert (first.list_id, first.number) == (new, mobile(199))
        await passes(70)
        assert sum(dial_permit.list_id == new for dial_permit in await lived(site, 40)) >= 30


@pytest.mark.slow
@virtual
async def test_a_postponed_lead_keeps_its_moment_and_list_order_can_be_had_back():
    async with controller_on_doubles(pacer=OneByOne(), is_started=False) as site:
        campaign = await learned(site, landlines=1, mobiles=0)
        await site.start()
        (first,) = await lived(site, 1)
        ended = site.attempt(first.attempt_id).ended_at
        store = site.fake.store.campaigns
        await store.change(campaign.campaign_id, "test", site.clock.now(), {"call_order": CallOrder.LIST})
        await passes(590)
        assert len(site.dialled) == 1
        again = (await site.dials(2))[1]
        assert ended is not None
        assert site.attempt(again.attempt_id).started_at >= ended + timedelta(minutes=10)


async def another(site: ControllerOnDoubles, campaign: Campaign, count: int, priority_of_last: int = 5) -> ListId:
    """Load and approve a list of mobile numbers."""
    store, now = site.fake.store, site.clock.now()
    async with store.leads.load(NewList(campaign.campaign_id, "more", "cd" * 32, "test", now)) as load:
        rows = [
            NewLead(mobile(row), "", {}, row + 2, priority=priority_of_last if row == count - 1 else 5)
            for row in range(count)
        ]
        await load.add(rows)
        done = await load.finish()
    return (await store.whitelist.approve_list(done.list_id, "second", now)).list_id
