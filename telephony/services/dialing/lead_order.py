"""Which lead first: each campaign's own order, as its list stands or learned from the calls it makes.

What is learned is read from the attempts in the database, the same way after a restart as while calls end, so that
nothing is kept that could be lost. Choosing is among buckets of leads that have equal chances: what is held in memory
does not grow with the lists. What a lead is worth is left to ``telephony.domain.lead_order.plan``; callbacks, shares of
lists and priorities to the feed; whether a lead may be called to the rules.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.campaigns.dialing_options import CallOrder
from telephony.domain.lead_order.buckets import LeadGroup, features_of, is_fresh, local_cell
from telephony.domain.lead_order.contact_rate import Features, Propensity
from telephony.domain.lead_order.dialing_hours import DialingHours
from telephony.domain.lead_order.explanations import LIST_ORDER, RankExplanation, describe_learned
from telephony.domain.lead_order.plan import LeadPlan, RetryLimits
from telephony.domain.lead_order.pool import share_of_untried
from telephony.domain.leads.leads import DueLeads, IsOpen, Lead, Window
from telephony.domain.leads.retries import RetryPlan, RetryRule
from telephony.domain.text.reason import Reason
from telephony.ids import AttemptId, CampaignId, ListId
from telephony.ports.clock import Clock
from telephony.ports.store import Store
from telephony.services.dialing.lead_feed import LeadOrder, ListOrder

REMEMBERED: Final = timedelta(days=90)
"""How far back attempts are learned from."""
SETTLED: Final = timedelta(seconds=60)
"""Time in which an operator says that a call was a machine: an attempt is learned from only then."""
PAGE: Final = 500
"""Attempts learned from at a time: some 20 ms, which is what a call may wait."""
PAUSE: Final = timedelta(seconds=5)
"""Between two looks for attempts to learn from, once all are."""
PLANNED: Final = timedelta(minutes=10)
"""How long a plan holds, within its hour."""
NAMED: Final = 4
"""Buckets of a list that are read at a time, of those tried and of those untried."""
NO_LIST: Final = ListId(0)
"""Stands for the lists without a share, which are one pool."""
_TRIES_LEFT: Final = 0.6
"""Share of the tries allowed that are made: people answer, numbers fail, lists end."""
_GOLDEN: Final = 0.6180339887


class LeadOrders:
    """Implements ``telephony.services.dialing.lead_feed.LeadOrders``."""

    def __init__(self, store: Store, clock: Clock, timezone: str) -> None:
        """Keep the parts.

        Args:
            store: where leads and attempts are.
            clock: the present moment.
            timezone: the site's, on whose clock the team works.
        """
        self._store = store
        self._clock = clock
        self._zone = ZoneInfo(timezone)
        self._learned: dict[CampaignId, LearnedOrder] = {}

    async def of(self, campaign: Campaign) -> LeadOrder:
        """Return a campaign's order, brought up to what its calls tell so far."""
        if campaign.dialing.call_order is CallOrder.LIST:
            self._learned.pop(campaign.campaign_id, None)
            return ListOrder()
        learned = self.learned(campaign.campaign_id)
        await learned.keep_up()
        return learned

    def describe(self, campaign: Campaign) -> Reason:
        """Say in words which lead is called first."""
        if campaign.dialing.call_order is CallOrder.LIST:
            return LIST_ORDER
        return self.learned(campaign.campaign_id).describe()

    async def standing(self, lead: Lead) -> RankExplanation | None:
        """Tell why a lead is early or late, all its campaign's calls read."""
        learned = await self._caught_up(lead.campaign_id)
        count_by_group = await self._store.choice.count_by_group(lead.campaign_id)
        among = [bucket for list_id, bucket in count_by_group if list_id == lead.list_id]
        return learned.standing(lead, among)

    async def told(self, campaign: Campaign) -> Reason:
        """Say in words which lead is called first, all the campaign's calls read."""
        if campaign.dialing.call_order is CallOrder.LEARNED:
            await self._caught_up(campaign.campaign_id)
        return self.describe(campaign)

    async def _caught_up(self, campaign_id: CampaignId) -> "LearnedOrder":
        learned = self.learned(campaign_id)
        while not await learned.keep_up():
            pass
        await learned.plan()
        return learned

    def learned(self, campaign_id: CampaignId) -> "LearnedOrder":
        """Return what is learned of a campaign; it may know nothing yet."""
        if campaign_id not in self._learned:
            self._learned[campaign_id] = LearnedOrder(self._store, self._clock, self._zone, campaign_id)
        return self._learned[campaign_id]


def course_of(plan: RetryPlan) -> RetryLimits:
    """Return what a campaign's retry rules let become of a lead that does not answer."""
    rule = plan.rules.get(Outcome.NO_ANSWER, RetryRule())
    return RetryLimits(min(plan.most_tries, rule.limit + 1), max(rule.after.total_seconds(), 60.0))


class LearnedOrder:
    """One campaign's order, learned."""

    window: int = 30

    def __init__(self, store: Store, clock: Clock, zone: ZoneInfo, campaign_id: CampaignId) -> None:
        """Know nothing yet."""
        self._store = store
        self._clock = clock
        self._zone = zone
        self._campaign_id = campaign_id
        self.propensity = Propensity()
        self._rota = DialingHours()
        self._read: tuple[datetime, AttemptId] | None = None
        self._read_at: datetime | None = None
        self._plan: LeadPlan | None = None
        self._planned_at: datetime | None = None
        self._share = 0.0
        self._turns = 0
        self._first: tuple[str, float] | None = None

    async def keep_up(self) -> bool:
        """Learn from attempts that have ended, and plan the hours that remain; return whether all were learned from."""
        now = self._clock.now()
        is_whole = True
        if self._read_at is None or now - self._read_at >= PAUSE:
            is_whole = await self._learn(now)
            self._read_at = now if is_whole else None
        if self._planned_at is None or now - self._planned_at >= PLANNED or now.hour != self._planned_at.hour:
            await self.plan()
        return is_whole

    async def _learn(self, now: datetime) -> bool:
        after = self._read or (now - REMEMBERED, AttemptId(""))
        page = await self._store.choice.told(self._campaign_id, after, now - SETTLED, PAGE)
        for sample in page:
            self._rota.note(sample.started_at.astimezone(self._zone))
            if sample.reply is not None:
                features = features_of(sample.bucket, sample.list_id)
                self.propensity.observe(features, local_cell(sample.clock, sample.started_at), sample.reply)
        if page:
            self._read = page[-1].ended_at, page[-1].attempt_id
        return len(page) < PAGE

    async def plan(self) -> None:
        """Look at who waits and weigh the hours that remain."""
        count_by_group = await self._store.choice.count_by_group(self._campaign_id)
        course = course_of(await self._store.campaigns.plan(self._campaign_id))
        waiting: dict[tuple[Features, int], int] = defaultdict(int)
        for (list_id, bucket), count in count_by_group.items():
            waiting[features_of(bucket, list_id), 0] += count
        now = self._clock.now()
        local = now.astimezone(self._zone)
        room = self._rota.room(local)
        dials = sum(
            count * max(1.0, _TRIES_LEFT * (course.most_tries - len(features.tries)))
            for (features, _), count in waiting.items()
        )
        hours = self._rota.hours(local, dials)
        untried = sum(count for (features, _), count in waiting.items() if not features.tries)
        self._share = share_of_untried(untried, room * len(hours))
        before = list(self._plan.prices) if self._plan is not None else []
        # Some hundred milliseconds once in ten minutes: on a thread, so that no call waits for it.
        self._plan = await asyncio.to_thread(LeadPlan, self.propensity, hours, waiting, room, course, before)
        self._planned_at = now

    async def windows(self, due: DueLeads, is_open: IsOpen, more: int) -> Sequence[Window]:
        """Return the leads most worth dialling now, tried and untried; lists without a share are one window."""
        now = self._clock.now()
        offered = await self._store.choice.offered(self._campaign_id, now, is_open)
        shelves = self._best(offered, now)
        leads = await self._store.choice.picked(shelves, self.window + more, now)
        shares = {window.list_id: window.share for window in due.windows}
        pools: dict[tuple[int, ListId], list[Lead]] = defaultdict(list)
        for lead in leads:
            share = shares.get(lead.list_id, 0)
            pools[share, lead.list_id if share else NO_LIST].append(lead)
        own = [Window(list_id, share, tuple(some)) for (share, list_id), some in pools.items() if share]
        return [*own, *(Window(NO_LIST, 0, tuple(some)) for (share, _), some in pools.items() if not share)]

    def _best(self, offered: Sequence[LeadGroup], now: datetime) -> list[LeadGroup]:
        """Return the shelves to be read: of each list and priority the best of those tried and of those untried."""
        ranked = sorted(
            offered, key=lambda group: (-self._worth(group.list_id, group.bucket, local_cell(group.clock, now)), group)
        )
        taken: Counter[tuple[ListId, int, bool]] = Counter()
        best = []
        for group in ranked:
            kind = (group.list_id, group.priority, is_fresh(group.bucket))
            taken[kind] += 1
            if taken[kind] <= NAMED:
                best.append(group)
        return best

    def order(self, leads: Sequence[Lead], now: datetime) -> Sequence[Lead]:
        """Return the leads, the one most worth dialling now first; those never tried get their share of the places."""
        worth: dict[tuple[ListId, str, int], float] = {}
        keyed = []
        for lead in leads:
            key = (lead.list_id, lead.bucket, local_cell(lead.clock, now))
            if key not in worth:
                worth[key] = self._worth(*key)
            keyed.append((worth[key], lead))
        keyed.sort(key=lambda pair: -pair[0])
        if keyed:
            lead = keyed[0][1]
            features, cell = features_of(lead.bucket, lead.list_id), local_cell(lead.clock, now)
            self._first = lead.bucket, self.propensity.chance(features, cell).mean
        tried = [pair for pair in keyed if not is_fresh(pair[1].bucket)]
        untried = [pair for pair in keyed if is_fresh(pair[1].bucket)]
        return self._merged(tried, untried)

    def _merged(self, tried: list[tuple[float, Lead]], untried: list[tuple[float, Lead]]) -> list[Lead]:
        # Only the first few are dialled before the next look: where the share begins changes from look to look, so that
        # it comes true over many.
        self._turns += 1
        owed = self._turns * _GOLDEN % 1
        merged: list[Lead] = []
        tried, untried = tried[::-1], untried[::-1]
        while tried and untried:
            owed = min(owed + self._share, 1.0)
            is_untried = owed >= 1 or untried[-1][0] >= tried[-1][0]
            owed = max(0.0, owed - 1) if is_untried else owed
            merged.append((untried if is_untried else tried).pop()[1])
        return merged + [lead for _, lead in reversed(tried or untried)]

    def describe(self) -> Reason:
        """Say in words who is called first."""
        return describe_learned(self.propensity.seen, self._first)

    def standing(self, lead: Lead, among: Sequence[str]) -> RankExplanation | None:
        """Tell why a lead is early or late; None before the first plan.

        Args:
            lead: whose.
            among: buckets of its list that wait.
        """
        if self._plan is None:
            return None
        now = self._clock.now()
        features = features_of(lead.bucket, lead.list_id)
        cell = local_cell(lead.clock, now)
        chance = self.propensity.chance(features, cell)
        ahead = [
            (self.propensity.chance(features, local_cell(lead.clock, at)).mean, at)
            for at in (datetime.fromtimestamp(hour.begins, self._zone) for hour in self._plan.hours[1:])
        ]
        best, at = max(ahead, default=(chance.mean, None), key=lambda pair: pair[0])
        ranked = self._ranked(lead.list_id, sorted({*among, lead.bucket}), cell)
        is_later = best > chance.mean
        return RankExplanation(
            chance=chance.mean,
            std_error=chance.sd,
            best_chance=best if is_later else chance.mean,
            best_at=at if is_later else None,
            rank=ranked.index(lead.bucket) + 1,
            of=len(ranked),
            seen=self.propensity.seen,
        )

    def _ranked(self, list_id: ListId, names: Sequence[str], cell: int) -> list[str]:
        return sorted(names, key=lambda name: (-self._worth(list_id, name, cell), name))

    def _worth(self, list_id: ListId, bucket: str, cell: int) -> float:
        features = features_of(bucket, list_id)
        return 0.0 if self._plan is None else self._plan.worth(features, cell)
