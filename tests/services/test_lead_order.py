"""The learned order at work: who is called first, nobody forgotten, and a restart that knows what was known."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from telephony.domain.campaigns import Campaign
from telephony.domain.dialing_options import CallOrder
from telephony.domain.leads import LeadState, NewLead
from telephony.domain.outcomes import Outcome
from telephony.domain.permits import DialPermit
from telephony.domain.retries import RetryPlan, RetryRule
from telephony.ids import ListId, Number
from telephony.ports.leads import NewList
from telephony.services.lead_order import LeadOrders, LearnedOrder
from tests.services.virtual_time import passes, virtual
from tests.services.whole_site import Fixed, Site, number, site

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

    monkeypatch.setattr("telephony.services.lead_order.asyncio.to_thread", here)


async def learned(house: Site, *, landlines: int = 60, mobiles: int = 60, plan: RetryPlan = AGAIN) -> Campaign:
    """A running campaign in learned order: landlines, then mobiles."""
    also = [NewLead(mobile(row), "", {}, 1000 + row) for row in range(mobiles)]
    campaign = await house.campaign(landlines, also=also, plan=plan)
    store = house.fake.store.campaigns
    return await store.change(campaign.campaign_id, "test", house.clock.now(), {"call_order": CallOrder.LEARNED})


async def lived(house: Site, dials: int, answering: str = "336") -> list[DialPermit]:
    """Live that many calls more: numbers that begin so answer, and find nobody; the others do not."""
    begun, house.pacer.lived = house.pacer.lived, house.pacer.lived + dials
    for n in range(begun, begun + dials):
        permit = (await house.dials(n + 1))[n]
        if permit.number.startswith(answering):
            await house.exchange.answer(permit.attempt_id)
            await passes(3)
            house.exchange.hang_up(permit.attempt_id)
        else:
            house.exchange.no_answer(permit.attempt_id)
        await house.ended(permit.attempt_id)
    return house.dialled[begun : begun + dials]


def order_of(house: Site, campaign: Campaign) -> LearnedOrder:
    """What a controller that starts now would know, before it has read anything."""
    return LeadOrders(house.fake.store, house.clock, "Europe/Paris").learned(campaign.campaign_id)


@virtual
async def test_every_lead_is_called_and_none_twice():
    async with site(pacer=Fixed(2), is_started=False) as house:
        await learned(house)
        await house.start()
        numbers = [one.number for one in await house.dials(120)]
        assert sorted(numbers) == sorted([*map(number, range(60)), *map(mobile, range(60))])
        await passes(5)
        assert len(house.dialled) == 120


@pytest.mark.slow
@virtual
async def test_those_who_are_likelier_to_answer_come_first_once_calls_have_told():
    async with site(pacer=OneByOne(), is_started=False) as house:
        await learned(house, landlines=300, mobiles=300)
        await house.start()
        await lived(house, 120)
        await passes(120)
        later = await lived(house, 60)
        assert sum(one.number.startswith("336") for one in later) >= 50


@virtual
async def test_after_a_restart_it_knows_what_it_knew():
    async with site(pacer=OneByOne(), is_started=False) as house:
        campaign = await learned(house, landlines=100, mobiles=100)
        await house.start()
        await lived(house, 80)
        await passes(70)
        await house.stop()
        one, other = order_of(house, campaign), order_of(house, campaign)
        await one.keep_up()
        for _ in range(3):
            await other.keep_up()
            await passes(6)
        assert one.propensity.seen == other.propensity.seen == 80
        waiting = [lead for lead in house.tables.leads.values() if lead.state is LeadState.WAITING]
        buckets = sorted({lead.bucket for lead in waiting})
        said = [[known.standing(lead, buckets) for lead in waiting] for known in (one, other)]
        assert said[0] == said[1]
        assert said[0][0] is not None


@virtual
async def test_a_dial_that_was_withdrawn_tells_nothing():
    async with site(pacer=OneByOne(), is_started=False) as house:
        campaign = await learned(house, landlines=3, mobiles=0)
        await house.start()
        (first,) = await lived(house, 1)
        attempt = house.attempt(first.attempt_id)
        house.tables.attempts[first.attempt_id] = replace(attempt, outcome=Outcome.WITHDRAWN)
        await passes(70)
        order = order_of(house, campaign)
        await order.keep_up()
        assert order.propensity.seen == 0


@virtual
async def test_shares_of_lists_hold():
    async with site(pacer=Fixed(1), is_started=False) as house:
        campaign = await learned(house, landlines=60, mobiles=0)
        (old,) = house.tables.lists
        new = await another(house, campaign, 60)
        for one, share in ((old, 25), (new, 75)):
            await house.fake.store.work.set_share(one, share, "test", house.clock.now())
        await house.start()
        lists = [one.list_id for one in await house.dials(40)]
        assert (lists.count(old), lists.count(new)) == (10, 30)


@pytest.mark.slow
@virtual
async def test_lists_without_a_share_are_one_pool_and_a_priority_goes_first():
    async with site(pacer=OneByOne(), is_started=False) as house:
        campaign = await learned(house, landlines=200, mobiles=0)
        new = await another(house, campaign, 200, priority_of_last=9)
        await house.start()
        (first, *_) = await lived(house, 120)
        assert (first.list_id, first.number) == (new, mobile(199))
        await passes(70)
        assert sum(one.list_id == new for one in await lived(house, 40)) >= 30


@pytest.mark.slow
@virtual
async def test_a_postponed_lead_keeps_its_moment_and_list_order_can_be_had_back():
    async with site(pacer=OneByOne(), is_started=False) as house:
        campaign = await learned(house, landlines=1, mobiles=0)
        await house.start()
        (first,) = await lived(house, 1)
        ended = house.attempt(first.attempt_id).ended_at
        store = house.fake.store.campaigns
        await store.change(campaign.campaign_id, "test", house.clock.now(), {"call_order": CallOrder.LIST})
        await passes(590)
        assert len(house.dialled) == 1
        again = (await house.dials(2))[1]
        assert ended is not None
        assert house.attempt(again.attempt_id).started_at >= ended + timedelta(minutes=10)


async def another(house: Site, campaign: Campaign, count: int, priority_of_last: int = 5) -> ListId:
    """Load and approve a list of mobile numbers."""
    store, now = house.fake.store, house.clock.now()
    async with store.leads.load(NewList(campaign.campaign_id, "more", "cd" * 32, "test", now)) as load:
        rows = [
            NewLead(mobile(row), "", {}, row + 2, priority=priority_of_last if row == count - 1 else 5)
            for row in range(count)
        ]
        await load.add(rows)
        done = await load.finish()
    return (await store.whitelist.approve_list(done.list_id, "second", now)).list_id
