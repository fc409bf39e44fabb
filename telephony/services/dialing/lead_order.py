"""Lead order: each campaign's order of calling, the list's own or learned from the campaign's calls.

Learning reads the attempts in the database, after a restart as well as while calls end, so that nothing learned can be
lost. The choice is among buckets of leads with equal chances: memory does not grow with the lists.
``telephony.domain.lead_order.plan`` has the worth of a lead. The feed has callbacks, shares of lists and priorities.
The rules decide if a lead may be called.
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
"""Age of the oldest attempts that are learned from."""
SETTLED: Final = timedelta(seconds=60)
"""Age at which an attempt is learned from: until then an operator may mark the call as a machine."""
PAGE: Final = 500
"""Attempts learned from at a time: some 20 ms, the delay that a call may have."""
PAUSE: Final = timedelta(seconds=5)
"""Time between two reads of new attempts, once all have been learned from."""
PLANNED: Final = timedelta(minutes=10)
"""How long a plan is valid, within its hour."""
NAMED: Final = 4
"""Buckets of a list read at a time: this many tried ones and this many untried ones."""
NO_LIST: Final = ListId(0)
"""Stands for all lists without a share, which are one pool."""
_TRIES_LEFT: Final = 0.6
"""Share of the allowed tries that are really made: people answer, numbers fail, lists end."""
_GOLDEN: Final = 0.6180339887


class LeadOrders:
    """Implements ``telephony.services.dialing.lead_feed.LeadOrders``."""

    def __init__(self, store: Store, clock: Clock, timezone: str) -> None:
        """Build them without any learned order.

        Args:
            store: leads and attempts.
            clock: the present time.
            timezone: the site's time zone, in which the team works.
        """
        self._store = store
        self._clock = clock
        self._zone = ZoneInfo(timezone)
        self._learned: dict[CampaignId, LearnedOrder] = {}

    async def of(self, campaign: Campaign) -> LeadOrder:
        """Return a campaign's order, updated with its latest calls."""
        if campaign.dialing.call_order is CallOrder.LIST:
            self._learned.pop(campaign.campaign_id, None)
            return ListOrder()
        learned = self.learned(campaign.campaign_id)
        await learned.keep_up()
        return learned

    def describe(self, campaign: Campaign) -> Reason:
        """Return an explanation of which lead is called first."""
        if campaign.dialing.call_order is CallOrder.LIST:
            return LIST_ORDER
        return self.learned(campaign.campaign_id).describe()

    async def standing(self, lead: Lead) -> RankExplanation | None:
        """Return why a lead is early or late, after reading all its campaign's calls."""
        learned = await self._up_to_date(lead.campaign_id)
        count_by_group = await self._store.choice.count_by_group(lead.campaign_id)
        among = [bucket for list_id, bucket in count_by_group if list_id == lead.list_id]
        return learned.standing(lead, among)

    async def told(self, campaign: Campaign) -> Reason:
        """Return an explanation of which lead is called first, after reading all the campaign's calls."""
        if campaign.dialing.call_order is CallOrder.LEARNED:
            await self._up_to_date(campaign.campaign_id)
        return self.describe(campaign)

    async def _up_to_date(self, campaign_id: CampaignId) -> "LearnedOrder":
        learned = self.learned(campaign_id)
        while not await learned.keep_up():
            pass
        await learned.plan()
        return learned

    def learned(self, campaign_id: CampaignId) -> "LearnedOrder":
        """Return a campaign's learned order; it may have learned nothing yet."""
        if campaign_id not in self._learned:
            self._learned[campaign_id] = LearnedOrder(self._store, self._clock, self._zone, campaign_id)
        return self._learned[campaign_id]


def course_of(plan: RetryPlan) -> RetryLimits:
    """Return a campaign's retry limits for a lead that does not answer."""
    rule = plan.rules.get(Outcome.NO_ANSWER, RetryRule())
    return RetryLimits(min(plan.most_tries, rule.limit + 1), max(rule.after.total_seconds(), 60.0))


class LearnedOrder:
    """The learned order of one campaign."""

    window: int = 30

    def __init__(self, store: Store, clock: Clock, zone: ZoneInfo, campaign_id: CampaignId) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._campaign_id = campaign_id
        self.propensity = Propensity()
        self._hours = DialingHours()
        self._read: tuple[datetime, AttemptId] | None = None
        self._read_at: datetime | None = None
        self._plan: LeadPlan | None = None
        self._planned_at: datetime | None = None
        self._share = 0.0
        self._turns = 0
        self._first: tuple[str, float] | None = None

    async def keep_up(self) -> bool:
        """Learn from ended attempts and plan the remaining hours; return True if all attempts were read."""
        now = self._clock.now()
        has_all = True
        if self._read_at is None or now - self._read_at >= PAUSE:
            has_all = await self._learn(now)
            self._read_at = now if has_all else None
        if self._planned_at is None or now - self._planned_at >= PLANNED or now.hour != self._planned_at.hour:
            await self.plan()
        return has_all

    async def _learn(self, now: datetime) -> bool:
        after = self._read or (now - REMEMBERED, AttemptId(""))
        page = await self._store.choice.told(self._campaign_id, after, now - SETTLED, PAGE)
        for sample in page:
            self._hours.note(sample.started_at.astimezone(self._zone))
            if sample.reply is not None:
                features = features_of(sample.bucket, sample.list_id)
                self.propensity.observe(features, local_cell(sample.clock, sample.started_at), sample.reply)
        if page:
            self._read = page[-1].ended_at, page[-1].attempt_id
        return len(page) < PAGE

    async def plan(self) -> None:
        """Count the waiting leads and plan the remaining hours."""
        count_by_group = await self._store.choice.count_by_group(self._campaign_id)
        limits = course_of(await self._store.campaigns.plan(self._campaign_id))
        waiting: dict[tuple[Features, int], int] = defaultdict(int)
        for (list_id, bucket), count in count_by_group.items():
            waiting[features_of(bucket, list_id), 0] += count
        now = self._clock.now()
        local = now.astimezone(self._zone)
        room = self._hours.room(local)
        dials = sum(
            count * max(1.0, _TRIES_LEFT * (limits.most_tries - len(features.tries)))
            for (features, _), count in waiting.items()
        )
        hours = self._hours.hours(local, dials)
        untried = sum(count for (features, _), count in waiting.items() if not features.tries)
        self._share = share_of_untried(untried, room * len(hours))
        before = list(self._plan.prices) if self._plan is not None else []
        # Some hundred milliseconds every ten minutes: in a thread, so that no call waits for it.
        self._plan = await asyncio.to_thread(LeadPlan, self.propensity, hours, waiting, room, limits, before)
        self._planned_at = now

    async def windows(self, due: DueLeads, is_open: IsOpen, more: int) -> Sequence[Window]:
        """Return the best leads to dial now, tried and untried; lists without a share form one window."""
        now = self._clock.now()
        offered = await self._store.choice.offered(self._campaign_id, now, is_open)
        groups = self._best(offered, now)
        leads = await self._store.choice.picked(groups, self.window + more, now)
        shares = {window.list_id: window.share for window in due.windows}
        pools: dict[tuple[int, ListId], list[Lead]] = defaultdict(list)
        for lead in leads:
            share = shares.get(lead.list_id, 0)
            pools[share, lead.list_id if share else NO_LIST].append(lead)
        own = [Window(list_id, share, tuple(some)) for (share, list_id), some in pools.items() if share]
        return [*own, *(Window(NO_LIST, 0, tuple(some)) for (share, _), some in pools.items() if not share)]

    def _best(self, offered: Sequence[LeadGroup], now: datetime) -> list[LeadGroup]:
        """Return the lead groups to read: the best tried and the best untried ones of each list and priority."""
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
        """Return the leads, best to dial now first; leads never tried get their share of the places."""
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
        # Only the first few are dialled before the next poll. The start of the share changes from poll to poll, so that
        # it is right over many.
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
        """Return an explanation of which lead is called first."""
        return describe_learned(self.propensity.seen, self._first)

    def standing(self, lead: Lead, among: Sequence[str]) -> RankExplanation | None:
        """Return why a lead is early or late; None before the first plan.

        Args:
            lead: the lead.
            among: the waiting buckets of its list.
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
