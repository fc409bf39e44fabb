"""The launcher: takes leads for the dials that were ordered, asks the rules, writes the attempts, then dials.

Several orders share one transaction; while it is being written the pacer goes on deciding, and what it orders waits for
the next one. An attempt and its permit are durable before the switch hears of them (I4); nothing is dialled while a
link, the recorder or the database is away (I3). How many are ordered is left to the dialer and its pacer, the rules to
``decisions``, the switch to ``orders``.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

import structlog

from telephony.domain.attempts import AttemptStart, Refusal
from telephony.domain.campaigns import Campaign, CampaignState
from telephony.domain.law.decision import CLOCK
from telephony.domain.leads import Lead
from telephony.domain.trunks import Route
from telephony.errors import StoreError, UnreadableRowError
from telephony.ids import AttemptId, CampaignId, OperatorId
from telephony.ports.store import Store
from telephony.ports.whitelist import Standing
from telephony.services.decisions import Decisions
from telephony.services.dialing_view import DialingView
from telephony.services.failover import Failover
from telephony.services.holds import Holds
from telephony.services.lead_feed import LeadFeed
from telephony.services.orders import Orders
from telephony.services.readiness import Readiness
from telephony.services.tracker import Tracker
from telephony.services.trunks import Trunks

log = structlog.get_logger(__name__)

AT_ONCE: Final = 40
"""Most dials written in one transaction: more would make the first of them late."""
LATEST: Final = 10_000
STALE_S: Final = 1.0
"""An order nobody could take up for so long is given back: the operator it was for may have gone."""


@dataclass(frozen=True, slots=True)
class _Ordered:
    at: float
    call: int
    campaign_id: CampaignId | None


@dataclass(slots=True)
class _Batch:
    """What one transaction will hold, and the leads that go back to where they were taken."""

    starts: list[AttemptStart] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    back: list[Lead] = field(default_factory=list)

    def has_none_of(self, campaign_id: CampaignId | None) -> bool:
        """Tell whether no lead of a campaign, or of any, is in it."""
        refused = [one.campaign_id for one in self.refusals]
        others = [one.permit.campaign_id for one in self.starts] + [one.campaign_id for one in self.back]
        return all(campaign_id not in (None, one) for one in refused + others)


class Launcher:
    """Turns ordered dials into attempts that are written down and given to the switch."""

    def __init__(
        self,
        store: Store,
        tracker: Tracker,
        view: DialingView,
        trunks: Trunks,
        readiness: Readiness,
        feed: LeadFeed,
        decisions: Decisions,
        orders: Orders,
        *,
        holds: Holds,
        failover: Failover,
        poll_s: float,
        prefer: Callable[[AttemptId, OperatorId], None] = lambda *_: None,
        follow: Callable[[Collection[Campaign]], Awaitable[None]] | None = None,
    ) -> None:
        """Keep the parts; ``run`` does the work."""
        self._store = store
        self._tracker = tracker
        self._view = view
        self._trunks = trunks
        self._readiness = readiness
        self._feed = feed
        self._decisions = decisions
        self._orders = orders
        self._holds = holds
        self._failover = failover
        self._poll_s = poll_s
        self._prefer = prefer
        self._follow = follow
        self._ordered: deque[_Ordered] = deque()
        self._wake = asyncio.Event()
        self.is_store_away = False
        """Whether the database did not answer the last time it was asked."""
        self.took_s: deque[float] = deque(maxlen=LATEST)
        """From order to dial, seconds, the latest ones last."""

    def order(self, campaign_id: CampaignId | None = None, *, is_covered: bool = False) -> bool:
        """Order a dial: it counts as in the air at once, and is given back when it cannot be made.

        Args:
            campaign_id: whose lead; None: campaigns in turn.
            is_covered: an operator is kept free for the call.

        Returns:
            False when nothing may be dialled now.
        """
        if self._readiness.why_not() is not None:
            return False
        call = self._view.order(campaign_id, is_covered=is_covered)
        self._ordered.append(_Ordered(asyncio.get_running_loop().time(), call, campaign_id))
        self._wake.set()
        return True

    async def run(self) -> None:
        """Look at campaigns and make the dials that are ordered; until cancelled."""
        loop = asyncio.get_running_loop()
        look_at = loop.time()
        try:
            while True:
                if await self._is_time_to_look(look_at):
                    look_at = loop.time() + self._poll_s
                    await self._look()
                if self._ordered:
                    await self._try_launch()
        finally:
            self._orders.cancel()

    async def _is_time_to_look(self, look_at: float) -> bool:
        """Wait until something is ordered or it is time to look; tell which."""
        if self._ordered:
            return asyncio.get_running_loop().time() >= look_at
        self._wake.clear()
        try:
            async with asyncio.timeout_at(look_at):
                await self._wake.wait()
        except TimeoutError:
            return True
        return False

    async def _look(self) -> None:
        """Read which campaigns run now and who is due."""
        try:
            await self._feed.look()
            for campaign_id, (word, no) in self._feed.shut.items():
                await self._holds.shut(campaign_id, word, no)
            if self._follow is not None:
                await self._follow(self._feed.running.values())
            self.is_store_away = False
        except StoreError as error:
            self._feed.forget()
            self.is_store_away = True
            log.error("campaigns_unreadable", reason=str(error))

    async def _try_launch(self) -> None:
        """Make the oldest dials ordered; whatever is not made is given back."""
        oldest = asyncio.get_running_loop().time() - STALE_S
        wanted: dict[CampaignId | None, deque[int]] = {}
        stale: list[int] = []
        for _ in range(min(AT_ONCE, len(self._ordered))):
            one = self._ordered.popleft()
            calls = stale if one.at < oldest else wanted.setdefault(one.campaign_id, deque())
            calls.append(one.call)
        try:
            if wanted and self._readiness.why_not() is None:
                await self._launch(wanted)
        except StoreError as error:
            self.is_store_away = True
            # Whatever was written in spite of the error is settled by the recovery's sweep, never dialled.
            log.error("attempts_not_written", reason=str(error))
        finally:
            for call in chain(stale, *wanted.values()):
                self._view.give_back(call)

    async def _launch(self, wanted: Mapping[CampaignId | None, deque[int]]) -> None:
        """Take a lead for each call, decide, write attempts and refusals in one transaction, dial; leave the rest."""
        batch = _Batch()
        kept: set[AttemptId] = set()
        try:
            batch.refusals += await self._fail_over()
            for campaign_id, calls in wanted.items():
                await self._decide(campaign_id, len(calls), batch)
            for lead in reversed(batch.back):
                self._feed.give_back(lead)
            if not batch.starts and not batch.refusals:
                return
            for start in await self._store.attempts.begin(batch.starts, batch.refusals):
                kept.add(start.permit.attempt_id)
                own = wanted.get(start.permit.campaign_id)
                self._dial((own or wanted[None]).popleft(), start)
        finally:
            for start in batch.starts:
                if start.permit.attempt_id not in kept:
                    self._trunks.give_back(start.permit.trunk)

    async def _decide(self, campaign_id: CampaignId | None, count: int, batch: "_Batch") -> None:
        """Take leads until ``count`` more may be dialled, or there is no lead or no room left."""
        count += len(batch.starts)
        has_room = True
        while has_room and len(batch.starts) < count:
            taken = await self._take(campaign_id, count - len(batch.starts), may_fetch=batch.has_none_of(campaign_id))
            if not taken:
                break
            standings = await self._store.whitelist.standing([lead.lead_id for _, lead in taken])
            for campaign, lead in taken:
                standing = standings.get(lead.lead_id)
                if standing is not None and standing.campaign.state is not CampaignState.RUNNING:
                    # Moved since the last look: its leads go on waiting; they are fetched again when it runs again.
                    self._feed.forget(campaign.campaign_id)
                elif not has_room or self._holds.why_not(campaign.campaign_id) is not None:
                    batch.back.append(lead)
                else:
                    has_room = await self._decide_one(campaign, lead, standing, batch)

    async def _take(
        self, campaign_id: CampaignId | None, count: int, *, may_fetch: bool
    ) -> list[tuple[Campaign, Lead]]:
        """Take up to ``count`` leads; what was taken and is not written yet must not be fetched again."""
        taken: list[tuple[Campaign, Lead]] = []
        while len(taken) < count:
            one = await self._feed.next(campaign_id, may_fetch=may_fetch and not taken)
            if one is None:
                break
            taken.append(one)
        return taken

    async def _decide_one(self, campaign: Campaign, lead: Lead, standing: Standing | None, batch: "_Batch") -> bool:
        """Decide for one lead; False when there is no room for it."""
        way = self._decisions.way_out(campaign, lead, standing)
        if isinstance(way, Route):
            batch.starts.append(self._decisions.start(lead, way, standing))
        elif way is None:
            batch.back.append(lead)
            return False
        elif way.rule in CLOCK and self._feed.is_shut(campaign, lead):
            pass  # nothing is written to it: it is read again when its clock opens
        elif await self._holds.take(campaign.campaign_id, lead, way):
            batch.back.append(lead)
        else:
            batch.refusals.append(self._decisions.refusal(lead, way))
        return True

    async def _fail_over(self) -> list[Refusal]:
        """Put leads that a carrier failed for in front, or to rest; return those whose number is what fails."""
        if self._failover.is_idle():
            return []
        await self._tracker.flush()  # the failed attempt gives its lead back first
        refusals = []
        for lead_id, campaign_id in self._failover.take().items():
            campaign = self._feed.running.get(campaign_id)
            routes = campaign.routes if campaign is not None else ()
            if self._failover.untried(lead_id, self._trunks.routes(campaign_id, routes)):
                with contextlib.suppress(UnreadableRowError):  # its incident names it
                    self._feed.put_first(await self._store.leads.get(lead_id))
            else:
                refusal = self._failover.all_failed(lead_id, campaign_id, routes)
                refusals += [] if refusal is None else [refusal]
        return refusals

    def _dial(self, call: int, start: AttemptStart) -> None:
        self._tracker.begin(start.attempt())
        is_promised = self._feed.is_promised(start.permit.lead_id)
        self.took_s.append(
            self._view.dialled(call, start.permit.attempt_id, start.permit.campaign_id, is_promised=is_promised)
        )
        operator = self._feed.promised_to(start.permit.lead_id)
        if operator is not None:
            self._prefer(start.permit.attempt_id, operator)
        campaign = self._feed.running.get(start.permit.campaign_id)
        self._orders.give(start.permit, detects_machines=campaign is not None and campaign.detects_machines)
